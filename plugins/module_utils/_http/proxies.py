# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxy the environment names for a request, and whether its address can be used.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.requests_compat import (
    get_environ_proxies,
    select_proxy,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.urls import host_of, is_host, is_loopback


def proxies_for(url: str) -> Mapping[str, str]:
    """Return the proxies of the environment, as requests wants them, for ``url``.

    Plain http to this machine uses none: it is allowed only because it does not leave the machine. Raises TransportError
    for a proxy whose address cannot be used: below, each flaw would be an exception of its own.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return {}
    proxies: Mapping[str, str] = get_environ_proxies(url)
    chosen = select_proxy(url, proxies)
    if chosen and not _usable(chosen):
        raise TransportError(f"the address of the proxy on the way to {host_of(url)} is not usable", "address")
    return proxies


def passwords_of(url: str, proxies: Mapping[str, str]) -> list[str]:
    """Return what of the proxy for ``url`` must not be shown: its password, also with the user, and in a header."""
    parts = urlsplit(_with_scheme(select_proxy(url, proxies) or ""))
    user, password = parts.username or "", parts.password or ""
    if not password:
        # A proxy that takes a token takes it as the user.
        return [text for text in (user, unquote(user)) if text]
    pairs = [(user, password), (unquote(user), unquote(password))]
    header = ":".join(pairs[1]).encode("latin-1")
    return [*(text for pair in pairs for text in (pair[1], ":".join(pair))), base64.b64encode(header).decode()]


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _usable(proxy: str) -> bool:
    try:
        parts = urlsplit(_with_scheme(proxy))
        parts.port  # noqa: B018 # reading it is what checks it
        # As requests encodes them for the proxy.
        for text in (parts.username, parts.password):
            unquote(text or "").encode("latin-1")
    except ValueError:
        return False
    return is_host(parts.hostname or "")
