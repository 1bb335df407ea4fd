# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxy the environment names for a request, whether it can be used, and what of it must not be shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from .._core.errors import TransportError
from .addresses import host_of, is_host, is_loopback
from .transport import requests, urllib3

_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")


class Proxies:
    """The proxies that the environment names. ``secrets`` is what of them must not be shown."""

    def __init__(self, by_scheme: Mapping[str, str]) -> None:
        self._by_scheme = dict(by_scheme)
        self.secrets = [secret for proxy in self._by_scheme.values() for secret in _secrets_of(proxy)]

    def for_url(self, url: str) -> str | None:
        """Return the proxy for ``url``, or None; raises TransportError for one that cannot be used.

        Plain http to this machine uses none: it is allowed only because it does not leave the machine.
        """
        parts = urlsplit(url)
        if parts.scheme == "http" and is_loopback(parts.hostname or ""):
            return None
        if requests.utils.should_bypass_proxies(url, no_proxy=None):
            return None
        proxy: str | None = requests.utils.select_proxy(url, self._by_scheme)
        if not proxy:
            return None
        problem = _problem(proxy)
        if problem:
            raise TransportError(f"the proxy for {host_of(url)} {problem}", "address")
        return _with_scheme(proxy)


def _secrets_of(proxy: str) -> list[str]:
    """Return the password of ``proxy``, also with the user, and as it is encoded in a header."""
    try:
        parts = urlsplit(_with_scheme(proxy))
        user, password = parts.username or "", parts.password or ""
        if not password:
            # A proxy that takes a token takes it as the user.
            return [text for text in (user, unquote(user)) if text]
        pairs = [(user, password), (unquote(user), unquote(password))]
        header = ":".join(pairs[1]).encode("latin-1")
    except ValueError:
        return [proxy]
    return [*(text for pair in pairs for text in (pair[1], ":".join(pair))), base64.b64encode(header).decode()]


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _problem(proxy: str) -> str | None:
    """Return why ``proxy`` cannot be used: the libraries would raise another exception, or hang."""
    try:
        parts = urlsplit(_with_scheme(proxy))
        parts.port  # noqa: B018 # reading it is what checks it
        # As requests encodes them for the proxy.
        for text in (parts.username, parts.password):
            unquote(text or "").encode("latin-1")
    except ValueError:
        return "has an address that is not usable"
    if not is_host(parts.hostname or ""):
        return "has an address that is not usable"
    if parts.scheme in _SOCKS:
        return None if _has_pysocks() else "is a SOCKS proxy, for which this Python lacks the library PySocks"
    if parts.scheme == "https":
        return None if _supports_https_proxies() else "is an https:// proxy, which needs urllib3 1.26 or later"
    return None if parts.scheme == "http" else f"has a scheme that is not supported: {parts.scheme}"


def _has_pysocks() -> bool:
    try:
        import urllib3.contrib.socks  # noqa: F401 # an import is what tells
    except ImportError:
        return False
    return True


def _supports_https_proxies() -> bool:
    # Older ones would speak plain HTTP to it.
    return hasattr(urllib3.connection.HTTPSConnection, "_connect_tls_proxy")
