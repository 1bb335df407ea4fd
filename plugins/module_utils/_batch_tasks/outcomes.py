# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of each batch task, and the result of the module that is made of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from .._core.errors import ErrorDetails, RequestError
from .api import BatchTask

if TYPE_CHECKING:
    from .._http.messages import Response
    from .audit_log import AuditLog

DELETED = "deleted"
ABSENT = "absent"
CREATED = "created"
EXISTS = "exists"
STOPPED = "stopped"
RETRIED = "retried"
CONFIRMED = "confirmed"
UNCHANGED = "unchanged"
FAILED = "failed"


def in_doubt(change: str) -> str:
    """Return what a ``change``, such as ``stopped``, is called that may or may not have been made."""
    return f"{change}_unconfirmed"


UNCONFIRMED = in_doubt(DELETED)
# The outcomes that a state can have.
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "absent": (DELETED, ABSENT, UNCONFIRMED, FAILED),
    "present": (CREATED, EXISTS, FAILED),
    "stopped": (STOPPED, UNCHANGED, in_doubt(STOPPED), FAILED),
    "retried": (RETRIED, UNCHANGED, FAILED),
    "confirmed": (CONFIRMED, UNCHANGED, FAILED),
}
_OPERATIONS = {"absent": "delete", "present": "create", "stopped": "stop", "retried": "retry", "confirmed": "confirm"}

_MAX_WARNED = 10
_MOST_IN_DIFF = 20
_TASK_FIELDS = ("task_name", "task_type", "status", "create_time")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Outcome(NamedTuple):
    """What has become of one batch task until now, and what is known of it in the end.

    ``task_id`` is empty until a task that is to be created has one; ``named`` is what messages call such a task.
    ``changed``: something was, or may have been, changed. ``change`` is the change that the audit log lacks yet.
    ``ambiguous``: the deletion may have been carried out, although no answer says so; ``accepted_with`` is the status
    of a success other than the documented one. ``message`` says why it failed, ``waited`` that it failed while it was
    waited for. ``counts``: how many devices succeeded and failed, as the service said or a later read showed.
    """

    task_id: str
    outcome: str = UNCHANGED
    attempts: int = 0
    changed: bool = False
    task: BatchTask = BatchTask({})
    details: ErrorDetails | None = None
    message: str = ""
    hint: str | None = None
    warnings: tuple[str, ...] = ()
    counts: Mapping[str, int] = _NOTHING
    failed_targets: Sequence[Mapping[str, str]] = ()
    waited: bool = False
    ambiguous: bool = False
    accepted_with: int | None = None
    change: str = ""
    named: str = ""

    @property
    def label(self) -> str:
        """What messages call the task."""
        return self.named or self.task_id

    @property
    def explanation(self) -> str:
        """Why it failed, and what to do next."""
        return f"{self.message}{'; ' + self.hint if self.hint else ''}"

    def tried(self, end: Response | RequestError) -> Outcome:
        """Return the same after one more request that changes something, which ended like this."""
        accepted = self.accepted_with
        if isinstance(end, RequestError) and end.details is not None and 200 <= end.details.http_status < 300:
            accepted = end.details.http_status
        ambiguous = self.ambiguous or end.ambiguous
        return self._replace(attempts=self.attempts + end.attempts, ambiguous=ambiguous, accepted_with=accepted)

    def changed_to(self, outcome: str, details: ErrorDetails | None = None) -> Outcome:
        """Return the end of a task that was changed, for which ``outcome`` is the word."""
        return self._replace(outcome=outcome, changed=True, change=outcome, details=details)

    def warned(self, *warnings: str) -> Outcome:
        """Return the same with further warnings."""
        return self._replace(warnings=(*self.warnings, *warnings))

    def failed(self, message: str, hint: str | None = None, **more: Any) -> Outcome:
        """Return it as a failure."""
        return self._replace(outcome=FAILED, message=message, hint=hint, **more)

    def failed_by(self, error: RequestError, operation: str, **more: Any) -> Outcome:
        """Return the failure for ``error``, met in an ``operation`` such as ``create`` or ``show``."""
        from .hints import hint_for

        return self.failed(str(error), hint_for(error, operation), **{"details": error.details, **more})

    def recorded(self, log: AuditLog) -> Outcome:
        """Return the same once its change has been written to the audit log."""
        if not self.change:
            return self
        task_id = self.task.data.get("task_id") or self.task_id or None
        request_id = self.details.request_id if self.details else None
        log.record(task_id, self.change, self.summary().get("task_name") or self.named or None, request_id)
        return self._replace(change="")

    def result(self) -> dict[str, Any]:
        """Return what a module shows of it; what is not known is left out."""
        task_id = self.task.data.get("task_id") or self.task_id
        fields: dict[str, Any] = {"task_id": task_id} if task_id else {}
        fields.update({"outcome": self.outcome, "attempts": self.attempts}, **error_fields(self.details))
        fields.update(self.summary(), **self.counts)
        if self.failed_targets:
            fields["failed_targets"] = [dict(target) for target in self.failed_targets]
        if self.outcome == FAILED:
            fields["msg"] = self.explanation
        return fields

    def summary(self) -> dict[str, str]:
        """Return what is known of the task itself."""
        return {name: value for name in _TASK_FIELDS if isinstance(value := self.task.data.get(name), str)}


def error_fields(details: ErrorDetails | None) -> dict[str, Any]:
    """Return the fields of a failure as the service gave them, those that it gave."""
    if details is None:
        return {}
    names = ("http_status", "error_code", "error_msg", "request_id", "encoded_authorization_message")
    return {name: getattr(details, name) for name in names if getattr(details, name) is not None}


class Collector:
    """Takes the outcomes of tasks in any order, and keeps only what the module returns of them. Thread-safe.

    ``state`` is what the tasks are to be brought to. ``returned`` is which tasks the module lists: all, failed or none.
    With ``diff``, what was changed is kept, too; ``targets`` are the devices that this was about.
    """

    def __init__(self, state: str, returned: str = "all", diff: bool = False, targets: Sequence[str] = ()) -> None:
        self._state = state
        self._returned = returned
        self._diff = diff
        self._targets = targets
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._changed = False
        self._warned = 0
        self._kept: dict[int, dict[str, Any]] = {}
        self._differing: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._warnings: dict[int, tuple[str, ...]] = {}
        self._first_failed: tuple[int, Outcome] | None = None

    def add(self, position: int, outcome: Outcome) -> None:
        """Take the outcome of the task at ``position`` in the order in which tasks are returned."""
        with self._lock:
            self._counts[outcome.outcome] += 1
            self._changed = self._changed or outcome.changed
            if self._returned == "all" or (self._returned == "failed" and outcome.outcome == FAILED):
                self._kept[position] = outcome.result()
            difference = self._difference(outcome) if self._diff else None
            if difference:
                self._differing[position] = difference
            if outcome.warnings:
                self._warned += 1
                self._warnings[position] = outcome.warnings
                if len(self._warnings) > _MAX_WARNED:
                    del self._warnings[max(self._warnings)]
            if outcome.outcome == FAILED and (self._first_failed is None or position < self._first_failed[0]):
                self._first_failed = position, outcome

    @property
    def summary(self) -> dict[str, int]:
        """How many tasks had each outcome, zeros included."""
        return {name: self._counts[name] for name in OUTCOMES[self._state]}

    @property
    def gone(self) -> int:
        """How many tasks no longer exist."""
        return sum(self._counts.values()) - self._counts[FAILED]

    def build(self, warn: Callable[[str], None], log: AuditLog | None = None) -> dict[str, Any]:
        """Return the result of the module, and ``warn`` about what is not a failure."""
        for position in sorted(self._warnings):
            for warning in self._warnings[position]:
                warn(warning)
        further = self._warned - len(self._warnings)
        if further:
            warn(f"There are similar warnings about {further} more batch tasks.")
        result = {
            "changed": self._changed,
            "tasks": [self._kept[position] for position in sorted(self._kept)],
            "summary": self.summary,
            **self._failure(),
            **(log.failed() if log else {}),
        }
        if self._diff:
            pairs = [self._differing[position] for position in sorted(self._differing)]
            before, after = ([pair[side] for pair in pairs if pair[side]] for side in (0, 1))
            result["diff"] = {"before": {"batch_tasks": before}, "after": {"batch_tasks": after}}
        return result

    def _difference(self, outcome: Outcome) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return a task before and after, None if nothing was changed; an empty one is not there."""
        known = {"task_id": outcome.task_id, **outcome.summary()}
        if self._state == "absent":
            return (known, {}) if outcome.outcome in (DELETED, UNCONFIRMED) else None
        if not outcome.changed:
            return None
        named: dict[str, Any] = {name: known[name] for name in ("task_id", "task_name") if name in known}
        devices = {"targets": in_diff(list(self._targets))} if self._targets else {}
        return named, {**named, **devices, "state": self._state}

    def _failure(self) -> dict[str, Any]:
        if self._first_failed is None:
            return {}
        first = self._first_failed[1]
        failed, total = self._counts[FAILED], sum(self._counts.values())
        which = f"batch task {first.label}"
        if failed > 1:
            which = f"{failed} of {total} batch tasks, the first of them {first.label}"
        elif first.waited and first.changed and self._state == "present":
            which += f" ({first.task.task_id}, which this run created)"
        problem = "Waited for" if first.waited else f"Could not {_OPERATIONS[self._state]}"
        failure = {"failed": True, "msg": f"{problem} {which}: {first.explanation}.", **error_fields(first.details)}
        return {**failure, "hint": first.hint} if first.hint else failure


def in_diff(value: Any) -> Any:
    """Return ``value`` as a difference shows it: tens of thousands of devices would fill pages."""
    return f"{len(value)} devices" if isinstance(value, list) and len(value) > _MOST_IN_DIFF else value
