# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a batch task has finished, and judging whether its end is a success."""

from __future__ import annotations

from .._core.errors import RequestError
from .._core.redaction import short_line
from .api import BatchTask, BatchTaskClient
from .engine import Pending, Run, RunOptions, Step
from .listing import failed_target
from .models import with_cause
from .outcomes import CREATED, Outcome

_SHOWN_FAILURES = 3
_LISTED_FAILURES = 50


class Finishing:
    """The part of a verb that waits for a task until it has finished, and fails unless its final status is accepted."""

    def ended(self, run: Run, outcome: Outcome) -> Outcome | None:
        """Return the end of the task, None if it is to be waited for still. Raises RequestError."""
        return _judged(run, outcome) if outcome.task.finished else None

    def seen(self, run: Run, pending: Pending) -> Step:
        """Go on with a task that has been read. What it showed before it was changed is no end."""
        if pending.old is not None and pending.outcome.task.data == pending.old.data:
            return pending
        return self.ended(run, pending.outcome) or pending._replace(old=None)

    def unread(self, run: Run, pending: Pending, error: RequestError) -> Step:
        """Return the failure of a task that could not be read, unless it is too new to be."""
        if not run.client.confirms_absence(error):
            return pending.outcome.failed_by(error, "show", waited=True)
        if pending.outcome.outcome == CREATED and not pending.outcome.task.shown:
            # An unfinished task cannot be deleted: it is new, and not shown yet.
            return pending
        return pending.outcome.failed("it was deleted during the wait", details=error.details, waited=True)

    def unfinished(self, run: Run, pending: Pending) -> Outcome:
        """Return the failure of a task that was not seen to finish."""
        task = pending.outcome.task
        same = pending.old is not None and task.finished
        message = f"it is still {task.status}, as before" if same else f"it is {task.standing}"
        return pending.outcome.failed(message, waited=True, details=None)


class _Created(Finishing):
    """Only waits, for a task that exists or has just been created."""

    done = CREATED

    def begin(self, run: Run, outcome: Outcome) -> Step:
        return self.ended(run, outcome) or (outcome if run.options.dry_run else Pending(outcome))


def await_end(client: BatchTaskClient, outcome: Outcome, options: RunOptions) -> Outcome:
    """Return the end of the one task that ``outcome`` knows, waiting for it if need be."""
    ends: dict[int, Outcome] = {}
    Run(client, _Created(), options, ends.__setitem__).bring([outcome], lambda known: known)
    return ends[0]


def _judged(run: Run, outcome: Outcome) -> Outcome:
    """Return the end of a finished task: a failure, with what failed, unless its status is accepted."""
    task, accept = outcome.task, run.options.accept
    if task.status in accept:
        return outcome
    failed, failures = task.devices("fail"), _failures(run, task)
    message = f"it ended as {task.status}"
    if failed:
        message += f", {failed} of {task.devices('total')} devices failed"
    causes = [f"status_desc is {short_line(task.data['status_desc'])!r}"] if task.data.get("status_desc") else []
    if failures:
        first = [with_cause(one["target"], one["error_code"], one["error_msg"]) for one in failures[:_SHOWN_FAILURES]]
        causes.append(f"the first that failed: {', '.join(first)}")
    if causes:
        message += f" ({'; '.join(causes)})"
    cut = {"failed_targets_total": failed} if failed and failed > len(failures) > 0 else {}
    hint = f"only {' or '.join(accept)} counts as success, see accept"
    counts = {**outcome.counts, **cut}
    return outcome.failed(message, hint, failed_targets=failures, counts=counts, waited=True, details=None)


def _failures(run: Run, task: BatchTask) -> list[dict[str, str]]:
    """Return the first of the devices that failed, none where they cannot be read: that the task failed is known."""
    if task.devices("fail") == 0:
        return []
    try:
        page = run.read(lambda: run.client.detail_page(task.task_id, "Fail", None, _LISTED_FAILURES))
    except RequestError:
        return []
    return [failed_target(subtask) for subtask in page.items[:_LISTED_FAILURES]]
