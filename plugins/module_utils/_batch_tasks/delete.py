# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From IDs to outcomes: deleting many batch tasks at once, waiting for unfinished ones, and what a 404 means.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    STOPPABLE_TYPES,
    BatchTask,
    BatchTaskClient,
    confirms_absence,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.circuit_breaker import (
    FAILURE_THRESHOLD,
    CircuitBreaker,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import unfinished_hint
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import (
    DELETED,
    FAILED,
    PendingTask,
    Step,
    TaskResult,
    TaskState,
    catch_unexpected,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    RequestError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.parallel import map_concurrently
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import one_line
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.responses import success_details

_LONGEST_WORD = 40
_SHORTEST_DELAY = 0.5  # seconds, so that waiting with no delay does not flood the service
_LAST_LOOK_WITHIN = 1.0  # seconds after wait_timeout: with many tasks, the last round could take long


@dataclass(frozen=True)
class DeleteOptions:
    """How to delete. ``wait_timeout`` and ``wait_delay`` are seconds, counted for all tasks together.

    ``advice`` is what helps with an unfinished task; None: the options ``wait`` and ``force``.
    """

    wait: bool = False
    wait_timeout: float = 600.0
    wait_delay: float = 5.0
    force: bool = False
    concurrency: int = 10
    unfinished_hint: str | None = None

    def should_stop(self, shown: BatchTask) -> bool:
        """Whether the unfinished task is to be stopped, and can be."""
        return self.force and shown.task_type in STOPPABLE_TYPES

    def cannot_finish(self, shown: BatchTask) -> bool:
        """Whether nothing in this plan makes the unfinished task finish."""
        return not self.wait and not self.should_stop(shown)


def delete_tasks(
    api: BatchTaskClient,
    task_ids: Sequence[str],
    plan: DeleteOptions,
    known: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[TaskResult]:
    """Delete ``task_ids`` and return their outcomes in the same order; never raises for what one of them meets.

    ``known`` is what is known of the tasks already, by ID.
    """
    return _DeleteRun(api, plan, known or {}).run(task_ids)


def predict_deletions(api: BatchTaskClient, task_ids: Sequence[str], plan: DeleteOptions) -> list[TaskResult]:
    """Return the outcomes that ``delete_tasks`` can be expected to have, by reading only."""
    breaker = CircuitBreaker()
    return map_concurrently(lambda task_id: _predict(api, task_id, plan, breaker), task_ids, plan.concurrency)


def _predict(api: BatchTaskClient, task_id: str, plan: DeleteOptions, breaker: CircuitBreaker) -> TaskResult:
    state = TaskState(task_id, {})
    if breaker.is_open:
        return _skipped(state)
    try:
        shown = api.show(task_id)
    except RequestError as error:
        breaker.record(error)
        return state.absent_result(error) if confirms_absence(error) else state.failed_result(error, "show")
    breaker.record(None)
    pending = PendingTask.of(state, shown)
    if not shown.finished and plan.cannot_finish(shown):
        return _unfinished(pending, plan)
    if not shown.finished and plan.wait_timeout == 0:
        return _too_late(plan, pending)
    return pending.state.ended(DELETED)


class _DeleteRun:
    """One call of ``delete_tasks``: every step takes a task one stage further, on a thread of its own."""

    def __init__(self, api: BatchTaskClient, plan: DeleteOptions, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._api = api
        self._plan = plan
        self._known = known
        self._breaker = CircuitBreaker()

    def run(self, task_ids: Sequence[str]) -> list[TaskResult]:
        steps: dict[str, Step] = dict(zip(task_ids, map_concurrently(self._begin, task_ids, self._plan.concurrency)))
        self._advance(steps, self._stop_or_fail)
        deadline = time.monotonic() + self._plan.wait_timeout
        cancellation = self._api.cancellation
        while _pending(steps) and time.monotonic() < deadline and not cancellation.reason:
            cancellation.sleep(max(0.0, min(max(self._plan.wait_delay, _SHORTEST_DELAY), deadline - time.monotonic())))
            self._advance(steps, partial(self._look_again, deadline + _LAST_LOOK_WITHIN))
        self._advance(steps, partial(_given_up, self._plan, cancellation.reason))
        return [step for step in steps.values() if isinstance(step, TaskResult)]

    def _advance(self, steps: dict[str, Step], stage: Callable[[PendingTask], Step]) -> None:
        pending = _pending(steps)

        def advanced(before: PendingTask) -> Step:
            return catch_unexpected(before.state, lambda: stage(before))

        for before, step in zip(pending, map_concurrently(advanced, pending, self._plan.concurrency)):
            steps[before.state.task_id] = step

    def _begin(self, task_id: str) -> Step:
        state = TaskState(task_id, self._known.get(task_id, {}))
        if self._breaker.is_open:
            return _skipped(state)
        return catch_unexpected(state, lambda: self._delete(state))

    def _delete(self, state: TaskState, may_repeat: bool = True) -> Step:
        try:
            reply = self._api.delete(state.task_id)
        except RequestError as error:
            self._breaker.record(error)
            return self._refused(state.with_attempt(error), error, may_repeat)
        self._breaker.record(None)
        return state.with_attempt(reply).ended(DELETED, success_details(reply))

    def _refused(self, state: TaskState, error: RequestError, may_repeat: bool) -> Step:
        """Return what a DELETE that failed means; where the task itself can tell, it is asked."""
        if confirms_absence(error):
            return state.absent_result(error)
        if not _worth_showing(error):
            return state.failed_result(error, "delete")
        try:
            shown = self._api.show(state.task_id)
        except RequestError as second:
            if confirms_absence(second):
                return replace(state, ambiguous=state.ambiguous or _says_success(error)).absent_result(second)
            return state.failed_result(error, "delete")
        if not shown.finished:
            return PendingTask.of(state, shown, error.details)
        state = replace(state, known=shown.task)
        if may_repeat and not error.ambiguous:
            return self._finished_since(state, shown, error)
        return state.failed_result(error, "delete")

    def _finished_since(self, state: TaskState, shown: BatchTask, error: RequestError) -> Step:
        """Delete a task that was refused, but has finished by now, unless it is no more what it was chosen for."""
        chosen = self._known.get(state.task_id, {}).get("status", shown.status)
        if shown.status == chosen:
            return self._delete(state, may_repeat=False)
        message = f"it was {_word(chosen)} when it was chosen, and is {_word(shown.status)} now"
        return state.ended(FAILED, error.details, message, self._plan.unfinished_hint)

    def _stop_or_fail(self, pending: PendingTask) -> Step:
        if self._plan.cannot_finish(pending.shown):
            return _unfinished(pending, self._plan)
        if not self._plan.should_stop(pending.shown) or pending.shown.status == "Stopping":
            return pending
        try:
            self._api.stop(pending.state.task_id)
        except RequestError as error:
            return self._not_stopped(pending, error)
        return replace(pending, state=replace(pending.state, stopped=True))

    def _not_stopped(self, pending: PendingTask, error: RequestError) -> Step:
        """Return the failure of a stop, unless the task has come to its end, or is about to, all the same."""
        state = replace(pending.state, stopped=error.ambiguous)
        try:
            shown = self._api.show(state.task_id)
        except RequestError as second:
            if confirms_absence(second):
                return state.absent_result(second)
        else:
            if shown.finished or shown.status == "Stopping":
                return PendingTask.of(state, shown, pending.details)
        outcome = replace(state, ambiguous=False).failed_result(error, "stop")
        return replace(outcome, message=f"it could not be stopped: {outcome.message}")

    def _look_again(self, deadline: float, pending: PendingTask) -> Step:
        if time.monotonic() > deadline:
            return pending
        state = pending.state
        try:
            shown = self._api.show(state.task_id)
        except RequestError as error:
            return state.absent_result(error) if confirms_absence(error) else state.failed_result(error, "show")
        latest = PendingTask.of(state, shown, pending.details)
        return self._delete(latest.state) if shown.finished else latest


def _pending(steps: Mapping[str, Step]) -> list[PendingTask]:
    return [step for step in steps.values() if isinstance(step, PendingTask)]


def _worth_showing(error: RequestError) -> bool:
    """Whether the task's own status may explain the refusal.

    A gateway knows nothing of tasks, and 401 and the like would meet the reading as well.
    """
    if not isinstance(error, ApiError):
        return False
    status, code = error.details.http_status, error.details.error_code or ""
    if code.startswith("APIG"):
        return False
    if 400 <= status < 500:
        return status not in (401, 404, 407, 408, 429)
    return 200 <= status < 300 or (status >= 500 and code.startswith("IOTDA."))


def _says_success(error: RequestError) -> bool:
    return error.details is not None and 200 <= error.details.http_status < 300


def _skipped(state: TaskState) -> TaskResult:
    message = (
        f"skipped: the previous {FAILURE_THRESHOLD} tasks failed because of the connection, credentials or service"
    )
    return state.ended(FAILED, message=message)


def _given_up(plan: DeleteOptions, cancelled: str, pending: PendingTask) -> TaskResult:
    if not cancelled:
        return _too_late(plan, pending)
    result = _unfinished(pending, plan)
    return replace(result, message=f"{result.message}; waiting ended early, because {cancelled}", hint="run it again")


def _too_late(plan: DeleteOptions, pending: PendingTask) -> TaskResult:
    outcome = _unfinished(pending, plan)
    message = f"{outcome.message}, still so after waiting {plan.wait_timeout:g} s"
    return replace(outcome, message=message, hint="run it again later, or raise wait_timeout")


def _unfinished(pending: PendingTask, plan: DeleteOptions) -> TaskResult:
    shown = pending.shown
    progress = f", {shown.progress}" if shown.progress else ""
    message = f"it is {_word(shown.status)}{progress}, and only a finished task can be deleted"
    return pending.state.ended(
        FAILED, pending.details, message, plan.unfinished_hint or unfinished_hint(_word(shown.task_type))
    )


def _word(text: str) -> str:
    """Return a status or a type as messages show it: one line, of no more letters than a word of the API has."""
    return one_line(text)[:_LONGEST_WORD]
