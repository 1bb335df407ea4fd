# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of one batch task during its deletion: what this run has done to it, and the result."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Union

from .._core.errors import ErrorDetails, RequestError
from .._http.messages import Response
from .results import ABSENT, DELETED, FAILED, UNCONFIRMED, TaskResult

if TYPE_CHECKING:
    from .models import BatchTask

_LOST_ANSWER = "the answer to an earlier attempt was lost, and the next attempt got a 404"
_UNKNOWN_END = "the task may or may not have been deleted"


class TaskState(NamedTuple):
    """What this run has done to a task until now. ``known`` is what is known of the task.

    ``ambiguous``: it may have been deleted, although no answer confirmed it. ``accepted_with`` is the status of a
    success other than the documented one, by which the service answered the deletion.
    """

    task_id: str
    known: Mapping[str, Any]
    attempts: int = 0
    ambiguous: bool = False
    stopped: bool = False
    accepted_with: int | None = None

    def with_attempt(self, end: Response | RequestError) -> TaskState:
        """Return the state after a further DELETE that ended like this."""
        accepted = self.accepted_with
        if isinstance(end, RequestError) and end.details is not None and 200 <= end.details.http_status < 300:
            accepted = end.details.http_status
        ambiguous = self.ambiguous or end.ambiguous
        return self._replace(attempts=self.attempts + end.attempts, ambiguous=ambiguous, accepted_with=accepted)

    def deleted(self, details: ErrorDetails | None = None) -> TaskResult:
        """Return the result of a deletion that the service confirmed, or that is predicted."""
        return self._result(DELETED, details)

    def absent(self, error: RequestError) -> TaskResult:
        """Return the result for a task that does not exist, as IoTDA says by ``error``."""
        if self.accepted_with is not None:
            message = f"the deletion was answered {self.accepted_with} instead of 204, and then the task was gone"
            return self._result(UNCONFIRMED, error.details, message)
        if self.ambiguous:
            return self._result(UNCONFIRMED, error.details, _LOST_ANSWER)
        return self._result(ABSENT, error.details)

    def failed(self, message: str, hint: str | None = None, details: ErrorDetails | None = None) -> TaskResult:
        """Return a failure for a reason other than a failed request."""
        return self._result(FAILED, details, message, hint)

    def failed_by(self, error: RequestError, operation: str, still_exists: bool = False) -> TaskResult:
        """Return the failure of an ``operation`` such as ``delete``; ``still_exists``: the task was seen afterwards."""
        message = str(error)
        if self.ambiguous:
            end = "the task still exists, but may yet be deleted" if still_exists else _UNKNOWN_END
            message = f"{message}, and {end}"
        from .hints import hint_for

        failed = self._result(FAILED, error.details, message, hint_for(error, operation))
        return failed._replace(ambiguous=self.ambiguous)

    def _result(
        self, outcome: str, details: ErrorDetails | None = None, message: str = "", hint: str | None = None
    ) -> TaskResult:
        return TaskResult(
            self.task_id, outcome, self.attempts, details, message, hint, stopped=self.stopped, task=self.known
        )


class PendingTask(NamedTuple):
    """A task that has not finished. ``details``: the refusal to delete it, None where no deletion was sent."""

    state: TaskState
    task: BatchTask
    details: ErrorDetails | None = None

    @classmethod
    def of(cls, state: TaskState, task: BatchTask, details: ErrorDetails | None = None) -> PendingTask:
        """Return the pending task as it was last shown."""
        return cls(state._replace(known=task.data), task, details)


Step = Union[TaskResult, PendingTask]


def catch_unexpected(state: TaskState, step: Callable[[], Step]) -> Step:
    """Return what ``step`` returns, or its exception as a failure, so that other results are not lost."""
    try:
        return step()
    except Exception as error:  # any: see above
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}, line {place.lineno}"
        message = f"an unexpected {type(error).__name__} occurred ({where}), and {_UNKNOWN_END}"
        return state.failed(message, "report this, and run it again")._replace(ambiguous=True)
