# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate of a whole client: full speed until the service answers 429, then the rate that it accepted.

What it accepted in the second before the first 429 is taken for its limit. That may be too little, so the client then
searches for more, where a further 429 costs little. Later the rate grows along a cubic curve, as TCP's window does in
CUBIC (RFC 9438): fast at first, then flat just below what was refused, where it stays for long, and at last beyond it,
to find out whether the service allows more by now.

Where 200 requests a second are allowed, 800 deletions reach 0.96 of that (0.88 with ``Retry-After: 1``) and 4,000 reach
0.93 (0.91), with 0.6 to 3.8 answers of 429 among 100 requests. A line in place of the curve, 0.3 % more each second and
doubled after 30 seconds, came within 0.02 of that against a service in virtual time, and saved ten lines only.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from typing import Callable

_WINDOW = 1.0  # seconds of accepted requests from which the accepted rate is read, at most
_REDUCTION = 0.95  # of the accepted rate, after a 429
_LEAST = 0.7  # of the rate, after a further 429: a machine that was busy for a moment saw too few accepted
_SLOWEST = 1.0  # requests a second
# The search: times the rate, each second, from so many seconds on; from the start where so few requests were accepted
# that they tell little of the limit. It ends at a 429, with the rate of the last second or quarter of one.
_SEARCH, _SEARCH_AFTER, _FEW, _SEARCH_WINDOW = 2.0, 3.5, 50, 0.25
# The curve: rate(t) = seen * _CEILING * (1 + _DEPTH * (t / _PLATEAU_AFTER - 1) ** 3), where ``seen`` was accepted
# before the 429, and ``t`` is in seconds since the pause: from 0.92 of it, by 0.97 after ten seconds, to 1 after 19.
_CEILING, _DEPTH, _PLATEAU_AFTER = 0.97, 0.05, 10.0
_LATE = 0.02  # seconds: to catch up on more would be a burst, which is refused
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0  # seconds, if the service does not say
_STEPS = 10  # how many rejected rounds make the next one slower, at most


class RateLimiter:
    """Lets the requests of all threads through, one after the other, no faster than the service accepts them.

    A 429 begins a round: nobody sends for a while, then all go on at a lower rate, which grows again. A round in
    which nothing is accepted leaves the rate as it is, but the next one begins after a longer pause, and slower. All
    times are in seconds of ``clock``. Thread-safe.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._rate: float | None = None
        self._search_after: float | None = None  # None: it does not search
        self._round_began = 0.0
        self._next = 0.0
        self._paused_until = 0.0
        self._accepted: deque[float] = deque()
        self._rejected_rounds = 0  # rounds since the last in which something was accepted
        self._round_accepted = True
        self._schedule = 0  # grows whenever starts that were reserved, but have not come, are void

    def acquire(self, until: float) -> float:
        """Wait until a request may be sent, but no longer than ``until``; return when that was."""
        while True:
            with self._lock:
                now = self._clock()
                schedule = self._schedule
                start = min(self._reserve(now), max(until, now))
            if start <= now:
                return start
            self._sleep(start - now)
            if start >= until or self._is_valid(schedule, start):
                return start

    def record_success(self, acquired: float) -> None:
        """Count a request, for which ``acquire`` returned ``acquired``, that the service did not throttle."""
        with self._lock:
            now = self._clock()
            self._accepted.append(now)
            self._forget(now)
            if self._is_of_this_round(acquired):
                self._round_accepted = True
                if self._rejected_rounds:
                    self._rejected_rounds = 0
                    self._reschedule()

    def record_throttle(self, acquired: float, retry_after: float | None, longest: float) -> float:
        """Count a 429 to a request for which ``acquire`` returned ``acquired``; return how long it is to wait.

        Nobody sends for as long as ``retry_after``, if the service asks for that, but ``longest`` at most. Requests
        that were under way when the round began say nothing about its rate, and begin no other.
        """
        with self._lock:
            now = self._clock()
            if not self._is_of_this_round(acquired):
                self._pause(now, min(retry_after or 0.0, longest))
                return max(retry_after or 0.0, self._paused_until - now)
            is_first = self._rate is None
            if self._round_accepted:
                self._reduce_rate(now, asks_to_wait=bool(retry_after))
            else:
                self._rejected_rounds += 1
            self._round_began = now
            self._round_accepted = False
            wait = self._wait(retry_after)
            if is_first and self._accepted:
                # Until then, a service that counts the requests of a second accepts nothing more.
                wait = max(wait, self._accepted[0] + _WINDOW - now)
            self._pause(now, min(wait, longest))
            return wait

    def _reserve(self, now: float) -> float:
        start = max(now, self._next, self._paused_until)
        rate = self._current_rate(start)
        if rate is not None:
            self._next = start + 1.0 / max(_SLOWEST, rate / 2.0 ** min(self._rejected_rounds, _STEPS))
        return start

    def _is_valid(self, schedule: int, start: float) -> bool:
        with self._lock:
            if schedule == self._schedule and self._clock() - start > _LATE:
                self._reschedule()
            return schedule == self._schedule

    def _is_of_this_round(self, acquired: float) -> bool:
        return self._rate is None or acquired > self._round_began

    def _wait(self, retry_after: float | None) -> float:
        if retry_after and not self._rejected_rounds:
            return retry_after
        own = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._rejected_rounds, _STEPS)) * random.uniform(0.5, 1.0)
        return own if retry_after is None else max(retry_after, own)

    def _pause(self, now: float, seconds: float) -> None:
        if now + seconds > self._paused_until:
            self._paused_until = now + seconds
            self._reschedule()

    def _reschedule(self) -> None:
        self._next = 0.0
        self._schedule += 1

    def _reduce_rate(self, now: float, asks_to_wait: bool) -> None:
        """Make the rate a little less than what was accepted in this round, its pause included."""
        self._forget(now)
        current = self._current_rate(now)
        if current is None:
            seen = len(self._accepted) / _WINDOW
            few = len(self._accepted) < _FEW
            # With Retry-After, each 429 costs that much time.
            self._search_after = 0.0 if few else None if asks_to_wait else _SEARCH_AFTER
        else:
            windows = [_WINDOW] if self._search_after is None else [_WINDOW, _SEARCH_WINDOW]
            measured = max(self._accepted_rate(now, min(window, now - self._round_began)) for window in windows)
            seen = min(current, max(measured, _LEAST * current))
            self._search_after = None
        self._rate = max(_SLOWEST, _REDUCTION * seen)

    def _accepted_rate(self, now: float, seconds: float) -> float:
        return sum(moment >= now - seconds for moment in self._accepted) / max(seconds, 0.001)

    def _current_rate(self, now: float) -> float | None:
        if self._rate is None:
            return None
        free = max(0.0, now - max(self._round_began, self._paused_until))
        if self._search_after is not None:
            return self._rate * math.pow(_SEARCH, min(max(0.0, free - self._search_after), 30.0))
        return self._rate / _REDUCTION * _CEILING * (1.0 + _DEPTH * (free / _PLATEAU_AFTER - 1.0) ** 3)

    def _forget(self, now: float) -> None:
        while self._accepted and self._accepted[0] < now - _WINDOW:
            self._accepted.popleft()
