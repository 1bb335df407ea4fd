# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning: list what is finished, select what has expired, and delete it, in this order."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from .._core.errors import ConfigurationError
from .api import BatchTaskClient
from .audit_log import audit_log, check_audit_log
from .constants import FINISHED
from .delete import delete_tasks
from .delete_options import DeleteOptions
from .listing import Selection, parse_selection, read_lists
from .models import Page
from .patterns import NamePatterns, Protection, parse_patterns
from .results import DELETED, ResultCollector, TaskResult
from .retention import RetentionRule, TaskSummary, count_protected, cutoff, select_expired
from .times import parse_age, parse_moment


@dataclass(frozen=True)
class PruneOptions:
    """What the user asks for. ``rule`` is complete but for the cutoff that follows from ``older_than``."""

    selection: Selection
    rule: RetentionRule
    older_than: timedelta | None
    max_deletions: int
    concurrency: int
    audit_log: str | None
    returned: str

    def listed(self) -> Selection:
        """Return what to list: all statuses at once where all that can match are wanted, which saves requests."""
        every = set(self.selection.statuses) == set(FINISHED)
        return replace(self.selection, statuses=()) if every else self.selection


@dataclass(frozen=True)
class _Listed:
    """All selected tasks, the earliest time that an answer was dated, and the types that the service does not know."""

    tasks: list[TaskSummary]
    service_now: datetime | None
    skipped_types: list[str]


def parse_prune_options(options: Mapping[str, Any]) -> PruneOptions:
    """Return what the module's options ask for; raises ConfigurationError."""
    older_than = parse_age(options["older_than"], "older_than") if options["older_than"] is not None else None
    before = (
        parse_moment(options["created_before"], "created_before") if options["created_before"] is not None else None
    )
    if options["keep_last"] == 0 and older_than is None and before is None:
        raise ConfigurationError(
            "keep_last: 0 alone selects every finished task; to delete all of them, use older_than: 0d"
        )
    selection = parse_selection(options)
    names, protect = options["task_name"], options["protect"]
    rule = RetentionRule(
        before,
        options["keep_last"] or 0,
        selection.statuses,
        selection.task_types,
        None if names is None else NamePatterns(parse_patterns("task_name", names)),
        None if protect is None else Protection(parse_patterns("protect", protect)),
    )
    return PruneOptions(
        selection,
        rule,
        older_than,
        options["max_deletions"],
        options["concurrency"],
        options["audit_log"],
        options["returned"],
    )


def prune(
    client: BatchTaskClient, options: PruneOptions, check_mode: bool, diff: bool, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Delete what ``options`` select, unless it is more than allowed, and return the module's result."""
    collector = ResultCollector(options.returned, diff)
    if check_mode:
        check_audit_log(options.audit_log)
        result, expired = _select(client, options)
        for position, task in enumerate(expired):
            collector.add(position, TaskResult(task.task_id, DELETED, 0, task=task._asdict()))
        return _merge(result, collector, collector.build(warn), client)
    with audit_log(options.audit_log, client.target, "absent") as log:
        result, expired = _select(client, options)
        hint = "run it again to select the tasks again"
        delete_tasks(
            client,
            [task.task_id for task in expired],
            DeleteOptions(concurrency=options.concurrency, unfinished_hint=hint),
            collector,
            log,
            lambda position: expired[position]._asdict(),
        )
        return _merge(result, collector, collector.build(warn, log), client)


def _select(client: BatchTaskClient, options: PruneOptions) -> tuple[dict[str, Any], list[TaskSummary]]:
    """Return the first part of the result, and what is to be deleted: nothing where that is more than allowed."""
    local_now = datetime.now(timezone.utc)
    listed = _list(client, options)
    rule = options.rule
    if options.older_than is not None:
        rule = replace(rule, cutoff=_cutoff(options.older_than, listed.service_now, local_now))
    expired = select_expired(listed.tasks, rule)
    result: dict[str, Any] = {
        "examined": len(listed.tasks),
        "matched": len(expired),
        "protected": count_protected(listed.tasks, rule),
        "skipped_types": listed.skipped_types,
    }
    if len(expired) <= options.max_deletions:
        return result, expired
    msg = (
        f"{len(expired)} batch tasks match, more than max_deletions ({options.max_deletions}), "
        "so nothing was deleted; narrow the selection, or raise max_deletions."
    )
    return {**result, "failed": True, "msg": msg}, []


def _merge(
    result: Mapping[str, Any], collector: ResultCollector, built: Mapping[str, Any], client: BatchTaskClient
) -> dict[str, Any]:
    stats = {"throttled": client.stats.throttled, "retries": client.stats.retries}
    return {**built, **result, "kept": result["examined"] - collector.gone, **stats}


def _cutoff(age: timedelta, service_now: datetime | None, local_now: datetime) -> datetime:
    """Return before when a task must have been created: by the earlier clock, so that none is deleted too soon."""
    if service_now is None and age:
        raise ConfigurationError(
            "The age of tasks cannot be determined, since the service's answers have no readable Date header; "
            "use created_before"
        )
    return cutoff(min(service_now or local_now, local_now), age)


def _list(client: BatchTaskClient, options: PruneOptions) -> _Listed:
    """Read all lists to their ends."""

    def consume(pages: Iterator[Page]) -> tuple[list[TaskSummary], datetime | None]:
        tasks: list[TaskSummary] = []
        service_now = None
        for page in pages:
            service_now = service_now or page.service_now
            summaries = map(_summarize, page.items)
            tasks.extend(filter(options.rule.selects, summaries))
        return tasks, service_now

    lists = read_lists(client, options.listed(), options.concurrency, consume)
    once = {task.task_id: task for tasks, _now in lists.read for task in tasks}
    times = [now for _tasks, now in lists.read if now is not None]
    return _Listed(list(once.values()), min(times, default=None), lists.skipped_types)


def _summarize(task: Mapping[str, Any]) -> TaskSummary:
    """Return the summary of a task; texts that many tasks share are kept once."""
    summary = TaskSummary.of(task)
    shared = {
        name: sys.intern(value) for name in ("task_type", "status") if (value := getattr(summary, name)) is not None
    }
    return summary._replace(**shared)
