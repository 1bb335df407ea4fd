# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rate limit and latency of the IoTDA interface."""

from __future__ import annotations

import time
from collections import deque


class Throttle:
    """A limit on the requests in any one second of real time, and a delay for each. Off at first."""

    def __init__(self) -> None:
        self.latency = 0.0
        self._per_second: float | None = None
        self._retry_after: str | None = None
        self._recent: deque[float] = deque()

    def limit(self, per_second: float | None, retry_after: float | str | None = None) -> None:
        """Allow so many requests a second, None: any number; ``retry_after`` is what a refusal says."""
        self._per_second = per_second
        self._retry_after = None if retry_after is None else str(retry_after)
        self._recent.clear()

    def admits(self) -> bool:
        """Count one request; False if it exceeds the limit, and is not counted."""
        if self._per_second is None:
            return True
        now = time.monotonic()
        window = 1.0 if self._per_second >= 1 else 1.0 / self._per_second
        while self._recent and self._recent[0] <= now - window:
            self._recent.popleft()
        if len(self._recent) >= self._per_second * window:
            return False
        self._recent.append(now)
        return True

    @property
    def refusal_headers(self) -> dict[str, str]:
        return {} if self._retry_after is None else {"Retry-After": self._retry_after}
