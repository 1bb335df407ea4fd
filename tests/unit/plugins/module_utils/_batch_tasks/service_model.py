# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service in memory that keeps tasks, loses answers, shows new tasks late, and has other clients.

It stands in for BatchTaskClient where thousands of runs are needed; every call is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import BatchTask, Page
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import CancelledError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, FakeCancellation, refusal, reply, silence

LOST = {
    "timeout": silence,
    "reset": lambda: silence(cause="broken"),
    "503": lambda: refusal(503, "APIGW.0201", ambiguous=True),
    "500": lambda: refusal(500, "IOTDA.000020", ambiguous=True),
    # A success that was cut off, or is not JSON: the client tells it by its status alone.
    "cut 201": lambda: refusal(201, body="other"),
}
REFUSED = {
    "not connected": lambda: silence(ambiguous=False, cause="connect"),
    "400": lambda: refusal(400, "IOTDA.000006"),
    "403": lambda: refusal(403, "IOTDA.000022"),
    "429": lambda: refusal(429, "APIGW.0308"),
}
UNREADABLE = {
    "timeout": lambda: silence(ambiguous=False),
    "503": lambda: refusal(503),
    "401": lambda: refusal(401, "APIGW.0301"),
    "html": lambda: refusal(200, body="other"),
    "cancelled": lambda: CancelledError("SIGTERM was received"),
}


@dataclass(frozen=True)
class Post:
    """How the service treats a creation: whether it acts, and how it answers; ``late``: when a list shows the task."""

    acts: bool = True
    answer: str | None = None
    late: float = 0.0
    rival: Mapping[str, Any] | None = None


@dataclass
class Entry:
    """A task, since when lists show it, and whether the client under test made it."""

    task: dict[str, Any]
    shown_from: float
    ours: bool


@dataclass
class ServiceModel:
    """``posts`` and ``lists`` are consumed one for each call; when none is left, everything works."""

    clock: Clock
    posts: list[Post] = field(default_factory=list)
    lists: list[str | None] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    calls: list[tuple[str, float]] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    numbers: int = 0

    @property
    def cancellation(self) -> FakeCancellation:
        return FakeCancellation(self.clock)

    def add(self, body: Mapping[str, Any], late: float = 0.0, ours: bool = False) -> dict[str, Any]:
        self.numbers += 1
        task = {**body, "task_id": f"{self.numbers:024x}", "status": "Initializing"}
        self.entries.insert(0, Entry(task, self.clock() + late, ours))
        return task

    def create(self, body: Mapping[str, Any]) -> BatchTask:
        self.calls.append(("POST", self.clock()))
        post = self.posts.pop(0) if self.posts else Post()
        if post.rival is not None:
            self.add({**body, **post.rival})
        if post.answer in REFUSED:
            raise REFUSED[post.answer]()
        task = self.add(body, post.late, ours=True) if post.acts else {}
        self.acted += [task["task_id"]] if task else []
        if post.answer in LOST:
            raise LOST[post.answer]()
        return BatchTask(task, 1)

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int) -> Page:
        end = self.lists.pop(0) if self.lists else None
        if end is not None:
            self.calls.append(("unread", self.clock()))
            raise UNREADABLE[end]()
        self.calls.append(("GET", self.clock()))
        kind = dict(filters)["task_type"]
        shown = [entry.task for entry in self.entries if entry.shown_from <= self.clock()]
        found = [task for task in shown if task["task_type"] == kind and (marker is None or task["task_id"] < marker)]
        last = found[:limit][-1]["task_id"] if found else None
        return Page(list(found[:limit]), len(found), last, reply(200), "https://iotda.example")

    def delete_ours(self) -> None:
        self.entries = [entry for entry in self.entries if not entry.ours]

    def ours(self) -> list[str]:
        return [entry.task["task_id"] for entry in self.entries if entry.ours]

    def has(self, task_id: str) -> bool:
        return any(entry.task["task_id"] == task_id for entry in self.entries)
