# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning: list what is finished, choose what goes, and delete it, in this order.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import FINISHED, BatchTaskClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.delete import DeleteOptions, delete_tasks
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.pagination import (
    ListFilter,
    iter_task_pages,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import (
    DELETED,
    TaskResult,
    build_result,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.retention import (
    RetentionRule,
    TaskSummary,
    cutoff,
    select_expired,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.times import parse_age, parse_moment
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.parallel import map_concurrently


@dataclass(frozen=True)
class PruneOptions:
    """What the user asks for: at most one of ``older_than`` and ``created_before``."""

    older_than: timedelta | None
    created_before: datetime | None
    keep_last: int
    statuses: tuple[str, ...]
    task_types: tuple[str, ...]
    app_id: str | None
    max_deletions: int
    concurrency: int

    def queries(self) -> list[ListFilter]:
        """Return what to ask the service for, so that it lists little else than what is wanted."""
        types: tuple[str | None, ...] = self.task_types or (None,)
        return [ListFilter(self.app_id, task_type, status) for status in self.statuses for task_type in types]

    def rule(self, service_now: datetime | None) -> RetentionRule:
        """Return the rule by the service's clock, which may be None unless an age counts."""
        moment = self.created_before
        if self.older_than is not None and service_now is not None:
            moment = cutoff(service_now, self.older_than)
        return RetentionRule(moment, self.keep_last, self.statuses, self.task_types)


@dataclass(frozen=True)
class _Read:
    """What one list held, and what the service's clock showed when it was first answered."""

    tasks: list[TaskSummary]
    service_now: datetime | None


def parse_prune_options(options: Mapping[str, Any]) -> PruneOptions:
    """Return what the module's options ask for; raises ConfigurationError."""
    for name in ("older_than", "created_before", "app_id"):
        if options[name] is not None and not options[name].strip():
            raise ConfigurationError(f"{name} is empty; give it a value, or leave it out")
    types = tuple(dict.fromkeys(name.strip() for name in options["task_type"] or ()))
    wrong = [name for name in types if not name.isalnum()]
    if options["task_type"] == [] or wrong:
        told = f", not {wrong[0]!r}" if wrong else ""
        raise ConfigurationError(
            f"task_type must name task types such as freezeDevices{told}; leave it out for every type"
        )
    if not options["status"]:
        raise ConfigurationError(
            f"status must name at least one of {', '.join(FINISHED)}; leave it out for all of them"
        )
    return PruneOptions(
        older_than=parse_age(options["older_than"], "older_than") if options["older_than"] else None,
        created_before=parse_moment(options["created_before"], "created_before") if options["created_before"] else None,
        keep_last=options["keep_last"] or 0,
        statuses=tuple(dict.fromkeys(options["status"])),
        task_types=types,
        app_id=options["app_id"],
        max_deletions=options["max_deletions"],
        concurrency=options["concurrency"],
    )


def prune(api: BatchTaskClient, request: PruneOptions, check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """Delete what matches ``request``, unless it is more than allowed, and return the module's result."""
    examined, going_now = _select(api, request)
    counts = {"examined": examined, "matched": len(going_now), "kept": examined - len(going_now)}
    if len(going_now) > request.max_deletions:
        msg = (
            f"{len(going_now)} batch tasks match, more than max_deletions ({request.max_deletions}), "
            "so nothing was deleted; narrow the choice, or raise max_deletions."
        )
        return {"failed": True, "changed": False, "msg": msg, **counts, **_stats(api)}
    known = {task.task_id: task._asdict() for task in going_now}
    if check_mode:
        results = [TaskResult(task_id, DELETED, 0, task=task) for task_id, task in known.items()]
    else:
        plan = DeleteOptions(concurrency=request.concurrency, unfinished_hint="run it again, which chooses anew")
        results = delete_tasks(api, list(known), plan, known)
    return {**build_result(results, warn), **counts, **_stats(api)}


def _select(api: BatchTaskClient, request: PruneOptions) -> tuple[int, list[TaskSummary]]:
    """Return how many tasks were examined, and which of them go."""
    lists = map_concurrently(lambda query: _read(api, query), request.queries(), request.concurrency)
    moments = [one.service_now for one in lists if one.service_now is not None]
    if request.older_than and not moments:
        raise ConfigurationError(
            "The service's answers have no readable Date, so that no age can be measured; use created_before"
        )
    rule = request.rule(min(moments, default=None))
    selected = {task.task_id: task for one in lists for task in one.tasks if rule.selects(task)}
    return len(selected), select_expired(selected.values(), rule)


def _read(api: BatchTaskClient, query: ListFilter) -> _Read:
    pages = iter_task_pages(api, query)
    first = next(pages)
    rest: Iterator[Mapping[str, Any]] = (task for page in pages for task in page.items)
    listed = itertools.chain(first.items, rest)
    return _Read([_summarize(task) for task in listed if _is_of_space(task, query.app_id)], first.service_now)


def _is_of_space(task: Mapping[str, Any], app_id: str | None) -> bool:
    """Whether ``task`` is of the resource space ``app_id``, as far as it says so, which IoTDA's lists do not."""
    return app_id is None or task.get("app_id", app_id) == app_id


def _summarize(task: Mapping[str, Any]) -> TaskSummary:
    """Return what is kept of a task; texts that many tasks share are kept once."""
    listed = TaskSummary.of(task)
    shared = {
        name: sys.intern(value) for name in ("task_type", "status") if (value := getattr(listed, name)) is not None
    }
    return listed._replace(**shared)


def _stats(api: BatchTaskClient) -> dict[str, int]:
    return {"throttled": api.stats.throttled, "retries": api.stats.retries}
