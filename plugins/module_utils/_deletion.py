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
from functools import partial
from typing import Any, Callable

from ansible_collections.huaweicloud.iotda.plugins.module_utils._absence import says_absent
from ansible_collections.huaweicloud.iotda.plugins.module_utils._answers import accepted
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import STOPPABLE_TYPES, BatchTasks, Shown
from ansible_collections.huaweicloud.iotda.plugins.module_utils._concealing import one_line
from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import (
    IamFailed,
    RequestFailed,
    ServiceError,
    Unreachable,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._hints import unfinished_hint
from ansible_collections.huaweicloud.iotda.plugins.module_utils._outcomes import (
    DELETED,
    FAILED,
    Outcome,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.huaweicloud.iotda.plugins.module_utils._tried import Pending, Step, Tried, whatever_happens

_GIVE_UP_AFTER = 10
_LONGEST_WORD = 40
_SHORTEST_DELAY = 0.5  # seconds, so that waiting with no delay does not flood the service
_LAST_LOOK_WITHIN = 1.0  # seconds after wait_timeout: with many tasks, the last round could take long


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
    tried = Tried(task_id, {})
    try:
        shown = api.show(task_id)
    except RequestFailed as error:
        way.met(error)
        return tried.gone(error) if says_absent(error) else tried.failed(error, "show")
    way.met(None)
    pending = Pending.of(tried, shown)
    if not shown.finished and plan.hopeless(shown):
        return _unfinished(pending, plan)
    if not shown.finished and plan.wait_timeout == 0:
        return _too_late(plan, pending)
    return pending.tried.ended(DELETED)


class _Deletion:
    """One call of ``delete_all``: every step takes a task one stage further, on a thread of its own."""

    def __init__(self, api: BatchTasks, plan: Plan, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._api = api
        self._plan = plan
        self._known = known
        self._way = _Way()

    def run(self, task_ids: Sequence[str]) -> list[Outcome]:
        steps: dict[str, Step] = dict(zip(task_ids, side_by_side(self._begin, task_ids, self._plan.concurrency)))
        self._advance(steps, self._stop_or_fail)
        until = time.monotonic() + self._plan.wait_timeout
        while _pending(steps) and time.monotonic() < until:
            time.sleep(max(0.0, min(max(self._plan.wait_delay, _SHORTEST_DELAY), until - time.monotonic())))
            self._advance(steps, partial(self._look_again, until + _LAST_LOOK_WITHIN))
        self._advance(steps, partial(_too_late, self._plan))
        return [step for step in steps.values() if isinstance(step, Outcome)]

    def _advance(self, steps: dict[str, Step], stage: Callable[[Pending], Step]) -> None:
        pending = _pending(steps)

        def advanced(before: Pending) -> Step:
            return whatever_happens(before.tried, lambda: stage(before))

        for before, step in zip(pending, side_by_side(advanced, pending, self._plan.concurrency)):
            steps[before.tried.task_id] = step

    def _begin(self, task_id: str) -> Step:
        tried = Tried(task_id, self._known.get(task_id, {}))
        refusal = self._way.refusal(task_id, tried.known)
        return refusal or whatever_happens(tried, lambda: self._delete(tried))

    def _delete(self, tried: Tried, may_repeat: bool = True) -> Step:
        try:
            reply = self._api.delete(tried.task_id)
        except RequestFailed as error:
            self._way.met(error)
            return self._refused(tried.once_more(error), error, may_repeat)
        self._way.met(None)
        return tried.once_more(reply).ended(DELETED, accepted(reply))

    def _refused(self, tried: Tried, error: RequestFailed, may_repeat: bool) -> Step:
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
            return Pending.of(tried, shown, error.details)
        tried = replace(tried, known=shown.task)
        if may_repeat and not error.uncertain:
            return self._finished_since(tried, shown, error)
        return tried.failed(error, "delete")

    def _finished_since(self, tried: Tried, shown: Shown, error: RequestFailed) -> Step:
        """Delete a task that was refused, but has finished by now, unless it is no more what it was chosen for."""
        chosen = self._known.get(tried.task_id, {}).get("status", shown.status)
        if shown.status == chosen:
            return self._delete(tried, may_repeat=False)
        clause = f"it was {_word(chosen)} when it was chosen, and is {_word(shown.status)} now"
        return tried.ended(FAILED, error.details, clause, self._plan.advice)

    def _stop_or_fail(self, pending: Pending) -> Step:
        if self._plan.hopeless(pending.shown):
            return _unfinished(pending, self._plan)
        if not self._plan.stops(pending.shown) or pending.shown.status == "Stopping":
            return pending
        try:
            self._api.stop(pending.tried.task_id)
        except RequestFailed as error:
            return self._not_stopped(pending, error)
        return replace(pending, tried=replace(pending.tried, stopped=True))

    def _not_stopped(self, pending: Pending, error: RequestFailed) -> Step:
        """Return the failure of a stop, unless the task has come to its end, or is about to, all the same."""
        tried = replace(pending.tried, stopped=error.uncertain)
        try:
            shown = self._api.show(tried.task_id)
        except RequestFailed as second:
            if says_absent(second):
                return tried.gone(second)
        else:
            if shown.finished or shown.status == "Stopping":
                return Pending.of(tried, shown, pending.details)
        outcome = replace(tried, uncertain=False).failed(error, "stop")
        return replace(outcome, clause=f"it could not be stopped: {outcome.clause}")

    def _look_again(self, until: float, pending: Pending) -> Step:
        if time.monotonic() > until:
            return pending
        tried = pending.tried
        try:
            shown = self._api.show(tried.task_id)
        except RequestFailed as error:
            return tried.gone(error) if says_absent(error) else tried.failed(error, "show")
        latest = Pending.of(tried, shown, pending.details)
        return self._delete(latest.tried) if shown.finished else latest


def _pending(steps: Mapping[str, Step]) -> list[Pending]:
    return [step for step in steps.values() if isinstance(step, Pending)]


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


def _too_late(plan: Plan, pending: Pending) -> Outcome:
    outcome = _unfinished(pending, plan)
    clause = f"{outcome.clause}, still so after waiting {plan.wait_timeout:g} s"
    return replace(outcome, clause=clause, hint="run it again later, or raise wait_timeout")


def _unfinished(pending: Pending, plan: Plan) -> Outcome:
    shown = pending.shown
    progress = f", {shown.progress}" if shown.progress else ""
    clause = f"it is {_word(shown.status)}{progress}, and only a finished task can be deleted"
    return pending.tried.ended(FAILED, pending.details, clause, plan.advice or unfinished_hint(_word(shown.task_type)))


def _word(text: str) -> str:
    """Return a status or a type as messages show it: one line, of no more letters than a word of the API has."""
    return one_line(text)[:_LONGEST_WORD]
