# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one list page by page, by marker, and checking that the pages are what was asked for and follow each other.

A list is newest first. While others delete, paging by offset would skip records, and by marker does not
(https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0028.html).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .api import BatchTaskClient
from .constants import sort_key
from .models import Page

MAX_PAGE_SIZE = 50
MAX_PAGES = 10_000


@dataclass(frozen=True)
class ListFilter:
    """Which tasks to list. The service lists one type at a time; None means any status, any resource space."""

    task_type: str
    status: str | None = None
    app_id: str | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the query."""
        named = (("app_id", self.app_id), ("task_type", self.task_type), ("status", self.status))
        return [(name, value) for name, value in named if value is not None]

    def check(self, page: Page) -> None:
        """Raise ApiError if a task of ``page`` does not match the filter, which was then ignored."""
        for name, wanted in self.pairs():
            _check_field(page, name, wanted)


def iter_task_pages(client: BatchTaskClient, query: ListFilter, page_size: int = MAX_PAGE_SIZE) -> Iterator[Page]:
    """Yield the pages of tasks, newest first, as long as there are more. Raises RequestError.

    A page that does not continue where the previous one ended is an error: tasks could be missing, or the list endless.
    """
    marker: str | None = None
    last: str | None = None
    seen = 0
    for number in itertools.count(1):
        page = client.page(query.pairs(), marker, page_size)
        query.check(page)
        last = _check_order(page, last)
        yield page
        seen += len(page.items)
        if _is_last(page, page_size, seen):
            return
        _check_number(page, number)
        marker = page.next_marker(marker)


def iter_subtasks(client: BatchTaskClient, task_id: str, status: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield the subtasks of one task, those in ``status`` if it is given. Raises RequestError."""
    marker: str | None = None
    markers = set()
    seen = 0
    for number in itertools.count(1):
        page = client.detail_page(task_id, status, marker, MAX_PAGE_SIZE)
        if status is not None:
            _check_field(page, "status", status)
        yield from page.items
        seen += len(page.items)
        if _is_last(page, MAX_PAGE_SIZE, seen):
            return
        _check_number(page, number)
        marker = page.next_marker(None)
        if marker in markers:
            raise page.malformed(f"the marker {marker} for the second time")
        markers.add(marker)


def _check_field(page: Page, name: str, wanted: str) -> None:
    for item in page.items:
        found = item.get(name)
        if found is not None and found != wanted:
            raise page.malformed(f"an entry whose {name} is not {wanted}, although only such entries were requested")


def _check_order(page: Page, last: str | None) -> str | None:
    """Return the last ID of ``page``; raises ApiError unless every ID is smaller than the one before it."""
    for task in page.items:
        task_id = sort_key(task["task_id"])
        if last is not None and task_id >= last:
            raise page.malformed(f"a list out of order: {task['task_id']} follows a task that is not newer")
        last = task_id
    return last


def _is_last(page: Page, page_size: int, seen: int) -> bool:
    """Whether nothing follows. The count alone does not tell: it shrinks when others delete tasks already seen."""
    if len(page.items) >= page_size:
        return page.total == seen == len(page.items)
    return not page.items or page.total is None or seen >= page.total


def _check_number(page: Page, number: int) -> None:
    """Raise ApiError if more pages follow ``page`` than a list may have."""
    if number >= MAX_PAGES:
        raise page.malformed(f"a list of more than {MAX_PAGES:,} pages")
