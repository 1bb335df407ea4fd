# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way in which batch tasks that exist are brought to a state, many at once; ``create.py`` only waits by it.

A verb (``Absent``, or one of ``transitions.py``) says what is read and sent for one task and what the answers mean.
What holds for every verb is here: the circuit breaker, the audit log, unexpected errors, waiting.
"""

from __future__ import annotations

import math
import os
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Protocol, TypeVar, Union

from .._core.errors import ApiError, ErrorDetails, IamError, RequestError, TransportError
from .._core.runtime import Cancellation, map_concurrently
from .api import BatchTask, BatchTaskClient
from .outcomes import DELETED, Outcome, in_doubt

if TYPE_CHECKING:
    from .audit_log import AuditLog

SHORTEST_DELAY = 0.5  # seconds, so that waiting with no delay does not flood the service
_LAST_READ_WITHIN = 1.0  # seconds after wait_timeout: with many tasks, the last round could take long
_FAILURES_IN_A_ROW = 10
# How often the service is asked, a pause apart, before a lost answer counts as uncertain.
_LOOKS = 2

Answer = TypeVar("Answer")


class RunOptions(NamedTuple):
    """How to bring tasks to a state. ``wait_timeout`` and ``wait_delay`` are seconds, counted for all tasks together.

    ``dry_run``: only read. ``targets`` empty: all devices of a task. ``accept``: the final statuses that are a success.
    ``unfinished_hint`` is what helps with an unfinished task; None: the options ``wait`` and ``force``.
    """

    wait: bool = False
    wait_timeout: float = 600.0
    wait_delay: float = 5.0
    concurrency: int = 10
    dry_run: bool = False
    force: bool = False
    targets: Sequence[str] = ()
    accept: tuple[str, ...] = ("Success",)
    unfinished_hint: str | None = None

    def pause(self, cancellation: Cancellation, most: float = math.inf) -> None:
        """Wait between two reads, ``most`` seconds at most, or until the run is cancelled."""
        cancellation.sleep(max(0.0, min(max(self.wait_delay, SHORTEST_DELAY), most)))

    def looks(self, cancellation: Cancellation) -> Iterator[int]:
        """Yield whenever it is time to look for the effect of a request whose answer was lost: it may be seen late."""
        for look in range(_LOOKS):
            if look:
                self.pause(cancellation)
            yield look


class Pending(NamedTuple):
    """A task that is to be waited for. ``details``: the refusal to change it, where there was one.

    ``old``: the task as it was before it was changed, where it had finished then: it says nothing about the change.
    """

    outcome: Outcome
    details: ErrorDetails | None = None
    old: BatchTask | None = None


Step = Union[Outcome, Pending]


class Verb(Protocol):
    """What is done with one task."""

    @property
    def done(self) -> str:
        """The outcome of a task that was changed, as in: it may or may not have been ``deleted``."""

    def begin(self, run: Run, outcome: Outcome) -> Step:
        """Bring a task to the state, or say what has to be waited for; in a dry run, predict it."""

    def seen(self, run: Run, pending: Pending) -> Step:
        """Go on with a task that is waited for, and has just been read. May raise RequestError."""

    def unread(self, run: Run, pending: Pending, error: RequestError) -> Step:
        """Go on with a task that is waited for, and could not be read."""

    def unfinished(self, run: Run, pending: Pending) -> Outcome:
        """Return the failure of a task that has not finished."""


class CircuitBreaker:
    """Opens when ten requests of one kind in a row failed because of the connection, the credentials or the service.

    Each kind is counted for itself: tasks that can still be read do not hide that every stop fails. Once it is open,
    nothing more is sent, of whatever kind. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._opened_by = ""

    @property
    def reason(self) -> str:
        """Why nothing more is to be sent, or an empty string."""
        if not self._opened_by:
            return ""
        return (
            f"the previous {_FAILURES_IN_A_ROW} requests to {self._opened_by} failed because of the connection, the "
            "credentials or the service"
        )

    def record(self, operation: str, error: RequestError | None) -> None:
        """Count how a request ended; None is a success."""
        with self._lock:
            failures = self._failures.get(operation, 0) + 1 if _concerns_others(error) else 0
            self._failures[operation] = failures
            if failures >= _FAILURES_IN_A_ROW:
                self._opened_by = self._opened_by or operation


def _concerns_others(error: RequestError | None) -> bool:
    """Whether ``error`` has nothing to do with the task itself, so that the next one would probably meet it too."""
    if isinstance(error, ApiError):
        status = error.details.http_status
        return status in (401, 407, 429) or status >= 500
    return isinstance(error, (TransportError, IamError))


def unexpected(error: Exception, outcome: Outcome, doubted: str = "", waited: bool = False) -> Outcome:
    """Return the failure of a task of which nobody foresaw ``error``; ``doubted`` is what may have been done to it."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}, line {place.lineno}"
    message, hint = f"an unexpected {type(error).__name__} occurred ({where})", "report this, and run it again"
    if not doubted:
        return outcome.failed(message, hint, waited=waited)
    message = f"{message}, and the task may or may not have been {doubted}"
    return outcome.failed(message, hint, changed=True, change=in_doubt(doubted))


def given_up(unfinished: Outcome, options: RunOptions, cancelled: str = "") -> Outcome:
    """Return the failure of a task that did not finish in time, or before the run was ``cancelled`` for a reason."""
    why, hint = f"it did not finish within {options.wait_timeout:g} s", "run it again later, or raise wait_timeout"
    if cancelled:
        why, hint = f"waiting ended early, because {cancelled}", "run it again"
    return unfinished._replace(message=f"{unfinished.message}; {why}", hint=hint)


def open_log(
    path: str | None, client: BatchTaskClient, state: str, dry_run: bool
) -> AbstractContextManager[AuditLog | None]:
    """Open the audit log at ``path``; None where none is wanted, and in a dry run, which only checks the path.

    Raises ConfigurationError if it cannot be written.
    """
    if path is None:
        return nullcontext()
    from .audit_log import AuditLog, check_audit_log

    if dry_run:
        check_audit_log(path)
        return nullcontext()
    return AuditLog(path, client.target, state, client.redact)


class Run:
    """One run of a ``verb`` over many tasks. Verbs send their requests by it.

    ``collect`` is given the position and the outcome of each task as it ends, in any order, from any thread.
    """

    def __init__(
        self,
        client: BatchTaskClient,
        verb: Verb,
        options: RunOptions,
        collect: Callable[[int, Outcome], None],
        log: AuditLog | None = None,
    ) -> None:
        self.client = client
        self.options = options
        self._verb = verb
        self._collect = collect
        self._log = log
        self._breaker = CircuitBreaker()
        self._pending: dict[int, Pending] = {}
        self._touched: set[str] = set()  # the tasks for which a request that changes something was sent

    def bring(self, tasks: Sequence[Any], known: Callable[[Any], Outcome] = Outcome) -> None:
        """Bring ``tasks``, which are IDs unless ``known`` returns what is known of each, to the state.

        Never raises RequestError.
        """

        def begin(position: int) -> None:
            outcome = known(tasks[position])
            self._settle(position, outcome, lambda: self._verb.begin(self, outcome))

        map_concurrently(begin, range(len(tasks)), self.options.concurrency)
        self._wait()

    # What verbs use

    def read(self, request: Callable[[], Answer]) -> Answer:
        """Send a request that changes nothing. Raises RequestError."""
        return self._send("read", request)

    def show(self, task_id: str) -> BatchTask:
        """Return the task. Raises RequestError."""
        return self.read(lambda: self.client.show(task_id))

    def change(self, operation: str, task_id: str, request: Callable[[], Answer]) -> Answer:
        """Send a request that changes a task. Raises RequestError."""

        def noted() -> Answer:
            self._touched.add(task_id)
            return request()

        return self._send(operation, noted)

    def recorded(self, outcome: Outcome) -> Outcome:
        """Return ``outcome`` once its change, if there is one, is in the audit log."""
        return outcome if self._log is None else outcome.recorded(self._log)

    # The rest is for itself

    def _send(self, operation: str, request: Callable[[], Answer]) -> Answer:
        """Send nothing once a change could no longer be written to the audit log: reading would prepare for none."""
        reason = self._breaker.reason
        if self._log is not None and self._log.failure:
            reason = f"audit_log could not be written ({self._log.failure})"
        if reason:
            raise RequestError(f"skipped: {reason}", 0, False)
        try:
            answer = request()
        except RequestError as error:
            self._breaker.record(operation, error)
            raise
        self._breaker.record(operation, None)
        return answer

    def _wait(self) -> None:
        """Read the pending tasks again and again, until each has ended or ``wait_timeout`` expires."""
        deadline = time.monotonic() + self.options.wait_timeout
        while self._pending and time.monotonic() < deadline and not self.client.cancellation.reason:
            self.options.pause(self.client.cancellation, deadline - time.monotonic())
            self._advance(partial(self._look, deadline + _LAST_READ_WITHIN))
        cancelled = self.client.cancellation.reason
        self._advance(lambda pending: given_up(self._verb.unfinished(self, pending), self.options, cancelled))

    def _look(self, deadline: float, pending: Pending) -> Step:
        if time.monotonic() > deadline:
            return pending
        try:
            task = self.show(pending.outcome.task.task_id)
            pending = pending._replace(outcome=pending.outcome._replace(task=task))
            return self._verb.seen(self, pending)
        except RequestError as error:
            return self._verb.unread(self, pending, error)

    def _advance(self, stage: Callable[[Pending], Step]) -> None:
        def advance(item: tuple[int, Pending]) -> None:
            position, pending = item
            self._settle(position, pending.outcome, lambda: stage(pending))

        map_concurrently(advance, sorted(self._pending.items()), self.options.concurrency)

    def _settle(self, position: int, outcome: Outcome, stage: Callable[[], Step]) -> None:
        """Keep a task that is to be waited for after ``stage``, and report one that has ended."""
        try:
            step = stage()
        except Exception as error:  # any, so that other outcomes are not lost
            doubted = outcome.task_id in self._touched and outcome.outcome != self._verb.done
            waited = self.options.wait and not self.options.dry_run
            step = unexpected(error, outcome, self._verb.done if doubted else "", waited)
        if isinstance(step, Pending):
            self._pending[position] = step._replace(outcome=self.recorded(step.outcome))
            return
        self._pending.pop(position, None)
        self._collect(position, self.recorded(step))


def verb_of(state: str) -> Verb:
    """Return what brings a task to ``state``, one of absent, stopped, retried and confirmed."""
    if state == "absent":
        return Absent()
    from .transitions import TRANSITIONS

    return TRANSITIONS[state]


class Absent:
    """Deletes a task. Nothing is read first: a task that has finished costs one request."""

    done = DELETED

    def begin(self, run: Run, outcome: Outcome) -> Step:
        if run.options.dry_run:
            from .refusals import predict

            return predict(run, outcome)
        return self._delete(run, outcome)

    def _delete(self, run: Run, outcome: Outcome, may_repeat: bool = True) -> Step:
        try:
            response = run.change("delete", outcome.task_id, lambda: run.client.delete(outcome.task_id))
        except RequestError as error:
            from .refusals import judge_refusal

            repeat = partial(self._delete, run, may_repeat=False) if may_repeat else None
            return judge_refusal(run, outcome.tried(error), error, repeat)
        return outcome.tried(response).changed_to(DELETED, response.details)

    def seen(self, run: Run, pending: Pending) -> Step:
        return self._delete(run, pending.outcome) if pending.outcome.task.finished else pending

    def unread(self, run: Run, pending: Pending, error: RequestError) -> Step:
        from .refusals import unread

        return unread(run, pending.outcome, error)

    def unfinished(self, run: Run, pending: Pending) -> Outcome:
        from .refusals import unfinished

        return unfinished(run, pending)
