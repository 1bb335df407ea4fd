# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How all threads of a run are told to begin nothing new.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import threading


class Cancellation:
    """Set once, by a signal or by the loss of the caller; read by everything that is about to send a request or wait.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reason = ""

    def cancel(self, reason: str) -> None:
        """Begin nothing new from now on. ``reason``, such as ``SIGTERM was received``, counts only the first time."""
        if not self._event.is_set():
            self._reason = reason
            self._event.set()

    @property
    def reason(self) -> str:
        """Why nothing new may be begun, or an empty text as long as it may."""
        return self._reason if self._event.is_set() else ""

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until cancelled."""
        self._event.wait(max(0.0, seconds))
