# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections: only the parts of `requests` that one attempt needs.

This is the only import of `requests`, so that its absence is reported as an error and not as a traceback.

Redirects are not followed, cookies are not read, ``.netrc`` is not read: all of these are the session's, and there is
none. What urllib3 does not tell is observed on the connection itself: whether a failure came before the request.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from .._core.system import open_at_once

OLDEST = (2, 28)
_MOST_HEADER_LINES = 1000
TLS_ALERT = b"\x15\x03"  # what some servers answer to a request that is not TLS
CONNECTING = "connecting"
PROXY_TLS = "TLS with the proxy"


class _KeyLogError(Exception):
    """SSLKEYLOGFILE names a file that cannot be opened: each TLS connection, or even the import, would fail."""


def _check_key_log() -> None:
    path = os.environ.get("SSLKEYLOGFILE")
    if path:
        try:
            os.close(open_at_once(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT))
        except OSError as error:
            raise _KeyLogError(f"{path} cannot be written ({error.strerror})") from None


try:
    _check_key_log()
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter

    IMPORT_ERROR: BaseException | None = None
except BaseException as error:  # a broken installation raises anything; the module reports it, see requests_error()
    if isinstance(error, KeyboardInterrupt):
        raise
    requests = None  # type: ignore[assignment] # nothing runs without it
    urllib3 = None  # type: ignore[assignment] # nothing runs without it
    HTTPAdapter = object  # type: ignore[assignment,misc] # classes can still be defined without it
    IMPORT_ERROR = error

__all__ = ["PROXY_TLS", "TLS_ALERT", "Transport", "requests", "requests_error", "stage_of", "urllib3"]


def requests_error(on_target: bool = True) -> str | None:
    """Return one sentence that says why requests cannot be used and what to do, or None if it can.

    Not ``on_target`` is what runs inside Ansible, for which ``ansible_python_interpreter`` chooses no Python.
    """
    if isinstance(IMPORT_ERROR, _KeyLogError):
        return f"The environment variable SSLKEYLOGFILE is set, but {IMPORT_ERROR}; unset it, or name another file."
    install = f"install it with '{sys.executable} -m pip install \"requests>=2.28\"'"
    if on_target:
        install += ", or set ansible_python_interpreter to a Python that has it"
    if IMPORT_ERROR is not None:
        text = " ".join(str(IMPORT_ERROR).split())
        reason = text if isinstance(IMPORT_ERROR, ImportError) else f"{type(IMPORT_ERROR).__name__}: {text}"
        return f"The Python library requests cannot be imported by {sys.executable} ({reason}); {install}."
    told = str(getattr(requests, "__version__", "of an unknown version"))
    version = tuple(int(part) for part in told.split(".")[:2] if part.isdigit())
    if version < OLDEST:
        return f"The Python library requests of {sys.executable} is {told}, older than 2.28; {install}."
    if not issubclass(urllib3.connection.HTTPConnection, http.client.HTTPConnection):
        # urllib3-future, which niquests brings, puts itself in its place. No timeout of a response would hold.
        return (
            f"The Python library urllib3 of {sys.executable} has been replaced by another library, such as "
            "urllib3-future, which niquests installs; it cannot be used: "
            + ("set ansible_python_interpreter to" if on_target else "run Ansible with")
            + " a Python without it, such as a virtual environment with requests alone."
        )
    return None


def stage_of(error: BaseException) -> str | None:
    """Return the stage in which connecting failed, None for any other error."""
    return getattr(error, "iotda_stage", None)


class _Lines:
    """The lines of the headers: how many, and whether the last one was that which ends them."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._count = 0
        self._last = b""

    @property
    def complete(self) -> bool:
        return self._last in (b"\r\n", b"\n")

    @property
    def is_cut_off(self) -> bool:
        return not self._last.endswith(b"\n") and not self._last.startswith(TLS_ALERT)

    def readline(self, limit: int = -1) -> bytes:
        self._count += 1
        if self._count > _MOST_HEADER_LINES:
            raise http.client.HTTPException("too many header lines")
        self._last = self._stream.readline(limit)
        return self._last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _cut_off() -> http.client.RemoteDisconnected:
    return http.client.RemoteDisconnected("the connection was closed within the headers")


class _Response(http.client.HTTPResponse):
    """A response whose headers came as a whole, after any number of interim ones.

    The standard library takes a connection that ends in the midst of the headers for their end, and knows no interim
    response but 100.
    """

    def begin(self) -> None:
        stream: Any = self.fp
        lines: Any = _Lines(stream)
        self.fp = lines
        try:
            super().begin()
        except http.client.HTTPException:
            if lines.is_cut_off:
                raise _cut_off() from None
            raise
        finally:
            if self.fp is lines:
                self.fp = stream
        if not lines.complete:
            raise _cut_off()
        # What could not be parsed: urllib3 would log it with a traceback, and with a secret that a server repeats.
        self.headers.defects.clear()
        self.headers.set_payload("")

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc] # not in the stubs
        is_interim = 100 <= status < 200 and status != http.client.SWITCHING_PROTOCOLS
        return version, http.client.CONTINUE if is_interim else status, reason


class _ObservedConnection:
    """A connection that marks an error which came before anything of the request could have been sent.

    The request is sent after ``connect``, which also includes the proxy's part and TLS.
    """

    response_class = _Response

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc] # mixed into connections, which have it
        except Exception as error:  # any: it is marked, and raised again
            error.iotda_stage = stage_of(error) or CONNECTING  # type: ignore[attr-defined] # see stage_of()
            raise

    def _connect_tls_proxy(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._connect_tls_proxy(*args, **kwargs)  # type: ignore[misc] # since urllib3 1.26
        except Exception as error:  # any: it is marked, and raised again
            error.iotda_stage = PROXY_TLS  # type: ignore[attr-defined] # see stage_of()
            raise


@cache
def _observed(pool: type) -> type:
    """Return ``pool``, a class of urllib3's connection pools, with observed connections."""
    connection = type("ObservedConnection", (_ObservedConnection, pool.ConnectionCls), {})  # type: ignore[attr-defined]
    return type("ObservedPool", (pool,), {"ConnectionCls": connection, "is_observed": True})


def _observe(manager: Any) -> Any:
    pools: Mapping[str, type] = manager.pool_classes_by_scheme
    if not all(hasattr(pool, "is_observed") for pool in pools.values()):
        manager.pool_classes_by_scheme = {scheme: _observed(pool) for scheme, pool in pools.items()}
    return manager


class Transport(HTTPAdapter):
    """Sends requests of all threads over pooled connections; ``send`` returns urllib3's response, not yet read."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _observe(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _observe(super().proxy_manager_for(*args, **kwargs))

    def build_response(self, req: Any, resp: Any) -> Any:
        """Return the response of urllib3 as it is: that of requests would parse cookies, redirects and encodings."""
        return resp
