# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading batch tasks, by ID or by filter, with or without their subtasks.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    BatchTaskClient,
    confirms_absence,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.ids import parse_task_ids, sort_key
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.pagination import (
    LARGEST_PAGE,
    ListFilter,
    iter_subtasks,
    iter_task_pages,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.times import (
    parse_api_time,
    parse_moment,
    subtract,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError, RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.parallel import map_concurrently

# Tasks are listed by ID, and IDs follow the time of creation by the second only on one machine.
_LEEWAY = timedelta(hours=1)

_DEEPEST = 50

_FILTERS = ("app_id", "task_type", "status", "task_name", "created_before", "created_after", "limit")

Task = dict[str, Any]


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks to read: those of ``task_ids``, or, where that is None, those that pass all the filters."""

    task_ids: list[str] | None
    app_id: str | None
    task_type: str | None
    statuses: tuple[str, ...]
    task_name: str | None
    created_before: datetime | None
    created_after: datetime | None
    limit: int | None

    def matches(self, task: Mapping[str, Any]) -> bool:
        """Whether ``task`` is wanted, by what its own fields tell."""
        if self.task_type and task.get("task_type") != self.task_type:
            return False
        if self.task_name is not None and task.get("task_name") != self.task_name:
            return False
        return self._in_time(parse_api_time(task.get("create_time")))

    def _in_time(self, created: datetime | None) -> bool:
        if self.created_before is None and self.created_after is None:
            return True
        if created is None or (self.created_before is not None and created >= self.created_before):
            return False
        return self.created_after is None or created >= self.created_after

    def too_old(self, task: Mapping[str, Any]) -> bool:
        """Whether neither ``task`` nor any that is listed after it can have been created late enough."""
        created = parse_api_time(task.get("create_time"))
        return (
            self.created_after is not None and created is not None and created < subtract(self.created_after, _LEEWAY)
        )

    def page_size(self) -> int:
        """Return how many tasks to ask for at once: no more than are wanted, if every task that is listed is."""
        sieved = self.task_name is not None or self.created_before is not None
        return LARGEST_PAGE if self.limit is None or sieved else min(self.limit, LARGEST_PAGE)


@dataclass(frozen=True)
class DetailOptions:
    """Whether subtasks are read, too, which of them, and whether with their output."""

    wanted: bool
    status: str | None
    include_output: bool


def parse_filter(options: Mapping[str, Any]) -> TaskFilter:
    """Return what the module's options ask for; raises ConfigurationError."""
    ids = options["task_id"]
    both = [name for name in _FILTERS if options[name] is not None]
    if ids is not None and both:
        raise ConfigurationError(f"task_id cannot be combined with {', '.join(both)}; give IDs or filters")
    moments = {
        name: parse_moment(options[name], name) if options[name] is not None else None
        for name in ("created_before", "created_after")
    }
    if options["status"] == []:
        raise ConfigurationError("status must name at least one status; leave it out for all of them")
    return TaskFilter(
        task_ids=None if ids is None else parse_task_ids(ids),
        app_id=options["app_id"] or None,
        task_type=options["task_type"] or None,
        statuses=tuple(dict.fromkeys(options["status"] or ())),
        task_name=options["task_name"],
        limit=options["limit"],
        **moments,
    )


def parse_detail_options(options: Mapping[str, Any]) -> DetailOptions:
    """Return what the module's options say about subtasks; raises ConfigurationError."""
    details = DetailOptions(options["details"], options["detail_status"], options["include_output"])
    if not details.wanted and (details.status or details.include_output):
        raise ConfigurationError(
            "detail_status and include_output are about subtasks, which are read with details: true only"
        )
    return details


def read_tasks(api: BatchTaskClient, wanted: TaskFilter, details: DetailOptions, concurrency: int) -> list[Task]:
    """Return the tasks that are ``wanted``, the newest first. Raises RequestError."""
    if wanted.task_ids is None:
        found = list(itertools.islice(_listed(api, wanted), wanted.limit))
    else:
        newest_first = sorted(wanted.task_ids, key=sort_key, reverse=True)
        found = _present(map_concurrently(lambda task_id: _shown(api, task_id), newest_first, concurrency))
    if details.wanted:
        found = _present(map_concurrently(lambda task: _with_details(api, task, details), found, concurrency))
    return [_showable(task, details) for task in found]


def _present(tasks: Iterable[Task | None]) -> list[Task]:
    return [task for task in tasks if task is not None]


def _listed(api: BatchTaskClient, wanted: TaskFilter) -> Iterator[Task]:
    """Yield the tasks that pass the filters, reading on only as far as is asked for."""
    lists = [_of_one_status(api, wanted, status) for status in wanted.statuses or (None,)]
    merged = heapq.merge(*lists, key=lambda task: sort_key(task["task_id"]), reverse=True)
    last = None
    for task in merged:
        # A task that changes its status in between is met in two lists.
        if task["task_id"] != last and wanted.matches(task):
            yield task
        last = task["task_id"]


def _of_one_status(api: BatchTaskClient, wanted: TaskFilter, status: str | None) -> Iterator[Task]:
    query = ListFilter(wanted.app_id, wanted.task_type, status)
    for page in iter_task_pages(api, query, wanted.page_size()):
        for task in page.items:
            if status is None or task.get("status") == status:
                yield dict(task)
        # A whole page: one task whose time does not fit its place in the list must not end it.
        if page.items and all(wanted.too_old(task) for task in page.items):
            return


def _shown(api: BatchTaskClient, task_id: str) -> Task | None:
    try:
        return dict(api.show(task_id).task)
    except RequestError as error:
        _raise_unless_absent(error, task_id)
        return None


def _with_details(api: BatchTaskClient, task: Task, details: DetailOptions) -> Task | None:
    try:
        found = list(iter_subtasks(api, task["task_id"], details.status))
    except RequestError as error:
        _raise_unless_absent(error, task["task_id"])
        return None
    return {**task, "task_details": found}


def _showable(task: Task, details: DetailOptions) -> Task:
    """Return ``task`` as it may be shown: without the output of subtasks unless it is wanted."""
    shown: Task = _plain(task)
    if "task_details" in shown and not details.include_output:
        shown["task_details"] = _without_output(shown["task_details"])
    return shown


def _plain(value: Any, depth: int = 0) -> Any:
    """Return ``value`` without what is nested more deeply than Ansible can pass on."""
    if depth > _DEEPEST and isinstance(value, (dict, list)):
        return "(nested too deeply to be shown)"
    if isinstance(value, dict):
        return {name: _plain(inner, depth + 1) for name, inner in value.items()}
    return [_plain(inner, depth + 1) for inner in value] if isinstance(value, list) else value


def _without_output(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_output(inner) for name, inner in value.items() if name.lower() != "output"}
    return [_without_output(inner) for inner in value] if isinstance(value, list) else value


def _raise_unless_absent(error: RequestError, task_id: str) -> None:
    """Raise ``error`` in the name of the task, unless it says that the task does not exist."""
    if not confirms_absence(error):
        raise error.with_subject(f"batch task {task_id}", "show")
