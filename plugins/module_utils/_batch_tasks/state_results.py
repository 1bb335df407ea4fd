# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of the states present, stopped, retried and confirmed, and how they are reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core.errors import ErrorDetails, RequestError
from .audit_log import AuditLog
from .hints import hint_for
from .results import FAILED, error_fields, log_failure
from .wait import Unaccepted

CREATED = "created"
EXISTS = "exists"
STOPPED = "stopped"
RETRIED = "retried"
CONFIRMED = "confirmed"
UNCHANGED = "unchanged"
OUTCOMES = {
    "present": (CREATED, EXISTS, FAILED),
    "stopped": (STOPPED, UNCHANGED, FAILED),
    "retried": (RETRIED, UNCHANGED, FAILED),
    "confirmed": (CONFIRMED, UNCHANGED, FAILED),
}
_TASK_FIELDS = ("task_id", "task_name", "task_type", "status", "create_time")


@dataclass(frozen=True)
class StateResult:
    """The end of one batch task; ``task`` is what is known of it. ``name`` is what messages call it.

    ``changed``: something was, or may have been, changed. ``counts``: how many devices succeeded and failed, where the
    service told of single ones. ``failed_targets_total``: of how many ``failed_targets`` lists the first.
    ``waited``: it is the waiting that failed.
    """

    name: str
    outcome: str
    task: Mapping[str, Any]
    attempts: int = 0
    changed: bool = False
    details: ErrorDetails | None = None
    message: str = ""
    hint: str | None = None
    warnings: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    failed_targets: Sequence[Mapping[str, str]] = ()
    failed_targets_total: int = 0
    waited: bool = False

    def warned(self, *warnings: str) -> StateResult:
        """Return the same with further warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))

    def failed(self, message: str, hint: str | None = None, **more: Any) -> StateResult:
        """Return it as a failure."""
        return replace(self, outcome=FAILED, message=message, hint=hint, **more)

    def failed_by(self, error: RequestError, operation: str, **more: Any) -> StateResult:
        """Return the failure for ``error``, met in an ``operation`` such as ``create`` or ``show``."""
        return self.failed(str(error), hint_for(error, operation), details=error.details, **more)

    def record(self, log: AuditLog) -> None:
        """Write the change to the audit log."""
        task_id, task_name = (self.task.get(name) for name in ("task_id", "task_name"))
        request_id = self.details.request_id if self.details else None
        log.record(str(task_id or self.name), self.outcome, task_name, request_id)

    def unaccepted(self, why: Unaccepted) -> StateResult:
        """Return the failure for a final status that is not accepted."""
        listed = {"failed_targets": why.failed_targets, "failed_targets_total": why.failed}
        return self.failed(why.message, why.hint, waited=True, details=None, **listed)

    def result(self) -> dict[str, Any]:
        """Return what a module shows of it; what is not known is left out."""
        fields = {name: self.task[name] for name in _TASK_FIELDS if isinstance(self.task.get(name), str)}
        fields.update({"outcome": self.outcome, "attempts": self.attempts}, **error_fields(self.details))
        fields.update(self.counts)
        if self.failed_targets:
            fields["failed_targets"] = [dict(target) for target in self.failed_targets]
            if self.failed_targets_total > len(self.failed_targets):
                fields["failed_targets_total"] = self.failed_targets_total
        if self.outcome == FAILED:
            fields["msg"] = self.explanation
        return fields

    @property
    def explanation(self) -> str:
        """Return why it failed, and what to do next."""
        return f"{self.message}{'; ' + self.hint if self.hint else ''}"


def build_state_result(
    state: str,
    results: Sequence[StateResult],
    warn: Callable[[str], None],
    diff: Mapping[str, Any],
    returned: str = "all",
    log: AuditLog | None = None,
) -> dict[str, Any]:
    """Return what a module gives back for ``results``, and ``warn`` about what is not a failure.

    ``returned`` is which of them ``tasks`` lists: all, those that failed, or none.
    """
    for result in results:
        for warning in result.warnings:
            warn(warning)
    counts = Counter(result.outcome for result in results)
    return {
        "changed": any(result.changed for result in results),
        "tasks": [
            result.result()
            for result in results
            if returned == "all" or (returned == "failed" and result.outcome == FAILED)
        ],
        "summary": {name: counts[name] for name in OUTCOMES[state]},
        "diff": diff,
        **_failure(state, [result for result in results if result.outcome == FAILED], len(results)),
        **log_failure(log),
    }


_VERBS = {"present": "create", "stopped": "stop", "retried": "retry", "confirmed": "confirm"}


def _failure(state: str, failed: Sequence[StateResult], total: int) -> dict[str, Any]:
    if not failed:
        return {}
    first = failed[0]
    problem = "Waited for" if first.waited else f"Could not {_VERBS[state]}"
    msg = f"{problem} batch task {first.name}: {first.explanation}."
    if total > 1:
        msg = f"{len(failed)} of {total} batch tasks failed. {msg}"
    found = {"failed": True, "msg": msg, **error_fields(first.details)}
    return {**found, "hint": first.hint} if first.hint else found
