# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a DELETE means that was not answered by success: absent, unfinished, or a failure."""

from __future__ import annotations

from typing import Callable

from .._core.errors import ApiError, RequestError
from .api import BatchTaskClient
from .models import BatchTask, short_status
from .task_state import PendingTask, Step, TaskState

Repeat = Callable[[TaskState], Step]


def explain_refusal(
    client: BatchTaskClient, state: TaskState, error: RequestError, hint: str | None, repeat: Repeat | None
) -> Step:
    """Return what a failed DELETE means; the task is read if that can explain it.

    ``repeat`` deletes a task that has finished since, None if that was done already. ``hint`` is what helps with a task
    that has changed.
    """
    if client.confirms_absence(error):
        return state.absent(error)
    if not _worth_showing(error):
        return state.failed_by(error, "delete")
    try:
        task = client.show(state.task_id)
    except RequestError as second:
        if client.confirms_absence(second):
            return state.absent(second)
        return state.failed_by(error, "delete")
    if not task.finished:
        return PendingTask.of(state, task, error.details)
    if repeat and not error.ambiguous:
        return _finished_since(state, task, error, hint, repeat)
    return state._replace(known=task.data).failed_by(error, "delete", still_exists=True)


def _finished_since(state: TaskState, task: BatchTask, error: RequestError, hint: str | None, repeat: Repeat) -> Step:
    """Delete a task that was refused but has finished by now, unless it is no longer what it was selected for."""
    selected = state.known.get("status", task.status)
    state = state._replace(known=task.data)
    if task.status == selected:
        return repeat(state)
    message = f"it was {short_status(selected)} when it was selected, and is {short_status(task.status)} now"
    return state.failed(message, hint, error.details)


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
