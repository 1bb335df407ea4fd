# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances of IoTDA, each with tasks and files of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .clock import Clock
from .files import FileStore
from .settings import Settings
from .store import TaskStore

EDITIONS = ("basic", "professional", "standard", "enterprise")
DEDICATED = ("standard", "enterprise")


@dataclass(eq=False)
class Instance:
    """One instance. Standard and enterprise ones have a host of their own; the others share that of the region.

    What instance management shows of it may be changed at any time. ``domain_name`` None: that of ``url``.
    """

    instance_id: str
    edition: str
    settings: Settings
    clock: Clock
    add: Callable[..., str]
    project_id: str
    region: str
    name: str
    record_id: str
    created: datetime
    status: str = "ACTIVE"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    domain_name: str | None = None
    has_app_https: bool = True
    hostile: bool = False
    """Whether a name or a tag is one that the service would not allow."""
    url: str = ""
    stores: dict[str, TaskStore] = field(default_factory=dict)
    file_stores: dict[str, FileStore] = field(default_factory=dict)

    @property
    def dedicated(self) -> bool:
        """Whether it has a host of its own, which demands derived signing."""
        return self.edition in DEDICATED

    def serves(self, other: Instance) -> bool:
        """Whether the host of this instance also serves ``other``: the region's serves the professional ones."""
        return other is self or (not self.dedicated and other.edition == "professional")

    def store(self, project_id: str | None = None) -> TaskStore:
        """Return the tasks of a project; None: the instance's own."""
        wanted = project_id or self.project_id
        store = self.stores.get(wanted)
        if store is None:
            store = self.stores.setdefault(wanted, TaskStore(self.clock))
        return store

    def files(self, project_id: str | None = None) -> FileStore:
        """Return the batch task files of a project; None: the instance's own."""
        return self.file_stores.setdefault(project_id or self.project_id, FileStore(self.settings, self.clock))

    def add_task(self, task_type: str = "freezeDevices", status: str = "Success", **options: Any) -> str:
        """Add a task here; the options are those of ``Simulator.add_task``. Return its ID."""
        return self.add(task_type, status, instance=self, **options)

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
        for files in list(self.file_stores.values()):
            files.clear()
