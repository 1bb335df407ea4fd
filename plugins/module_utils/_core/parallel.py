# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work on many items at once.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_concurrently(work: Callable[[Item], Result], items: Sequence[Item], concurrency: int) -> list[Result]:
    """Return the results of ``work`` for ``items``, in their order, at most ``concurrency`` at a time.

    What ``work`` raises is raised here as well, and then no further item is begun. Unlike the executor's own ``map``,
    it does not keep a future for each item, of which there may be 100,000.
    """
    if not items:
        return []
    results: dict[int, Result] = {}
    waiting = deque(range(len(items)))

    def work_off() -> None:
        while True:
            try:
                number = waiting.popleft()
            except IndexError:
                return
            try:
                results[number] = work(items[number])
            except BaseException:
                waiting.clear()
                raise

    workers = min(concurrency, len(items))
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(work_off) for _worker in range(workers)]
    for future in futures:
        future.result()
    return [results[number] for number in range(len(items))]
