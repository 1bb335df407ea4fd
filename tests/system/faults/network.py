# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults below HTTP: who is reached, if anybody, under a name that resolves anew for each connection."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import trustme
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ansible_collections.huaweicloud.iotda.tests.raw_network import Proxy
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

HOST = "localhost"
Address = tuple[str, int]
_resolve = socket.getaddrinfo


class OneShot(Simulator):
    """A simulator that ends each connection after one answer, so that the next request needs another one."""

    def shared_app(self) -> Any:
        return _closing(super().shared_app())


def _closing(app: ASGIApp) -> ASGIApp:
    async def closing(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await app(scope, receive, send_and_close)

    return closing


@dataclass
class Directory:
    """Resolves ``localhost``: to ``bad`` for the connections that ``is_bad`` counts in, and to ``good`` for others."""

    good: Address
    bad: Address | socket.gaierror
    is_bad: Callable[[int], bool]
    asked: int = field(default=0, init=False)

    def getaddrinfo(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        """Stand in for what resolves names; any other name goes on to that."""
        if host != HOST:
            return _resolve(host, port, *args, **kwargs)
        self.asked += 1
        found = self.bad if self.is_bad(self.asked) else self.good
        if isinstance(found, socket.gaierror):
            raise found
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", found)]


@dataclass(frozen=True)
class Networks:
    """All the places that a connection can be led to. ``secure`` is a simulator with TLS, as the other bad ones are."""

    plain: Simulator
    secure: Simulator
    bad: dict[str, Address | socket.gaierror]
    proxies: Mapping[bool, Proxy]

    def proxy(self, tls: bool) -> Proxy:
        """Return the proxy that leads to the simulator with TLS, or to the plain one."""
        return self.proxies[tls]

    def good(self, kind: str) -> Simulator:
        """Return the simulator that is reached when nothing goes wrong."""
        return self.secure if kind in ("expired", "other_name") else self.plain


@contextmanager
def networks(**settings: Any) -> Iterator[Networks]:
    """Open all the places."""
    with ExitStack() as stack:
        ca = trustme.CA()
        plain = stack.enter_context(OneShot(**settings))
        secure = stack.enter_context(OneShot(tls=True, ca=ca, **settings))
        expired = stack.enter_context(OneShot(tls="expired", ca=ca))
        other = stack.enter_context(OneShot(tls="other_name", ca=ca))
        bad: dict[str, Address | socket.gaierror] = {
            "refused": stack.enter_context(_closed_port()),
            "full": stack.enter_context(_full_backlog()),
            "unknown": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "unknown for now": socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "expired": address_of(expired),
            "other_name": address_of(other),
        }
        to = {False: address_of(plain), True: address_of(secure)}
        yield Networks(plain, secure, bad, {tls: stack.enter_context(Proxy(to[tls])) for tls in to})


def address_of(simulator: Simulator) -> Address:
    """Return where ``simulator`` listens."""
    parts = urlsplit(simulator.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


@contextmanager
def _closed_port() -> Iterator[Address]:
    """Keep a port on which nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()


@contextmanager
def _full_backlog() -> Iterator[Address]:
    """Listen, and accept nobody: who comes when the queue is full gets no answer."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in [stack.enter_context(socket.socket()) for dummy in range(4)]:
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()
