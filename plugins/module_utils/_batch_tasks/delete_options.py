# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How batch tasks are to be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .constants import STOPPABLE_TYPES

if TYPE_CHECKING:
    from .models import BatchTask


class DeleteOptions(NamedTuple):
    """How to delete. ``wait_timeout`` and ``wait_delay`` are seconds, counted for all tasks together.

    ``unfinished_hint`` is what helps with an unfinished task; None: the options ``wait`` and ``force``.
    """

    wait: bool = False
    wait_timeout: float = 600.0
    wait_delay: float = 5.0
    force: bool = False
    concurrency: int = 10
    unfinished_hint: str | None = None

    def should_stop(self, task: BatchTask) -> bool:
        """Whether the unfinished task is to be stopped, and can be."""
        return self.force and task.task_type in STOPPABLE_TYPES

    def cannot_finish(self, task: BatchTask) -> bool:
        """Whether these options leave the unfinished task as it is."""
        return not self.wait and not self.should_stop(task)
