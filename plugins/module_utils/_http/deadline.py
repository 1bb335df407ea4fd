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

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.requests_compat import (
    HTTPAdapter,
    HTTPConnection,
    HTTPConnectionPool,
    HTTPSConnection,
    HTTPSConnectionPool,
)

_LOOK_EVERY = 0.2  # seconds


class Attempt:
    """One attempt under way: until when it may go on, how far it is, and how to end it.

    ``connecting``: nothing of the request went out yet. ``sent``: all of it did.
    """

    def __init__(self, deadline: float, timeout: float, clock: Callable[[], float]) -> None:
        self.deadline = deadline
        self.expired = False
        self.connecting = False
        self.sent = False
        self._timeout = timeout
        self._clock = clock
        self._connection: Any | None = None
        self._socket: socket.socket | None = None
        self._over = False
        self._lock = threading.Lock()

    def connects(self, connection: Any) -> None:
        """Take note of the connection that is being made."""
        self._connection = connection
        self.connecting = True

    def goes_on(self) -> None:
        """Give time for what comes next: each address that a connection was tried to before had its own time-out."""
        self.deadline = max(self.deadline, self._clock() + self._timeout)

    def has_connected(self, connection: Any) -> None:
        """Take note of the connection by which the request goes out from now on."""
        self._connection = connection
        self.connecting = False
        self.goes_on()

    def answers(self, connection: Any) -> None:
        """Take note that the answer is being read, and of the socket, which may outlive its connection there."""
        self._socket = connection.sock
        self.sent = True

    def expire(self) -> None:
        """End the attempt from outside."""
        with self._lock:
            target = self._socket or getattr(self._connection, "sock", None)
            if not self._over and target is not None:
                self.expired = True
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
    def watching(self, deadline: float, timeout: float) -> Iterator[Attempt]:
        """Watch what this thread sends inside the block, and leave it ``timeout`` seconds after it has connected."""
        attempt = Attempt(deadline, timeout, self._clock)
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
        attempt = _current.attempt
        if attempt is not None:
            attempt.connects(self)
        super().connect()  # type: ignore[misc] # mixed into connections, which have it
        if attempt is not None:
            attempt.has_connected(self)

    def _new_conn(self) -> Any:
        made = super()._new_conn()  # type: ignore[misc] # mixed into connections, which have it
        if _current.attempt is not None:
            _current.attempt.goes_on()
        return made

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        attempt = _current.attempt
        if attempt is not None and getattr(self, "sock", None) is not None:
            attempt.has_connected(self)
        super().putrequest(*args, **kwargs)  # type: ignore[misc] # mixed into connections, which have it

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        if _current.attempt is not None:
            _current.attempt.answers(self)
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
