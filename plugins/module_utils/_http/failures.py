# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why there is no response: from an exception to its description, a cause, and whether the request may have been sent.

Only what was seen to fail before the request was sent is not ambiguous: see the connections in ``transport``. The
texts of exceptions are not passed on: they can hold a proxy's password or a query.
"""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
from collections.abc import Iterator, Sequence

from .._core.errors import Cause, TransportError
from .addresses import host_of
from .body import BodyError
from .transport import PROXY_TLS, TLS_ALERT, requests, stage_of, urllib3

_TUNNEL = "Tunnel connection failed: "
# X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT and those like it: the CA is not known here. All others are the certificate's.
_UNKNOWN_CA = frozenset((2, 18, 19, 20, 21))
_MAY_BE_TLS = "if this port speaks TLS, begin {endpoint} with https://; if not, run it again, and check the network"
_MAY_NOT_BE_TLS = "check {endpoint}: this port may not speak TLS, or no version of it that this machine accepts"
_EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM))


def classify_transport_error(error: Exception, url: str, timeout: float, proxied: bool) -> TransportError:
    """Return what ``error`` means for a request to ``url`` whose attempt had ``timeout`` seconds."""
    if isinstance(error, TransportError):
        return error
    host = host_of(url)
    if isinstance(error, BodyError):
        return TransportError(str(error).format(host=host), error.cause, ambiguous=True)
    chain = list(_chain(error))
    stages = [stage for stage in map(stage_of, chain) if stage]
    local = _local_problem(chain)
    if local:
        return TransportError(f"could not connect to {host}: {local}", "local", ambiguous=not stages)
    if stages:
        return _not_connected(chain, host, timeout, proxied, PROXY_TLS in stages)
    if _is_any(chain, requests.exceptions.InvalidURL) or _is_any(chain, urllib3.exceptions.LocationValueError):
        # Raised before there is a connection.
        return TransportError(f"the address of {host} or of its proxy is not valid", "address")
    return _no_response(chain, host, timeout, plain=url.startswith("http://"))


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


def _local_problem(chain: Sequence[BaseException]) -> str | None:
    for link in chain:
        if isinstance(link, MemoryError):
            return "this machine is out of memory"
        if not isinstance(link, OSError) or link.errno is None:
            continue
        reason = os.strerror(link.errno).lower()
        if link.errno in _EXHAUSTED:
            return f"this machine reports: {reason}"
        # Only what has to do with files has a name; the key log and the CA certificates are such.
        if isinstance(link.filename, (str, bytes)):
            return f"{os.fsdecode(link.filename)} cannot be opened ({reason})"
    return None


def _not_connected(
    chain: Sequence[BaseException], host: str, timeout: float, proxied: bool, proxy_tls: bool
) -> TransportError:
    proxy = f"the proxy for {host}"
    unresolved = _is_any(chain, socket.gaierror) or _is_named(chain, "NameResolutionError")
    opening = unresolved or _is_named(chain, "NewConnectionError", "ConnectTimeoutError")
    peer = proxy if proxy_tls or (proxied and opening) else host
    if unresolved:
        again = any(isinstance(link, socket.gaierror) and link.errno == socket.EAI_AGAIN for link in chain)
        return TransportError(f"the name of {peer} could not be resolved", "connect" if again else "dns")
    status = _tunnel_status(chain)
    if status:
        cause: Cause = "proxy_login" if status == "407" else "proxy"
        return TransportError(f"{proxy} refused the connection: it answered {status}", cause)
    if _is_timeout(chain):
        return TransportError(f"could not connect to {peer} within {timeout:g} s", "connect")
    found = next((link for link in chain if isinstance(link, ssl.SSLError)), None)
    if isinstance(found, ssl.SSLCertVerificationError) or _is_named(chain, "CertificateError"):
        return _refused_certificate(found, peer)
    if found is not None and found.library == "X509":
        return TransportError(
            f"could not connect to {peer} over TLS: the CA certificate file contains no readable certificate", "tls"
        )
    if found is not None and not isinstance(found, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) and found.reason:
        reason = found.reason.lower().replace("_", " ")
        message, hint = f"could not connect to {peer}: the TLS handshake failed: {reason}", _MAY_NOT_BE_TLS
        return TransportError(message, "tls", hint=hint.format(endpoint="HTTPS_PROXY") if peer == proxy else hint)
    if opening or (proxied and not proxy_tls):
        by_proxy = " through the proxy" if proxied and not opening else ""
        return TransportError(f"could not connect to {peer}{by_proxy}{_reason(chain)}", "connect")
    reason = _reason(chain) or ": connection closed"
    return TransportError(f"could not connect to {peer}: the TLS handshake failed{reason}", "connect")


def _refused_certificate(error: ssl.SSLError | None, peer: str) -> TransportError:
    cause: Cause = "tls" if getattr(error, "verify_code", None) in _UNKNOWN_CA else "certificate"
    # urllib3 before version 2 compares the names itself, and OpenSSL does not say anything.
    reason = getattr(error, "verify_message", "hostname mismatch")
    return TransportError(f"the TLS certificate of {peer} was not accepted: {reason}", cause)


def _no_response(chain: Sequence[BaseException], host: str, timeout: float, plain: bool) -> TransportError:
    """Return the failure of a request of which some may have been sent."""
    if _is_timeout(chain):
        return TransportError(f"{host} sent nothing for {timeout:g} s", "timeout", ambiguous=True)
    closed = (http.client.RemoteDisconnected, http.client.IncompleteRead, OSError)
    if any(isinstance(link, closed) and not isinstance(link, requests.RequestException) for link in chain):
        message = f"the connection to {host} broke before the response was complete{_reason(chain)}"
        return TransportError(message, "broken", ambiguous=True, hint=_MAY_BE_TLS if plain else None)
    found = next((link for link in chain if isinstance(link, http.client.HTTPException)), chain[0])
    if plain and str(found).startswith(TLS_ALERT.decode("latin-1")):
        message = f"{host} sent TLS, not HTTP: its port speaks TLS, but the address begins with http://"
        return TransportError(message, "malformed", ambiguous=True, hint="begin {endpoint} with https://")
    kind = type(found).__name__
    return TransportError(f"{host} sent a response that cannot be parsed ({kind})", "malformed", ambiguous=True)


def _is_any(chain: Sequence[BaseException], kind: type[BaseException] | tuple[type[BaseException], ...]) -> bool:
    return any(isinstance(link, kind) for link in chain)


def _is_named(chain: Sequence[BaseException], *names: str) -> bool:
    # Not each of these exists in each version of urllib3.
    return any(type(link).__name__ in names for link in chain)


def _is_timeout(chain: Sequence[BaseException]) -> bool:
    timeouts = (socket.timeout, requests.exceptions.Timeout)
    return _is_any(chain, timeouts) or _is_named(chain, "ReadTimeoutError", "ConnectTimeoutError")


def _tunnel_status(chain: Sequence[BaseException]) -> str | None:
    """Return the status by which a proxy refused CONNECT; the rest of its answer is not trusted."""
    for link in chain:
        if isinstance(link, OSError) and str(link).startswith(_TUNNEL):
            return str(link)[len(_TUNNEL) :][:3]
    return None


def _reason(chain: Sequence[BaseException]) -> str:
    """Return the operating system's words for the innermost error, or nothing."""
    for link in reversed(chain):
        if not isinstance(link, OSError) or isinstance(link, ssl.SSLError) or link.errno is None:
            continue
        if link.errno in errno.errorcode:
            return f": {os.strerror(link.errno).lower()}"
    return ""
