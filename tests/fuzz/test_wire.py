# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any bytes that a server may send, over a socket to the real client: a response or a failure, and soon."""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.answers import error_from_response
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Request, Response
from ansible_collections.huaweicloud.iotda.tests.fuzz.cases import fuzz
from ansible_collections.huaweicloud.iotda.tests.raw_network import Server, finish, read_request

ERROR = b'{"error_code":"IOTDA.014201","error_msg":"x"}'
_WHOLE = [
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%b" % (len(ERROR), ERROR),
    b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\nA: b\r\n\r\n" % (len(ERROR), ERROR),
    b"HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(ERROR, mtime=0),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Type: multipart/x; boundary*=a''b\r\n\r\n" + ERROR,
]
_END_OF_HEADERS = re.compile(rb"\n\r?\n")
_TOKENS = [
    b"\r\n", b"\n", b"\r", b"\0", b"\xff", b":", b";", b"0", b"-1", b"ffffffffffffffff", b"9" * 5000, b"HTTP/1.1 ",
    b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Set-Cookie: a=b",
    b"Location: http://[", b"charset*=utf-8'", b"Connection: close\r\n", b" 101 ", b" 304 ", b"A: b\r\n" * 120,
]  # fmt: skip

mutations = st.lists(
    st.tuples(st.integers(0, 160), st.integers(0, 8), st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=6))),
    max_size=4,
)


class Replies:
    """A server that sends ``data`` to whoever asks, and closes."""

    def __init__(self) -> None:
        self.data = b""

    def __call__(self, connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(self.data)
        finish(connection)


@pytest.fixture(scope="module")
def replies() -> Iterator[tuple[Replies, str]]:
    found = Replies()
    with Server(found) as server:
        yield found, "http://{}:{}".format(*server.address)


@fuzz(whole=st.sampled_from(_WHOLE), edits=mutations, cut=st.none() | st.integers(0, 120))
def test_any_bytes_are_a_response_or_a_failure(
    replies: tuple[Replies, str], whole: bytes, edits: list[tuple[int, int, bytes]], cut: int | None
) -> None:
    server, url = replies
    data = whole
    for at, length, put in edits:
        data = data[:at] + put + data[at + length :]
    server.data = data if cut is None else data[:cut]
    began = time.monotonic()
    outcome = sent(url)
    assert time.monotonic() - began < 5.0
    if isinstance(outcome, TransportError):
        assert outcome.ambiguous
        assert str(outcome).isprintable()
        return
    details = error_from_response(outcome, url).details
    assert details.body != "empty" or b"content-length" in server.data.lower()
    assert details.error_code is None or details.error_code.isprintable()
    assert _END_OF_HEADERS.search(server.data)


_PARTS = [
    *(b"text/html", b"multipart/x", b"message/rfc822", b"message/external-body", b"=?utf-8?b?//==?=", b"utf-8", b"a"),
    *(
        b";",
        b" charset",
        b" boundary",
        b"*",
        b"0*",
        b"=",
        b"'",
        b"''",
        b"%ff",
        b"\xff",
        b'"',
        b"\t",
        b"\0",
        b"\r\n ",
        b":",
    ),
]


@fuzz(
    status=st.sampled_from([b"404 N", b"200 O", b"204 N", b"401 U"]),
    name=st.sampled_from([b"Content-Type: ", b"Content-Transfer-Encoding: ", b"X-Request-Id: ", b""]),
    value=st.lists(st.sampled_from(_PARTS), max_size=8).map(b"".join),
)
def test_any_header_of_an_empty_response(
    replies: tuple[Replies, str], caplog: pytest.LogCaptureFixture, status: bytes, name: bytes, value: bytes
) -> None:
    server, url = replies
    length = b"" if status.startswith(b"204") else b"Content-Length: 0\r\n"
    server.data = b"HTTP/1.1 " + status + b"\r\n" + length + name + value + b"\r\n\r\n"
    outcome = sent(url)
    if isinstance(outcome, Response):
        assert str(error_from_response(outcome, url)).isprintable()
    else:
        assert str(outcome).isprintable()
    assert caplog.text == ""


def sent(url: str) -> Response | TransportError:
    try:
        return HttpClient(HttpConfig(timeout=2.0, retry_timeout=0.0)).send(Request("DELETE", url, Auth()))
    except TransportError as error:
        return error
