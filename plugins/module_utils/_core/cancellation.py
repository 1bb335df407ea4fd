# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cancellation of a run: all threads stop starting new work."""

from __future__ import annotations

import time

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
