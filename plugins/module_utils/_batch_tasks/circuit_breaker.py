# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stops a run in which task after task fails because of the connection, the credentials or the service."""

from __future__ import annotations

import threading

from .._core.errors import ApiError, IamError, RequestError, TransportError

FAILURE_THRESHOLD = 10
SKIPPED = f"skipped: the previous {FAILURE_THRESHOLD} tasks failed because of the connection, credentials or service"


class CircuitBreaker:
    """Opens when so many requests in a row failed because of the connection, the credentials or the service.

    Without it, a run over thousands of tasks would try each of them against a service that is down. Thread-safe.
    """

    def __init__(self, threshold: int = FAILURE_THRESHOLD) -> None:
        self._threshold = threshold
        self._lock = threading.Lock()
        self._failures = 0

    @property
    def is_open(self) -> bool:
        """Whether no further task is to be tried."""
        with self._lock:
            return self._failures >= self._threshold

    def record(self, error: RequestError | None) -> None:
        """Count how a request for one task ended; None is a success."""
        with self._lock:
            self._failures = self._failures + 1 if error is not None and is_infrastructure_error(error) else 0


def is_infrastructure_error(error: RequestError) -> bool:
    """Whether ``error`` has nothing to do with the task itself, so that the next one would probably meet it too."""
    if isinstance(error, ApiError):
        status = error.details.http_status
        return status in (401, 407, 429) or status >= 500
    return isinstance(error, (TransportError, IamError))
