# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading batch tasks, by ID or by filter, with or without their subtasks."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Callable, NamedTuple

from .._core.errors import ConfigurationError, RequestError
from .._core.runtime import map_concurrently
from .api import BatchTaskClient, parse_task_ids, sort_key
from .criteria import NamePatterns, parse_api_time, parse_moment, parse_patterns, subtract
from .listing import (
    MAX_PAGE_SIZE,
    ListFilter,
    ListReader,
    Selection,
    failed_targets,
    iter_subtasks,
    parse_selection,
    read_lists,
)
from .models import Page

# Lists are ordered by ID. IDs made by one machine grow with the time of creation, those of several need not.
_LEEWAY = timedelta(hours=1)

_FILTERS = ("app_id", "task_type", "status", "task_name", "created_before", "created_after", "limit")

Task = dict[str, Any]


class ReadOptions(NamedTuple):
    """What to read: the tasks of ``task_ids``, or, where that is None, at most ``limit`` of the listed ones that pass.

    What is None does not restrict. ``details``: their subtasks, too, in ``detail_status`` if it is given, and with
    their output if that is wanted.
    """

    task_ids: list[str] | None
    selection: Selection
    names: NamePatterns | None
    created_before: datetime | None
    created_after: datetime | None
    limit: int | None
    concurrency: int
    details: bool
    detail_status: str | None
    include_output: bool

    def matches(self, task: Mapping[str, Any]) -> bool:
        """Whether ``task`` passes, by its name and time of creation."""
        if self.names is not None and not self.names.matches(task.get("task_name")):
            return False
        if self.created_before is None and self.created_after is None:
            return True
        created = parse_api_time(task.get("create_time"))
        if created is None or (self.created_before is not None and created >= self.created_before):
            return False
        return self.created_after is None or created >= self.created_after

    def too_old(self, task: Mapping[str, Any]) -> bool:
        """Whether neither ``task`` nor any that is listed after it can have been created late enough."""
        created = parse_api_time(task.get("create_time"))
        return (
            self.created_after is not None and created is not None and created < subtract(self.created_after, _LEEWAY)
        )

    @property
    def takes_all(self) -> bool:
        """Whether every listed task is wanted, until the limit is reached or all are too old."""
        return self.names is None and self.created_before is None

    def page_size(self) -> int:
        """Return how many tasks to ask for at once: no more than wanted, where every listed task is wanted."""
        return min(self.limit, MAX_PAGE_SIZE) if self.limit and self.takes_all else MAX_PAGE_SIZE

    def needed(self, lists: int) -> int | None:
        """Return how many tasks of each of so many lists are needed for certain; None: all."""
        if self.created_after is not None:
            return 0
        return self.limit if self.limit is None or (lists == 1 and self.takes_all) else 0


def parse_read_options(options: Mapping[str, Any]) -> ReadOptions:
    """Return what the module's options ask for; raises ConfigurationError."""
    ids = options["task_id"]
    filters = [name for name in _FILTERS if options[name] is not None]
    if ids is not None and filters:
        raise ConfigurationError(f"task_id cannot be combined with {', '.join(filters)}; give IDs or filters")
    if not options["details"] and (options["detail_status"] or options["include_output"]):
        raise ConfigurationError(
            "detail_status and include_output apply to subtasks, which are read only with details: true"
        )
    before, after = (
        None if options[name] is None else parse_moment(options[name], name)
        for name in ("created_before", "created_after")
    )
    names = None if options["task_name"] is None else NamePatterns(parse_patterns("task_name", options["task_name"]))
    task_ids = None if ids is None else parse_task_ids(ids)
    as_given = (options[name] for name in ("limit", "concurrency", "details", "detail_status", "include_output"))
    return ReadOptions(task_ids, parse_selection(options), names, before, after, *as_given)


def read_tasks(client: BatchTaskClient, options: ReadOptions) -> tuple[list[Task], list[str]]:
    """Return the tasks that are asked for, the newest first, and the types that were skipped. Raises RequestError."""
    skipped: list[str] = []
    if options.task_ids is None:
        tasks, skipped = _list(client, options)
    else:
        newest_first = sorted(options.task_ids, key=sort_key, reverse=True)
        tasks = _read_each(client, newest_first, lambda task_id: dict(client.show(task_id).data), options.concurrency)
    if options.details:
        known = {task["task_id"]: task for task in tasks}

        def with_details(task_id: str) -> Task:
            return {**known[task_id], "task_details": list(iter_subtasks(client, task_id, options.detail_status))}

        tasks = _read_each(client, list(known), with_details, options.concurrency)
    return [_returned(task, options.include_output) for task in tasks], skipped


def _read_each(
    client: BatchTaskClient, task_ids: Sequence[str], read: Callable[[str], Task], concurrency: int
) -> list[Task]:
    """Return what ``read`` returns for each task that exists. Raises RequestError, which names the task."""

    def unless_absent(task_id: str) -> Task | None:
        try:
            return read(task_id)
        except RequestError as error:
            if client.confirms_absence(error):
                return None
            raise error.with_subject(f"batch task {task_id}", "show") from None

    return [task for task in map_concurrently(unless_absent, task_ids, concurrency) if task is not None]


def _list(client: BatchTaskClient, options: ReadOptions) -> tuple[list[Task], list[str]]:
    """Return the listed tasks that pass, and the skipped types.

    Without a limit the lists are read to their ends, side by side. With one, only their first pages are, and the rest
    as far as the limit needs it.
    """

    def consume(_query: ListFilter, pages: Iterator[Page]) -> Iterable[Task]:
        tasks = _recent(pages, options)
        return list(filter(options.matches, tasks)) if options.limit is None else tasks

    queries, named = options.selection.filters(), options.selection.named_types
    with ListReader(client, options.concurrency) as reader:
        read, skipped = read_lists(reader, queries, named, consume, options.page_size(), options.needed(len(queries)))
        merged = _without_repeats(heapq.merge(*read, key=lambda task: sort_key(task["task_id"]), reverse=True))
        passing = merged if options.limit is None else filter(options.matches, merged)
        return list(itertools.islice(passing, options.limit)), skipped


def _recent(pages: Iterator[Page], wanted: ReadOptions) -> Iterator[Task]:
    """Yield the tasks of ``pages`` up to the page that holds only tasks that are too old."""
    for page in pages:
        for task in page.items:
            yield dict(task)
        # A whole page: a single task whose time does not fit its place in the list must not end it.
        if page.items and all(wanted.too_old(task) for task in page.items):
            return


def _without_repeats(tasks: Iterable[Task]) -> Iterator[Task]:
    """Yield each task once: one whose status changes between two requests is in the lists of both statuses."""
    last = None
    for task in tasks:
        if task["task_id"] != last:
            yield task
        last = task["task_id"]


def _returned(task: Task, include_output: bool) -> Task:
    """Return ``task`` as it may be shown: without the output of subtasks unless it is wanted."""
    if "task_details" not in task:
        return task
    details = task["task_details"]
    shown = details if include_output else _without_output(details)
    return {**task, "failed_targets": failed_targets(details), "task_details": shown}


def _without_output(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_output(inner) for name, inner in value.items() if name.lower() != "output"}
    return [_without_output(inner) for inner in value] if isinstance(value, list) else value
