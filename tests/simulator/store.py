# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The batch tasks of one project in one instance: kept, found, changed, and moved on as time passes."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from threading import RLock

from .clock import Clock
from .tasks import ACTIVE, FINISHED, Task

NEWEST = "f" * 24
RETRY_WAIT = "FailWaitRetry"
"""A step of a task's transitions that is not a status of the task: failing subtasks wait for their next attempt."""
_ENDS = {"Success": "Success", "Fail": "Fail", "PartialSuccess": "Fail", "Stopped": "Stopped"}

IndexKey = tuple[str, str, str]
Step = tuple[float, str]


@dataclass(frozen=True)
class Selection:
    """Which tasks a list asks for; None: any. Tasks come newest first, below ``marker``, ``offset`` of them skipped."""

    app_id: str | None = None
    task_type: str | None = None
    status: str | None = None
    marker: str = NEWEST
    offset: int = 0
    limit: int = 10

    def takes(self, key: IndexKey) -> bool:
        wanted = (self.app_id, self.task_type, self.status)
        return all(want is None or want == have for want, have in zip(wanted, key, strict=True))


class TaskIds:
    """Makes task IDs: 24 hexadecimal digits, ordered by time, then by a counter, as ObjectIds are."""

    def __init__(self) -> None:
        self._counter = count(1)

    def new(self, created: datetime) -> str:
        return f"{int(created.timestamp()):08x}9f3e5b0007{next(self._counter) & 0xFFFFFF:06x}"


class TaskStore:
    """Tasks indexed by app, type and status: each a sorted list of IDs, so that a page is found by bisection.

    Thread-safe. Every method first lets those tasks proceed whose time has come.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = RLock()
        self._tasks: dict[str, Task] = {}
        self._index: dict[IndexKey, list[str]] = {}
        self._due: list[tuple[float, int, int, str, str]] = []
        self._plans: dict[str, int] = {}
        self._plan_numbers = count(1)
        self._listed_from: dict[str, float] = {}

    def add(self, task: Task, steps: Sequence[Step] = (), listed_after: float = 0.0) -> None:
        """Keep ``task``; it takes each status of ``steps`` after that many seconds from now. Raises ValueError.

        A list shows it after ``listed_after`` seconds.
        """
        with self._lock:
            if task.task_id in self._tasks:
                raise ValueError(f"there is a task {task.task_id} already")
            self._tasks[task.task_id] = task
            insort(self._index.setdefault(_index_key(task), []), task.task_id)
            self._plan(task.task_id, steps)
            if listed_after:
                self._listed_from[task.task_id] = self._clock.elapsed() + listed_after

    def add_many(self, tasks: Iterable[Task]) -> None:
        """Keep many new tasks at once, none of which changes by itself."""
        with self._lock:
            touched = set()
            for task in tasks:
                self._tasks[task.task_id] = task
                touched.add(_index_key(task))
                self._index.setdefault(_index_key(task), []).append(task.task_id)
            for key in touched:
                self._index[key].sort()

    def get(self, task_id: str) -> Task | None:
        with self._lock:
            self._settle()
            return self._tasks.get(task_id)

    def ids(self) -> set[str]:
        with self._lock:
            return set(self._tasks)

    def tasks(self) -> list[Task]:
        """Return all the tasks, newest first."""
        with self._lock:
            self._settle()
            return [self._tasks[task_id] for task_id in sorted(self._tasks, reverse=True)]

    def has_name(self, task_name: str) -> bool:
        with self._lock:
            return any(task.task_name == task_name for task in self._tasks.values())

    def unfinished(self, app_id: str) -> int:
        """Return how many tasks of a resource space are not finished."""
        with self._lock:
            self._settle()
            index = self._index.items()
            return sum(len(ids) for (app, _type, status), ids in index if app == app_id and status not in FINISHED)

    def delete(self, task_id: str) -> None:
        with self._lock:
            self._remove_from_index(self._tasks.pop(task_id))
            self._plans.pop(task_id, None)

    def clear(self) -> None:
        with self._lock:
            self._tasks.clear()
            self._index.clear()
            self._due.clear()
            self._plans.clear()

    def change(self, task: Task, status: str, steps: Sequence[Step] = ()) -> None:
        """Give ``task`` a status at once, and new ``steps`` instead of those it still had before it."""
        with self._lock:
            self._move(task, status)
            self._plan(task.task_id, steps)

    def select(self, selection: Selection) -> tuple[list[Task], int]:
        """Return one page, and how many tasks match in all."""
        with self._lock:
            self._settle()
            matching = [ids for key, ids in self._index.items() if selection.takes(key)]
            now = self._clock.elapsed()
            self._listed_from = {task_id: moment for task_id, moment in self._listed_from.items() if moment > now}
            if self._listed_from:
                matching = [[task_id for task_id in ids if task_id not in self._listed_from] for ids in matching]
            page = list(_page(matching, selection))
            return [self._tasks[task_id] for task_id in page], sum(map(len, matching))

    def _plan(self, task_id: str, steps: Sequence[Step]) -> None:
        self._plans.pop(task_id, None)
        if not steps:
            return
        number = self._plans[task_id] = next(self._plan_numbers)
        for index, (seconds, status) in enumerate(steps):
            heapq.heappush(self._due, (self._clock.elapsed() + seconds, number, index, task_id, status))

    def _settle(self) -> None:
        while self._due and self._due[0][0] <= self._clock.elapsed():
            _when, number, _index, task_id, status = heapq.heappop(self._due)
            if self._plans.get(task_id) == number:
                self._move(self._tasks[task_id], status)

    def _move(self, task: Task, status: str) -> None:
        self._remove_from_index(task)
        if task.failing and (status in _ENDS or status == RETRY_WAIT):
            task.fix_states()
        if status == RETRY_WAIT:
            status = _wait_for_retry(task)
        elif task.states is not None and status in _ENDS:
            status = _end(task, status)
        task.status = status
        insort(self._index.setdefault(_index_key(task), []), task.task_id)

    def _remove_from_index(self, task: Task) -> None:
        ids = self._index[_index_key(task)]
        del ids[bisect_left(ids, task.task_id)]
        if not ids:
            del self._index[_index_key(task)]


def _index_key(task: Task) -> IndexKey:
    return task.app_id, task.task_type, task.status


def _page(lists: Sequence[list[str]], selection: Selection) -> Iterator[str]:
    most = selection.offset + selection.limit
    candidates: list[str] = []
    for ids in lists:
        end = bisect_left(ids, selection.marker)
        candidates += ids[max(0, end - most) : end]
    candidates.sort(reverse=True)
    yield from candidates[selection.offset : most]


def _wait_for_retry(task: Task) -> str:
    """Let the failing subtasks wait for their next attempt; the others have succeeded."""
    states, failing = task.fix_states(), task.failing or {}
    for device, state in states.items():
        if state in ACTIVE or device in failing:
            states[device] = "FailWaitRetry" if device in failing else "Success"
    return "Processing"


def _end(task: Task, status: str) -> str:
    """Bring the subtasks still active to the end that ``status`` means; return what the whole task then is."""
    states, failing = task.states or {}, task.failing or {}
    for device, state in states.items():
        if state in ACTIVE:
            states[device] = "Fail" if status == "Success" and device in failing else _ENDS[status]
    ends = set(states.values()) - {"Removed"}
    if status == "Stopped" or ends == {"Stopped"}:
        return "Stopped"
    if len(ends) == 1:
        return ends.pop()
    return "PartialSuccess"
