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
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .clock import API_TIME, Clock
from .files import FileStore
from .parameters import APP_ID
from .responses import BadRequest
from .settings import Settings
from .store import RETRY_WAIT, Step, TaskIds, TaskStore
from .tasks import (
    CONFIRMABLE_TYPES,
    FILE_TYPES,
    STATUSES,
    SUBTASK_ERROR,
    TARGET_TYPES,
    TASK_TYPES,
    Task,
    device_names,
)

DEVICE = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fa5]{1,128}\Z")
_MOST_DEVICES = 30_000
_MOST_EXT_INFO = 512
_RETURNED = ("task_mode", "need_confirm", "task_ext_info", "targets_filter", "document", "task_policy")
_TARGET_KINDS = ("targets", "targets_filter", "document_source")
_FILE_ONLY = ("createDevices", "updateDevices")
_RETRY_LIMITS = {"retry_count": (1, 5), "retry_interval": (0, 1440)}
_MAX_AHEAD = timedelta(days=7)
_UNFINISHED_ORDER = ("Initializing", "Waitting", "Processing")


@dataclass(frozen=True)
class _Selected:
    """The devices of a new task; ``problem``: why the whole task will fail."""

    devices: Sequence[str]
    problem: str | None = None


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

    def create(self, store: TaskStore, files: FileStore, body: bytes) -> Task:
        """Create the task that a request describes, and let it begin. Raises BadRequest."""
        wanted = self._checked(store, body)
        selected = self._select(wanted, files)
        task = self.make(
            task_type=wanted["task_type"],
            status="Initializing",
            task_name=wanted["task_name"],
            app_id=wanted.get("app_id"),
            devices=selected.devices,
        )
        task.extras = {name: wanted[name] for name in _RETURNED if wanted.get(name) not in (None, {}, "")}
        if self._settings.rewrites_documents and "document" in task.extras:
            task.extras["document"] = {"rewritten": True, **_rewritten(task.extras["document"])}
        task.status_desc = selected.problem
        task.failing = self.failing(task.devices)
        store.add(task, self._transitions(task, wanted), self._settings.listed_after)
        return task

    def failing(self, devices: Sequence[str]) -> Mapping[str, Mapping[str, str]] | None:
        """Return those of ``devices`` whose subtasks fail, with the errors; None if there are none."""
        settings, missing = self._settings, self._settings.unknown_device
        failing: dict[str, Mapping[str, str]] = {}
        if settings.devices is not None:
            error = {"error_code": missing.code, "error_msg": missing.message}
            failing.update(dict.fromkeys(set(devices).difference(settings.devices), error))
        failing.update(dict.fromkeys(set(devices).intersection(settings.failing_devices), SUBTASK_ERROR))
        return failing or None

    def _checked(self, store: TaskStore, body: bytes) -> dict[str, Any]:
        settings = self._settings
        wanted = _described(body)
        if wanted.get("task_type") not in settings.task_types:
            raise BadRequest(settings.unknown_task_type)
        _check_targets(wanted)
        if settings.several_target_kinds and sum(bool(wanted.get(kind)) for kind in _TARGET_KINDS) > 1:
            raise BadRequest(settings.several_target_kinds)
        if settings.app_ids is not None and wanted.get("app_id", settings.default_app_id) not in settings.app_ids:
            raise BadRequest(settings.unknown_app)
        if settings.unique_names and store.has_name(wanted["task_name"]):
            raise BadRequest(settings.name_taken)
        app_id = wanted.get("app_id") or settings.default_app_id
        if settings.most_unfinished is not None and store.unfinished(app_id) >= settings.most_unfinished:
            raise BadRequest(settings.too_many_tasks)
        _check_policy(wanted.get("task_policy") or {})
        return wanted

    def _select(self, wanted: Mapping[str, Any], files: FileStore) -> _Selected:
        # The first of the three that is there counts, the others are ignored.
        if wanted.get("targets"):
            return _Selected(wanted["targets"])
        groups = (wanted.get("targets_filter") or {}).get("group_ids")
        if groups:
            if not all(group in self._settings.groups for group in groups):
                return _Selected((), "The device group does not exist.")
            return _Selected([device for group in groups for device in self._settings.groups[group]])
        if wanted.get("document_source"):
            if self._settings.files_are_checked:
                files.use(wanted["document_source"])
            return _Selected(self._settings.file_devices)
        return _Selected((), "There is no device for the batch task.")

    def _transitions(self, task: Task, wanted: Mapping[str, Any]) -> list[Step]:
        settings, policy = self._settings, wanted.get("task_policy") or {}
        begins = self._delay(policy)
        if not task.devices:
            return [(begins + settings.waiting_takes, "Fail")]
        waiting: Step = (begins, "Waitting")
        if wanted.get("need_confirm") and task.task_type in CONFIRMABLE_TYPES:
            return [waiting]
        processing = begins + settings.waiting_takes
        ends = processing + settings.processing_takes
        transitions = [waiting, (processing, "Processing")]
        if task.failing and policy.get("retry_count"):
            transitions.append((ends, RETRY_WAIT))
            ends += policy["retry_count"] * (policy["retry_interval"] * 60 + settings.processing_takes)
        return [*transitions, (ends, "Success")]

    def _delay(self, policy: Mapping[str, Any]) -> float:
        if not policy.get("schedule_time"):
            return 0.0
        try:
            scheduled = datetime.strptime(str(policy["schedule_time"]) + "+0000", API_TIME + "%z")
        except ValueError:
            raise BadRequest("IOTDA.000009", "Invalid input. The time format is incorrect.") from None
        ahead = scheduled - self._clock.now()
        if ahead > _MAX_AHEAD:
            raise BadRequest("IOTDA.000006", "Invalid input data. schedule_time is more than 7 days ahead.")
        return max(0.0, ahead.total_seconds())


def transitions(status: str, finishes_in: float | None, outcome: str | None) -> list[Step]:
    """Return the statuses that lead from ``status`` to ``outcome`` in ``finishes_in`` seconds, evenly spread."""
    if finishes_in is None:
        return []
    if status == "Stopping":
        return [(finishes_in, outcome or "Stopped")]
    if status not in _UNFINISHED_ORDER:
        raise ValueError(f"a task that is {status} cannot finish once more")
    between = _UNFINISHED_ORDER[_UNFINISHED_ORDER.index(status) + 1 :]
    share = finishes_in / (len(between) + 1)
    steps = [(share * (index + 1), passed) for index, passed in enumerate(between)]
    return [*steps, (finishes_in, outcome or "Success")]


def _rewritten(value: Any) -> Any:
    """Return a part of a document as a service may keep it."""
    if isinstance(value, dict):
        return {name: _rewritten(value[name]) for name in sorted(value, reverse=True)}
    if isinstance(value, list):
        return [_rewritten(item) for item in value]
    return float(value) if isinstance(value, str) and value.isdecimal() else value


def _invalid(name: str) -> BadRequest:
    return BadRequest("IOTDA.000006", f"Invalid input data. {name} is invalid.")


def _described(body: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(body)
    except ValueError:
        raise BadRequest("IOTDA.000008", "The request is malformed.") from None
    if not isinstance(wanted, dict):
        raise BadRequest("IOTDA.000008", "The request is malformed.")
    if not isinstance(wanted.get("task_name"), str) or not _NAME.match(wanted["task_name"]):
        raise _invalid("task_name")
    if wanted.get("app_id") is not None and not APP_ID.match(str(wanted["app_id"])):
        raise _invalid("app_id")
    if wanted.get("task_mode") not in (None, "", "GATEWAY"):
        raise _invalid("task_mode")
    if len(json.dumps(wanted.get("task_ext_info") or "")) > _MOST_EXT_INFO:
        raise _invalid("task_ext_info")
    return wanted


def _check_targets(wanted: Mapping[str, Any]) -> None:
    task_type, targets = wanted["task_type"], wanted.get("targets") or []
    if task_type in _FILE_ONLY and not wanted.get("document_source"):
        raise BadRequest("IOTDA.000006", "Invalid input data. document_source is required.")
    valid = isinstance(targets, list) and all(isinstance(item, str) and DEVICE.match(item) for item in targets)
    if not valid or len(targets) > _MOST_DEVICES:
        raise _invalid("targets")
    if (targets or wanted.get("targets_filter")) and task_type in _FILE_ONLY:
        raise _invalid("targets")
    if wanted.get("document_source") and task_type in TARGET_TYPES and task_type not in FILE_TYPES:
        raise _invalid("document_source")


def _check_policy(policy: Mapping[str, Any]) -> None:
    given = [name for name in _RETRY_LIMITS if policy.get(name) is not None]
    if given and len(given) < len(_RETRY_LIMITS):
        raise BadRequest("IOTDA.000006", "Invalid input data. retry_count and retry_interval require each other.")
    for name in given:
        least, most = _RETRY_LIMITS[name]
        if not isinstance(policy[name], int) or isinstance(policy[name], bool) or not least <= policy[name] <= most:
            raise _invalid(name)
