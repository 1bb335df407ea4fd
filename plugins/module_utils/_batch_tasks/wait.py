# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a batch task has finished, and judging whether its end is a success."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .._core.errors import RequestError
from .._core.redaction import short_line
from .api import BatchTaskClient
from .engine import Pending, Run, RunOptions, Step
from .models import BatchTask, short_status
from .outcomes import CREATED, Outcome
from .targets import first_failures

_SHOWN_FAILURES = 3
_LISTED_FAILURES = 50


class Finished:
    """Waits for a task until it has finished, and fails unless its final status is accepted."""

    done = CREATED

    def begin(self, run: Run, outcome: Outcome) -> Step:
        """Return the end of a task that has finished, and wait for any other unless this is a dry run."""
        task = BatchTask(outcome.task, 0)
        if task.finished:
            return ended(run, outcome, task)
        return outcome if run.options.dry_run else Pending(outcome, task)

    def look(self, run: Run, pending: Pending) -> Step:
        """Read the task."""
        return look(run, pending, lambda task: ended(run, pending.outcome.seen(task), task) if task.finished else None)

    def give_up(self, run: Run, pending: Pending, reason: str) -> Outcome:
        """Return the failure of a task that was not seen to finish."""
        return unfinished(run, pending, reason)


def await_end(client: BatchTaskClient, outcome: Outcome, options: RunOptions) -> Outcome:
    """Return the end of the one task that ``outcome`` knows, waiting for it if need be."""
    ends: dict[int, Outcome] = {}
    Run(client, Finished(), options, ends.__setitem__).bring_one(outcome)
    return ends[0]


def look(run: Run, pending: Pending, end: Callable[[BatchTask], Outcome | None]) -> Step:
    """Read a task that is waited for. ``end`` returns its end, None if it is to be waited for still.

    What it showed before it was changed is no end.
    """
    try:
        task = run.show(pending.task.task_id)
        pending = pending._replace(outcome=pending.outcome.seen(task), task=task)
        if pending.old is not None and task.data == pending.old.data:
            return pending
        return end(task) or pending._replace(old=None)
    except RequestError as error:
        if run.client.confirms_absence(error):
            if pending.outcome.outcome == CREATED and not pending.task.attempts:
                # An unfinished task cannot be deleted: it is new, and not shown yet.
                return pending
            gone = "it was deleted while it was waited for"
            return pending.outcome.failed(gone, details=error.details, waited=True)
        return pending.outcome.failed_by(error, "show", waited=True)


def unfinished(run: Run, pending: Pending, reason: str) -> Outcome:
    """Return the failure of a task that was not seen to finish, because of ``reason`` or, if empty, in time."""
    task = pending.task
    message = f"it is {short_status(task.status)}{_after_comma(task.progress)}"
    if pending.old is not None and task.finished:
        message = f"it still is {short_status(task.status)}, as before"
    if reason:
        message, hint = f"{message}; waiting ended early, because {reason}", "run it again"
    else:
        message = f"{message}; it did not finish within {run.options.wait_timeout:g} s"
        hint = "run it again later, or raise wait_timeout"
    return pending.outcome.failed(message, hint, waited=True, details=None)


def ended(run: Run, outcome: Outcome, task: BatchTask) -> Outcome:
    """Return the end of ``task``, a finished task: a failure unless its status is accepted. Reads what failed."""
    accept = run.options.accept
    if task.status in accept:
        return outcome
    failures = _failures(run, task)
    causes = [f"status_desc is {short_line(task.data['status_desc'])!r}"] if task.data.get("status_desc") else []
    if failures:
        causes.append(f"the first that failed: {', '.join(map(_named, failures[:_SHOWN_FAILURES]))}")
    reason = f" ({'; '.join(causes)})" if causes else ""
    message = f"it ended as {task.status}{_after_comma(_failed_of_all(task))}{reason}"
    hint = f"only {' or '.join(accept)} counts as success, see accept"
    failed = outcome.failed(message, hint, failed_targets=failures, waited=True, details=None)
    total = task.devices("fail") or 0
    if not failures or total <= len(failures):
        return failed
    return failed._replace(counts={**failed.counts, "failed_targets_total": total})


def _failures(run: Run, task: BatchTask) -> list[dict[str, str]]:
    if task.devices("fail") == 0:
        return []
    try:
        return run.read(lambda: first_failures(run.client, task.task_id, _LISTED_FAILURES))
    except RequestError:
        # That the task failed is known; which of its devices did is what could not be read.
        return []


def _failed_of_all(task: BatchTask) -> str:
    failed = task.devices("fail")
    return f"{failed} of {task.devices('total')} devices failed" if failed else ""


def _named(failure: Mapping[str, str]) -> str:
    error = ": ".join(failure[name] for name in ("error_code", "error_msg") if failure[name])
    return f"{failure['target']}{f' ({error})' if error else ''}"


def _after_comma(text: str) -> str:
    return f", {text}" if text else ""
