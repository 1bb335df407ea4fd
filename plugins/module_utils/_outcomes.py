# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of each batch task, and what the user is told of it.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import (
    AnswerDetails,
    RequestFailed,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._hints import hint_for

DELETED = "deleted"
ABSENT = "absent"
UNCONFIRMED = "deleted_unconfirmed"
FAILED = "failed"
ALL = (DELETED, ABSENT, UNCONFIRMED, FAILED)

_SHOWN_OF_A_TASK = ("task_name", "task_type", "status", "create_time")


@dataclass(frozen=True)
class Outcome:
    """The end of one batch task. ``clause`` and ``hint`` tell a failure; ``task`` is what is known of the task.

    ``in_doubt``: it failed, and yet may have been deleted. ``stopped``: it was, or may have been, stopped.
    """

    task_id: str
    outcome: str
    attempts: int
    details: AnswerDetails | None = None
    clause: str = ""
    hint: str | None = None
    stopped: bool = False
    in_doubt: bool = False
    task: Mapping[str, Any] = field(default_factory=dict)

    def result(self) -> dict[str, Any]:
        """Return what a module shows of it; what is not known is left out."""
        shown: dict[str, Any] = {"task_id": self.task_id, "outcome": self.outcome, "attempts": self.attempts}
        shown.update(error_fields(self.details))
        shown.update({name: self.task[name] for name in _SHOWN_OF_A_TASK if isinstance(self.task.get(name), str)})
        if self.outcome == FAILED:
            shown["msg"] = f"{self.clause}{'; ' + self.hint if self.hint else ''}"
        return shown


def failed(
    task_id: str, error: RequestFailed, attempts: int, deed: str, task: Mapping[str, Any], in_doubt: bool = False
) -> Outcome:
    """Return the failure of one task: ``deed`` is what was being done, as ``delete``."""
    clause = f"{error}{', and whether it is deleted is not known' if in_doubt else ''}"
    hint = hint_for(error, deed)
    return Outcome(task_id, FAILED, attempts, error.details, clause, hint, in_doubt=in_doubt, task=task)


def error_fields(details: AnswerDetails | None) -> dict[str, Any]:
    """Return the fields of a failure as the service gave them, those that it gave."""
    if details is None:
        return {}
    names = ("http_status", "error_code", "error_msg", "request_id")
    return {name: getattr(details, name) for name in names if getattr(details, name) is not None}


def summarize(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many tasks had each outcome, zeros included."""
    counts = Counter(outcome.outcome for outcome in outcomes)
    return {name: counts[name] for name in ALL}


def changed(outcomes: Iterable[Outcome]) -> bool:
    """Whether anything was, or may have been, deleted, or a task was stopped."""
    return any(outcome.outcome in (DELETED, UNCONFIRMED) or outcome.stopped or outcome.in_doubt for outcome in outcomes)


def failure_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the failure fields of a module that had these outcomes: empty unless one of them failed."""
    broken = [outcome for outcome in outcomes if outcome.outcome == FAILED]
    if not broken:
        return {}
    first = broken[0]
    advice = f"; {first.hint}" if first.hint else ""
    if len(broken) == 1:
        msg = f"Could not delete batch task {first.task_id}: {first.clause}{advice}."
    else:
        msg = (
            f"Could not delete {len(broken)} of {len(outcomes)} batch tasks, "
            f"the first of them {first.task_id}: {first.clause}{advice}."
        )
    found = {"failed": True, "msg": msg, **error_fields(first.details)}
    return {**found, "hint": first.hint} if first.hint else found


def warnings_of(outcomes: Iterable[Outcome]) -> list[str]:
    """Return what the user should know although it is no failure."""
    return [
        f"Batch task {outcome.task_id} is gone, but whether this run deleted it is not certain: "
        "an attempt whose answer was lost came before the 404."
        for outcome in outcomes
        if outcome.outcome == UNCONFIRMED
    ]


def report(outcomes: Sequence[Outcome], warn: Callable[[str], None]) -> dict[str, Any]:
    """Return what a module gives back for ``outcomes``, and ``warn`` of what is no failure but worth knowing."""
    for warning in warnings_of(outcomes):
        warn(warning)
    return {
        "changed": changed(outcomes),
        "tasks": [outcome.result() for outcome in outcomes],
        "summary": summarize(outcomes),
        "diff": diff_of(outcomes),
        **failure_of(outcomes),
    }


def diff_of(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Return the difference for diff mode: before, the tasks that go; after, none of them."""
    going = [
        {name: value for name, value in outcome.result().items() if name in ("task_id", *_SHOWN_OF_A_TASK)}
        for outcome in outcomes
        if outcome.outcome in (DELETED, UNCONFIRMED)
    ]
    return {"before": {"batch_tasks": going}, "after": {"batch_tasks": []}}
