# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What deleting batch tasks can be expected to do, for check mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from .._core.errors import RequestError
from .._core.runtime import map_concurrently
from .api import BatchTaskClient
from .circuit_breaker import SKIPPED, CircuitBreaker
from .delete_options import DeleteOptions
from .results import ResultCollector, TaskResult
from .task_state import PendingTask, TaskState, catch_unexpected
from .unfinished import too_late, unfinished


def predict_deletions(
    client: BatchTaskClient, task_ids: Sequence[str], options: DeleteOptions, collector: ResultCollector
) -> None:
    """Give the results that ``delete_tasks`` can be expected to have to ``collector``, by reading only."""
    breaker = CircuitBreaker()

    def predict(position: int) -> None:
        state = TaskState(task_ids[position], {})
        step = catch_unexpected(state, lambda: _predict(client, state, options, breaker))
        collector.add(position, cast(TaskResult, step))

    map_concurrently(predict, range(len(task_ids)), options.concurrency)


def _predict(client: BatchTaskClient, state: TaskState, options: DeleteOptions, breaker: CircuitBreaker) -> TaskResult:
    if breaker.is_open:
        return state.failed(SKIPPED)
    try:
        task = client.show(state.task_id)
    except RequestError as error:
        breaker.record(error)
        return state.absent(error) if client.confirms_absence(error) else state.failed_by(error, "show")
    breaker.record(None)
    pending = PendingTask.of(state, task)
    if not task.finished and options.cannot_finish(task):
        return unfinished(pending, options)
    if not task.finished and options.wait_timeout == 0:
        return too_late(pending, options)
    return pending.state.deleted()
