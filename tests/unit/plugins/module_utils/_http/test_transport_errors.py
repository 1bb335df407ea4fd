# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why no answer came: what an exception of requests means, and that its text is not passed on."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from http.client import RemoteDisconnected

import pytest
import requests
from requests import exceptions as r
from urllib3 import exceptions as u

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.transport_errors import classify_transport_error

URL = "https://iotda.example:8443/v5/iot?secret=hush"
REFUSED = os.strerror(errno.ECONNREFUSED).lower()
RESET = os.strerror(errno.ECONNRESET).lower()


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed: hush")
    error.verify_message = "self-signed certificate"
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "hush")
    error.reason = reason
    return error


def max_retries(reason: Exception) -> u.MaxRetryError:
    return u.MaxRetryError(None, URL, reason)  # type: ignore[arg-type]


def refused() -> Exception:
    inner = ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    return max_retries(caused(u.NewConnectionError(None, "hush"), inner))  # type: ignore[arg-type]


def unresolved(code: int) -> Exception:
    inner = socket.gaierror(code, "hush")
    if hasattr(u, "NameResolutionError"):  # since urllib3 2.0
        return max_retries(u.NameResolutionError("iotda.example", None, inner))  # type: ignore[arg-type]
    return max_retries(caused(u.NewConnectionError(None, "hush"), inner))  # type: ignore[arg-type]


CASES = [
    (r.ConnectTimeout("hush"), "connect", False, "no connection to {host} could be made within 7.5 s"),
    (r.ConnectionError(unresolved(socket.EAI_NONAME)), "dns", False, "the name of {host} could not be resolved"),
    (
        r.ConnectionError(caused(unresolved(0), socket.gaierror(socket.EAI_AGAIN, "again"))),
        "connect",
        False,
        "the name of {host} could not be resolved",
    ),
    (r.ConnectionError(refused()), "connect", False, f"no connection to {{host}} could be made: {REFUSED}"),
    (r.ReadTimeout(u.ReadTimeoutError(None, URL, "hush")), "timeout", True, "{host} was silent for 7.5 s"),  # type: ignore[arg-type]
    (r.ConnectionError(u.ReadTimeoutError(None, URL, "hush")), "timeout", True, "{host} was silent for 7.5 s"),  # type: ignore[arg-type]
    # With Python 3.9 it is a class of its own, the one that sockets raise.
    (r.ConnectionError(socket.timeout("hush")), "timeout", True, "{host} was silent for 7.5 s"),  # noqa: UP041
    (
        r.SSLError(max_retries(u.SSLError(untrusted()))),
        "tls",
        False,
        "the TLS certificate of {host} was not accepted: self-signed certificate",
    ),
    (
        r.SSLError(max_retries(u.SSLError(tls("WRONG_VERSION_NUMBER")))),
        "tls",
        False,
        "no TLS connection with {host} could be made: wrong version number",
    ),
    (r.SSLError("hush"), "broken", True, "the TLS connection with {host} broke"),
    (
        r.ProxyError(max_retries(u.ProxyError("hush", OSError("Tunnel connection failed: 407 hush \x1b[31m")))),
        "proxy_login",
        False,
        "the proxy on the way to {host} did not pass the request on: it answered 407",
    ),
    (
        r.ProxyError(max_retries(u.ProxyError("hush", ConnectionRefusedError(errno.ECONNREFUSED, "hush")))),
        "proxy",
        False,
        f"the proxy on the way to {{host}} did not pass the request on: {REFUSED}",
    ),
    (
        r.InvalidURL("http://user:hush@proxy"),
        "address",
        False,
        "the address of {host}, or that of the proxy on the way to it, is not usable",
    ),
    (
        r.InvalidSchema("hush"),
        "address",
        False,
        "the proxy on the way to {host} is one of SOCKS, for which this Python lacks PySocks",
    ),
    (
        r.InvalidProxyURL("http://user:hush@proxy"),
        "address",
        False,
        "the address of {host}, or that of the proxy on the way to it, is not usable",
    ),
    (
        r.ConnectionError(u.ProtocolError("hush", RemoteDisconnected("hush"))),
        "broken",
        True,
        "the connection to {host} broke before the answer was complete",
    ),
    (
        r.ConnectionError(u.ProtocolError("hush", ConnectionResetError(errno.ECONNRESET, "hush"))),
        "broken",
        True,
        f"the connection to {{host}} broke before the answer was complete: {RESET}",
    ),
    (r.ChunkedEncodingError("hush"), "broken", True, "the connection to {host} broke before the answer was complete"),
    (r.ContentDecodingError("hush"), "broken", True, "the connection to {host} broke before the answer was complete"),
    (OSError("hush"), "broken", True, "the connection to {host} broke before the answer was complete"),
]


@pytest.mark.parametrize(("error", "cause", "ambiguous", "message"), CASES, ids=range(len(CASES)))
def test_each_exception_has_a_cause_and_a_clause(
    error: requests.RequestException | OSError, cause: str, ambiguous: bool, message: str
) -> None:
    told = classify_transport_error(error, URL, 7.5)
    assert str(told) == message.format(host="iotda.example:8443")
    assert (told.cause, told.ambiguous, told.attempts) == (cause, ambiguous, 1)


@pytest.mark.parametrize("error", [case[0] for case in CASES], ids=range(len(CASES)))
def test_the_text_of_an_exception_is_not_passed_on(error: requests.RequestException) -> None:
    assert "hush" not in str(classify_transport_error(error, URL, 7.5))


def test_exceptions_that_wrap_each_other_in_a_ring_are_read_once() -> None:
    one, two = r.ConnectionError(), ValueError()
    one.__context__, two.__context__ = two, one
    assert classify_transport_error(one, URL, 1).cause == "broken"


def test_a_tls_error_after_the_request_was_sent_leaves_open_what_became_of_it() -> None:
    error = requests.exceptions.SSLError(tls("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"))
    before, after = classify_transport_error(error, URL, 5), classify_transport_error(error, URL, 5, sent=True)
    assert (before.cause, before.ambiguous) == ("tls", False)
    assert (after.cause, after.ambiguous) == ("broken", True)


def test_the_number_of_a_tls_error_is_not_taken_for_one_of_the_system() -> None:
    met = classify_transport_error(requests.exceptions.ProxyError(tls("WRONG_VERSION_NUMBER")), URL, 5)
    assert str(met).endswith("did not pass the request on")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (r.ConnectionError(u.ProtocolError("hush", ConnectionResetError(errno.ECONNRESET, "hush"))), f"made: {RESET}"),
        (r.ConnectionError(socket.timeout("hush")), "made within 7.5 s"),  # noqa: UP041
        (r.SSLError(max_retries(u.SSLError(ssl.SSLEOFError(8, "EOF occurred")))), "made: it broke in the making"),
        (r.SSLError("hush"), "made: it broke in the making"),
    ],
    ids=["reset", "silent", "cut", "other"],
)
def test_a_connection_that_broke_in_the_making_did_nothing(error: requests.RequestException, message: str) -> None:
    told = classify_transport_error(error, URL, 7.5, connecting=True)
    assert str(told).endswith(message)
    assert (told.cause, told.ambiguous) == ("connect", False)
