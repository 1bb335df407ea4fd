# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating a batch task exactly once, even if the answer to a request is lost.

The service knows no idempotency key, and takes any number of tasks of one name. So the name and the type say which task
is meant, and after a request whose answer was lost the list of tasks decides what comes next.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._core.errors import RequestError
from .api import BatchTaskClient, may_have_acted
from .audit_log import AuditLog
from .definition import TaskDefinition
from .files import delete_file, upload_file
from .models import BatchTask
from .pagination import ListFilter, iter_task_pages
from .results import FAILED
from .state_results import CREATED, EXISTS, StateResult
from .wait import WaitOptions, unaccepted_end, unfinished_end, wait_for_all

# How often the list is read, a pause apart, before a task that is not in it counts as not created.
_READS = 2
_RUN_AGAIN = "run it again: it looks for the task before it creates one"

Task = Mapping[str, Any]


def find_tasks(client: BatchTaskClient, definition: TaskDefinition) -> list[Task]:
    """Return the tasks that are known by the definition's name and type, newest first. Raises RequestError."""
    query = ListFilter(definition.task_type, app_id=definition.app_id)
    pages = iter_task_pages(client, query)
    return [task for page in pages for task in page.items if definition.is_of(task)]


def predict_present(client: BatchTaskClient, definition: TaskDefinition, options: WaitOptions) -> StateResult:
    """Return what ``ensure_present`` can be expected to return, by reading only. Raises RequestError."""
    found = find_tasks(client, definition)
    if not found:
        return StateResult(definition.task_name, CREATED, definition.body, changed=True)
    result = _existing(definition, found)
    return _judged(client, result, options) if options.wait and BatchTask(found[0], 0).finished else result


def ensure_present(
    client: BatchTaskClient,
    definition: TaskDefinition,
    options: WaitOptions,
    retry_timeout: float,
    log: AuditLog | None = None,
) -> StateResult:
    """Create the task unless it is there, and wait for it if that is asked for; a creation is written to ``log``.

    Raises RequestError when the list cannot be read at first; nothing was sent then.
    """
    found = find_tasks(client, definition)
    result = _existing(definition, found) if found else _Creation(client, definition, options, retry_timeout).run()
    if log and result.changed:
        result.record(log)
    return _awaited(client, result, options) if options.wait and result.outcome != FAILED else result


def _existing(definition: TaskDefinition, found: Sequence[Task]) -> StateResult:
    newest = found[0]
    result = StateResult(definition.task_name, EXISTS, newest)
    differences = definition.differences(newest)
    if differences:
        result = result.warned(
            f"Batch task {newest['task_id']} has the name {definition.task_name} and was not changed, although these "
            f"fields differ from the options: {', '.join(differences)}."
        )
    return result.warned(*_warnings_of_several(found))


def _warnings_of_several(found: Sequence[Task]) -> list[str]:
    if len(found) < 2:
        return []
    return [
        f"{len(found)} batch tasks of the type {found[0]['task_type']} have the name {found[0]['task_name']}; the "
        f"newest, {found[0]['task_id']}, is returned."
    ]


@dataclass(frozen=True)
class _Search:
    """What the lists showed after a lost answer. ``error``: why they could not be read."""

    found: Sequence[Task] = ()
    error: RequestError | None = None


class _Creation:
    """The creation of a task that does not exist: upload its file, send, and look for it after a lost answer."""

    def __init__(
        self, client: BatchTaskClient, definition: TaskDefinition, options: WaitOptions, retry_timeout: float
    ) -> None:
        self._client = client
        self._definition = definition
        self._options = options
        self._retry_timeout = retry_timeout
        known = {"task_name": definition.task_name, "task_type": definition.task_type}
        self._result = StateResult(definition.task_name, CREATED, known)

    def run(self) -> StateResult:
        file_id = None
        if self._definition.file:
            try:
                file_id = upload_file(self._client, self._definition.file)
            except RequestError as error:
                return self._result.failed_by(error, "upload", attempts=0)
        result = self._created(self._definition.request(file_id))
        return self._cleaned_up(result, file_id) if file_id else result

    def _created(self, body: Mapping[str, Any]) -> StateResult:
        deadline = time.monotonic() + self._retry_timeout
        result = self._result
        while True:
            try:
                task = self._client.create(body)
            except RequestError as error:
                result = replace(result, attempts=result.attempts + error.attempts)
                ended = self._after(error, result)
                if ended is not None:
                    return ended
                if time.monotonic() > deadline:
                    message = f"{error}; the task is in neither of two lists read after that, so it was not created"
                    return result.failed(message, _RUN_AGAIN, details=error.details)
                result = result.warned(
                    f"The answer to the creation of batch task {self._definition.task_name} was lost ({error}). The "
                    "task is in neither of two lists read after that, so the creation was sent again."
                )
            else:
                attempts = result.attempts + task.attempts
                return replace(result, task=task.data, attempts=attempts, changed=True, details=task.details)

    def _after(self, error: RequestError, result: StateResult) -> StateResult | None:
        """Return what a failed request means; None if its answer was lost, and the task does not exist."""
        if not may_have_acted(error):
            return result.failed_by(error, "create")
        search = self._search()
        if search.error:
            message = f"{error}; the list of tasks could not be read ({search.error}), so the task may exist"
            return result.failed(message, _RUN_AGAIN, details=error.details, changed=True)
        if not search.found:
            return None
        lost = f"The answer to the creation of batch task {self._definition.task_name} was lost ({error})."
        ours = [task for task in search.found if not self._definition.differences(task)]
        if not ours:
            existing = replace(_existing(self._definition, search.found), attempts=result.attempts)
            return existing.warned(*result.warnings, f"{lost} Another task with that name has been created since.")
        created = replace(result, task=ours[0], changed=True, details=error.details)
        return created.warned(
            f"{lost} Batch task {ours[0]['task_id']}, which did not exist before, is assumed to be the one created.",
            *_warnings_of_several(ours),
        )

    def _search(self) -> _Search:
        """Read the list until it contains a matching task. The service may show it some seconds late."""
        found: Sequence[Task] = ()
        for attempt in range(_READS):
            if attempt:
                self._options.pause(self._client.cancellation)
            try:
                found = find_tasks(self._client, self._definition)
            except RequestError as error:
                return _Search(error=error)
            if any(not self._definition.differences(task) for task in found):
                break
        return _Search(found)

    def _cleaned_up(self, result: StateResult, file_id: str) -> StateResult:
        """Delete the uploaded file unless a task has used it, or may."""
        if result.outcome == CREATED or result.changed:
            return result
        error = delete_file(self._client, file_id)
        if error is None:
            return result
        return result.warned(
            f"The uploaded file {file_id} could not be deleted ({error}); the service deletes it after one hour."
        )


def _awaited(client: BatchTaskClient, result: StateResult, options: WaitOptions) -> StateResult:
    task = BatchTask(result.task, 0)
    waited = wait_for_all(client, {task.task_id: task}, lambda latest: latest.finished, options, 1)
    last = waited[task.task_id]
    if last.error is not None or last.task is None:
        return result if last.error is None else result.failed_by(last.error, "show", waited=True)
    result = replace(result, task=last.task.data)
    return _judged(client, result, options) if last.done else result.unaccepted(unfinished_end(last.task, options))


def _judged(client: BatchTaskClient, result: StateResult, options: WaitOptions) -> StateResult:
    why = unaccepted_end(client, BatchTask(result.task, 0), options)
    return result if why is None else result.unaccepted(why)
