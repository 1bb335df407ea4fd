# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances of IoTDA, each with tasks of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .clock import Clock
from .store import TaskStore

EDITIONS = ("basic", "professional", "standard", "enterprise")
DEDICATED = ("standard", "enterprise")


class Instance:
    """One instance. Standard and enterprise ones have a host of their own; the others share that of the region."""

    def __init__(self, instance_id: str, edition: str, clock: Clock, add: Callable[..., str], project_id: str) -> None:
        self.instance_id = instance_id
        self.edition = edition
        self.url = ""
        self._clock = clock
        self._add = add
        self._project_id = project_id
        self.stores: dict[str, TaskStore] = {}

    @property
    def dedicated(self) -> bool:
        """Whether it has a host of its own, which demands derived signing."""
        return self.edition in DEDICATED

    def serves(self, other: Instance) -> bool:
        """Whether the host of this instance also serves ``other``: the region's serves the professional ones."""
        return other is self or (not self.dedicated and other.edition == "professional")

    def store(self, project_id: str | None = None) -> TaskStore:
        """Return the tasks of a project; None: the simulator's first."""
        wanted = project_id or self._project_id
        store = self.stores.get(wanted)
        if store is None:
            store = self.stores.setdefault(wanted, TaskStore(self._clock))
        return store

    def add_task(self, task_type: str = "freezeDevices", status: str = "Success", **options: Any) -> str:
        """Add a task here; the options are those of ``Simulator.add_task``. Return its ID."""
        return self._add(task_type, status, instance=self, **options)

    def task(self, task_id: str) -> dict[str, Any] | None:
        """Return a task as the API shows it, or None."""
        for store in list(self.stores.values()):
            task = store.get(task_id)
            if task is not None:
                return task.shown()
        return None

    def task_ids(self) -> set[str]:
        return set().union(*(store.ids() for store in list(self.stores.values())))

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks of all projects as the API shows them, newest first in each."""
        return [task.shown() for store in list(self.stores.values()) for task in store.tasks()]

    def clear(self) -> None:
        for store in list(self.stores.values()):
            store.clear()
