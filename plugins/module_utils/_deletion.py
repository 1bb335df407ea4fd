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
class _Pending:
    """A task that was refused since it has not finished, and the refusal."""

    task_id: str
    shown: Shown
    attempts: int
    uncertain: bool
    details: AnswerDetails | None
    stopped: bool = False


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
    try:
        shown = api.show(task_id)
    except RequestFailed as error:
        way.met(error)
        if says_absent(error):
            return Outcome(task_id, ABSENT, 0, error.details)
        return failed(task_id, error, 0, "show", {})
    way.met(None)
    if shown.finished or not plan.hopeless(shown):
        return Outcome(task_id, DELETED, 0, task=shown.task)
    return _unfinished(_Pending(task_id, shown, 0, False, None), plan)


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
            steps[before.task_id] = step

    def _begin(self, task_id: str) -> _Step:
        return self._way.refusal(task_id, self._known.get(task_id, {})) or self._delete(task_id)

    def _delete(self, task_id: str, before: _Pending | None = None, may_repeat: bool = True) -> _Step:
        attempts, uncertain = (before.attempts, before.uncertain) if before else (0, False)
        known = before.shown.task if before else self._known.get(task_id, {})
        stopped = before is not None and before.stopped
        try:
            reply = self._api.delete(task_id)
        except RequestFailed as error:
            self._way.met(error)
            step = self._refused(
                task_id, error, attempts + error.attempts, uncertain or error.uncertain, known, may_repeat
            )
            return replace(step, stopped=True) if stopped else step
        self._way.met(None)
        return Outcome(task_id, DELETED, attempts + reply.attempts, accepted(reply), stopped=stopped, task=known)

    def _refused(
        self,
        task_id: str,
        error: RequestFailed,
        attempts: int,
        uncertain: bool,
        known: Mapping[str, Any],
        may_repeat: bool,
    ) -> _Step:
        """Return what a DELETE that failed means; where the task itself can tell, it is asked."""
        if says_absent(error):
            return _gone(task_id, attempts, uncertain, error, known)
        if not _worth_showing(error):
            return failed(task_id, error, attempts, "delete", known, uncertain)
        try:
            shown = self._api.show(task_id)
        except RequestFailed as second:
            if says_absent(second):
                return _gone(task_id, attempts, uncertain or _says_success(error), second, known)
            return failed(task_id, error, attempts, "delete", known, uncertain)
        if not shown.finished:
            return _Pending(task_id, shown, attempts, uncertain, error.details)
        if may_repeat and not error.uncertain:
            expected = self._known.get(task_id, {}).get("status", shown.status)
            if shown.status != expected:
                # It ran again, and may be none of those that were chosen by their status.
                clause = f"it was {expected} when it was chosen, and is {shown.status} now"
                return Outcome(task_id, FAILED, attempts, error.details, clause, self._plan.advice, task=shown.task)
            finished_since = _Pending(task_id, shown, attempts, uncertain, error.details)
            return self._delete(task_id, finished_since, may_repeat=False)
        return failed(task_id, error, attempts, "delete", shown.task, uncertain)

    def _stop_or_fail(self, pending: _Pending) -> _Step:
        if self._plan.hopeless(pending.shown):
            return _unfinished(pending, self._plan)
        if not self._plan.stops(pending.shown) or pending.shown.status == "Stopping":
            return pending
        try:
            self._api.stop(pending.task_id)
        except RequestFailed as error:
            return self._not_stopped(pending, error)
        return replace(pending, stopped=True)

    def _not_stopped(self, pending: _Pending, error: RequestFailed) -> _Step:
        """Return the failure of a stop, unless the task has come to its end, or is about to, all the same."""
        try:
            shown = self._api.show(pending.task_id)
        except RequestFailed as second:
            if says_absent(second):
                return _gone(pending.task_id, pending.attempts, pending.uncertain, second, pending.shown.task)
        else:
            if shown.finished or shown.status == "Stopping":
                return replace(pending, shown=shown, stopped=error.uncertain)
        outcome = failed(pending.task_id, error, pending.attempts, "stop", pending.shown.task)
        return replace(outcome, clause=f"it could not be stopped: {outcome.clause}", stopped=error.uncertain)

    def _look_again(self, pending: _Pending) -> _Step:
        try:
            shown = self._api.show(pending.task_id)
        except RequestFailed as error:
            if says_absent(error):
                step = _gone(pending.task_id, pending.attempts, pending.uncertain, error, pending.shown.task)
            else:
                step = failed(pending.task_id, error, pending.attempts, "show", pending.shown.task, pending.uncertain)
            return replace(step, stopped=pending.stopped)
        latest = replace(pending, shown=shown)
        return self._delete(pending.task_id, latest) if shown.finished else latest

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


def _gone(task_id: str, attempts: int, uncertain: bool, error: RequestFailed, known: Mapping[str, Any]) -> Outcome:
    return Outcome(task_id, UNCONFIRMED if uncertain else ABSENT, attempts, error.details, task=known)


def _unfinished(pending: _Pending, plan: Plan) -> Outcome:
    shown = pending.shown
    progress = f", {shown.progress}" if shown.progress else ""
    clause = f"it is {shown.status}{progress}, and only a finished task can be deleted"
    return Outcome(
        pending.task_id,
        FAILED,
        pending.attempts,
        pending.details,
        clause,
        plan.advice or unfinished_hint(shown.task_type),
        pending.stopped,
        task=shown.task,
    )
