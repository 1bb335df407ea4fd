# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work on many things at once, at the memory of few: an executor's own ``map`` would keep a future for each of them.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Item], Made], items: Sequence[Item], concurrency: int) -> list[Made]:
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
            for thread in [threads.submit(go_on) for _thread in range(min(concurrency, len(items)))]:
                thread.result()
        finally:
            waiting.clear()
    return [made[number] for number in range(len(items))]
