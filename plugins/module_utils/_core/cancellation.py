# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cancellation of a run: all threads stop starting new work.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import threading


class Cancellation:
    """Set once, by a signal or when the caller is gone; checked before each request and each wait.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reason = ""

    def cancel(self, reason: str) -> None:
        """Start nothing new from now on. ``reason``, such as ``SIGTERM was received``, counts only the first time."""
        if not self._event.is_set():
            self._reason = reason
            self._event.set()

    @property
    def reason(self) -> str:
        """Why nothing new may be started, or an empty string."""
        return self._reason if self._event.is_set() else ""

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until cancelled."""
        self._event.wait(max(0.0, seconds))
