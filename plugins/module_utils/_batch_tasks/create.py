# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""state: present, which creates a batch task exactly once, even if the answer to a request is lost.

The service knows no idempotency key, and accepts any number of tasks of one name. So the name and the type say which
task is meant, and after a request whose answer was lost the list of tasks decides what comes next. From then on a doubt
remains until a task is found: a later refusal is no proof that the first request did nothing.

Files: https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0021.html
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._core.errors import ApiError, RequestError
from .api import BatchTask, BatchTaskClient, is_file_id, is_iotda_error, may_have_acted
from .audit_log import AuditLog
from .definition import LocalFile, TaskDefinition, parse_definition
from .engine import RunOptions, open_log, unexpected
from .listing import MAX_PAGE_SIZE, ListFilter, ListReader, naming
from .outcomes import CREATED, EXISTS, FAILED, Collector, Outcome, in_diff, in_doubt
from .wait import await_end

# With so many of the name, it is known that there is one, and that it is not the only one.
_SEVERAL = 2
# How long the service may take to list a new task is not documented; what was seen are seconds.
_SETTLES = 60.0
_MAX_IDS = 5

Task = Mapping[str, Any]


def find_tasks(
    client: BatchTaskClient, definition: TaskDefinition, concurrency: int, enough: float = math.inf
) -> list[Task]:
    """Return the tasks that are known by the definition's name and type, newest first. Raises RequestError.

    No more is read once ``enough`` of them are found.
    """
    found: list[Task] = []
    nameless = None
    with ListReader(client, concurrency) as reader:
        for page in naming(definition.task_type, reader.pages(_query(definition))):
            found += [task for task in page.items if definition.is_of(task)]
            if any(task.get("task_name") is None for task in page.items):
                nameless = page
            if len(found) >= enough:
                break
    if nameless and not found:
        raise nameless.malformed("a task without a name, so it is not certain that the task does not exist")
    return found


def _query(definition: TaskDefinition) -> ListFilter:
    return ListFilter(definition.task_type, app_id=definition.app_id)


def run_present(
    connect: Callable[[], BatchTaskClient],
    options: Mapping[str, Any],
    run_options: RunOptions,
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Create the task that ``options`` describe unless it is there, or predict it; return the module's result."""
    definition = parse_definition(options)
    client = connect()
    collector = Collector("present", options["returned"])
    with open_log(options["audit_log"], client, "present", run_options.dry_run) as log:
        outcome = ensure_present(client, definition, run_options, options["retry_timeout"], log)
        collector.add(0, outcome)
        result = collector.build(warn, log)
    new = {name: in_diff(value) for name, value in definition.body.items()}
    created = outcome.outcome == CREATED
    diff = {"before": {}, "after": {"batch_task": new} if created or outcome.changed else {}}
    task = outcome.task.data
    known = {"batch_task": dict(task)} if "task_id" in task or created else {}
    return {**result, **known, "diff": diff, "outcome": outcome.outcome}


def ensure_present(
    client: BatchTaskClient,
    definition: TaskDefinition,
    options: RunOptions,
    retry_timeout: float,
    log: AuditLog | None = None,
) -> Outcome:
    """Create the task unless it is there, and wait for it if that is asked for; a creation is written to ``log``.

    In a dry run, that is predicted by reading only. Raises RequestError when the list cannot be read at first, and
    ConfigurationError for what cannot be created now; nothing was changed then.
    """
    found = find_tasks(client, definition, options.concurrency, _SEVERAL)
    if found:
        result = _existing(definition, found)
    else:
        definition.check_creation()
        if options.dry_run:
            return Outcome("", CREATED, task=BatchTask(definition.body), changed=True, named=definition.task_name)
        result = _Creation(client, definition, options, retry_timeout).run(log)
    return await_end(client, result, options) if options.wait and result.outcome != FAILED else result


def _existing(definition: TaskDefinition, found: Sequence[Task]) -> Outcome:
    newest = found[0]
    result = Outcome("", EXISTS, task=BatchTask(newest), named=definition.task_name)
    differences = definition.differences(newest)
    if differences:
        result = result.warned(
            f"Batch task {newest['task_id']} has the name {definition.task_name} and was not changed, although these "
            f"fields differ from the options: {', '.join(differences)}."
        )
    if len(found) > 1:
        result = result.warned(
            f"Several batch tasks of the type {definition.task_type} have the name {definition.task_name}; the newest, "
            f"{newest['task_id']}, is returned."
        )
    return result


class _Creation:
    """The creation of a task that does not exist: upload its file, send, and look for it after a lost answer."""

    def __init__(
        self, client: BatchTaskClient, definition: TaskDefinition, options: RunOptions, retry_timeout: float
    ) -> None:
        self._client = client
        self._definition = definition
        self._options = options
        self._retry_timeout = retry_timeout
        known = BatchTask({"task_name": definition.task_name, "task_type": definition.task_type})
        self._result = Outcome("", CREATED, task=known, named=definition.task_name)

    def run(self, log: AuditLog | None) -> Outcome:
        """Create the task, and write to ``log`` what was or may have been created."""
        file_id = None
        if self._definition.file:
            try:
                file_id = self._upload(self._definition.file)
            except RequestError as error:
                return self._result.failed_by(error, "upload", attempts=0)
        try:
            result = self._created(self._definition.request(file_id))
        except Exception as error:  # any: what may have been created must be told
            result = unexpected(error, self._result, doubted=CREATED)
        confirmed = result.change == CREATED
        if log:
            result = result.recorded(log)
        if confirmed:
            try:
                return self._looked_around(result)
            except Exception as error:  # any: what was created must be told
                return unexpected(error, result, waited=True)
        return self._cleaned_up(result, file_id) if file_id and result.outcome == FAILED else result

    def _created(self, body: Mapping[str, Any]) -> Outcome:
        """Return the result. Its ``change`` is a doubt unless an answer confirmed that this run created the task."""
        deadline = time.monotonic() + self._retry_timeout
        result, lost = self._result, False
        while True:
            try:
                task = self._client.create(body)
            except RequestError as error:
                lost = lost or may_have_acted(error)
                result = result._replace(attempts=result.attempts + error.attempts, details=error.details)
                if not lost:
                    return result.failed_by(error, "create")
                found, unread = self._search()
                if found:
                    return self._assumed(result, error, found)
                if unread:
                    why = f"{error}; the list of tasks could not be read ({unread}), so the task may exist"
                    return self._in_doubt(result, why)
                refused = not may_have_acted(error)
                if refused or time.monotonic() > deadline:
                    earlier = "; the answer to an earlier attempt was lost" if refused else ""
                    why = f"{error}{earlier}; two reads of the list after that did not show the task, but it may exist"
                    return self._in_doubt(result, why)
                result = result.warned(
                    f"The answer to the creation of batch task {self._definition.task_name} was lost ({error}). Two "
                    "reads of the list did not show the task, so the request was sent again."
                )
            else:
                created = result._replace(task=BatchTask(task.data), attempts=result.attempts + task.attempts)
                return created.changed_to(CREATED, task.details)

    def _search(self) -> tuple[Sequence[Task], RequestError | None]:
        """Return what the list shows by now, and why it could not be read. The service may show a task late."""
        found: Sequence[Task] = ()
        for _look in self._options.looks(self._client.cancellation):
            try:
                found = find_tasks(self._client, self._definition, self._options.concurrency) or found
            except RequestError as error:
                return found, error
            if any(not self._definition.differences(task) for task in found):
                break
        return found, None

    def _assumed(self, result: Outcome, error: RequestError, found: Sequence[Task]) -> Outcome:
        """Return the result for tasks that did not exist before a request whose answer was lost."""
        task = next((task for task in found if not self._definition.differences(task)), found[0])
        differences = self._definition.differences(task)
        warning = (
            f"The answer to the creation of batch task {result.label} was lost ({error}). Batch task "
            f"{task['task_id']}, which did not exist before, is assumed to be the one created."
        )
        if differences:
            warning += (
                f" Some of its fields differ from the options: {', '.join(differences)}. Either the service has "
                "rewritten them, or something else created the task."
            )
        result = result._replace(task=BatchTask(task), changed=True, change=in_doubt(CREATED)).warned(warning)
        return self._with_twins(result, [other["task_id"] for other in found if other is not task])

    def _in_doubt(self, result: Outcome, why: str) -> Outcome:
        """Return the failure of a creation that may have been carried out."""
        seconds = max(_SETTLES, 2 * self._options.wait_delay)
        hint = (
            f"wait at least {seconds:g} s and look for it with batch_task_info before you run this again: the service "
            "may list a new task late, and a run that does not see it creates a second one"
        )
        return result.failed(why, hint, changed=True, change=in_doubt(CREATED))

    def _looked_around(self, result: Outcome) -> Outcome:
        """Warn of other tasks of that name and type: several runs can find none, and then create one each."""
        if result.warnings:
            # It was sent again, and the list may show late what an earlier attempt created.
            self._options.pause(self._client.cancellation)
        query, task_id = _query(self._definition), result.task.task_id
        try:
            page = self._client.page(query.pairs(), None, MAX_PAGE_SIZE)
            query.check(page)
        except RequestError as error:
            return result.warned(
                f"Batch task {task_id} was created, but the list could not be read afterwards ({error}), so it is not "
                "known whether another run has created one of the same name at the same time."
            )
        found = [task["task_id"] for task in page.items if self._definition.is_of(task)]
        return self._with_twins(result, [other for other in found if other != task_id])

    def _with_twins(self, result: Outcome, others: Sequence[str]) -> Outcome:
        if not others:
            return result
        more = f" and {len(others) - _MAX_IDS} more" if len(others) > _MAX_IDS else ""
        return result.warned(
            f"Besides batch task {result.task.task_id}, which is returned, another of the type "
            f"{self._definition.task_type} and the name {result.label} has been created since this run began: "
            f"{', '.join(others[:_MAX_IDS])}{more}. Each of them is carried out. If several hosts of a play create the "
            "same task, set run_once."
        )

    def _upload(self, file: LocalFile) -> str:
        """Upload ``file`` under a unique name and return its ID. Raises RequestError.

        When the answer is lost, the file is searched by that name, which nothing else uses.
        """
        name = file.unique_name()
        try:
            return self._client.upload(name, file.content)
        except RequestError as error:
            if not may_have_acted(error):
                raise
            found = self._uploaded(name)
            if found is None:
                self._result = self._result.warned(
                    f"The answer to the upload was lost, so there may be a file {name}; the service deletes it after "
                    "one hour."
                )
                raise
            return found

    def _uploaded(self, name: str) -> str | None:
        try:
            files = self._client.files()
        except RequestError:
            # The failure of the upload itself is what is reported.
            return None
        ids = [file.get("file_id") for file in files if file.get("file_name") == name]
        return str(ids[0]) if ids and is_file_id(ids[0]) else None

    def _cleaned_up(self, result: Outcome, file_id: str) -> Outcome:
        """Delete the uploaded file after a failure, unless a task may use it."""
        if result.changed:
            return result.warned(
                f"The uploaded file {file_id} was not deleted, since a task may use it; the service deletes it after "
                "one hour."
            )
        try:
            self._client.delete_file(file_id)
        except RequestError as error:
            if not (is_iotda_error(error) and isinstance(error, ApiError) and error.details.http_status == 404):
                return result.warned(
                    f"The uploaded file {file_id} could not be deleted ({error}); the service deletes it after one "
                    "hour."
                )
        return result
