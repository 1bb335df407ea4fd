# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one list side by side: leap and fill.

The marker of a page is the last ID of the page before it, so a list that is read by marker is read one page after the
other. A *leap* asks for the page that lies some tasks behind a known marker. Wherever it lands, it is a part of the
list, and its first and last tasks are places in it. The stretch before it is *filled* by marker, until the first task
of the leap is met. So a change that others make moves where a leap lands, and hides no task.

Leaps with one marker are requested together. The last of them gives the marker of the next ones.
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
# How many further blocks may be under way while one is consumed: each holds ten pages in memory.
_BLOCKS_AHEAD = 3
# Leaps end once the list has taken so many times the pages that it fills, plus some: they land where they should not.
_MOST_PAGES = 1.2
_SPARE_PAGES = 2


def iter_side_by_side(reader: ListReader, walk: Walk, behind: int) -> Generator[Page, None, Future[Page] | None]:
    """Yield the pages that leaps reach, of about ``behind`` tasks that are left; ``walk`` tells where the rest begins.

    Returns the next page, if it has been requested. Raises RequestError as a reader of page after page would: leaps
    that fail, or return what cannot be, only mean that the rest is read in that way.
    """
    progress = _Progress(reader, walk)
    block = progress.block(walk.marker, behind, 0)
    try:
        while block is not None:
            for index, leaping in enumerate(block.leaps):
                leap, filling = leaping.result(), block.fills.pop(index, None)
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
            progress.consumed += 1
            block = block.following()
        return None
    finally:
        progress.close()
        if block is not None:
            block.cancel()


def _lies_ahead(leap: Page, walk: Walk) -> bool:
    """Whether ``leap`` begins behind what was read already."""
    return bool(leap.items) and walk.last is not None and _first(leap) < walk.last


def _fill(reader: ListReader, walk: Walk, filling: Future[Page] | None, leap: Page) -> Iterator[Page]:
    """Yield the stretch before ``leap``, of which ``filling`` is the first page if it has been requested."""
    page = filling.result() if filling else reader.request(walk.query, walk.marker, MAX_PAGE_SIZE)
    while True:
        before = walk.accept(page, until=_first(leap))
        yield before
        if len(before.items) < len(page.items):
            return
        if not walk.go_on(page):
            return
        page = reader.request(walk.query, walk.marker, MAX_PAGE_SIZE)


def _first(page: Page) -> str:
    return sort_key(page.items[0]["task_id"])


class _Progress:
    """What the blocks of one list share."""

    def __init__(self, reader: ListReader, walk: Walk) -> None:
        self.reader = reader
        self.query = walk.query
        self.lock = threading.RLock()
        self.consumed = 0
        self.closed = False

    def block(self, marker: str | None, behind: int, number: int) -> _Block | None:
        """Begin a block, unless it would be of no use: there is too little to leap over, or no thread to do it."""
        offsets = [offset for offset in _OFFSETS if offset + 1 < behind]
        if not self.reader.leaps or marker is None or not offsets:
            return None
        block = _Block(self, marker, behind, number)
        block.begin(offsets)
        return block if block.leaps else None

    def begin(self, work: Callable[..., Work], *arguments: Any) -> Future[Work] | None:
        """Begin ``work`` in another thread; None if there can be none."""
        try:
            return self.reader.begin(work, *arguments)
        except RuntimeError:
            self.reader.leaps = False
            return None

    def close(self) -> None:
        """Begin no further request."""
        with self.lock:
            self.closed = True


class _Block:
    """The leaps with one marker, the first pages of the stretches before each of them, and the block that follows."""

    def __init__(self, progress: _Progress, marker: str, behind: int, number: int) -> None:
        self._progress = progress
        self._marker = marker
        self._behind = behind
        self._number = number
        self._landed: dict[int, Page] = {}
        self._following: _Block | None = None
        self.leaps: list[Future[Page | None]] = []
        self.fills: dict[int, Future[Page]] = {}

    def begin(self, offsets: list[int]) -> None:
        """Request the pages whose markers are known."""
        with self._progress.lock:
            self._fill(0, self._marker)
            for index, offset in enumerate(offsets):
                leap = self._progress.begin(self._leap, index, offset)
                if leap is None:
                    return
                self.leaps.append(leap)

    def following(self) -> _Block | None:
        """Return the block that follows if it has begun; begin it if it can, and is not too far ahead."""
        with self._progress.lock:
            first, last = self._landed.get(0), self._landed.get(len(_OFFSETS) - 1)
            near = self._number - self._progress.consumed < _BLOCKS_AHEAD
            # A service that ignores offset gives the same page for each leap.
            if self._following is None and near and first and last and _first(last) < _first(first):
                behind = self._behind - _OFFSETS[-1] - MAX_PAGE_SIZE
                self._following = self._progress.block(last.marker, behind, self._number + 1)
            return self._following

    def cancel(self) -> None:
        """Drop what has not been requested yet."""
        begun: list[Future[Any]] = [*self.leaps, *self.fills.values()]
        for future in begun:
            future.cancel()
        if self._following is not None:
            self._following.cancel()

    def _request(self, marker: str, offset: int = 0) -> Page:
        return self._progress.reader.request(self._progress.query, marker, MAX_PAGE_SIZE, offset)

    def _leap(self, index: int, offset: int) -> Page | None:
        """Return the page that a leap lands on, None for one that fails or cannot be where it should."""
        try:
            leap = self._request(self._marker, offset)
            self._progress.query.check(leap)
            check_order(leap, sort_key(self._marker))
        except RequestError:
            return None
        if leap.items:
            if leap.marker != leap.items[-1]["task_id"]:
                return None
            self._land(index, leap)
        return leap

    def _land(self, index: int, leap: Page) -> None:
        """Request what is known to come next."""
        with self._progress.lock:
            if self._progress.closed:
                return
            self._landed[index] = leap
            if index + 1 < len(self.leaps):
                self._fill(index + 1, leap.marker)
            self.following()

    def _fill(self, index: int, marker: str) -> None:
        filling = self._progress.begin(self._request, marker)
        if filling is not None:
            self.fills[index] = filling
