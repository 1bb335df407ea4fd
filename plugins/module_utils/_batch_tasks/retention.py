# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tasks a prune deletes: pure functions of what was listed and what was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .api import FINISHED, sort_key
from .patterns import NamePatterns, Protection
from .times import parse_api_time, subtract

EVER = datetime.max.replace(tzinfo=timezone.utc)


class TaskSummary(NamedTuple):
    """What is kept in memory of a listed task, with the API's field names; None for what is not text."""

    task_id: str
    task_name: str | None
    task_type: str | None
    status: str | None
    create_time: str | None

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> TaskSummary:
        """Return the summary of ``task``, as the API lists it."""
        texts = {name: value if isinstance(value := task.get(name), str) else None for name in cls._fields[1:]}
        return cls(task["task_id"], **texts)

    @property
    def created(self) -> datetime | None:
        """The time of its creation, None where that is missing or unreadable."""
        return parse_api_time(self.create_time)


@dataclass(frozen=True)
class RetentionRule:
    """A task expires if it was created before ``cutoff`` (None: at any time) and is not of the newest ``keep_last``.

    ``keep_last`` counts per type. Only finished tasks in one of ``statuses``, of one of ``task_types``, and with a name
    that ``names`` matches, are considered; empty or None does not restrict. Tasks under ``protection`` never expire,
    and ``keep_last`` does not count them.
    """

    cutoff: datetime | None
    keep_last: int
    statuses: tuple[str, ...] = FINISHED
    task_types: tuple[str, ...] = ()
    names: NamePatterns | None = None
    protection: Protection | None = None

    def selects(self, task: TaskSummary) -> bool:
        """Whether the rule considers ``task``, protected or not."""
        finished = task.status in FINISHED and task.status in self.statuses
        of_type = not self.task_types or task.task_type in self.task_types
        return finished and of_type and (self.names is None or self.names.matches(task.task_name))

    def protects(self, task: TaskSummary) -> bool:
        """Whether ``task`` must never be deleted."""
        return self.protection is not None and self.protection.covers(task.task_id, task.task_name)


def cutoff(now: datetime, age: timedelta) -> datetime:
    """Return before when a task must have been created to be older than ``age``; an age of zero takes all."""
    return subtract(now, age) if age else EVER


def select_expired(tasks: Iterable[TaskSummary], rule: RetentionRule) -> list[TaskSummary]:
    """Return those of ``tasks`` that expire by ``rule``, the oldest first, each once.

    A task whose time of creation is unreadable never expires and is not counted: its age is not known.
    """
    return _expired((task for task in tasks if not rule.protects(task)), rule)


def select_protected(tasks: Iterable[TaskSummary], rule: RetentionRule) -> list[TaskSummary]:
    """Return those of ``tasks`` that would expire if nothing were protected, and do not since they are."""
    return [] if rule.protection is None else list(filter(rule.protects, _expired(tasks, rule)))


def _expired(tasks: Iterable[TaskSummary], rule: RetentionRule) -> list[TaskSummary]:
    by_type: dict[str | None, dict[str, TaskSummary]] = defaultdict(dict)
    for task in tasks:
        if task.created is not None and rule.selects(task):
            by_type[task.task_type].setdefault(task.task_id, task)
    expired: list[TaskSummary] = []
    for of_one_type in by_type.values():
        newest_first = sorted(of_one_type.values(), key=by_age, reverse=True)
        expired.extend(task for task in newest_first[rule.keep_last :] if _is_before(task, rule.cutoff))
    return sorted(expired, key=by_age)


def by_age(task: TaskSummary) -> tuple[str, str]:
    """Return the sort key by age, the oldest first; the API's times sort as text."""
    return task.create_time or "", sort_key(task.task_id)


def _is_before(task: TaskSummary, cutoff: datetime | None) -> bool:
    created = task.created
    return cutoff is None or (created is not None and created < cutoff)
