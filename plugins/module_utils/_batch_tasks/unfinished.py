# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that cannot be deleted yet: stopping them, reading them until they have finished, and giving up."""

from __future__ import annotations

from typing import Callable

from .._core.errors import RequestError
from .api import BatchTaskClient, may_have_acted
from .audit_log import AuditLog
from .delete_options import DeleteOptions
from .hints import unfinished_hint
from .models import short_status
from .results import TaskResult
from .task_state import PendingTask, Step, TaskState


class UnfinishedTasks:
    """What is done with each task that has not finished. ``delete`` deletes one that has."""

    def __init__(
        self,
        client: BatchTaskClient,
        options: DeleteOptions,
        log: AuditLog | None,
        reason_to_skip: Callable[[], str],
        delete: Callable[[TaskState], Step],
    ) -> None:
        self._client = client
        self._options = options
        self._log = log
        self._reason_to_skip = reason_to_skip
        self._delete = delete

    def stop_or_fail(self, pending: PendingTask) -> Step:
        """Stop the task if that is asked for; fail if nothing is asked for that would make it finish."""
        if self._options.cannot_finish(pending.task):
            return unfinished(pending, self._options)
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

    def read_again(self, pending: PendingTask) -> Step:
        """Delete the task if it has finished by now."""
        state = pending.state
        try:
            task = self._client.show(state.task_id)
        except RequestError as error:
            return state.absent(error) if self._client.confirms_absence(error) else state.failed_by(error, "show")
        latest = PendingTask.of(state, task, pending.details)
        return self._delete(latest.state) if task.finished else latest

    def give_up(self, reason: str, pending: PendingTask) -> TaskResult:
        """Return the failure of a task that did not finish in time, or before the run was cancelled for ``reason``."""
        if not reason:
            return too_late(pending, self._options)
        result = unfinished(pending, self._options)
        return result._replace(message=f"{result.message}; waiting ended early, because {reason}", hint="run it again")


def too_late(pending: PendingTask, options: DeleteOptions) -> TaskResult:
    """Return the failure of a task that is still unfinished after the time to wait."""
    result = unfinished(pending, options)
    message = f"{result.message}; it did not finish within {options.wait_timeout:g} s"
    return result._replace(message=message, hint="run it again later, or raise wait_timeout")


def unfinished(pending: PendingTask, options: DeleteOptions) -> TaskResult:
    """Return the failure of a task that has not finished, and is left as it is."""
    task = pending.task
    progress = f", {task.progress}" if task.progress else ""
    message = f"it is {short_status(task.status)}{progress}, and only a finished task can be deleted"
    hint = options.unfinished_hint or unfinished_hint(short_status(task.task_type))
    return pending.state.failed(message, hint, pending.details)
