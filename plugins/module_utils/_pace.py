# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The speed of a whole client: full speed until the service says 429, then what it was seen to accept.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Callable

_WINDOW = 1.0  # seconds of accepted requests from which the accepted rate is read
_CUT = 0.95  # of the accepted rate, after a 429
_GROWTH = 0.02  # of the rate, gained a second without a 429
_SLOWEST = 1.0  # requests a second


class Pace:
    """Lets requests of all threads through, one after the other, no faster than the service accepts them.

    Additive increase, multiplicative decrease, on a rate measured at the first 429. All times are in seconds of
    ``clock``. Thread-safe.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._rate: float | None = None
        self._rate_set = 0.0
        self._next = 0.0
        self._held_until = 0.0
        self._accepted: deque[float] = deque()

    def turn(self, until: float) -> float:
        """Wait for a turn, but no longer than ``until``; return when the turn came."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next, self._held_until)
            rate = self._current_rate(now)
            if rate is not None:
                self._next = start + 1.0 / rate
        start = min(start, max(until, now))
        if start > now:
            self._sleep(start - now)
        return start

    def accepted(self) -> None:
        """Count a request that the service did not throttle."""
        with self._lock:
            now = self._clock()
            self._accepted.append(now)
            self._forget(now)

    def throttled(self, turn: float, wait: float) -> None:
        """Take note of a 429 to the request that had its turn at ``turn``: nobody sends for ``wait`` seconds.

        Requests that were under way when the speed was cut say nothing about the new speed, and cut it no further.
        """
        with self._lock:
            now = self._clock()
            self._held_until = max(self._held_until, now + wait)
            if self._rate is not None and turn <= self._rate_set:
                return
            self._forget(now)
            seen = len(self._accepted) / _WINDOW
            current = self._current_rate(now)
            self._rate = max(_SLOWEST, _CUT * (seen if current is None else min(seen, current)))
            self._rate_set = now

    def _current_rate(self, now: float) -> float | None:
        if self._rate is None:
            return None
        return self._rate * (1.0 + _GROWTH * max(0.0, now - max(self._rate_set, self._held_until)))

    def _forget(self, now: float) -> None:
        while self._accepted and self._accepted[0] < now - _WINDOW:
            self._accepted.popleft()
