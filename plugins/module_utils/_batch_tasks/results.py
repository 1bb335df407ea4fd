# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of each batch task, and what the user is told of it.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Union

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTask
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import hint_for
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ErrorDetails, RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Response

DELETED = "deleted"
ABSENT = "absent"
UNCONFIRMED = "deleted_unconfirmed"
FAILED = "failed"
ALL = (DELETED, ABSENT, UNCONFIRMED, FAILED)

_SHOWN_OF_A_TASK = ("task_name", "task_type", "status", "create_time")


@dataclass(frozen=True)
class TaskResult:
    """The end of one batch task. ``clause`` and ``hint`` tell a failure; ``task`` is what is known of the task.

    ``in_doubt``: it failed, and yet may have been deleted. ``stopped``: it was, or may have been, stopped.
    """

    task_id: str
    outcome: str
    attempts: int
    details: ErrorDetails | None = None
    message: str = ""
    hint: str | None = None
    stopped: bool = False
    ambiguous: bool = False
    task: Mapping[str, Any] = field(default_factory=dict)

    def result(self) -> dict[str, Any]:
        """Return what a module shows of it; what is not known is left out."""
        shown: dict[str, Any] = {"task_id": self.task_id, "outcome": self.outcome, "attempts": self.attempts}
        shown.update(error_fields(self.details))
        shown.update({name: self.task[name] for name in _SHOWN_OF_A_TASK if isinstance(self.task.get(name), str)})
        if self.outcome == FAILED:
            shown["msg"] = f"{self.message}{'; ' + self.hint if self.hint else ''}"
        return shown


def failed_result(
    task_id: str, error: RequestError, attempts: int, operation: str, task: Mapping[str, Any], ambiguous: bool = False
) -> TaskResult:
    """Return the failure of one task: ``deed`` is what was being done, as ``delete``."""
    message = f"{error}{', and whether it is deleted is not known' if ambiguous else ''}"
    hint = hint_for(error, operation)
    return TaskResult(task_id, FAILED, attempts, error.details, message, hint, ambiguous=ambiguous, task=task)


def error_fields(details: ErrorDetails | None) -> dict[str, Any]:
    """Return the fields of a failure as the service gave them, those that it gave."""
    if details is None:
        return {}
    names = ("http_status", "error_code", "error_msg", "request_id")
    return {name: getattr(details, name) for name in names if getattr(details, name) is not None}


def summarize(results: Iterable[TaskResult]) -> dict[str, int]:
    """Return how many tasks had each outcome, zeros included."""
    counts = Counter(outcome.outcome for outcome in results)
    return {name: counts[name] for name in ALL}


def changed(results: Iterable[TaskResult]) -> bool:
    """Whether anything was, or may have been, deleted, or a task was stopped."""
    return any(outcome.outcome in (DELETED, UNCONFIRMED) or outcome.stopped or outcome.ambiguous for outcome in results)


def failure_fields(results: Sequence[TaskResult]) -> dict[str, Any]:
    """Return the failure fields of a module that had these outcomes: empty unless one of them failed."""
    broken = [outcome for outcome in results if outcome.outcome == FAILED]
    if not broken:
        return {}
    first = broken[0]
    unfinished_hint = f"; {first.hint}" if first.hint else ""
    if len(broken) == 1:
        msg = f"Could not delete batch task {first.task_id}: {first.message}{unfinished_hint}."
    else:
        msg = (
            f"Could not delete {len(broken)} of {len(results)} batch tasks, "
            f"the first of them {first.task_id}: {first.message}{unfinished_hint}."
        )
    found = {"failed": True, "msg": msg, **error_fields(first.details)}
    return {**found, "hint": first.hint} if first.hint else found


def warnings_for(results: Iterable[TaskResult]) -> list[str]:
    """Return what the user should know although it is no failure."""
    return [
        f"Batch task {outcome.task_id} is gone, but whether this run deleted it is not certain: "
        "an attempt whose answer was lost came before the 404."
        for outcome in results
        if outcome.outcome == UNCONFIRMED
    ]


def build_result(results: Sequence[TaskResult], warn: Callable[[str], None]) -> dict[str, Any]:
    """Return what a module gives back for ``outcomes``, and ``warn`` of what is no failure but worth knowing."""
    for warning in warnings_for(results):
        warn(warning)
    return {
        "changed": changed(results),
        "tasks": [outcome.result() for outcome in results],
        "summary": summarize(results),
        "diff": build_diff(results),
        **failure_fields(results),
    }


def build_diff(results: Iterable[TaskResult]) -> dict[str, Any]:
    """Return the difference for diff mode: before, the tasks that go; after, none of them."""
    going = [
        {name: value for name, value in outcome.result().items() if name in ("task_id", *_SHOWN_OF_A_TASK)}
        for outcome in results
        if outcome.outcome in (DELETED, UNCONFIRMED)
    ]
    return {"before": {"batch_tasks": going}, "after": {"batch_tasks": []}}


@dataclass(frozen=True)
class TaskState:
    """One task, and what this run has done to it until now; ``known`` is what is known of the task."""

    task_id: str
    known: Mapping[str, Any]
    attempts: int = 0
    ambiguous: bool = False
    stopped: bool = False

    def with_attempt(self, end: Response | RequestError) -> TaskState:
        """Return what has been done once a further DELETE has had this end."""
        return replace(self, attempts=self.attempts + end.attempts, ambiguous=self.ambiguous or end.ambiguous)

    def ended(
        self, outcome: str, details: ErrorDetails | None = None, message: str = "", hint: str | None = None
    ) -> TaskResult:
        """Return its end; ``clause`` and ``hint`` tell a failure."""
        return TaskResult(
            self.task_id, outcome, self.attempts, details, message, hint, stopped=self.stopped, task=self.known
        )

    def absent_result(self, error: RequestError) -> TaskResult:
        """Return what it means that IoTDA says, by ``error``, that there is no such task."""
        return self.ended(UNCONFIRMED if self.ambiguous else ABSENT, error.details)

    def failed_result(self, error: RequestError, operation: str) -> TaskResult:
        """Return the failure of ``deed``, such as ``delete`` or ``show``."""
        outcome = failed_result(self.task_id, error, self.attempts, operation, self.known, self.ambiguous)
        return replace(outcome, stopped=self.stopped)


@dataclass(frozen=True)
class PendingTask:
    """A task that has not finished. ``details``: the refusal to delete it, None where none was asked for."""

    state: TaskState
    shown: BatchTask
    details: ErrorDetails | None = None

    @classmethod
    def of(cls, state: TaskState, shown: BatchTask, details: ErrorDetails | None = None) -> PendingTask:
        return cls(replace(state, known=shown.task), shown, details)


Step = Union[TaskResult, PendingTask]


def catch_unexpected(state: TaskState, step: Callable[[], Step]) -> Step:
    """Return what ``step`` comes to. An error that nobody foresaw must not cost the outcomes of all other tasks."""
    try:
        return step()
    except Exception as error:  # whichever it is: see above
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}, line {place.lineno}"
        message = f"it met an unforeseen {type(error).__name__} ({where}), and whether it is deleted is not known"
        return replace(state.ended(FAILED, None, message, "report this, and run it again"), ambiguous=True)
