# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run goes on: cancelled as a whole, and with many items at once."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Callable, TypeVar

_INTERVAL = 0.1  # seconds between two looks while sleeping


class Cancellation:
    """Set once, by a signal or when the caller is gone; checked before each request and each wait.

    Thread-safe, and without a lock: a signal handler runs in the midst of anything, also of taking a lock.
    """

    def __init__(self) -> None:
        self._reason = ""

    def cancel(self, reason: str) -> None:
        """Start nothing new from now on. ``reason``, such as ``SIGTERM was received``, counts only the first time."""
        self._reason = self._reason or reason

    @property
    def reason(self) -> str:
        """Why nothing new may be started, or an empty string."""
        return self._reason

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until cancelled."""
        end = time.monotonic() + seconds
        while not self._reason and time.monotonic() < end:
            time.sleep(max(0.0, min(_INTERVAL, end - time.monotonic())))


Item = TypeVar("Item")
Result = TypeVar("Result")


def map_concurrently(work: Callable[[Item], Result], items: Sequence[Item], concurrency: int) -> list[Result]:
    """Return the results of ``work`` for ``items``, in their order, at most ``concurrency`` at a time.

    What ``work`` raises is raised here as well, and then no further item is begun. Unlike the executor's own ``map``,
    it does not keep a future for each item, of which there may be 100,000.
    """
    workers = min(concurrency, len(items))
    if workers <= 1:
        return [work(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

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

    if sys.version_info < (3, 10):
        _import_all()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(work_off) for _worker in range(workers)]
    for future in futures:
        future.result()
    return [results[number] for number in range(len(items))]


def _import_all() -> None:
    """Import all files of the collection that are here, before threads import them where they need them.

    Ansible sends them as a zip file. Python 3.9 lets one thread use a module from a zip file while another one is still
    importing it: https://docs.python.org/3/whatsnew/3.10.html#zipimport
    """
    import pkgutil
    from importlib import import_module

    package = sys.modules[__name__.rpartition("._core.")[0]]
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
