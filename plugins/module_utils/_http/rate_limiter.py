# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The speed of a whole client: full speed until the service says 429, then what it was seen to accept.

After a cut the rate grows along a cubic curve, as TCP's window does in CUBIC (RFC 9438): fast, then flat just below
what was refused, where it stays for long, and at last beyond it, to find out whether the service allows more by now.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from typing import Callable

_WINDOW = 1.0  # seconds of accepted requests from which the accepted rate is read, at most
_CUT = 0.95  # of the accepted rate, after a 429
_SLOWEST = 1.0  # requests a second
_SEARCH = 1.5  # times the rate, each second after the first cut: a burst that was accepted tells little of the limit
# The curve: rate(t) = seen * _CEILING * (1 + _DEPTH * (t / _PLATEAU_AFTER - 1) ** 3), where ``seen`` was accepted
# before the cut, and ``t`` is in seconds since the hold: from 0.92 of it, by 0.97 after ten seconds, to 1 after 19.
_CEILING, _DEPTH, _PLATEAU_AFTER = 0.97, 0.05, 10.0
_LATE = 0.02  # seconds: to catch up on more would be a burst, which is refused
_FIRST_HOLD, _LONGEST_HOLD = 0.5, 10.0  # seconds, where the service does not say
_STEPS = 10  # how often a round in vain makes the next one slower at most


class RateLimiter:
    """Lets requests of all threads through, one after the other, no faster than the service accepts them.

    A 429 begins a round: nobody sends for a while, then all go on at a lower rate, which grows again. A round in
    which nothing is accepted leaves the rate as it is, but the next one is held longer and begins slower. All times
    are in seconds of ``clock``. Thread-safe.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._rate: float | None = None
        self._reductions = 0
        self._round_began = 0.0
        self._next = 0.0
        self._paused_until = 0.0
        self._accepted: deque[float] = deque()
        self._rejected_rounds = 0  # rounds since the last in which something was accepted
        self._round_accepted = True
        self._plan = 0  # grows whenever turns that were given out, but have not come, are void

    def acquire(self, until: float) -> float:
        """Wait for a turn, but no longer than ``until``; return when the turn came."""
        while True:
            with self._lock:
                now = self._clock()
                plan = self._plan
                start = min(self._reserve(now), max(until, now))
            if start <= now:
                return start
            self._sleep(start - now)
            if start >= until or self._still_holds(plan, start):
                return start

    def record_success(self, turn: float) -> None:
        """Count a request, which had its turn at ``turn``, that the service did not throttle."""
        with self._lock:
            now = self._clock()
            self._accepted.append(now)
            self._forget(now)
            if self._is_of_this_round(turn):
                self._round_accepted = True
                if self._rejected_rounds:
                    self._rejected_rounds = 0
                    self._give_out_anew()

    def record_throttle(self, turn: float, asked: float | None, longest: float) -> float:
        """Take note of a 429 to the request that had its turn at ``turn``; return how long it is to wait.

        ``asked`` is what the service asks for, if it does. Nobody sends for as long, but ``longest`` at most.
        Requests that were under way when the round began say nothing about its rate, and begin no other.
        """
        with self._lock:
            now = self._clock()
            if not self._is_of_this_round(turn):
                self._pause(now, min(asked or 0.0, longest))
                return max(asked or 0.0, self._paused_until - now)
            if self._round_accepted:
                self._reduce_rate(now)
            else:
                self._rejected_rounds += 1
            self._round_began = now
            self._round_accepted = False
            wait = self._wait(asked)
            self._pause(now, min(wait, longest))
            return wait

    def _reserve(self, now: float) -> float:
        start = max(now, self._next, self._paused_until)
        rate = self._current_rate(start)
        if rate is not None:
            self._next = start + 1.0 / max(_SLOWEST, rate / 2.0 ** min(self._rejected_rounds, _STEPS))
        return start

    def _still_holds(self, plan: int, start: float) -> bool:
        with self._lock:
            if plan == self._plan and self._clock() - start > _LATE:
                self._give_out_anew()
            return plan == self._plan

    def _is_of_this_round(self, turn: float) -> bool:
        return self._rate is None or turn > self._round_began

    def _wait(self, asked: float | None) -> float:
        if asked and not self._rejected_rounds:
            return asked
        own = min(_LONGEST_HOLD, _FIRST_HOLD * 2.0 ** min(self._rejected_rounds, _STEPS)) * random.uniform(0.5, 1.0)
        return own if asked is None else max(asked, own)

    def _pause(self, now: float, seconds: float) -> None:
        if now + seconds > self._paused_until:
            self._paused_until = now + seconds
            self._give_out_anew()

    def _give_out_anew(self) -> None:
        self._next = 0.0
        self._plan += 1

    def _reduce_rate(self, now: float) -> None:
        """Make the rate a little less than what was accepted in this round, its hold included."""
        self._forget(now)
        current = self._current_rate(now)
        seconds = _WINDOW if current is None else min(_WINDOW, now - self._round_began)
        seen = sum(moment >= now - seconds for moment in self._accepted) / max(seconds, 0.001)
        self._rate = max(_SLOWEST, _CUT * (seen if current is None else min(seen, current)))
        self._reductions += 1

    def _current_rate(self, now: float) -> float | None:
        if self._rate is None:
            return None
        free = max(0.0, now - max(self._round_began, self._paused_until))
        if self._reductions == 1:
            return self._rate * math.pow(_SEARCH, min(free, 30.0))
        return self._rate / _CUT * _CEILING * (1.0 + _DEPTH * (free / _PLATEAU_AFTER - 1.0) ** 3)

    def _forget(self, now: float) -> None:
        while self._accepted and self._accepted[0] < now - _WINDOW:
            self._accepted.popleft()
