# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others do while a module runs, at a moment that does not depend on how fast anything is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.faults import Fault, Faults


@dataclass(frozen=True)
class Others:
    """Other people with access to the same tasks."""

    simulator: Simulator

    def act(self, change: Callable[[], object], method: str = "GET", path: str | None = None, skip: int = 0) -> None:
        """Let ``change`` happen once, after ``skip`` requests that match, just before the next one is answered."""
        own = Fault(kind="status", method=method, path=path, skip=skip)
        faults: Faults = self.simulator.faults
        take = faults.take
        done: list[bool] = []

        def taken(asked_method: str, asked_path: str, query: str = "") -> Fault | None:
            if not done and own.matches(asked_method, asked_path):
                own.skip -= 1
                if own.skip < 0:
                    done.append(True)
                    change()
            return take(asked_method, asked_path, query)

        faults.take = taken  # type: ignore[method-assign] # of this one simulator only

    def delete(self, *task_ids: str) -> None:
        """Delete tasks, as another client would."""
        for task_id in task_ids:
            self.simulator.instance.store().delete(task_id)

    def change(self, task_id: str, status: str) -> None:
        """Bring a task to another status, as its devices, or a retry, would."""
        store = self.simulator.instance.store()
        task = store.get(task_id)
        assert task is not None
        store.change(task, status)
