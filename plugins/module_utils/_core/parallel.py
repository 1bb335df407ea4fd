# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work on many things at once, at the memory of few: an executor's own ``map`` would keep a future for each of them.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Callable, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def map_concurrently(work: Callable[[Item], Made], items: Sequence[Item], concurrency: int) -> list[Made]:
    """Return what ``work`` makes of each of ``items``, in their order, on so many threads at most.

    What ``work`` raises is raised here, too, and then no further item is begun.
    """
    made: dict[int, Made] = {}
    waiting = deque(range(len(items)))

    def go_on() -> None:
        while waiting:
            try:
                number = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            made[number] = work(items[number])

    with ThreadPoolExecutor(max_workers=concurrency) as threads:
        try:
            for thread in _started(threads, go_on, min(concurrency, len(items))):
                thread.result()
            go_on()  # which does nothing, unless there was no thread to be had
        finally:
            waiting.clear()
    return [made[number] for number in range(len(items))]


def _started(threads: ThreadPoolExecutor, work: Callable[[], None], number: int) -> list[Future[None]]:
    """Start ``work`` so many times, or as often as the system has threads for."""
    started: list[Future[None]] = []
    # A system that has no more threads says so by this; what has started does all the work then.
    with suppress(RuntimeError):
        for _thread in range(number):
            started.append(threads.submit(work))
    return started
