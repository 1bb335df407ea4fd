# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting many batch tasks at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from .._core.errors import RequestError
from .._core.runtime import map_concurrently
from .._http.answers import success_details
from .api import BatchTaskClient
from .audit_log import AuditLog
from .circuit_breaker import SKIPPED, CircuitBreaker
from .delete_options import DeleteOptions
from .results import ResultCollector, TaskResult
from .task_state import PendingTask, Step, TaskState, catch_unexpected

if TYPE_CHECKING:
    pass

_MIN_DELAY = 0.5  # seconds, so that wait_delay: 0 does not flood the service
_LAST_READ_WITHIN = 1.0  # seconds after wait_timeout: with many tasks, the last round could take long

Known = Callable[[int], Mapping[str, Any]]


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
        if self._pending:
            self._finish()

    def _finish(self) -> None:
        """Take the unfinished tasks to their ends."""
        from .unfinished import UnfinishedTasks

        unfinished = UnfinishedTasks(self._client, self._options, self._log, self._reason_to_skip, self._delete)
        self._advance(unfinished.stop_or_fail)
        deadline = time.monotonic() + self._options.wait_timeout
        cancellation = self._client.cancellation
        while self._pending and time.monotonic() < deadline and not cancellation.reason:
            delay = min(max(self._options.wait_delay, _MIN_DELAY), deadline - time.monotonic())
            cancellation.sleep(max(0.0, delay))
            self._advance(partial(self._until, deadline + _LAST_READ_WITHIN, unfinished.read_again))
        self._advance(partial(unfinished.give_up, cancellation.reason))

    @staticmethod
    def _until(deadline: float, stage: Callable[[PendingTask], Step], pending: PendingTask) -> Step:
        return pending if time.monotonic() > deadline else stage(pending)

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
        return SKIPPED if self._breaker.is_open else ""

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
        from .refusals import explain_refusal

        repeat = partial(self._delete, may_repeat=False) if may_repeat else None
        return explain_refusal(self._client, state, error, self._options.unfinished_hint, repeat)
