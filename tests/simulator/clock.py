# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's time, which a test can move."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

API_TIME = "%Y%m%dT%H%M%SZ"
MICROSECOND_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def _real() -> datetime:
    return datetime.now(timezone.utc)


class Clock:
    """Time as the service sees it.

    It starts at ``start`` (aware; None: the real time) and runs with the real one, unless ``frozen``.
    """

    def __init__(self, start: datetime | None = None, frozen: bool = False) -> None:
        self._first = start or _real()
        self._running: Callable[[], float] = (lambda: 0.0) if frozen else time.monotonic
        self._begun = self._running()
        self._offset = 0.0 if start is None or frozen else (start - _real()).total_seconds()
        self._frozen = frozen
        self._advanced = 0.0
        self._skew = 0.0

    def now(self) -> datetime:
        """Return the service's time, aware: that of the ``Date`` header, of expiries and of creation times."""
        real = self._first if self._frozen else _real() + timedelta(seconds=self._offset)
        return real + timedelta(seconds=self._advanced + self._skew)

    def elapsed(self) -> float:
        """Return the seconds that have passed, for tasks under way; a wrong clock does not change them."""
        return self._running() - self._begun + self._advanced

    def signing_time(self) -> datetime:
        """Return the time that signatures are judged by: the real one and the skew.

        ``advance`` lets time pass for everybody, also for the client, whose clock cannot be moved from here.
        """
        return _real() + timedelta(seconds=self._skew)

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once: tasks proceed, tokens age, the ``Date`` header moves."""
        if seconds < 0:
            raise ValueError("time cannot be turned back; skew() can set the service's clock wrong")
        self._advanced += seconds

    def skew(self, seconds: float) -> None:
        """Set the service's clock ``seconds`` ahead of the true time (negative: behind). Tasks are not concerned."""
        self._skew = seconds

    def reset(self) -> None:
        """Undo every ``advance`` and ``skew``."""
        self._advanced = 0.0
        self._skew = 0.0
