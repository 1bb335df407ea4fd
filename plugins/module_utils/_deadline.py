# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An end to attempts that trickle: a time-out of requests counts silence only, and one byte a second is no silence.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Callable

from ansible_collections.huaweicloud.iotda.plugins.module_utils._requests import (
    HTTPAdapter,
    HTTPConnection,
    HTTPConnectionPool,
    HTTPSConnection,
    HTTPSConnectionPool,
)

_LOOK_EVERY = 0.2  # seconds


class Attempt:
    """One attempt under way: until when it may go on, whether all of the request is sent, and how to end it."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expired = False
        self.sent = False
        self._connection: Any | None = None
        self._socket: socket.socket | None = None
        self._over = False
        self._lock = threading.Lock()

    def uses(self, connection: Any, answering: bool = False) -> None:
        """Take note of the connection; once the answer is being read, of its socket, which may outlive it there."""
        self._connection = connection
        self._socket = connection.sock if answering else None
        self.sent = answering

    def expire(self) -> None:
        """End the attempt from outside."""
        with self._lock:
            if self._over:
                return
            self.expired = True
            target = self._socket or getattr(self._connection, "sock", None)
            if target is not None:
                # The socket may have been closed by the other side already. TLS has no say in this.
                with suppress(OSError):
                    socket.socket.shutdown(target, socket.SHUT_RDWR)

    def end(self) -> None:
        """Take note that the socket is this attempt's no more."""
        with self._lock:
            self._over = True


class Watchdog:
    """Ends each attempt of all threads at its deadline, in seconds of ``clock``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: set[Attempt] = set()
        self._looking = False

    @contextmanager
    def watching(self, deadline: float) -> Iterator[Attempt]:
        """Watch what this thread sends inside the block."""
        attempt = Attempt(deadline)
        with self._lock:
            self._attempts.add(attempt)
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, daemon=True).start()
        _current.attempt = attempt
        try:
            yield attempt
        finally:
            _current.attempt = None
            attempt.end()
            with self._lock:
                self._attempts.discard(attempt)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            now = self._clock()
            with self._lock:
                if not self._attempts:
                    self._looking = False
                    return
                late = [attempt for attempt in self._attempts if attempt.deadline <= now]
            for attempt in late:
                attempt.expire()


class _Current(threading.local):
    attempt: Attempt | None = None


_current = _Current()


class _Watched:
    """A connection that tells the attempt under way about itself."""

    def connect(self) -> None:
        if _current.attempt is not None:
            _current.attempt.uses(self)
        super().connect()  # type: ignore[misc] # mixed into connections, which have it

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        if _current.attempt is not None:
            _current.attempt.uses(self, answering=True)
        return super().getresponse(*args, **kwargs)  # type: ignore[misc] # mixed into connections, which have it


class _WatchedHttp(_Watched, HTTPConnection):
    pass


class _WatchedHttps(_Watched, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHttps


class WatchedAdapter(HTTPAdapter):
    """The transport of requests, over connections that a Watchdog can end."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _watch(super().proxy_manager_for(*args, **kwargs))


def _watch(manager: Any) -> Any:
    """Make ``manager`` use watched connections; one for SOCKS brings its own, which are left alone."""
    if manager.pool_classes_by_scheme.get("http") is HTTPConnectionPool:
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager
