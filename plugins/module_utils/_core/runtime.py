# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run goes on: cancelled as a whole, and with many items at once."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Callable, TypeVar

from .errors import ConfigurationError

_INTERVAL = 0.1  # seconds between two looks while sleeping
_LOW_LIMIT = 256  # open files; under a higher limit there are enough for all threads that may be asked for
# What one thread opens for a moment: a module of Python, a CA certificate, what resolves names; and the audit log.
_KEPT_FREE = 6


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

    What ``work`` raises is raised here as well, and then no further item is begun. This thread works as well, so that
    all is done where a limit of threads or processes allows no more of them. Unlike an executor, it does not keep a
    future for each item, of which there may be 100,000.
    """
    workers = min(concurrency, len(items), max(1, _spare_files() - _KEPT_FREE))
    if workers <= 1:
        return [work(item) for item in items]
    if sys.version_info < (3, 10):
        _import_all()
    results: list[Any] = [None] * len(items)
    failures: list[BaseException] = []
    waiting = deque(range(len(items)))

    def work_off() -> None:
        while True:
            try:
                number = waiting.popleft()
            except IndexError:
                return
            try:
                results[number] = work(items[number])
            except BaseException as error:  # any: it is raised again, by the thread that waits for the others
                waiting.clear()
                failures.append(error)

    threads = _started(work_off, workers - 1)
    work_off()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def check_limits() -> None:
    """Raise ConfigurationError where so few files may be opened that not even one request can be made and told."""
    spare = _spare_files()
    if spare <= _KEPT_FREE:
        raise ConfigurationError(
            f"This process may open only {spare} more files, and needs {_KEPT_FREE + 1}; raise its limit on open files "
            "(ulimit -n)"
        )


def _spare_files() -> int:
    """Return how many more files this process may open, as far as that is few; opens none to find out."""
    limit = os.sysconf("SC_OPEN_MAX")
    if not 0 <= limit < _LOW_LIMIT:
        return _LOW_LIMIT
    return sum(not _is_open(descriptor) for descriptor in range(limit))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _started(work: Callable[[], None], count: int) -> list[threading.Thread]:
    """Return ``count`` threads that do ``work``, or as many as this process may have."""
    threads: list[threading.Thread] = []
    while len(threads) < count:
        thread = threading.Thread(target=work)
        try:
            thread.start()
        except RuntimeError:  # "can't start new thread"
            break
        threads.append(thread)
    return threads


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
