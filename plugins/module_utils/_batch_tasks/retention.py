# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tasks a prune takes: pure functions of what was listed and what was asked for.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import FINISHED
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.ids import sort_key
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.times import parse_api_time, subtract

EVER = datetime.max.replace(tzinfo=timezone.utc)


class TaskSummary(NamedTuple):
    """What is kept in memory of a task that was listed, in the API's own words; None for what is not text."""

    task_id: str
    task_name: str | None
    task_type: str | None
    status: str | None
    create_time: str | None

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> TaskSummary:
        """Return what is kept of ``task``, as the API lists it."""
        texts = {name: value if isinstance(value := task.get(name), str) else None for name in cls._fields[1:]}
        return cls(task["task_id"], **texts)

    @property
    def created(self) -> datetime | None:
        """When it was created, None where that is missing or unreadable."""
        return parse_api_time(self.create_time)


@dataclass(frozen=True)
class RetentionRule:
    """What may go: created before ``cutoff`` (None: at any time), and not among the newest ``keep_last`` of its type.

    Only tasks in one of ``statuses``, and of one of ``task_types`` (empty: of any type), are looked at, and only
    finished ones can be.
    """

    cutoff: datetime | None
    keep_last: int
    statuses: tuple[str, ...] = FINISHED
    task_types: tuple[str, ...] = ()

    def selects(self, task: TaskSummary) -> bool:
        """Whether ``task`` is one of those that the rule is about."""
        finished = task.status in FINISHED and task.status in self.statuses
        return finished and (not self.task_types or task.task_type in self.task_types)


def cutoff(now: datetime, age: timedelta) -> datetime:
    """Return before when a task must have been created to be older than ``age``; an age of zero takes all."""
    return subtract(now, age) if age else EVER


def select_expired(tasks: Iterable[TaskSummary], rule: RetentionRule) -> list[TaskSummary]:
    """Return those of ``tasks`` that ``rule`` takes, the oldest first, each once.

    A task whose time of creation is unreadable is always kept, and counts for nothing: its age cannot be told.
    """
    by_type: dict[str | None, dict[str, tuple[datetime, str, TaskSummary]]] = defaultdict(dict)
    for task in tasks:
        created = task.created
        if created is not None and rule.selects(task):
            by_type[task.task_type].setdefault(task.task_id, (created, sort_key(task.task_id), task))
    found: list[tuple[datetime, str, TaskSummary]] = []
    for of_one_type in by_type.values():
        newest_first = sorted(of_one_type.values(), reverse=True)
        found.extend(newest_first[rule.keep_last :])
    return [task for created, _rank, task in sorted(found) if rule.cutoff is None or created < rule.cutoff]
