# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a batch task can be stopped, retried or confirmed, and when there is nothing to do.

https://support.huaweicloud.com/intl/en-us/api-iothub/StopBatchTask.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union

from .constants import CONFIRMABLE_TYPES, STOPPABLE_TYPES
from .models import BatchTask, short_status
from .state_results import CONFIRMED, RETRIED, STOPPED


@dataclass(frozen=True)
class Nothing:
    """There is nothing to do."""

    warning: str | None = None


@dataclass(frozen=True)
class Refused:
    """It cannot be done."""

    message: str
    hint: str


Verdict = Union[Nothing, Refused, None]


@dataclass(frozen=True)
class Transition:
    """Stop, retry or confirm.

    ``subtasks`` are the statuses of the subtasks on which it acts, ``status`` is what the task becomes. ``judge``
    returns None if there is something to do; ``shows_effect`` tells by the task before and after whether it was done.
    """

    operation: str
    outcome: str
    subtasks: tuple[str, ...]
    status: str
    judge: Callable[[BatchTask], Verdict]
    shows_effect: Callable[[BatchTask, BatchTask], bool]

    def concerns(self, subtask_status: str | None) -> bool:
        """Whether it can act on a subtask of this status; of one that is not known, the service decides."""
        return subtask_status is None or subtask_status in self.subtasks


def _judge_stop(task: BatchTask) -> Verdict:
    if task.finished or task.status == "Stopping":
        return Nothing()
    if task.task_type not in STOPPABLE_TYPES:
        return _wrong_type(task, "stopped", STOPPABLE_TYPES, "wait until it has finished")
    return None


def _judge_retry(task: BatchTask) -> Verdict:
    if task.status in ("Stopped", "Stopping"):
        return Nothing(f"Batch task {task.task_id} is {task.status} and cannot be retried: create a new one.")
    if task.status in ("Success", "Waitting", "Initializing"):
        return Nothing()
    if task.devices("fail", "fail_wait_retry", "stopped") == 0:
        as_a_whole = f"Batch task {task.task_id} failed as a whole, and has no device to retry: create a new one."
        return Nothing(as_a_whole if task.status == "Fail" else None)
    if task.task_type not in STOPPABLE_TYPES:
        return _wrong_type(task, "retried", STOPPABLE_TYPES, "create a new task for the devices that failed")
    return None


def _judge_confirm(task: BatchTask) -> Verdict:
    if task.finished or task.status == "Stopping" or task.data.get("need_confirm") is False:
        return Nothing()
    if task.task_type not in CONFIRMABLE_TYPES:
        return _wrong_type(task, "confirmed", CONFIRMABLE_TYPES, "it starts without a confirmation")
    if task.status == "Initializing":
        return Nothing(f"Batch task {task.task_id} is Initializing, and no device waits for a confirmation yet.")
    return Nothing() if task.devices("waitting") == 0 else None


def _wrong_type(task: BatchTask, done: str, types: Sequence[str], hint: str) -> Refused:
    kind, status = short_status(task.task_type), short_status(task.status)
    progress = f", {task.progress}" if task.progress else ""
    return Refused(f"it is a {kind} task ({status}{progress}), and only {', '.join(types)} can be {done}", hint)


def _shows_stop(before: BatchTask, after: BatchTask) -> bool:
    return after.status in ("Stopping", "Stopped")


def _shows_retry(before: BatchTask, after: BatchTask) -> bool:
    return _fewer(before, after, "fail", "fail_wait_retry", "stopped")


def _shows_confirmation(before: BatchTask, after: BatchTask) -> bool:
    return not _shows_stop(before, after) and _fewer(before, after, "waitting")


def _fewer(before: BatchTask, after: BatchTask, *counters: str) -> bool:
    had, left = before.devices(*counters), after.devices(*counters)
    return had is not None and left is not None and left < had


_UNDER_WAY = ("Processing", "Waitting", "FailWaitRetry")
_NOT_DONE = ("Fail", "FailWaitRetry", "Stopped")

TRANSITIONS = {
    "stopped": Transition("stop", STOPPED, _UNDER_WAY, "Stopping", _judge_stop, _shows_stop),
    "retried": Transition("retry", RETRIED, _NOT_DONE, "Processing", _judge_retry, _shows_retry),
    "confirmed": Transition("confirm", CONFIRMED, ("Waitting",), "Processing", _judge_confirm, _shows_confirmation),
}
