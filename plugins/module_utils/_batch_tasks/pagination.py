# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Walking through lists page by page, by marker, and never trusting that the pages follow one another.

A list is newest first. While others delete, paging by offset would skip records, and by marker does not
(https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0028.html).

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient, Page
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.ids import sort_key

LARGEST_PAGE = 50


@dataclass(frozen=True)
class ListFilter:
    """Which tasks the service is asked for, None for all."""

    app_id: str | None = None
    task_type: str | None = None
    status: str | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """Return what is to stand in the query."""
        named = (("app_id", self.app_id), ("task_type", self.task_type), ("status", self.status))
        return [(name, value) for name, value in named if value]


def iter_task_pages(api: BatchTaskClient, query: ListFilter, page_size: int = LARGEST_PAGE) -> Iterator[Page]:
    """Yield the pages of tasks, newest first, as long as there are more. Raises RequestError.

    A page that does not go on where the last one ended is a failure: it could hide tasks, or go on for ever.
    """
    marker: str | None = None
    last: str | None = None
    seen = 0
    while True:
        page = api.page(query.pairs(), marker, page_size)
        for task in page.items:
            task_id = sort_key(task["task_id"])
            if last is not None and task_id >= last:
                raise page.broken(f"a list that is not in order: {task['task_id']} comes after a task no newer than it")
            last = task_id
        yield page
        seen += len(page.items)
        if _ended(page, page_size, seen):
            return
        marker = page.next_marker(marker)


def iter_subtasks(api: BatchTaskClient, task_id: str, status: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield the subtasks of one task, those in ``status`` if it is given. Raises RequestError."""
    marker: str | None = None
    markers = set()
    seen = 0
    while True:
        page = api.detail_page(task_id, status, marker, LARGEST_PAGE)
        yield from page.items
        seen += len(page.items)
        if _ended(page, LARGEST_PAGE, seen):
            return
        marker = page.next_marker(None)
        if marker in markers:
            raise page.broken(f"the marker {marker} for the second time")
        markers.add(marker)


def _ended(page: Page, page_size: int, seen: int) -> bool:
    """Whether nothing follows, which a count alone does not tell: it shrinks when others delete what was seen."""
    if len(page.items) >= page_size:
        return page.count == seen == len(page.items)
    return not page.items or page.count is None or seen >= page.count
