# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping, retrying and confirming batch tasks, as a whole or for some of their devices.

The task is read first. Then the request is sent once. When its answer is lost, or leaves out a device, the task is read
again: what only such a request can have caused shows that it was carried out. Anything else leaves a doubt, and the
user is told so.

https://support.huaweicloud.com/intl/en-us/api-iothub/StopBatchTask.html and its neighbours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from .._core.errors import ErrorDetails, RequestError
from .._core.runtime import map_concurrently
from .api import CONFIRMABLE_TYPES, STOPPABLE_TYPES, STOPS, BatchTask, may_have_acted, short_status
from .engine import Pending, Run, Step
from .listing import subtask_states
from .models import TargetResult, failed_devices
from .outcomes import CONFIRMED, FAILED, RETRIED, STOPPED, Outcome, in_doubt
from .wait import Finishing

_MAX_TARGETS_OF_A_CALL = 100
_UNDER_WAY = ("Processing", "Waitting", "FailWaitRetry", "DeviceInProgress")
_OVER = ("Success", "Fail", "Removed")
_UNMENTIONED = "the answer does not mention this device"
_NOT_IN_TASK = "the device is not in the task"

States = Mapping[str, str]


class Call(NamedTuple):
    """How one request about some devices ended.

    ``lost``: of how many of them it is not known what it did. ``finished``: how many have finished, by it or by
    themselves, which are not in ``ends``. ``doubt`` is what is wrong with an answer that leaves them open.
    """

    ends: Sequence[TargetResult]
    attempts: int
    details: ErrorDetails | None
    error: RequestError | None
    doubt: str
    lost: int
    finished: int


class Transition(Finishing, ABC):
    """Stop, retry or confirm: what is the same for each of them."""

    operation: str
    done: str
    subtasks: tuple[str, ...]  # the statuses of those on which it acts

    @abstractmethod
    def nothing_to_do(self, outcome: Outcome) -> Outcome | None:
        """Return the end of a task that needs no request or cannot be changed, None if there is something to do."""

    @abstractmethod
    def shown_by_task(self, before: BatchTask, after: BatchTask) -> bool:
        """Whether the task shows, after a lost answer, that the request was carried out."""

    @abstractmethod
    def shown_by_device(self, task: BatchTask, before: str | None, after: str | None) -> bool:
        """Whether the status of a subtask shows it; ``task`` is as it was before."""

    def begin(self, run: Run, outcome: Outcome) -> Step:
        """Send the request unless there is nothing to do; in a dry run, predict it."""
        try:
            outcome = outcome._replace(task=run.show(outcome.task_id))
            end = self.nothing_to_do(outcome)
            if end:
                return self._awaited(run, end)
            return self._on_devices(run, outcome) if run.options.targets else self._on_all(run, outcome)
        except RequestError as error:  # of reading; what is sent is handled where it is sent
            if run.client.confirms_absence(error):
                return outcome.failed("it does not exist", "check task_id", details=error.details)
            return outcome.failed_by(error, "show")

    def _awaited(self, run: Run, outcome: Outcome, before: BatchTask | None = None) -> Step:
        """Return what is to be waited for. ``before``: the task before it was changed, None if it was not."""
        if not run.options.wait or outcome.outcome == FAILED:
            return outcome
        end = self.ended(run, outcome) if before is None else None
        # What will come is not known in a dry run.
        if end or run.options.dry_run:
            return end or outcome
        return Pending(outcome, old=before if before and before.finished else None)

    def _states(self, run: Run, task_id: str) -> dict[str, str]:
        return run.read(lambda: subtask_states(run.client, task_id, run.options.targets, run.options.concurrency))

    def _counted(self, outcome: Outcome, ends: Sequence[TargetResult], in_part: bool = False) -> Outcome:
        """Return the end of a task whose devices ended like this; none are given if the service named none.

        ``in_part``: something may have been changed although no device succeeded.
        """
        failed = [end.fields() for end in ends if not end.succeeded]
        succeeded = len(ends) - len(failed)
        counts = {"targets_succeeded": succeeded, "targets_failed": len(failed)} if ends else {}
        changed = succeeded > 0 or not ends or in_part
        outcome = outcome._replace(outcome=self.done, changed=changed, counts=counts)
        if not failed:
            return outcome
        return outcome.failed(failed_devices(ends), "see failed_targets in the result", failed_targets=failed)

    def _warned(self, outcome: Outcome, doubt: str, what: str) -> Outcome:
        return outcome.warned(f"The answer to the {self.operation} of batch task {outcome.task_id} {doubt}; {what}.")

    # All devices of a task

    def _on_all(self, run: Run, outcome: Outcome) -> Step:
        if run.options.dry_run:
            return outcome.changed_to(self.done)
        try:
            done = run.change(self.operation, outcome.task_id, lambda: run.client.act(self.operation, outcome.task_id))
        except RequestError as error:
            judge = self._after_lost if may_have_acted(error) else self._refused
            return judge(run, outcome._replace(attempts=error.attempts), error)
        counted = self._counted(outcome._replace(attempts=done.attempts, details=done.details), done.targets)
        counted = counted._replace(change=self.done if counted.changed else "")
        return self._awaited(run, counted, outcome.task)

    def _refused(self, run: Run, outcome: Outcome, error: RequestError) -> Step:
        """Return the failure of a task that the service refused, unless there is nothing left to do by now."""
        outcome = outcome._replace(task=self._read(run, outcome.task_id) or outcome.task)
        end = self.nothing_to_do(outcome)
        if end and end.outcome != FAILED:
            return self._awaited(run, end)
        return outcome.failed_by(error, self.operation)

    def _after_lost(self, run: Run, outcome: Outcome, error: RequestError) -> Step:
        """Return what the task shows after a lost answer, or that it does not show whether it was done."""
        before = outcome.task
        doubted = outcome._replace(changed=True, change=in_doubt(self.done), details=error.details)
        for _look in run.options.looks(run.client.cancellation):
            task = self._read(run, outcome.task_id)
            if task is None:
                continue
            doubted = doubted._replace(task=task)
            if self.shown_by_task(before, task):
                done = doubted._replace(outcome=self.done, change=self.done)
                return self._awaited(run, self._warned(done, _lost(error), "the task shows that it was done"), before)
            if task.finished and self.done == STOPPED:
                what = f"the task has finished as {task.status}, and may or may not have been changed by it"
                return self._warned(doubted._replace(outcome=in_doubt(STOPPED)), _lost(error), what)
        failed = doubted.failed_by(error, self.operation)
        return self._warned(failed, _lost(error), "the task does not show whether it was done")

    def _read(self, run: Run, task_id: str) -> BatchTask | None:
        try:
            return run.show(task_id)
        except RequestError:
            return None

    # Some devices of one task

    def _on_devices(self, run: Run, outcome: Outcome) -> Step:
        # A task that is being initialized has no subtasks yet.
        has_subtasks = outcome.task.status != "Initializing"
        states = self._states(run, outcome.task_id) if has_subtasks else {}
        concerned = [target for target in run.options.targets if states.get(target) in (None, *self.subtasks)]
        if not concerned:
            return self._awaited(run, outcome)
        if run.options.dry_run:
            known = states if has_subtasks else set(concerned)
            ends = [
                TargetResult(one, True) if one in known else TargetResult(one, False, None, _NOT_IN_TASK)
                for one in concerned
            ]
            return self._counted(outcome, ends)
        starts = range(0, len(concerned), _MAX_TARGETS_OF_A_CALL)
        calls = map_concurrently(
            lambda start: self._call(run, outcome, states, concerned[start : start + _MAX_TARGETS_OF_A_CALL]),
            starts,
            run.options.concurrency,
        )
        return self._awaited(run, self._merged(outcome, calls), outcome.task)

    def _merged(self, outcome: Outcome, calls: Sequence[Call]) -> Outcome:
        telling = next((call for call in calls if call.error), calls[0])
        outcome = outcome._replace(attempts=sum(call.attempts for call in calls), details=telling.details)
        lost, finished = sum(call.lost for call in calls), sum(call.finished for call in calls)
        counted = self._counted(outcome, [end for call in calls for end in call.ends], in_part=lost + finished > 0)
        if finished and counted.outcome != FAILED:
            counted = counted._replace(outcome=in_doubt(self.done))
        doubt = next((call.doubt for call in calls if call.lost or call.finished), "")
        if finished:
            what = f"{finished} devices have finished, and may or may not have been {self.done} by it"
            counted = self._warned(counted, doubt, what)
        if lost:
            counted = self._warned(counted, doubt, f"for {lost} devices, the task does not show whether it was done")
        return counted

    def _call(self, run: Run, outcome: Outcome, states: States, targets: Sequence[str]) -> Call:
        """Send one request, write to the audit log what it changed, and return how it ended.

        Where no usable answer says what became of a device, its subtask is read.
        """
        told: dict[str, TargetResult] = {}
        code, why, doubt, failure = None, _UNMENTIONED, "does not mention each device", None
        try:
            done = run.change(
                self.operation, outcome.task_id, lambda: run.client.act(self.operation, outcome.task_id, targets)
            )
        except RequestError as error:
            attempts, details, failure = error.attempts, error.details, error
            code, why, doubt = details and details.error_code, str(error), _lost(error) if may_have_acted(error) else ""
        else:
            attempts, details = done.attempts, done.details
            # Where an answer has a device twice, its failure counts.
            told = {end.target: end for end in sorted(done.targets, key=lambda end: not end.succeeded)}
        untold = [target for target in targets if target not in told]
        shown, finished = self._looked_at(run, outcome.task, states, untold) if doubt else (set(), set())
        told.update({target: TargetResult(target, target in shown, code, why) for target in untold})
        ends = [told[target] for target in targets if target not in finished]
        lost = len(untold) - len(shown) - len(finished) if doubt else 0
        call = Call(ends, attempts, details, failure, doubt, lost, len(finished))
        if any(end.succeeded for end in ends):
            run.recorded(outcome._replace(change=self.done, details=details))
        if lost or finished:
            run.recorded(outcome._replace(change=in_doubt(self.done), details=details))
        return call

    def _looked_at(
        self, run: Run, task: BatchTask, states: States, targets: Sequence[str]
    ) -> tuple[set[str], set[str]]:
        """Return which of ``targets`` show that it was done, and which have finished instead of being stopped."""
        shown: set[str] = set()
        finished: set[str] = set()
        for _look in run.options.looks(run.client.cancellation):
            left = [target for target in targets if target not in shown | finished]
            if not left:
                break
            try:
                after = run.read(partial(subtask_states, run.client, task.task_id, left, 1))
            except RequestError:
                continue
            shown.update(one for one, status in after.items() if self.shown_by_device(task, states.get(one), status))
            if self.done == STOPPED:
                finished.update(one for one, status in after.items() if status in _OVER)
        return shown, finished


def _lost(error: RequestError) -> str:
    return f"was lost ({error})"


class Stop(Transition):
    """Stops what is under way."""

    operation, done, subtasks = "stop", STOPPED, _UNDER_WAY

    def nothing_to_do(self, outcome: Outcome) -> Outcome | None:
        task = outcome.task
        if task.finished or task.status == "Stopping":
            return outcome
        if task.task_type not in STOPPABLE_TYPES:
            return _wrong_type(outcome, self.done, STOPPABLE_TYPES, "wait until it has finished")
        return None

    def ended(self, run: Run, outcome: Outcome) -> Outcome | None:
        """Any final status is an end, and so it is if nothing is under way on the devices that are to be stopped."""
        if outcome.task.finished:
            return outcome
        if not run.options.targets:
            return None
        under_way = set(self._states(run, outcome.task.task_id).values()).intersection(self.subtasks)
        return None if under_way else outcome

    def shown_by_task(self, before: BatchTask, after: BatchTask) -> bool:
        """A task that finishes otherwise shows nothing."""
        return after.status in STOPS

    def shown_by_device(self, task: BatchTask, before: str | None, after: str | None) -> bool:
        return after == "Stopped"


class Retry(Transition):
    """Runs again what has failed or was stopped."""

    operation, done, subtasks = "retry", RETRIED, ("Fail", "FailWaitRetry", "Stopped")

    def nothing_to_do(self, outcome: Outcome) -> Outcome | None:
        task = outcome.task
        if task.status in ("Stopped", "Stopping"):
            return outcome.warned(
                f"Batch task {task.task_id} is {task.status} and cannot be retried: create a new one."
            )
        if task.status in ("Success", "Waitting", "Initializing"):
            return outcome
        if task.devices("fail", "fail_wait_retry", "stopped") == 0:
            as_a_whole = f"Batch task {task.task_id} failed as a whole, and has no device to retry: create a new one."
            return outcome.warned(as_a_whole) if task.status == "Fail" else outcome
        if task.task_type not in STOPPABLE_TYPES:
            hint = "create a new task for the devices that failed"
            return _wrong_type(outcome, self.done, STOPPABLE_TYPES, hint)
        return None

    def shown_by_task(self, before: BatchTask, after: BatchTask) -> bool:
        """Only a finished task that runs, or has had more success: nothing else starts it again.

        IoTDA itself retries the devices of a task that has not finished, so that their counters show nothing.
        """
        if not before.finished:
            return False
        had, has = before.devices("success"), after.devices("success")
        return not after.finished or (had is not None and has is not None and has > had)

    def shown_by_device(self, task: BatchTask, before: str | None, after: str | None) -> bool:
        """IoTDA itself retries one that is FailWaitRetry."""
        return before in ("Fail", "Stopped") and after in (*_UNDER_WAY, "Success")


class Confirm(Transition):
    """Starts what waits for a confirmation."""

    operation, done, subtasks = "confirm", CONFIRMED, ("Waitting",)

    def nothing_to_do(self, outcome: Outcome) -> Outcome | None:
        task = outcome.task
        if task.finished or task.status == "Stopping" or task.data.get("need_confirm") is False:
            return outcome
        if task.task_type not in CONFIRMABLE_TYPES:
            return _wrong_type(outcome, self.done, CONFIRMABLE_TYPES, "it starts without a confirmation")
        if task.status == "Initializing":
            return outcome.warned(
                f"Batch task {task.task_id} is Initializing, and no device waits for a confirmation yet."
            )
        return outcome if task.devices("waitting") == 0 else None

    def shown_by_task(self, before: BatchTask, after: BatchTask) -> bool:
        """Only if devices that waited have started, and no more have left off waiting: one can be removed or stopped.

        And only where the task says that its devices wait for a confirmation; they may wait for their turn otherwise.
        """
        if before.data.get("need_confirm") is not True:
            return False
        waited, waits = (task.devices("waitting") or 0 for task in (before, after))
        had, has = (task.devices("processing", "success", "fail_wait_retry") or 0 for task in (before, after))
        return has - had >= waited - waits > 0

    def shown_by_device(self, task: BatchTask, before: str | None, after: str | None) -> bool:
        started = after in ("Processing", "Success", "FailWaitRetry")
        return task.data.get("need_confirm") is True and before == "Waitting" and started


def _wrong_type(outcome: Outcome, done: str, types: Sequence[str], hint: str) -> Outcome:
    kind, standing = short_status(outcome.task.task_type), outcome.task.standing
    return outcome.failed(f"it is a {kind} task ({standing}), and only {', '.join(types)} can be {done}", hint)


TRANSITIONS = {"stopped": Stop(), "retried": Retry(), "confirmed": Confirm()}
