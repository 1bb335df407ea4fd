# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a DELETE means that was not answered by success: absent, unfinished, or a failure; and what check mode predicts.

A lost answer is judged here: a 404 after it is no proof that the task was absent before.
"""

from __future__ import annotations

from typing import Callable

from .._core.errors import ApiError, RequestError
from .api import ID_LENGTH, STOPPABLE_TYPES, STOPS, BatchTask, may_have_acted, short_status
from .engine import Pending, Run, RunOptions, Step, given_up
from .hints import unfinished_hint
from .models import failed_devices
from .outcomes import ABSENT, DELETED, STOPPED, UNCONFIRMED, Outcome, in_doubt

Delete = Callable[[Outcome], Step]


def judge_refusal(run: Run, outcome: Outcome, error: RequestError, repeat: Delete | None) -> Step:
    """Return what a failed DELETE means; the task is read if that can explain it.

    ``repeat`` deletes a task that has finished since, None if that was done already.
    """
    if run.client.confirms_absence(error):
        return _absent(outcome, error)
    if not _worth_showing(error):
        return _failed_by(outcome, error, "delete")
    selected = outcome.task.data.get("status")
    try:
        outcome = outcome._replace(task=run.show(outcome.task_id))
    except RequestError as second:
        if run.client.confirms_absence(second):
            return _absent(outcome, second)
        return _failed_by(outcome, error, "delete")
    status = outcome.task.status
    if not outcome.task.finished:
        return _stopped_or_failed(run, Pending(outcome, error.details))
    if not repeat or error.ambiguous:
        return _failed_by(outcome, error, "delete", still_exists=True)
    if selected not in (None, status):
        message = f"it was {short_status(selected)} when it was selected, and is {short_status(status)} now"
        return outcome.failed(message, run.options.unfinished_hint, details=error.details)
    return repeat(outcome)


def unread(run: Run, outcome: Outcome, error: RequestError) -> Outcome:
    """Return the end of a task that could not be read: absent, or a failure."""
    return _absent(outcome, error) if run.client.confirms_absence(error) else _failed_by(outcome, error, "show")


def unfinished(run: Run, pending: Pending) -> Outcome:
    """Return the failure of a task that has not finished, and is left as it is."""
    task = pending.outcome.task
    message = f"it is {task.standing}, and only a finished task can be deleted"
    hint = run.options.unfinished_hint or unfinished_hint(short_status(task.task_type))
    return pending.outcome.failed(message, hint, details=pending.details)


def predict(run: Run, outcome: Outcome) -> Outcome:
    """Return what a deletion can be expected to come to, by reading only."""
    try:
        outcome = outcome._replace(task=run.show(outcome.task_id))
    except RequestError as error:
        return unread(run, outcome, error)
    if outcome.task.finished:
        return outcome.changed_to(DELETED)
    if not _can_finish(run.options, outcome.task):
        return unfinished(run, Pending(outcome))
    if run.options.wait_timeout == 0:
        return given_up(unfinished(run, Pending(outcome)), run.options)
    return outcome.changed_to(DELETED)


def _absent(outcome: Outcome, error: RequestError) -> Outcome:
    """Return the end of a task that does not exist, as IoTDA says by ``error``."""
    lost = ""
    if outcome.accepted_with is not None:
        lost = f"the deletion was answered {outcome.accepted_with} instead of 204, and then the task was gone"
    elif outcome.ambiguous:
        lost = "the answer to an earlier attempt was lost, and the next attempt got a 404"
    if lost:
        gone = f"Batch task {outcome.task_id} is gone, but it is not certain that this run deleted it: {lost}."
        return outcome.changed_to(UNCONFIRMED, error.details).warned(gone)
    absent = outcome._replace(outcome=ABSENT, details=error.details)
    if len(outcome.task_id) >= ID_LENGTH:
        return absent
    return absent.warned(
        f"Batch task {outcome.task_id} is absent, but IoTDA's IDs have {ID_LENGTH} characters, and this one has "
        f"{len(outcome.task_id)}: check that it was not cut when it was copied."
    )


def _failed_by(outcome: Outcome, error: RequestError, operation: str, still_exists: bool = False) -> Outcome:
    """Return the failure of an ``operation`` such as ``delete``; ``still_exists``: the task was seen afterwards."""
    failed = outcome.failed_by(error, operation)
    if not outcome.ambiguous:
        return failed
    end = "still exists but may still get deleted" if still_exists else "may or may not have been deleted"
    return failed._replace(message=f"{failed.message}, and the task {end}", changed=True, change=in_doubt(DELETED))


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


# Tasks that have not finished


def _should_stop(options: RunOptions, task: BatchTask) -> bool:
    return options.force and task.task_type in STOPPABLE_TYPES


def _can_finish(options: RunOptions, task: BatchTask) -> bool:
    return options.wait or _should_stop(options, task)


def _stopped_or_failed(run: Run, pending: Pending) -> Step:
    """Stop the task if that is asked for; fail if nothing is asked for that would make it finish."""
    outcome, task = pending.outcome, pending.outcome.task
    if not _can_finish(run.options, task):
        return unfinished(run, pending)
    if not _should_stop(run.options, task) or task.status == "Stopping" or outcome.changed:
        return pending
    try:
        done = run.change("stop", outcome.task_id, lambda: run.client.act("stop", outcome.task_id))
    except RequestError as error:
        return _not_stopped(run, pending, error)
    if done.targets and not any(end.succeeded for end in done.targets):
        # A 200 that holds a failure for each device.
        return outcome.failed(f"it could not be stopped: {failed_devices(done.targets)}", details=done.details)
    return pending._replace(outcome=outcome._replace(changed=True, change=STOPPED, details=done.details))


def _not_stopped(run: Run, pending: Pending, error: RequestError) -> Step:
    """Return the failure of a stop, unless the task has finished or is stopping anyway.

    After a lost answer, only a task that is being stopped, or was, shows that the request was carried out. One that
    still runs is left to finish if it is to be waited for anyway.
    """
    outcome = pending.outcome
    lost = may_have_acted(error)
    if lost:
        outcome = outcome._replace(changed=True, change=in_doubt(STOPPED))
    task = None
    for look in run.options.looks(run.client.cancellation):
        if look and not lost:
            break
        try:
            task = run.show(outcome.task_id)
        except RequestError as second:
            if run.client.confirms_absence(second):
                return _absent(run.recorded(outcome), second)
            continue
        outcome = outcome._replace(task=task)
        if lost and task.status in STOPS:
            outcome = outcome._replace(change=STOPPED)
        if task.finished or task.status == "Stopping":
            return Pending(outcome, pending.details)
    if lost and task and run.options.wait:
        return Pending(outcome, pending.details)
    failed = run.recorded(outcome).failed_by(error, "stop")
    return failed._replace(message=f"it could not be stopped: {failed.message}")
