# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why no answer came: from an exception of requests to one clause, a cause, and whether the request may have arrived.

Texts of exceptions are not passed on: they can hold a proxy's password or a query.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.requests_compat import requests
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.urls import host_of

_WRONG_LOGIN = "Tunnel connection failed: 407"


def classify_transport_error(
    error: requests.RequestException | OSError, url: str, timeout: float, connecting: bool = False, sent: bool = False
) -> TransportError:
    """Return what ``error`` means for a request to ``url`` whose attempt had ``timeout`` seconds.

    ``connecting``: nothing of the request had been sent yet. ``sent``: all of it had been.
    """
    host = host_of(url)
    chain = list(_chain(error))
    if isinstance(error, requests.exceptions.ProxyError):
        cause = "proxy_login" if any(_WRONG_LOGIN in str(link) for link in chain) else "proxy"
        return TransportError(f"the proxy on the way to {host} did not pass the request on{_reason(chain)}", cause)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidProxyURL)):
        return TransportError(f"the address of {host}, or that of the proxy on the way to it, is not usable", "address")
    if isinstance(error, requests.exceptions.InvalidSchema):
        return TransportError(
            f"the proxy on the way to {host} is one of SOCKS, for which this Python lacks PySocks", "address"
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return TransportError(f"no connection to {host} could be made within {timeout:g} s", "connect")
    if _unresolved(chain):
        return _name_not_found(chain, host)
    if isinstance(error, requests.exceptions.SSLError) and not sent:
        return _not_trusted(chain, host, connecting)
    timed_out = isinstance(error, requests.exceptions.Timeout) or any(_is_read_timeout(link) for link in chain)
    if timed_out and connecting:
        return TransportError(f"no connection to {host} could be made within {timeout:g} s", "connect")
    if timed_out:
        return TransportError(f"{host} was silent for {timeout:g} s", "timeout", ambiguous=True)
    if connecting or any(_never_connected(link) for link in chain):
        return TransportError(f"no connection to {host} could be made{_reason(chain)}", "connect")
    return TransportError(
        f"the connection to {host} broke before the answer was complete{_reason(chain)}", "broken", ambiguous=True
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and all that it wraps, by urllib3's ``reason``, by its arguments, or as its cause."""
    seen = set()
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = [getattr(link, "reason", None), link.__cause__, link.__context__, *link.args]
        waiting.extend(candidate for candidate in inner if isinstance(candidate, BaseException))


def _unresolved(chain: list[BaseException]) -> bool:
    return any(isinstance(link, socket.gaierror) or type(link).__name__ == "NameResolutionError" for link in chain)


def _name_not_found(chain: list[BaseException], host: str) -> TransportError:
    passing = any(isinstance(link, socket.gaierror) and link.errno == socket.EAI_AGAIN for link in chain)
    return TransportError(f"the name of {host} could not be resolved", "connect" if passing else "dns")


def _not_trusted(chain: list[BaseException], host: str, connecting: bool) -> TransportError:
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return TransportError(f"the TLS certificate of {host} was not accepted: {link.verify_message}", "tls")
    if any(isinstance(link, ssl.SSLError) and getattr(link, "library", None) == "X509" for link in chain):
        return TransportError(
            f"no TLS connection with {host} could be made: the file of CA certificates holds none that can be read",
            "tls",
        )
    for link in chain:
        if isinstance(link, ssl.SSLError) and not isinstance(link, ssl.SSLEOFError) and link.reason:
            return TransportError(
                f"no TLS connection with {host} could be made: {link.reason.lower().replace('_', ' ')}", "tls"
            )
    if connecting:
        return TransportError(f"no TLS connection with {host} could be made: it broke in the making", "connect")
    return TransportError(f"the TLS connection with {host} broke", "broken", ambiguous=True)


def _is_read_timeout(link: BaseException) -> bool:
    return isinstance(link, socket.timeout) or type(link).__name__ == "ReadTimeoutError"


def _never_connected(link: BaseException) -> bool:
    return type(link).__name__ in ("NewConnectionError", "ConnectTimeoutError")


def _reason(chain: list[BaseException]) -> str:
    """Return the operating system's words for the innermost error, or the status that a proxy answered, or nothing."""
    for link in reversed(chain):
        if isinstance(link, OSError) and not isinstance(link, ssl.SSLError):
            number = link.errno
            if number is not None and number in errno.errorcode:
                return f": {os.strerror(number).lower()}"
        if isinstance(link, OSError) and str(link).startswith("Tunnel connection failed: "):
            # Of the rest, the proxy chose every letter.
            return f": it answered {str(link)[len('Tunnel connection failed: ') :][:3]}"
    return ""
