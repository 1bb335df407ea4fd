# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping, retrying and confirming batch tasks, as a whole or for some of their devices.

The task is read first. Then the request is sent once. When its answer is lost, the task is read again: what only such a
request can have caused shows that it was carried out. Anything else leaves a doubt, and the user is told so.

https://support.huaweicloud.com/intl/en-us/api-iothub/StopBatchTask.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Union

from .._core.errors import ErrorDetails, RequestError
from .._core.runtime import map_concurrently
from .api import CONFIRMABLE_TYPES, STOPPABLE_TYPES, may_have_acted
from .engine import Pending, Run, Step
from .models import ActionResult, BatchTask, TargetResult, failed_devices, short_status
from .outcomes import CONFIRMED, FAILED, RETRIED, STOPPED, Outcome, in_doubt
from .targets import in_calls, subtask_states
from .wait import ended, look, unfinished

# How often a task is read, a pause apart, before a lost answer counts as uncertain.
_READS = 2
_UNDER_WAY = ("Processing", "Waitting", "FailWaitRetry")


class Nothing(NamedTuple):
    """There is nothing to do."""

    warning: str | None = None


class Refused(NamedTuple):
    """It cannot be done."""

    message: str
    hint: str


Verdict = Union[Nothing, Refused, None]
States = Mapping[str, str]


class Call(NamedTuple):
    """How one request about some devices ended. ``lost``: of how many of them it is not known what it did."""

    ends: Sequence[TargetResult]
    attempts: int
    details: ErrorDetails | None = None
    error: RequestError | None = None
    lost: int = 0


class Transition(NamedTuple):
    """Stop, retry or confirm.

    ``subtasks`` are the statuses of the subtasks on which it acts. ``judge`` returns None if there is something to do.
    After a lost answer, ``shown_by_task`` tells by a task before and after whether it was carried out, and
    ``shown_by_device`` by the task before and the status of a subtask before and after.
    """

    operation: str
    done: str
    subtasks: tuple[str, ...]
    judge: Callable[[BatchTask], Verdict]
    shown_by_task: Callable[[BatchTask, BatchTask], bool]
    shown_by_device: Callable[[BatchTask, str | None, str | None], bool]

    def begin(self, run: Run, outcome: Outcome) -> Step:
        """Stop, retry or confirm the task unless there is nothing to do; in a dry run, predict it."""
        try:
            task = run.show(outcome.task_id)
            outcome = outcome.seen(task)
            verdict = self.judge(task)
            if isinstance(verdict, Refused):
                return outcome.failed(verdict.message, verdict.hint)
            if verdict is not None:
                return self._awaited(run, outcome.warned(*filter(None, verdict)), task)
            return self._on_devices(run, outcome, task) if run.options.targets else self._on_all(run, outcome, task)
        except RequestError as error:  # of reading; what is sent is handled where it is sent
            if run.client.confirms_absence(error):
                return outcome.failed("it does not exist", "check task_id", details=error.details)
            return outcome.failed_by(error, "show")

    def look(self, run: Run, pending: Pending) -> Step:
        """Read a task that is waited for."""

        def end(task: BatchTask) -> Outcome | None:
            return self._ended(run, pending.outcome.seen(task), task) if self._is_done(run, task) else None

        return look(run, pending, end)

    def give_up(self, run: Run, pending: Pending, reason: str) -> Outcome:
        """Return the failure of a task that was not seen to finish, because of ``reason`` or, if empty, in time."""
        return unfinished(run, pending, reason)

    def _awaited(self, run: Run, outcome: Outcome, task: BatchTask, before: BatchTask | None = None) -> Step:
        """Return what is to be waited for. ``before``: the task before it was changed, None if it was not."""
        if not run.options.wait or outcome.outcome == FAILED:
            return outcome
        if before is None and self._is_done(run, task):
            return self._ended(run, outcome, task)
        # What will come is not known in a dry run.
        if run.options.dry_run:
            return outcome
        return Pending(outcome, task, old=before if before is not None and before.finished else None)

    def _is_done(self, run: Run, task: BatchTask) -> bool:
        if task.finished or self.done != STOPPED or not run.options.targets:
            return task.finished
        states = self._states(run, task)
        return not any(status in self.subtasks for status in states.values())

    def _ended(self, run: Run, outcome: Outcome, task: BatchTask) -> Outcome:
        return outcome if self.done == STOPPED else ended(run, outcome, task)

    def _states(self, run: Run, task: BatchTask) -> dict[str, str]:
        return run.read(lambda: subtask_states(run.client, task.task_id, run.options.targets, run.options.concurrency))

    def _send(self, run: Run, task_id: str, targets: Sequence[str]) -> ActionResult:
        actions = {"stop": run.client.stop, "retry": run.client.retry, "confirm": run.client.confirm}
        return run.change(self.operation, lambda: actions[self.operation](task_id, targets))

    def _counted(self, outcome: Outcome, ends: Sequence[TargetResult], in_part: bool = False) -> Outcome:
        """Return the end of a task whose devices ended like this; none are given if the service named none.

        ``in_part``: something may have been changed although no device succeeded.
        """
        failures = [end for end in ends if not end.succeeded]
        succeeded = len(ends) - len(failures)
        counts = {"targets_succeeded": succeeded, "targets_failed": len(failures)} if ends else {}
        changed = succeeded > 0 or not ends or in_part
        outcome = outcome._replace(outcome=self.done, changed=changed, counts=counts)
        if not failures:
            return outcome
        rows = [end.fields() for end in failures]
        return outcome.failed(failed_devices(ends), "see failed_targets in the result", failed_targets=rows)

    def _lost_answer(self, task_id: str, error: RequestError, what: str) -> str:
        return f"The answer to the {self.operation} of batch task {task_id} was lost ({error}); {what}."

    # All devices of a task

    def _on_all(self, run: Run, outcome: Outcome, task: BatchTask) -> Step:
        if run.options.dry_run:
            return outcome.changed_to(self.done)
        try:
            done = self._send(run, task.task_id, ())
        except RequestError as error:
            judge = self._after_lost if may_have_acted(error) else self._refused
            return judge(run, outcome._replace(attempts=error.attempts), task, error)
        counted = self._counted(outcome._replace(attempts=done.attempts, details=done.details), done.targets)
        counted = counted._replace(change=self.done if counted.changed else "")
        return self._awaited(run, counted, task, before=task)

    def _refused(self, run: Run, outcome: Outcome, before: BatchTask, error: RequestError) -> Step:
        """Return the failure of a task that the service refused, unless there is nothing left to do by now."""
        task = self._read(run, outcome.task_id)
        verdict = None if task is None else self.judge(task)
        if task is not None and isinstance(verdict, Nothing):
            return self._awaited(run, outcome.seen(task).warned(*filter(None, verdict)), task)
        return outcome.failed_by(error, self.operation)

    def _after_lost(self, run: Run, outcome: Outcome, before: BatchTask, error: RequestError) -> Step:
        """Return what the task shows after a lost answer, or that it does not show whether it was done."""
        task_id = outcome.task_id
        doubted = outcome._replace(changed=True, change=in_doubt(self.done), details=error.details)
        for attempt in range(_READS):
            if attempt:
                run.pause()
            task = self._read(run, task_id)
            if task is None:
                continue
            if self.shown_by_task(before, task):
                done = doubted.seen(task)._replace(outcome=self.done, change=self.done)
                warning = self._lost_answer(task_id, error, "the task shows that it was done")
                return self._awaited(run, done.warned(warning), task, before=before)
            doubted = doubted.seen(task)
            if task.finished and self.done == STOPPED:
                what = f"the task has finished as {task.status}, and may or may not have been changed by it"
                return doubted.warned(self._lost_answer(task_id, error, what))
        what = "the task does not show whether it was done"
        return doubted.failed_by(error, self.operation).warned(self._lost_answer(task_id, error, what))

    def _read(self, run: Run, task_id: str) -> BatchTask | None:
        try:
            return run.show(task_id)
        except RequestError:
            return None

    # Some devices of one task

    def _on_devices(self, run: Run, outcome: Outcome, task: BatchTask) -> Step:
        targets = run.options.targets
        # A task that is being initialized has no subtasks yet.
        has_subtasks = task.status != "Initializing"
        states = self._states(run, task) if has_subtasks else {}
        concerned = [target for target in targets if states.get(target) in (None, *self.subtasks)]
        if not concerned:
            return self._awaited(run, outcome, task)
        if run.options.dry_run:
            known = states if has_subtasks else set(concerned)
            return self._counted(outcome, [_predicted(target, target in known) for target in concerned])
        calls = map_concurrently(
            lambda call: self._call(run, outcome, task, states, call), in_calls(concerned), run.options.concurrency
        )
        return self._awaited(run, self._merged(outcome, calls), task, before=task)

    def _merged(self, outcome: Outcome, calls: Sequence[Call]) -> Outcome:
        telling = next((call for call in calls if call.error), calls[0])
        outcome = outcome._replace(attempts=sum(call.attempts for call in calls), details=telling.details)
        lost = sum(call.lost for call in calls)
        counted = self._counted(outcome, [end for call in calls for end in call.ends], in_part=lost > 0)
        for call in calls:
            if call.lost and call.error:
                what = f"for {lost} devices, the task does not show whether it was done"
                return counted.warned(self._lost_answer(outcome.task_id, call.error, what))
        return counted

    def _call(self, run: Run, outcome: Outcome, task: BatchTask, states: States, targets: Sequence[str]) -> Call:
        """Send one request, write to the audit log what it changed, and return how it ended."""
        try:
            done = self._send(run, task.task_id, targets)
        except RequestError as error:
            call = self._failed_call(run, task, states, targets, error)
        else:
            # Where an answer has a device twice, its failure counts.
            by_target = {end.target: end for end in sorted(done.targets, key=lambda end: not end.succeeded)}
            ends = [by_target.get(target) or TargetResult(target, False, None, _UNMENTIONED) for target in targets]
            call = Call(ends, done.attempts, done.details)
        succeeded = any(end.succeeded for end in call.ends)
        change = self.done if succeeded else in_doubt(self.done) if call.lost else ""
        run.recorded(outcome._replace(change=change, details=call.details))
        return call

    def _failed_call(
        self, run: Run, task: BatchTask, states: States, targets: Sequence[str], error: RequestError
    ) -> Call:
        code = error.details.error_code if error.details else None
        shown: set[str] = set()
        lost = may_have_acted(error)
        if lost:
            try:
                after = run.read(lambda: subtask_states(run.client, task.task_id, targets, 1))
            except RequestError:
                after = {}
            shown = {one for one in targets if self.shown_by_device(task, states.get(one), after.get(one))}
        ends = [
            TargetResult(one, True) if one in shown else TargetResult(one, False, code, str(error)) for one in targets
        ]
        return Call(ends, error.attempts, error.details, error, len(targets) - len(shown) if lost else 0)


_UNMENTIONED = "the answer does not mention this device"
_NOT_IN_TASK = "the device is not in the task"


def _predicted(target: str, in_task: bool) -> TargetResult:
    return TargetResult(target, in_task, None, None if in_task else _NOT_IN_TASK)


# When there is something to do


def _judge_stop(task: BatchTask) -> Verdict:
    if task.finished or task.status == "Stopping":
        return Nothing()
    if task.task_type not in STOPPABLE_TYPES:
        return _wrong_type(task, "stopped", STOPPABLE_TYPES, "wait until it has finished")
    return None


def _judge_retry(task: BatchTask) -> Verdict:
    if task.status in ("Stopped", "Stopping"):
        return Nothing(f"Batch task {task.task_id} is {task.status} and cannot be retried: create a new one.")
    if task.status in ("Success", "Waitting", "Initializing"):
        return Nothing()
    if task.devices("fail", "fail_wait_retry", "stopped") == 0:
        as_a_whole = f"Batch task {task.task_id} failed as a whole, and has no device to retry: create a new one."
        return Nothing(as_a_whole if task.status == "Fail" else None)
    if task.task_type not in STOPPABLE_TYPES:
        return _wrong_type(task, "retried", STOPPABLE_TYPES, "create a new task for the devices that failed")
    return None


def _judge_confirm(task: BatchTask) -> Verdict:
    if task.finished or task.status == "Stopping" or task.data.get("need_confirm") is False:
        return Nothing()
    if task.task_type not in CONFIRMABLE_TYPES:
        return _wrong_type(task, "confirmed", CONFIRMABLE_TYPES, "it starts without a confirmation")
    if task.status == "Initializing":
        return Nothing(f"Batch task {task.task_id} is Initializing, and no device waits for a confirmation yet.")
    return Nothing() if task.devices("waitting") == 0 else None


def _wrong_type(task: BatchTask, done: str, types: Sequence[str], hint: str) -> Refused:
    kind, status = short_status(task.task_type), short_status(task.status)
    progress = f", {task.progress}" if task.progress else ""
    return Refused(f"it is a {kind} task ({status}{progress}), and only {', '.join(types)} can be {done}", hint)


# What shows, after a lost answer, that it was carried out


def _stop_shown(before: BatchTask, after: BatchTask) -> bool:
    """Whether it is being stopped, or was. A task that finishes otherwise shows nothing."""
    return after.status in ("Stopping", "Stopped")


def _stop_shown_by_device(task: BatchTask, before: str | None, after: str | None) -> bool:
    return after == "Stopped"


def _retry_shown(before: BatchTask, after: BatchTask) -> bool:
    """Whether a finished task runs, or has had more success: nothing else starts it again.

    IoTDA itself retries the devices of a task that has not finished, so that their counters show nothing.
    """
    if not before.finished:
        return False
    had, has = before.devices("success"), after.devices("success")
    return not after.finished or (had is not None and has is not None and has > had)


def _retry_shown_by_device(task: BatchTask, before: str | None, after: str | None) -> bool:
    """Whether a subtask that had ended runs, or has succeeded. IoTDA itself retries one that is FailWaitRetry."""
    return before in ("Fail", "Stopped") and after in (*_UNDER_WAY, "Success")


def _confirmation_shown(before: BatchTask, after: BatchTask) -> bool:
    """Whether devices that waited have started, and no more have left off waiting: one can be removed or stopped.

    Only where the task says that its devices wait for a confirmation; they may wait for their turn otherwise.
    """
    if before.data.get("need_confirm") is not True:
        return False
    waited, waits = before.devices("waitting"), after.devices("waitting")
    had, has = (task.devices("processing", "success", "fail_wait_retry") for task in (before, after))
    if waited is None or waits is None or had is None or has is None:
        return False
    return has - had >= waited - waits > 0


def _confirmation_shown_by_device(task: BatchTask, before: str | None, after: str | None) -> bool:
    started = after in ("Processing", "Success", "FailWaitRetry")
    return task.data.get("need_confirm") is True and before == "Waitting" and started


TRANSITIONS = {
    "stopped": Transition("stop", STOPPED, _UNDER_WAY, _judge_stop, _stop_shown, _stop_shown_by_device),
    "retried": Transition(
        "retry", RETRIED, ("Fail", "FailWaitRetry", "Stopped"), _judge_retry, _retry_shown, _retry_shown_by_device
    ),
    "confirmed": Transition(
        "confirm", CONFIRMED, ("Waitting",), _judge_confirm, _confirmation_shown, _confirmation_shown_by_device
    ),
}
