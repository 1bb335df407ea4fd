# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stop, retry and confirm: on all subtasks, or on those named.

https://support.huaweicloud.com/intl/en-us/api-iothub/StopBatchTask.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .creation import DEVICE
from .responses import BadRequest
from .store import TaskStore
from .tasks import ACTIVE, CONFIRMABLE_TYPES, FINISHED, STOPPABLE_TYPES, Task

MOST_TARGETS = 100
_RETRIED = ("Fail", "FailWaitRetry", "Stopped")
_NOT_IN_TASK = {
    "status": "failure",
    "error_code": "IOTDA.014219",
    "error_msg": "Invalid input. The target is not in the task.",
}


@dataclass(frozen=True)
class Results:
    """What became of each target; ``chosen``: the request named them."""

    listed: list[dict[str, Any]]
    chosen: bool


def targets(body: bytes) -> Sequence[str] | None:
    """Return the devices that a body names; None for all. Raises BadRequest."""
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        raise BadRequest("IOTDA.000008", "The request is malformed.") from None
    named = value.get("targets") if isinstance(value, dict) else [value]
    if not named:
        return None
    valid = isinstance(named, list) and all(isinstance(item, str) and DEVICE.match(item) for item in named)
    if not valid or len(named) > MOST_TARGETS:
        raise BadRequest("IOTDA.000006", "Invalid input data. targets is invalid.")
    return list(named)


def stoppable(task: Task) -> bool:
    return task.task_type in STOPPABLE_TYPES and task.status not in (*FINISHED, "Stopping")


def retryable(task: Task) -> bool:
    return task.task_type in STOPPABLE_TYPES and task.status in ("Processing", "Fail", "PartialSuccess")


def confirmable(task: Task) -> bool:
    return task.task_type in CONFIRMABLE_TYPES and task.status not in (*FINISHED, "Stopping")


def stop(store: TaskStore, task: Task, named: Sequence[str] | None, takes: float) -> Results:
    """Stop subtasks; when none is left under way, the task ends after ``takes`` seconds."""
    results = _set(task, named, ACTIVE, "Stopped")
    if named is None or not _active(task):
        store.change(task, "Stopping", [(takes, "Stopped")])
    return results


def retry(store: TaskStore, task: Task, named: Sequence[str] | None, takes: float) -> Results:
    """Run failed subtasks again; after ``takes`` seconds they have succeeded."""
    results = _set(task, named, _RETRIED, "Processing")
    if _active(task):
        store.change(task, "Processing", [(takes, "Success")])
    return results


def confirm(store: TaskStore, task: Task, named: Sequence[str] | None, takes: float) -> Results:
    """Start waiting subtasks; after ``takes`` seconds they have succeeded, unless others still wait."""
    results = _set(task, named, ("Waitting",), "Processing")
    waiting = "Waitting" in (task.states or {}).values()
    store.change(task, "Processing", [] if waiting else [(takes, "Success")])
    return results


def _set(task: Task, named: Sequence[str] | None, concerned: Sequence[str], status: str) -> Results:
    states = task.fix_states()
    chosen = [device for device, state in states.items() if state in concerned] if named is None else named
    listed = [_result(states, device) for device in chosen]
    for device in chosen:
        if states.get(device) in concerned:
            states[device] = status
    return Results(listed, named is not None)


def _result(states: dict[str, str], device: str) -> dict[str, Any]:
    if device not in states:
        return {"target": device, **_NOT_IN_TASK}
    return {"target": device, "status": "success"}


def _active(task: Task) -> bool:
    return any(state in ACTIVE for state in (task.states or {}).values())
