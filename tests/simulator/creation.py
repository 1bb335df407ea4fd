# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New tasks: those that a client creates, checked as the documents say, and those that a test adds.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0045.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from .answers import BadRequest
from .clock import API_TIME, Clock
from .settings import Settings
from .store import Step, TaskIds, TaskStore
from .tasks import CONFIRMABLE_TYPES, STATUSES, TASK_TYPES, Task, device_names

_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fff]{1,128}\Z")
_DEVICE = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_MOST_DEVICES = 30_000
_RETURNED = ("task_mode", "need_confirm", "task_ext_info", "targets_filter", "document", "task_policy")
_FILE_ONLY = ("createDevices", "updateDevices")
_SOON = timedelta(days=7)
_UNFINISHED_COURSE = ("Initializing", "Waitting", "Processing")


class Creator:
    """Makes tasks, with IDs in the order of their creation times."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._ids = TaskIds()

    def make(
        self,
        task_type: str = "freezeDevices",
        status: str = "Success",
        task_name: str | None = None,
        create_time: datetime | None = None,
        app_id: str | None = None,
        task_id: str | None = None,
        devices: int | Sequence[str] = 2,
    ) -> Task:
        """Return a task as a test wants it. Raises ValueError for what no task can be."""
        if task_type not in TASK_TYPES or status not in STATUSES:
            raise ValueError(f"not a batch task's type and status: {task_type!r}, {status!r}")
        if create_time is not None and create_time.tzinfo is None:
            raise ValueError("create_time must say its time zone")
        created = (create_time or self._clock.now()).astimezone(timezone.utc)
        task_id = task_id or self._ids.new(created)
        return Task(
            task_id=task_id,
            task_name=task_name or f"{task_type}_{task_id[-6:]}",
            task_type=task_type,
            status=status,
            create_time=created,
            app_id=app_id or self._settings.default_app_id,
            devices=device_names(devices),
        )

    def create(self, store: TaskStore, body: bytes) -> Task:
        """Create the task that a request describes, and let it begin. Raises BadRequest."""
        wanted = _described(body)
        if self._settings.unique_names and store.has_name(wanted["task_name"]):
            taken = self._settings.name_taken
            raise BadRequest(taken.code, taken.message)
        devices, lost = self._devices(wanted)
        task = self.make(
            task_type=wanted["task_type"],
            status="Initializing",
            task_name=wanted["task_name"],
            app_id=wanted.get("app_id"),
            devices=devices,
        )
        task.extras = {name: wanted[name] for name in _RETURNED if wanted.get(name) not in (None, {}, "")}
        if lost:
            task.status_desc = "The device group does not exist."
        store.add(task, self._course(task, wanted, lost))
        return task

    def _devices(self, wanted: Mapping[str, Any]) -> tuple[Sequence[str], bool]:
        """Return whom the task is about, and whether it is about a group that does not exist."""
        if wanted.get("targets"):
            return wanted["targets"], False
        groups = (wanted.get("targets_filter") or {}).get("group_ids")
        if groups:
            known = [self._settings.groups[group] for group in groups if group in self._settings.groups]
            return [device for group in known for device in group], len(known) < len(groups)
        return self._settings.file_devices if wanted.get("document_source") else (), False

    def _course(self, task: Task, wanted: Mapping[str, Any], lost: bool) -> list[Step]:
        begins = self._delay(wanted.get("task_policy") or {})
        if lost or not task.devices:
            return [(begins + self._settings.waiting_takes, "Fail")]
        waiting: Step = (begins, "Waitting")
        if wanted.get("need_confirm") and task.task_type in CONFIRMABLE_TYPES:
            return [waiting]
        processing = begins + self._settings.waiting_takes
        return [waiting, (processing, "Processing"), (processing + self._settings.processing_takes, "Success")]

    def _delay(self, policy: Mapping[str, Any]) -> float:
        if not policy.get("schedule_time"):
            return 0.0
        try:
            scheduled = datetime.strptime(str(policy["schedule_time"]) + "+0000", API_TIME + "%z")
        except ValueError:
            raise BadRequest("IOTDA.000009", "Invalid input. The time format is incorrect.") from None
        ahead = scheduled - self._clock.now()
        if ahead > _SOON:
            raise BadRequest("IOTDA.000006", "Invalid input data. schedule_time is more than 7 days ahead.")
        return max(0.0, ahead.total_seconds())


def course(status: str, finishes_in: float | None, outcome: str | None) -> list[Step]:
    """Return the statuses that lead from ``status`` to ``outcome`` in ``finishes_in`` seconds, evenly spread."""
    if finishes_in is None:
        return []
    if status == "Stopping":
        return [(finishes_in, outcome or "Stopped")]
    if status not in _UNFINISHED_COURSE:
        raise ValueError(f"a task that is {status} cannot finish once more")
    between = _UNFINISHED_COURSE[_UNFINISHED_COURSE.index(status) + 1 :]
    share = finishes_in / (len(between) + 1)
    steps = [(share * (index + 1), passed) for index, passed in enumerate(between)]
    return [*steps, (finishes_in, outcome or "Success")]


def _described(body: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(body)
    except ValueError:
        raise BadRequest("IOTDA.000008", "The request is malformed.") from None
    if not isinstance(wanted, dict):
        raise BadRequest("IOTDA.000008", "The request is malformed.")
    if not isinstance(wanted.get("task_name"), str) or not _NAME.match(wanted["task_name"]):
        raise BadRequest("IOTDA.000006", "Invalid input data. task_name is invalid.")
    if wanted.get("task_type") not in TASK_TYPES:
        raise BadRequest("IOTDA.000006", "Invalid input data. task_type is invalid.")
    if wanted["task_type"] in _FILE_ONLY and not wanted.get("document_source"):
        raise BadRequest("IOTDA.000006", "Invalid input data. document_source is required.")
    _check_targets(wanted.get("targets") or [])
    return wanted


def _check_targets(targets: Any) -> None:
    valid = isinstance(targets, list) and all(isinstance(item, str) and _DEVICE.match(item) for item in targets)
    if not valid or len(targets) > _MOST_DEVICES:
        raise BadRequest("IOTDA.000006", "Invalid input data. targets is invalid.")
