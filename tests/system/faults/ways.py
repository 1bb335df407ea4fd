# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways from a client to a server: directly, and through each kind of proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from ansible_collections.huaweicloud.iotda.tests.raw_network import HOST, Address, Authority, Handler, Proxy, Server


@dataclass(frozen=True)
class Way:
    """``tls``: the service speaks TLS. ``proxy``: the scheme of the proxy in between, if there is one."""

    name: str
    tls: bool
    proxy: str | None = None

    def __str__(self) -> str:
        return self.name


WAYS = (
    Way("plain", tls=False),
    Way("TLS", tls=True),
    Way("forwarded", tls=False, proxy="http"),
    Way("CONNECT", tls=True, proxy="http"),
    Way("forwarded, TLS proxy", tls=False, proxy="https"),
    Way("CONNECT, TLS proxy", tls=True, proxy="https"),
    Way("SOCKS, plain", tls=False, proxy="socks5h"),
    Way("SOCKS, TLS", tls=True, proxy="socks5h"),
)
PROXIED = tuple(way for way in WAYS if way.proxy)


@dataclass(frozen=True)
class Route:
    """What a client needs to get to the server."""

    url: str
    ca_file: str
    proxy: Proxy | None


@contextmanager
def route_to(handler: Handler, way: Way, authority: Authority, patch: pytest.MonkeyPatch) -> Iterator[Route]:
    """Start a server, and the proxy that ``way`` needs, and set the environment for it."""
    stack = ExitStack()
    try:
        server = stack.enter_context(Server(handler, authority.context if way.tls else None))
        scheme = "https" if way.tls else "http"
        if way.proxy is None:
            host, port = server.address
            yield Route(f"{scheme}://{host}:{port}", authority.file, None)
            return
        proxy = Proxy(server.address, authority.context if way.proxy == "https" else None)
        stack.enter_context(proxy)
        set_proxy(patch, way, proxy.address)
        yield Route(f"{scheme}://{HOST}", authority.file, proxy)
    finally:
        stack.close()


def set_proxy(patch: pytest.MonkeyPatch, way: Way, address: Address) -> None:
    """Name the proxy at ``address`` in the environment."""
    for name in ("http_proxy", "https_proxy"):
        patch.setenv(name, "{}://{}:{}".format(way.proxy, *address))
