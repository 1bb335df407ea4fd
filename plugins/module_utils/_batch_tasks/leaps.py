# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one list side by side: leap and fill.

The marker of a page is the last ID of the page before it, so a list that is read by marker is read one page after the
other. A *leap* asks for the page that lies some tasks behind a known marker. Wherever it lands, it is a part of the
list, and its first and last tasks are places in it. The stretch before it is *filled* by marker, until the first task
of the leap is met. So a change that others make moves where a leap lands, and hides no task.

Leaps with one marker, a block, are requested together. The last of them gives the marker of the next block.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from .._core.errors import RequestError
from .api import sort_key
from .listing import MAX_PAGE_SIZE, ListReader, Walk, check_order
from .models import Page

if TYPE_CHECKING:
    from concurrent.futures import Future

Work = TypeVar("Work")

# The service takes an offset of at most 500. Each stretch is one task shorter than a page, so that the page that fills
# it ends with the first task of the leap, which shows that nothing is missing.
_OFFSETS = range(MAX_PAGE_SIZE - 1, 501, 2 * MAX_PAGE_SIZE - 1)
_BLOCK = len(_OFFSETS)
# How many leaps may be under way or unread when a block begins: with each of them, two pages are in memory.
_MOST_AHEAD = 3 * _BLOCK
# Leaps end once the list has taken so many times the pages that it fills, plus some: they land where they should not.
_MOST_PAGES = 1.2
_SPARE_PAGES = 2


def iter_side_by_side(reader: ListReader, walk: Walk, behind: int) -> Generator[Page, None, Future[Page] | None]:
    """Yield the pages that leaps reach, of about ``behind`` tasks that are left; ``walk`` tells where the rest begins.

    Returns the next page, if it has been requested. Raises RequestError as a reader of page after page would: leaps
    that fail, or return what cannot be, only mean that the rest is read in that way.
    """
    ahead = _Ahead(reader, walk, behind)
    try:
        while True:
            leaping, filling = ahead.take()
            if leaping is None:
                return filling
            leap = leaping.result()
            if leap is None or not _lies_ahead(leap, walk):
                reader.leaps = reader.leaps and leap is not None and not leap.items
                return filling
            yield from _fill(reader, walk, filling, leap)
            if walk.ended:
                return None
            yield walk.accept(leap)
            if not walk.go_on(leap):
                return None
            if walk.pages > _MOST_PAGES * walk.seen / MAX_PAGE_SIZE + _SPARE_PAGES:
                reader.leaps = False
                return None
    finally:
        ahead.close()


def _lies_ahead(leap: Page, walk: Walk) -> bool:
    """Whether ``leap`` begins behind what was read already."""
    return bool(leap.items) and walk.last is not None and _first(leap) < walk.last


def _fill(reader: ListReader, walk: Walk, filling: Future[Page] | None, leap: Page) -> Iterator[Page]:
    """Yield the stretch before ``leap``, of which ``filling`` is the first page if it has been requested."""
    page = filling.result() if filling else reader.request(walk.query, walk.marker, MAX_PAGE_SIZE)
    while True:
        before = walk.accept(page, until=_first(leap))
        yield before
        if len(before.items) < len(page.items) or not walk.go_on(page):
            return
        page = reader.request(walk.query, walk.marker, MAX_PAGE_SIZE)


def _first(page: Page) -> str:
    return sort_key(page.items[0]["task_id"])


class _Ahead:
    """What is requested ahead of the reader: leaps, numbered as they follow each other, and the page before each."""

    def __init__(self, reader: ListReader, walk: Walk, behind: int) -> None:
        self._reader = reader
        self._query = walk.query
        self._lock = threading.RLock()
        self._closed = False
        self._leaps: dict[int, Future[Page | None]] = {}
        self._fills: dict[int, Future[Page]] = {}
        self._requested = self._taken = 0  # leaps
        # The marker of the next block, None until it is known; the tasks behind it; where the block before has landed.
        self._marker = walk.marker
        self._behind = behind
        self._landed: dict[int, Page] = {}

    def take(self) -> tuple[Future[Page | None] | None, Future[Page] | None]:
        """Return the next leap and the first page of the stretch before it, None for what was not requested."""
        with self._lock:
            self._go_on()
            self._taken += 1
            return self._leaps.pop(self._taken - 1, None), self._fills.pop(self._taken - 1, None)

    def close(self) -> None:
        """Begin no further request, and drop what has not begun."""
        with self._lock:
            self._closed = True
            begun: list[Future[Any]] = [*self._leaps.values(), *self._fills.values()]
            for future in begun:
                future.cancel()

    def _go_on(self) -> None:
        """Request the next block, if its marker is known, and not too much is ahead of the reader."""
        marker, begin = self._marker, self._requested
        offsets = [offset for offset in _OFFSETS if offset + 1 < self._behind]
        if marker is None or not offsets or not self._reader.leaps or begin - self._taken > _MOST_AHEAD:
            return
        self._marker, self._landed = None, {}
        self._behind -= _OFFSETS[-1] + MAX_PAGE_SIZE
        self._fill(begin, marker)
        for number, offset in enumerate(offsets, begin):
            leap = self._begin(self._leap, number, marker, offset)
            if leap is None:
                return
            self._leaps[number] = leap
            self._requested += 1

    def _leap(self, number: int, marker: str, offset: int) -> Page | None:
        """Return the page that a leap lands on, None for one that fails or cannot be where it should."""
        try:
            leap = self._reader.request(self._query, marker, MAX_PAGE_SIZE, offset)
            self._query.check(leap)
            check_order(leap, sort_key(marker))
        except RequestError:
            return None
        if leap.items:
            if leap.marker != leap.items[-1]["task_id"]:
                return None
            with self._lock:
                self._land(number, leap)
        return leap

    def _land(self, number: int, leap: Page) -> None:
        """Request what is known to come next."""
        if number + 1 < self._requested:
            self._fill(number + 1, leap.marker)
        self._landed[number % _BLOCK] = leap
        first, last = self._landed.get(0), self._landed.get(_BLOCK - 1)
        # A service that ignores offset gives the same page for each leap.
        if first and last and _first(last) < _first(first):
            self._marker = last.marker
            self._go_on()

    def _fill(self, number: int, marker: str) -> None:
        filling = self._begin(self._reader.request, self._query, marker, MAX_PAGE_SIZE)
        if filling is not None:
            self._fills[number] = filling

    def _begin(self, work: Callable[..., Work], *arguments: Any) -> Future[Work] | None:
        """Begin ``work`` in another thread; None if there can be none, or nobody reads any more."""
        if self._closed:
            return None
        try:
            return self._reader.begin(work, *arguments)
        except RuntimeError:
            self._reader.leaps = False
            return None
