# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of each deletion, and the result of the module."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from .._core.errors import ErrorDetails

if TYPE_CHECKING:
    from .audit_log import AuditLog

DELETED = "deleted"
ABSENT = "absent"
UNCONFIRMED = "deleted_unconfirmed"
FAILED = "failed"
ALL = (DELETED, ABSENT, UNCONFIRMED, FAILED)

_MAX_WARNINGS = 10
_TASK_FIELDS = ("task_name", "task_type", "status", "create_time")


class TaskResult(NamedTuple):
    """The result for one batch task. ``message`` and ``hint`` explain a failure; ``task`` is what is known of the task.

    ``message`` also says why a deletion is unconfirmed. ``ambiguous``: it failed, and yet may have been deleted.
    ``stopped``: it was, or may have been, stopped.
    """

    task_id: str
    outcome: str
    attempts: int
    details: ErrorDetails | None = None
    message: str = ""
    hint: str | None = None
    stopped: bool = False
    ambiguous: bool = False
    task: Mapping[str, Any] = MappingProxyType({})

    @property
    def changed(self) -> bool:
        """Whether the task was, or may have been, deleted or stopped."""
        return self.outcome in (DELETED, UNCONFIRMED) or self.stopped or self.ambiguous

    @property
    def explanation(self) -> str:
        """Why it failed, and what to do next."""
        return f"{self.message}{'; ' + self.hint if self.hint else ''}"

    def result(self) -> dict[str, Any]:
        """Return what a module shows of it; what is not known is left out."""
        fields: dict[str, Any] = {"task_id": self.task_id, "outcome": self.outcome, "attempts": self.attempts}
        fields.update(error_fields(self.details))
        fields.update(self.summary())
        if self.outcome == FAILED:
            fields["msg"] = self.explanation
        return fields

    def summary(self) -> dict[str, str]:
        """Return what is known of the task itself."""
        return {name: self.task[name] for name in _TASK_FIELDS if isinstance(self.task.get(name), str)}


def error_fields(details: ErrorDetails | None) -> dict[str, Any]:
    """Return the fields of a failure as the service gave them, those that it gave."""
    if details is None:
        return {}
    names = ("http_status", "error_code", "error_msg", "request_id")
    return {name: getattr(details, name) for name in names if getattr(details, name) is not None}


class ResultCollector:
    """Takes the results of tasks in any order, and keeps only what the module returns of them. Thread-safe.

    ``returned`` is which tasks the module lists: all, failed or none. With ``diff``, what was deleted is kept, too.
    """

    def __init__(self, returned: str = "all", diff: bool = False) -> None:
        self._returned = returned
        self._diff = diff
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._changed = False
        self._kept: dict[int, TaskResult] = {}
        self._deleted: dict[int, dict[str, str]] = {}
        self._unconfirmed: dict[int, TaskResult] = {}
        self._first_failed: tuple[int, TaskResult] | None = None

    def add(self, position: int, result: TaskResult) -> None:
        """Take the result of the task at ``position`` in the order in which tasks are returned."""
        with self._lock:
            self._counts[result.outcome] += 1
            self._changed = self._changed or result.changed
            if self._returned == "all" or (self._returned == "failed" and result.outcome == FAILED):
                self._kept[position] = result
            if self._diff and result.outcome in (DELETED, UNCONFIRMED):
                self._deleted[position] = {"task_id": result.task_id, **result.summary()}
            if result.outcome == UNCONFIRMED:
                self._unconfirmed[position] = result
                if len(self._unconfirmed) > _MAX_WARNINGS:
                    del self._unconfirmed[max(self._unconfirmed)]
            if result.outcome == FAILED and (self._first_failed is None or position < self._first_failed[0]):
                self._first_failed = position, result

    @property
    def summary(self) -> dict[str, int]:
        """How many tasks had each outcome, zeros included."""
        return {name: self._counts[name] for name in ALL}

    @property
    def gone(self) -> int:
        """How many tasks no longer exist."""
        return sum(self._counts.values()) - self._counts[FAILED]

    def build(self, warn: Callable[[str], None], log: AuditLog | None = None) -> dict[str, Any]:
        """Return the result of the module, and ``warn`` about what is not a failure."""
        for position in sorted(self._unconfirmed):
            warn(_unconfirmed_warning(self._unconfirmed[position]))
        further = self._counts[UNCONFIRMED] - len(self._unconfirmed)
        if further:
            warn(f"The same applies to {further} more batch tasks, whose outcome is {UNCONFIRMED}.")
        result = {
            "changed": self._changed,
            "tasks": [self._kept[position].result() for position in sorted(self._kept)],
            "summary": self.summary,
            **self._failure(),
            **log_failure(log),
        }
        if self._diff:
            deleted = [self._deleted[position] for position in sorted(self._deleted)]
            result["diff"] = {"before": {"batch_tasks": deleted}, "after": {"batch_tasks": []}}
        return result

    def _failure(self) -> dict[str, Any]:
        if self._first_failed is None:
            return {}
        first = self._first_failed[1]
        failed, total = self._counts[FAILED], sum(self._counts.values())
        which = f"batch task {first.task_id}"
        if failed > 1:
            which = f"{failed} of {total} batch tasks, the first of them {first.task_id}"
        msg = f"Could not delete {which}: {first.explanation}."
        failure = {"failed": True, "msg": msg, **error_fields(first.details)}
        return {**failure, "hint": first.hint} if first.hint else failure


def _unconfirmed_warning(result: TaskResult) -> str:
    return f"Batch task {result.task_id} is gone, but it is not certain that this run deleted it: {result.message}."


def log_failure(log: AuditLog | None) -> dict[str, Any]:
    """Return the failure fields of a module whose audit log could not be written, empty otherwise."""
    if log is None or not log.failure:
        return {}
    return {
        "failed": True,
        "msg": (
            f"The audit log {log.path} could not be written: {log.failure}. It lacks {log.lost} of the changes, "
            "and no further change was started; correct this, and run it again."
        ),
    }
