# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From IDs to outcomes: deleting many batch tasks at once, waiting for unfinished ones, and what a 404 means.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable, Union

from ansible_collections.huaweicloud.iotda.plugins.module_utils._absence import says_absent
from ansible_collections.huaweicloud.iotda.plugins.module_utils._answers import accepted
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import STOPPABLE_TYPES, BatchTasks, Shown
from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import (
    AnswerDetails,
    IamFailed,
    RequestFailed,
    ServiceError,
    Unreachable,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._exchange import Reply
from ansible_collections.huaweicloud.iotda.plugins.module_utils._hints import unfinished_hint
from ansible_collections.huaweicloud.iotda.plugins.module_utils._outcomes import (
    ABSENT,
    DELETED,
    FAILED,
    UNCONFIRMED,
    Outcome,
    failed,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._side_by_side import side_by_side

_GIVE_UP_AFTER = 10


@dataclass(frozen=True)
class Plan:
    """How to delete. ``wait_timeout`` and ``wait_delay`` are seconds, counted for all tasks together.

    ``advice`` is what helps with an unfinished task; None: the options ``wait`` and ``force``.
    """

    wait: bool = False
    wait_timeout: float = 600.0
    wait_delay: float = 5.0
    force: bool = False
    concurrency: int = 10
    advice: str | None = None

    def stops(self, shown: Shown) -> bool:
        """Whether the unfinished task is to be stopped, and can be."""
        return self.force and shown.task_type in STOPPABLE_TYPES

    def hopeless(self, shown: Shown) -> bool:
        """Whether nothing in this plan makes the unfinished task finish."""
        return not self.wait and not self.stops(shown)


@dataclass(frozen=True)
class _Tried:
    """One task, and what this run has done to it until now; ``known`` is what is known of the task."""

    task_id: str
    known: Mapping[str, Any]
    attempts: int = 0
    uncertain: bool = False
    stopped: bool = False

    def once_more(self, end: Reply | RequestFailed) -> _Tried:
        """Return what has been done once a further DELETE has had this end."""
        return replace(self, attempts=self.attempts + end.attempts, uncertain=self.uncertain or end.uncertain)

    def ended(
        self, outcome: str, details: AnswerDetails | None = None, clause: str = "", hint: str | None = None
    ) -> Outcome:
        """Return its end; ``clause`` and ``hint`` tell a failure."""
        return Outcome(
            self.task_id, outcome, self.attempts, details, clause, hint, stopped=self.stopped, task=self.known
        )

    def gone(self, error: RequestFailed) -> Outcome:
        """Return what it means that IoTDA says, by ``error``, that there is no such task."""
        return self.ended(UNCONFIRMED if self.uncertain else ABSENT, error.details)

    def failed(self, error: RequestFailed, deed: str) -> Outcome:
        """Return the failure of ``deed``, such as ``delete`` or ``show``."""
        outcome = failed(self.task_id, error, self.attempts, deed, self.known, self.uncertain)
        return replace(outcome, stopped=self.stopped)


@dataclass(frozen=True)
class _Pending:
    """A task that has not finished. ``details``: the refusal to delete it, None where none was asked for."""

    tried: _Tried
    shown: Shown
    details: AnswerDetails | None = None

    @classmethod
    def of(cls, tried: _Tried, shown: Shown, details: AnswerDetails | None = None) -> _Pending:
        return cls(replace(tried, known=shown.task), shown, details)


_Step = Union[Outcome, _Pending]


class _Way:
    """Whether the way to the service is barred: so many tasks in a row met nobody, no welcome, or only trouble.

    Without it, a run over a thousand tasks would go on being refused for hours.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0

    def refusal(self, task_id: str, known: Mapping[str, Any]) -> Outcome | None:
        """Return the failure of a task that is not to be tried, None if it is."""
        with self._lock:
            if self._in_a_row < _GIVE_UP_AFTER:
                return None
        clause = f"it was not tried, since {_GIVE_UP_AFTER} tasks in a row failed for reasons that are not theirs"
        return Outcome(task_id, FAILED, 0, clause=clause, task=known)

    def met(self, error: RequestFailed | None) -> None:
        """Take note of how a request for one task ended."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if error is not None and _bars(error) else 0


def _bars(error: RequestFailed) -> bool:
    if isinstance(error, ServiceError):
        status = error.details.http_status
        return status in (401, 407, 429) or status >= 500
    return isinstance(error, (Unreachable, IamFailed))


def delete_all(
    api: BatchTasks, task_ids: Sequence[str], plan: Plan, known: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Outcome]:
    """Delete ``task_ids`` and return their outcomes in the same order; never raises for what one of them meets.

    ``known`` is what is known of the tasks already, by ID.
    """
    return _Deletion(api, plan, known or {}).run(task_ids)


def predict_all(api: BatchTasks, task_ids: Sequence[str], plan: Plan) -> list[Outcome]:
    """Return the outcomes that ``delete_all`` can be expected to have, by reading only."""
    way = _Way()
    return side_by_side(lambda task_id: _predict(api, task_id, plan, way), task_ids, plan.concurrency)


def _predict(api: BatchTasks, task_id: str, plan: Plan, way: _Way) -> Outcome:
    refusal = way.refusal(task_id, {})
    if refusal is not None:
        return refusal
    tried = _Tried(task_id, {})
    try:
        shown = api.show(task_id)
    except RequestFailed as error:
        way.met(error)
        return tried.gone(error) if says_absent(error) else tried.failed(error, "show")
    way.met(None)
    pending = _Pending.of(tried, shown)
    if shown.finished or not plan.hopeless(shown):
        return pending.tried.ended(DELETED)
    return _unfinished(pending, plan)


class _Deletion:
    """One call of ``delete_all``: every step takes a task one stage further, on a thread of its own."""

    def __init__(self, api: BatchTasks, plan: Plan, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._api = api
        self._plan = plan
        self._known = known
        self._way = _Way()

    def run(self, task_ids: Sequence[str]) -> list[Outcome]:
        steps: dict[str, _Step] = dict(zip(task_ids, side_by_side(self._begin, task_ids, self._plan.concurrency)))
        self._advance(steps, self._stop_or_fail)
        until = time.monotonic() + self._plan.wait_timeout
        while _pending(steps) and time.monotonic() < until:
            time.sleep(max(0.0, min(self._plan.wait_delay, until - time.monotonic())))
            self._advance(steps, self._look_again)
        self._advance(steps, self._too_late)
        return [step for step in steps.values() if isinstance(step, Outcome)]

    def _advance(self, steps: dict[str, _Step], stage: Callable[[_Pending], _Step]) -> None:
        pending = _pending(steps)
        for before, step in zip(pending, side_by_side(stage, pending, self._plan.concurrency)):
            steps[before.tried.task_id] = step

    def _begin(self, task_id: str) -> _Step:
        known = self._known.get(task_id, {})
        return self._way.refusal(task_id, known) or self._delete(_Tried(task_id, known))

    def _delete(self, tried: _Tried, may_repeat: bool = True) -> _Step:
        try:
            reply = self._api.delete(tried.task_id)
        except RequestFailed as error:
            self._way.met(error)
            return self._refused(tried.once_more(error), error, may_repeat)
        self._way.met(None)
        return tried.once_more(reply).ended(DELETED, accepted(reply))

    def _refused(self, tried: _Tried, error: RequestFailed, may_repeat: bool) -> _Step:
        """Return what a DELETE that failed means; where the task itself can tell, it is asked."""
        if says_absent(error):
            return tried.gone(error)
        if not _worth_showing(error):
            return tried.failed(error, "delete")
        try:
            shown = self._api.show(tried.task_id)
        except RequestFailed as second:
            if says_absent(second):
                return replace(tried, uncertain=tried.uncertain or _says_success(error)).gone(second)
            return tried.failed(error, "delete")
        if not shown.finished:
            return _Pending.of(tried, shown, error.details)
        tried = replace(tried, known=shown.task)
        if may_repeat and not error.uncertain:
            return self._finished_since(tried, shown, error)
        return tried.failed(error, "delete")

    def _finished_since(self, tried: _Tried, shown: Shown, error: RequestFailed) -> _Step:
        """Delete a task that was refused, but has finished by now, unless it is no more what it was chosen for."""
        chosen = self._known.get(tried.task_id, {}).get("status", shown.status)
        if shown.status == chosen:
            return self._delete(tried, may_repeat=False)
        clause = f"it was {chosen} when it was chosen, and is {shown.status} now"
        return tried.ended(FAILED, error.details, clause, self._plan.advice)

    def _stop_or_fail(self, pending: _Pending) -> _Step:
        if self._plan.hopeless(pending.shown):
            return _unfinished(pending, self._plan)
        if not self._plan.stops(pending.shown) or pending.shown.status == "Stopping":
            return pending
        try:
            self._api.stop(pending.tried.task_id)
        except RequestFailed as error:
            return self._not_stopped(pending, error)
        return replace(pending, tried=replace(pending.tried, stopped=True))

    def _not_stopped(self, pending: _Pending, error: RequestFailed) -> _Step:
        """Return the failure of a stop, unless the task has come to its end, or is about to, all the same."""
        tried = replace(pending.tried, stopped=error.uncertain)
        try:
            shown = self._api.show(tried.task_id)
        except RequestFailed as second:
            if says_absent(second):
                return tried.gone(second)
        else:
            if shown.finished or shown.status == "Stopping":
                return _Pending.of(tried, shown, pending.details)
        outcome = replace(tried, uncertain=False).failed(error, "stop")
        return replace(outcome, clause=f"it could not be stopped: {outcome.clause}")

    def _look_again(self, pending: _Pending) -> _Step:
        tried = pending.tried
        try:
            shown = self._api.show(tried.task_id)
        except RequestFailed as error:
            return tried.gone(error) if says_absent(error) else tried.failed(error, "show")
        latest = _Pending.of(tried, shown, pending.details)
        return self._delete(latest.tried) if shown.finished else latest

    def _too_late(self, pending: _Pending) -> _Step:
        outcome = _unfinished(pending, self._plan)
        clause = f"{outcome.clause}, still so after waiting {self._plan.wait_timeout:g} s"
        return replace(outcome, clause=clause, hint="run it again later, or raise wait_timeout")


def _pending(steps: Mapping[str, _Step]) -> list[_Pending]:
    return [step for step in steps.values() if isinstance(step, _Pending)]


def _worth_showing(error: RequestFailed) -> bool:
    """Whether the task's own status may explain the refusal.

    A gateway knows nothing of tasks, and 401 and the like would meet the reading as well.
    """
    if not isinstance(error, ServiceError):
        return False
    status, code = error.details.http_status, error.details.error_code or ""
    if code.startswith("APIG"):
        return False
    if 400 <= status < 500:
        return status not in (401, 404, 407, 408, 429)
    return 200 <= status < 300 or (status >= 500 and code.startswith("IOTDA."))


def _says_success(error: RequestFailed) -> bool:
    return error.details is not None and 200 <= error.details.http_status < 300


def _unfinished(pending: _Pending, plan: Plan) -> Outcome:
    shown = pending.shown
    progress = f", {shown.progress}" if shown.progress else ""
    clause = f"it is {shown.status}{progress}, and only a finished task can be deleted"
    return pending.tried.ended(FAILED, pending.details, clause, plan.advice or unfinished_hint(shown.task_type))
