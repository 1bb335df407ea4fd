# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting many batch tasks at once, waiting for unfinished ones, and deciding what a 404 means.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient, may_have_acted
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.audit_log import AuditLog
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.circuit_breaker import (
    FAILURE_THRESHOLD,
    CircuitBreaker,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.constants import STOPPABLE_TYPES
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import (
    ResultCollector,
    TaskResult,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.task_state import (
    PendingTask,
    Step,
    TaskState,
    catch_unexpected,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.parallel import map_concurrently
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import short_line
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.responses import success_details

if TYPE_CHECKING:
    from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import BatchTask

_MAX_WORD_LENGTH = 40
_MIN_DELAY = 0.5  # seconds, so that wait_delay: 0 does not flood the service
_LAST_READ_WITHIN = 1.0  # seconds after wait_timeout: with many tasks, the last round could take long

Known = Callable[[int], Mapping[str, Any]]


class DeleteOptions(NamedTuple):
    """How to delete. ``wait_timeout`` and ``wait_delay`` are seconds, counted for all tasks together.

    ``unfinished_hint`` is what helps with an unfinished task; None: the options ``wait`` and ``force``.
    """

    wait: bool = False
    wait_timeout: float = 600.0
    wait_delay: float = 5.0
    force: bool = False
    concurrency: int = 10
    unfinished_hint: str | None = None

    def should_stop(self, task: BatchTask) -> bool:
        """Whether the unfinished task is to be stopped, and can be."""
        return self.force and task.task_type in STOPPABLE_TYPES

    def cannot_finish(self, task: BatchTask) -> bool:
        """Whether these options leave the unfinished task as it is."""
        return not self.wait and not self.should_stop(task)


def delete_tasks(
    client: BatchTaskClient,
    task_ids: Sequence[str],
    options: DeleteOptions,
    collector: ResultCollector,
    log: AuditLog | None = None,
    known: Known | None = None,
) -> None:
    """Delete ``task_ids``, and give the result of each to ``collector`` and each change to ``log``.

    Never raises RequestError. ``known`` returns what is known already of the task at a position of ``task_ids``.
    """
    _DeleteRun(client, task_ids, options, collector, log, known or (lambda _position: {})).run()


def predict_deletions(
    client: BatchTaskClient, task_ids: Sequence[str], options: DeleteOptions, collector: ResultCollector
) -> None:
    """Give the results that ``delete_tasks`` can be expected to have to ``collector``, by reading only."""
    breaker = CircuitBreaker()

    def predict(position: int) -> None:
        state = TaskState(task_ids[position], {})
        step = catch_unexpected(state, lambda: _predict(client, state, options, breaker))
        assert isinstance(step, TaskResult)
        collector.add(position, step)

    map_concurrently(predict, range(len(task_ids)), options.concurrency)


def _predict(client: BatchTaskClient, state: TaskState, options: DeleteOptions, breaker: CircuitBreaker) -> TaskResult:
    if breaker.is_open:
        return state.failed(_SKIPPED)
    try:
        task = client.show(state.task_id)
    except RequestError as error:
        breaker.record(error)
        return state.absent(error) if client.confirms_absence(error) else state.failed_by(error, "show")
    breaker.record(None)
    pending = PendingTask.of(state, task)
    if not task.finished and options.cannot_finish(task):
        return _unfinished(pending, options)
    if not task.finished and options.wait_timeout == 0:
        return _too_late(pending, options)
    return pending.state.deleted()


class _DeleteRun:
    """One call of ``delete_tasks``. Each stage takes a task one step further, many tasks at a time."""

    def __init__(
        self,
        client: BatchTaskClient,
        task_ids: Sequence[str],
        options: DeleteOptions,
        collector: ResultCollector,
        log: AuditLog | None,
        known: Known,
    ) -> None:
        self._client = client
        self._task_ids = task_ids
        self._options = options
        self._collector = collector
        self._log = log
        self._known = known
        self._breaker = CircuitBreaker()
        self._pending: dict[int, PendingTask] = {}

    def run(self) -> None:
        map_concurrently(self._begin, range(len(self._task_ids)), self._options.concurrency)
        self._advance(self._stop_or_fail)
        deadline = time.monotonic() + self._options.wait_timeout
        cancellation = self._client.cancellation
        while self._pending and time.monotonic() < deadline and not cancellation.reason:
            delay = min(max(self._options.wait_delay, _MIN_DELAY), deadline - time.monotonic())
            cancellation.sleep(max(0.0, delay))
            self._advance(partial(self._read_again, deadline + _LAST_READ_WITHIN))
        self._advance(lambda pending: _given_up(pending, self._options, cancellation.reason))

    def _begin(self, position: int) -> None:
        state = TaskState(self._task_ids[position], self._known(position))
        self._settle(position, catch_unexpected(state, lambda: self._delete(state)))

    def _advance(self, stage: Callable[[PendingTask], Step]) -> None:
        pending = sorted(self._pending.items())

        def advance(item: tuple[int, PendingTask]) -> None:
            position, task = item
            self._settle(position, catch_unexpected(task.state, lambda: stage(task)))

        map_concurrently(advance, pending, self._options.concurrency)

    def _settle(self, position: int, step: Step) -> None:
        """Keep a pending task, and report one that has ended."""
        if isinstance(step, PendingTask):
            self._pending[position] = step
            return
        self._pending.pop(position, None)
        self._record(step.task_id, step.outcome, step)
        self._collector.add(position, step)

    def _record(self, task_id: str, outcome: str, result: TaskResult) -> None:
        """Write a change to the audit log; a stop has its own line already."""
        if self._log is not None and result._replace(stopped=False).changed:
            request_id = result.details.request_id if result.details else None
            self._log.record(task_id, outcome, result.summary().get("task_name"), request_id)

    def _reason_to_skip(self) -> str:
        """Return why no further change may begin, or an empty text."""
        if self._log is not None and self._log.failure:
            return f"skipped: audit_log could not be written ({self._log.failure})"
        return _SKIPPED if self._breaker.is_open else ""

    def _delete(self, state: TaskState, may_repeat: bool = True) -> Step:
        reason = self._reason_to_skip()
        if reason:
            return state.failed(reason)
        try:
            response = self._client.delete(state.task_id)
        except RequestError as error:
            self._breaker.record(error)
            return self._refused(state.with_attempt(error), error, may_repeat)
        self._breaker.record(None)
        return state.with_attempt(response).deleted(success_details(response))

    def _refused(self, state: TaskState, error: RequestError, may_repeat: bool) -> Step:
        """Return what a failed DELETE means; the task is read if that can explain it."""
        if self._client.confirms_absence(error):
            return state.absent(error)
        if not _worth_showing(error):
            return state.failed_by(error, "delete")
        try:
            task = self._client.show(state.task_id)
        except RequestError as second:
            if self._client.confirms_absence(second):
                return state.absent(second)
            return state.failed_by(error, "delete")
        if not task.finished:
            return PendingTask.of(state, task, error.details)
        if may_repeat and not error.ambiguous:
            return self._finished_since(state, task, error)
        return state._replace(known=task.data).failed_by(error, "delete", still_exists=True)

    def _finished_since(self, state: TaskState, task: BatchTask, error: RequestError) -> Step:
        """Delete a task that was refused but has finished by now, unless it is no longer what it was selected for."""
        selected = state.known.get("status", task.status)
        state = state._replace(known=task.data)
        if task.status == selected:
            return self._delete(state, may_repeat=False)
        message = f"it was {_word(selected)} when it was selected, and is {_word(task.status)} now"
        return state.failed(message, self._options.unfinished_hint, error.details)

    def _stop_or_fail(self, pending: PendingTask) -> Step:
        if self._options.cannot_finish(pending.task):
            return _unfinished(pending, self._options)
        if not self._options.should_stop(pending.task) or pending.task.status == "Stopping":
            return pending
        reason = self._reason_to_skip()
        if reason:
            return pending.state.failed(reason, details=pending.details)
        try:
            self._client.stop(pending.state.task_id)
        except RequestError as error:
            return self._not_stopped(pending, error)
        return self._stopped(pending)

    def _stopped(self, pending: PendingTask) -> PendingTask:
        """Return the task as one that was, or may have been, stopped, which is a change."""
        if self._log is not None:
            self._log.record(pending.state.task_id, "stopped", str(pending.task.data.get("task_name", "")) or None)
        return pending._replace(state=pending.state._replace(stopped=True))

    def _not_stopped(self, pending: PendingTask, error: RequestError) -> Step:
        """Return the failure of a stop, unless the task has finished or is stopping anyway."""
        if may_have_acted(error):
            pending = self._stopped(pending)
        state = pending.state
        try:
            task = self._client.show(state.task_id)
        except RequestError as second:
            if self._client.confirms_absence(second):
                return state.absent(second)
        else:
            if task.finished or task.status == "Stopping":
                return PendingTask.of(state, task, pending.details)
        result = state._replace(ambiguous=False).failed_by(error, "stop")
        return result._replace(message=f"it could not be stopped: {result.message}")

    def _read_again(self, deadline: float, pending: PendingTask) -> Step:
        if time.monotonic() > deadline:
            return pending
        state = pending.state
        try:
            task = self._client.show(state.task_id)
        except RequestError as error:
            return state.absent(error) if self._client.confirms_absence(error) else state.failed_by(error, "show")
        latest = PendingTask.of(state, task, pending.details)
        return self._delete(latest.state) if task.finished else latest


def _worth_showing(error: RequestError) -> bool:
    """Whether the task's own status may explain the refusal.

    A gateway does not know tasks, and 401 and the like would be the answer to the reading as well.
    """
    if not isinstance(error, ApiError):
        return False
    status, code = error.details.http_status, error.details.error_code or ""
    if code.startswith("APIG"):
        return False
    if 400 <= status < 500:
        return status not in (401, 404, 407, 408, 429)
    return 200 <= status < 300 or (status >= 500 and code.startswith("IOTDA."))


_SKIPPED = f"skipped: the previous {FAILURE_THRESHOLD} tasks failed because of the connection, credentials or service"


def _given_up(pending: PendingTask, options: DeleteOptions, reason: str) -> TaskResult:
    """Return the failure of a task that did not finish in time, or before the run was cancelled for ``reason``."""
    if not reason:
        return _too_late(pending, options)
    result = _unfinished(pending, options)
    return result._replace(message=f"{result.message}; waiting ended early, because {reason}", hint="run it again")


def _too_late(pending: PendingTask, options: DeleteOptions) -> TaskResult:
    result = _unfinished(pending, options)
    message = f"{result.message}; it did not finish within {options.wait_timeout:g} s"
    return result._replace(message=message, hint="run it again later, or raise wait_timeout")


def _unfinished(pending: PendingTask, options: DeleteOptions) -> TaskResult:
    from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import unfinished_hint

    task = pending.task
    progress = f", {task.progress}" if task.progress else ""
    message = f"it is {_word(task.status)}{progress}, and only a finished task can be deleted"
    hint = options.unfinished_hint or unfinished_hint(_word(task.task_type))
    return pending.state.failed(message, hint, pending.details)


def _word(text: str) -> str:
    """Return a status or a type as messages show it: on one line, and no longer than such words are."""
    return short_line(text, _MAX_WORD_LENGTH)
