# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for batch tasks, and judging how they ended."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from .._core.errors import RequestError
from .._core.redaction import short_line
from .._core.runtime import Cancellation, map_concurrently
from .api import BatchTaskClient
from .models import BatchTask, short_status
from .targets import first_failures

SHORTEST_DELAY = 0.5  # seconds, so that waiting with no delay does not flood the service
_SHOWN_FAILURES = 3
_LISTED_FAILURES = 50


@dataclass(frozen=True)
class WaitOptions:
    """Whether to wait, for all tasks together, and which final statuses are a success. Times are seconds."""

    wait: bool = False
    timeout: float = 600.0
    delay: float = 5.0
    accept: tuple[str, ...] = ("Success",)

    def pause(self, cancellation: Cancellation, most: float = math.inf) -> None:
        """Wait between two reads, ``most`` seconds at most, or until the run is cancelled."""
        cancellation.sleep(min(max(self.delay, SHORTEST_DELAY), most))


@dataclass(frozen=True)
class Waited:
    """The last read of a task that was waited for. ``done``: the wait is over."""

    task: BatchTask | None
    done: bool = False
    error: RequestError | None = None


@dataclass(frozen=True)
class Unaccepted:
    """Why the final status of a task, or a missing one, is a failure.

    ``failed``: how many devices failed; ``failed_targets`` lists the first of them.
    """

    message: str
    hint: str
    failed_targets: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0


def wait_for_all(
    client: BatchTaskClient,
    tasks: Mapping[str, BatchTask | None],
    done: Callable[[BatchTask], bool],
    options: WaitOptions,
    concurrency: int,
) -> dict[str, Waited]:
    """Look at ``tasks`` until each is ``done`` or the time is over; return the last look at each, by ID.

    A task is None if it has been changed since it was read. A RequestError ends the waiting for its task.
    """
    latest = {task_id: Waited(task) for task_id, task in tasks.items()}
    waiting = list(tasks)
    deadline = time.monotonic() + options.timeout

    def read(task_id: str, first: bool) -> Waited:
        task = latest[task_id].task
        try:
            task = task if first and task else client.show(task_id)
            return Waited(task, done(task))
        except RequestError as error:
            return Waited(task, error=error)

    first = True
    while waiting:
        results = map_concurrently(partial(read, first=first), waiting, concurrency)
        latest.update(zip(waiting, results))
        waiting = [task_id for task_id in waiting if not (latest[task_id].done or latest[task_id].error)]
        first = False
        if time.monotonic() >= deadline:
            break
        if waiting:
            options.pause(client.cancellation, deadline - time.monotonic())
    return latest


def unfinished_end(task: BatchTask, options: WaitOptions) -> Unaccepted:
    """Return the failure of a task that did not finish in time."""
    message = f"it is {short_status(task.status)}{_after_comma(task.progress)}"
    return Unaccepted(
        f"{message}; it did not finish within {options.timeout:g} s", "run it again later, or raise wait_timeout"
    )


def unaccepted_end(client: BatchTaskClient, task: BatchTask, options: WaitOptions) -> Unaccepted | None:
    """Return why ``task``, a finished task, is not a success; None if it is. Reads what failed."""
    if task.status in options.accept:
        return None
    failures = _failures(client, task)
    causes = [f"status_desc is {short_line(task.data['status_desc'])!r}"] if task.data.get("status_desc") else []
    if failures:
        causes.append(f"the first that failed: {', '.join(map(_named, failures[:_SHOWN_FAILURES]))}")
    reason = f" ({'; '.join(causes)})" if causes else ""
    message = f"it ended as {task.status}{_after_comma(_failed_of_all(task))}{reason}"
    return Unaccepted(
        message,
        f"only {' or '.join(options.accept)} counts as success, see accept",
        failures,
        task.devices("fail") or 0,
    )


def _failures(client: BatchTaskClient, task: BatchTask) -> list[dict[str, str]]:
    if task.devices("fail") == 0:
        return []
    try:
        return first_failures(client, task.task_id, _LISTED_FAILURES)
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
