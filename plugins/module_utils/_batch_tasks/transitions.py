# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping, retrying and confirming batch tasks, as a whole or for some of their devices.

Each request is sent once. When its answer is lost, the task is read, and where that does not tell, the user is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._core.errors import ErrorDetails, RequestError
from .._core.runtime import map_concurrently
from .api import BatchTaskClient, may_have_acted
from .audit_log import AuditLog
from .circuit_breaker import FAILURE_THRESHOLD, CircuitBreaker
from .models import ActionResult, BatchTask, TargetResult
from .results import FAILED
from .state_results import STOPPED, UNCHANGED, StateResult
from .targets import in_calls, subtask_states
from .transition_rules import TRANSITIONS, Nothing, Refused, Transition
from .wait import Waited, WaitOptions, unaccepted_end, unfinished_end, wait_for_all

_SKIPPED = (
    f"skipped: the previous {FAILURE_THRESHOLD} requests failed because of the connection, the credentials or the "
    "service"
)
_UNMENTIONED = "the answer does not mention this device"
_NOT_IN_TASK = "the device is not in the task"
# How often a task is read, a pause apart, before a lost answer counts as uncertain.
_READS = 2


@dataclass(frozen=True)
class TransitionOptions:
    """What is asked for beside the state. ``targets`` empty: all devices of the task. ``dry_run``: only read."""

    targets: Sequence[str] = ()
    wait: WaitOptions = WaitOptions()
    concurrency: int = 10
    dry_run: bool = False
    log: AuditLog | None = None


def run_transitions(
    client: BatchTaskClient, state: str, task_ids: Sequence[str], options: TransitionOptions
) -> list[StateResult]:
    """Stop, retry or confirm ``task_ids`` and return their ends in the same order; never raises for one of them."""
    return _TransitionRun(client, TRANSITIONS[state], options).run(task_ids)


@dataclass(frozen=True)
class _Step:
    """A task after its turn. ``task``: how it was read last; None if it was not since it was changed, or cannot be."""

    result: StateResult
    task: BatchTask | None = None


@dataclass(frozen=True)
class _Call:
    """The ends of the devices of one call. ``lost``: those of which it is not known."""

    ends: Sequence[TargetResult]
    attempts: int
    details: ErrorDetails | None = None
    error: RequestError | None = None
    lost: frozenset[str] = field(default_factory=frozenset)


class _TransitionRun:
    def __init__(self, client: BatchTaskClient, transition: Transition, options: TransitionOptions) -> None:
        self._client = client
        self._transition = transition
        self._options = options
        self._breaker = CircuitBreaker()

    def run(self, task_ids: Sequence[str]) -> list[StateResult]:
        steps = map_concurrently(self._begin, task_ids, self._options.concurrency)
        return self._awaited(steps) if self._options.wait.wait else [step.result for step in steps]

    def _begin(self, task_id: str) -> _Step:
        step = self._brought(task_id)
        if self._options.log and step.result.changed and not self._options.dry_run:
            step.result.record(self._options.log)
        return step

    def _brought(self, task_id: str) -> _Step:
        result = StateResult(task_id, UNCHANGED, {"task_id": task_id})
        if self._options.log and self._options.log.failure:
            return _Step(result.failed(f"skipped: audit_log could not be written ({self._options.log.failure})"))
        if self._breaker.is_open:
            return _Step(result.failed(_SKIPPED))
        try:
            task = self._client.show(task_id)
            return self._judged(replace(result, task=task.data), task)
        except RequestError as error:  # of reading; what is sent is handled elsewhere
            self._breaker.record(error)
            if self._client.confirms_absence(error):
                return _Step(result.failed("it does not exist", "check task_id", details=error.details))
            return _Step(result.failed_by(error, "show"))

    def _judged(self, result: StateResult, task: BatchTask) -> _Step:
        verdict = self._transition.judge(task)
        if verdict is None:
            return self._on_targets(result, task) if self._options.targets else self._on_all(result, task)
        self._breaker.record(None)
        if isinstance(verdict, Refused):
            return _Step(result.failed(verdict.message, verdict.hint), task)
        return _Step(result.warned(verdict.warning) if verdict.warning else result, task)

    def _send(self, task_id: str, targets: Sequence[str]) -> ActionResult:
        """Send the request once, and tell the circuit breaker how it ended."""
        actions: Mapping[str, Callable[[str, Sequence[str]], ActionResult]] = {
            "stop": self._client.stop,
            "retry": self._client.retry,
            "confirm": self._client.confirm,
        }
        try:
            done = actions[self._transition.operation](task_id, targets)
        except RequestError as error:
            self._breaker.record(error)
            raise
        self._breaker.record(None)
        return done

    def _counted(self, result: StateResult, ends: Sequence[TargetResult], maybe_changed: bool = False) -> StateResult:
        """Return the end of a task whose devices ended like this; none are given if the service named none."""
        failures = [end for end in ends if not end.succeeded]
        succeeded = len(ends) - len(failures)
        counts = {"targets_succeeded": succeeded, "targets_failed": len(failures)} if ends else {}
        changed = succeeded > 0 or not ends or maybe_changed
        result = replace(result, outcome=self._transition.outcome, changed=changed, counts=counts)
        if not failures:
            return result
        first = failures[0]
        said = ": ".join(text for text in (first.error_code, first.error_msg) if text)
        message = f"{len(failures)} of {len(ends)} devices failed, the first of them {first.target}"
        return result.failed(
            f"{message}{f' ({said})' if said else ''}",
            "see failed_targets in the result",
            failed_targets=[end.fields() for end in failures],
        )

    def _lost_answer(self, task_id: str, error: RequestError, what: str) -> str:
        return f"The answer to the {self._transition.operation} of batch task {task_id} was lost ({error}); {what}."

    # All devices of a task

    def _on_all(self, result: StateResult, task: BatchTask) -> _Step:
        if self._options.dry_run:
            return _Step(replace(result, outcome=self._transition.outcome, changed=True))
        try:
            done = self._send(task.task_id, ())
        except RequestError as error:
            tried = replace(result, attempts=error.attempts)
            return self._after_lost(tried, task, error) if may_have_acted(error) else self._refused(tried, error)
        return _Step(self._counted(replace(result, attempts=done.attempts, details=done.details), done.targets))

    def _refused(self, result: StateResult, error: RequestError) -> _Step:
        """Return the failure of a task that the service refused, unless there is nothing left to do."""
        task = self._read(result.name)
        if task is not None and isinstance(self._transition.judge(task), Nothing):
            return _Step(replace(result, task=task.data), task)
        return _Step(result.failed_by(error, self._transition.operation))

    def _after_lost(self, result: StateResult, before: BatchTask, error: RequestError) -> _Step:
        """Return what the task shows after a lost answer, or that it does not show it."""
        for attempt in range(_READS):
            if attempt:
                self._options.wait.pause(self._client.cancellation)
            task = self._read(result.name)
            if task is None:
                continue
            if self._transition.shows_effect(before, task):
                done = replace(result, outcome=self._transition.outcome, task=task.data, changed=True)
                return _Step(
                    done.warned(self._lost_answer(result.name, error, "the task shows that it was done")), task
                )
            if task.finished and not before.finished:
                what = f"the task has finished as {task.status}, and may or may not have been changed by it"
                ended = replace(result, task=task.data, changed=True)
                return _Step(ended.warned(self._lost_answer(result.name, error, what)), task)
        doubt = self._lost_answer(result.name, error, "the task does not show whether it was done")
        return _Step(result.failed_by(error, self._transition.operation, changed=True).warned(doubt))

    def _read(self, task_id: str) -> BatchTask | None:
        try:
            return self._client.show(task_id)
        except RequestError:
            return None

    # Some devices of one task

    def _on_targets(self, result: StateResult, task: BatchTask) -> _Step:
        targets = self._options.targets
        # A task that is being initialized has no subtasks yet.
        has_subtasks = task.status != "Initializing"
        states = subtask_states(self._client, task.task_id, targets, self._options.concurrency) if has_subtasks else {}
        concerned = [target for target in targets if self._transition.concerns(states.get(target))]
        if not concerned:
            return _Step(result, task)
        if self._options.dry_run:
            known = states if has_subtasks else set(concerned)
            return _Step(self._counted(result, [_predicted(target, target in known) for target in concerned]))
        calls = map_concurrently(
            lambda call: self._call(task.task_id, call), in_calls(concerned), self._options.concurrency
        )
        return _Step(self._merged(result, calls))

    def _merged(self, result: StateResult, calls: Sequence[_Call]) -> StateResult:
        telling = next((call for call in calls if call.error), calls[0])
        tried = replace(result, attempts=sum(call.attempts for call in calls), details=telling.details)
        lost = sum(len(call.lost) for call in calls)
        counted = self._counted(tried, [end for call in calls for end in call.ends], maybe_changed=lost > 0)
        for call in calls:
            if call.lost and call.error:
                what = f"for {lost} devices, the task does not show whether it was done"
                return counted.warned(self._lost_answer(result.name, call.error, what))
        return counted

    def _call(self, task_id: str, targets: Sequence[str]) -> _Call:
        if self._breaker.is_open:
            return _Call([TargetResult(target, False, None, _SKIPPED) for target in targets], 0)
        try:
            done = self._send(task_id, targets)
        except RequestError as error:
            lost = self._unchanged(task_id, targets) if may_have_acted(error) else frozenset()
            failed = lost if may_have_acted(error) else targets
            code = error.details.error_code if error.details else None
            ends = [
                TargetResult(target, False, code, str(error)) if target in failed else TargetResult(target, True)
                for target in targets
            ]
            return _Call(ends, error.attempts, error.details, error, lost)
        # Where an answer has a device twice, its failure counts.
        by_target = {end.target: end for end in sorted(done.targets, key=lambda end: not end.succeeded)}
        ends = [by_target.get(target) or TargetResult(target, False, None, _UNMENTIONED) for target in targets]
        return _Call(ends, done.attempts, done.details)

    def _unchanged(self, task_id: str, targets: Sequence[str]) -> frozenset[str]:
        """Return those of ``targets`` that do not show, after a lost answer, that it was done."""
        try:
            states = subtask_states(self._client, task_id, targets, 1)
        except RequestError:
            states = {}
        return frozenset(target for target in targets if self._transition.concerns(states.get(target)))

    # Waiting

    def _awaited(self, steps: Sequence[_Step]) -> list[StateResult]:
        """Return the ends of the tasks once they have finished, or the time is over."""
        under_way = [step for step in steps if step.result.outcome != FAILED]
        if self._options.dry_run:
            # What will come is not known; what has finished already is.
            known = {step.result.name: Waited(step.task, done=True) for step in under_way if step.task is not None}
            waited = {name: one for name, one in known.items() if one.task and one.task.finished}
        else:
            waiting = {step.result.name: step.task for step in under_way}
            wait, concurrency = self._options.wait, self._options.concurrency
            waited = wait_for_all(self._client, waiting, self._is_done, wait, concurrency)
        return [self._ended(step.result, waited.get(step.result.name)) for step in steps]

    def _is_done(self, task: BatchTask) -> bool:
        if task.finished or self._transition.outcome != STOPPED or not self._options.targets:
            return task.finished
        states = subtask_states(self._client, task.task_id, self._options.targets, self._options.concurrency)
        return not any(status in self._transition.subtasks for status in states.values())

    def _ended(self, result: StateResult, waited: Waited | None) -> StateResult:
        if waited is None:
            return result
        if waited.error is not None or waited.task is None:
            return result if waited.error is None else result.failed_by(waited.error, "show", waited=True)
        result = replace(result, task=waited.task.data)
        if not waited.done:
            return result.unaccepted(unfinished_end(waited.task, self._options.wait))
        if self._transition.outcome == STOPPED:
            return result
        why = unaccepted_end(self._client, waited.task, self._options.wait)
        return result if why is None else result.unaccepted(why)


def _predicted(target: str, in_task: bool) -> TargetResult:
    return TargetResult(target, in_task, None, None if in_task else _NOT_IN_TASK)
