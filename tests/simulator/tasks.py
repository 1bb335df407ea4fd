# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A batch task as the service knows it: its fields, and its subtasks and progress, which follow from its status.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0017.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .clock import API_TIME

TASK_TYPES = (
    "softwareUpgrade",
    "firmwareUpgrade",
    "moduleUpgrade",
    "createDevices",
    "updateDevices",
    "deleteDevices",
    "freezeDevices",
    "unfreezeDevices",
    "createCommands",
    "createAsyncCommands",
    "createMessages",
    "updateDeviceShadows",
    "changeGateway",
    "sendEmails",
    "sendSmss",
    "addDevicesToGroup",
    "deviceConfig",
    "deviceJob",
)
"""The documented types, then those that only the API description's patterns name."""
FINISHED = ("Success", "Fail", "PartialSuccess", "Stopped")
STATUSES = ("Initializing", "Waitting", "Processing", *FINISHED, "Stopping")
DETAIL_STATUSES = (
    "Processing",
    "Success",
    "Fail",
    "Waitting",
    "FailWaitRetry",
    "Stopped",
    "Removed",
    "DeviceInProgress",
    "Rejected",
)
"""The last two are named by the API description only."""
STOPPABLE_TYPES = ("firmwareUpgrade", "softwareUpgrade")
CONFIRMABLE_TYPES = (*STOPPABLE_TYPES, "moduleUpgrade")
ACTIVE = ("Processing", "Waitting", "FailWaitRetry", "DeviceInProgress")
TARGET_TYPES = (
    *STOPPABLE_TYPES,
    "deleteDevices",
    "freezeDevices",
    "unfreezeDevices",
    "createCommands",
    "createAsyncCommands",
    "createMessages",
    "updateDeviceShadows",
)
"""The types for which ``targets`` and ``targets_filter`` are documented."""
FILE_TYPES = ("createDevices", "updateDevices", "deleteDevices", "freezeDevices", "unfreezeDevices")
"""The types for which ``document_source`` is documented; the first two take nothing else."""

DEVICE_SECRET = "invented-device-secret-"
"""What every device secret in a subtask's output begins with, so that a test can look for a leak."""

# Which subtasks a status means: those of the first third or half of the devices, the next one's, and the others'.
_PATTERNS: Mapping[str, tuple[str, str, str]] = {
    "Waitting": ("Waitting", "Waitting", "Waitting"),
    "Processing": ("Success", "Processing", "Waitting"),
    "Stopping": ("Success", "Processing", "Stopped"),
    "Stopped": ("Success", "Stopped", "Stopped"),
    "Success": ("Success", "Success", "Success"),
    "Fail": ("Fail", "Fail", "Fail"),
    "PartialSuccess": ("Success", "Fail", "Fail"),
}
_COUNTERS: Mapping[str, str] = {
    "processing": "Processing",
    "success": "Success",
    "fail": "Fail",
    "waitting": "Waitting",
    "fail_wait_retry": "FailWaitRetry",
    "stopped": "Stopped",
    "removed": "Removed",
}
SUBTASK_ERROR = {"error_code": "IOTDA.014016", "error_msg": "Operation not allowed. The device is not online."}


@dataclass(slots=True)
class Task:
    """One batch task. ``states`` holds the subtasks' statuses where they do not follow from the task's."""

    task_id: str
    task_name: str
    task_type: str
    status: str
    create_time: datetime
    app_id: str
    devices: tuple[str, ...]
    status_desc: str | None = None
    extras: Mapping[str, Any] | None = None
    states: dict[str, str] | None = None
    failing: Mapping[str, Mapping[str, str]] | None = None
    """The devices whose subtasks fail, each with the error of its subtask."""

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    def detail_states(self) -> Iterator[tuple[str, str]]:
        """Yield each device with the status of its subtask; none while the task is being initialized."""
        pattern = _PATTERNS.get(self.status)
        if pattern is None:
            return
        done = max(1, len(self.devices) // 2) if self.status == "PartialSuccess" else len(self.devices) // 3
        for index, device in enumerate(self.devices):
            expected = pattern[0 if index < done else 1 if index == done else 2]
            if expected == "Success" and self.failing and device in self.failing:
                expected = "Fail"
            yield device, (self.states or {}).get(device, expected)

    def details(self) -> Iterator[dict[str, Any]]:
        """Yield the subtasks as ``task_details`` shows them."""
        for index, (device, status) in enumerate(self.detail_states()):
            detail: dict[str, Any] = {"target": device, "status": status}
            output = self._output(index, device) if status == "Success" else None
            if output is not None:
                detail["output"] = output
            if status in ("Fail", "FailWaitRetry"):
                detail["error"] = dict((self.failing or {}).get(device, SUBTASK_ERROR))
            yield detail

    def _output(self, index: int, device: str) -> str | None:
        if self.task_type == "createDevices":
            secret = f"{DEVICE_SECRET}{self.task_id}-{index}"
            return json.dumps({"app_id": self.app_id, "device_id": device, "secret": secret})
        if self.task_type == "deleteDevices":
            return json.dumps({"device_id": device})
        return None

    def progress(self) -> dict[str, int]:
        """Return ``task_progress``."""
        counts = Counter(status for _device, status in self.detail_states())
        progress = {"total": sum(counts.values())}
        progress.update({name: counts[status] for name, status in _COUNTERS.items()})
        return progress

    def shown(self) -> dict[str, Any]:
        """Return the task as list, show and create give it: neither ``app_id`` nor ``document_source`` is in it."""
        shown: dict[str, Any] = {
            "task_id": self.task_id,
            "task_name": self.task_name,
            "task_type": self.task_type,
            "targets": list(self.devices),
            "status": self.status,
            "task_progress": self.progress(),
            "create_time": self.create_time.strftime(API_TIME),
        }
        if self.status_desc:
            shown["status_desc"] = self.status_desc
        if self.extras:
            shown.update(self.extras)
        return shown

    def fix_states(self) -> dict[str, str]:
        """Write down each subtask's present status, so that single ones can be changed; return them."""
        self.states = dict(self.detail_states())
        return self.states


def device_names(devices: int | Sequence[str]) -> tuple[str, ...]:
    """Return the devices given, or as many invented ones."""
    if isinstance(devices, int):
        return tuple(f"meter_{number:04d}" for number in range(1, devices + 1))
    return tuple(devices)
