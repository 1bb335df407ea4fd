# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP helper makes of bytes that only a broken or strange server sends, over sockets on this machine."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Request, Response

EMPTY_404 = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
DELETED = b"HTTP/1.1 204 No Content\r\n\r\n"


class Server:
    """Gives each connection the next of the written ``answers``, closes it, and keeps what was asked.

    An answer of several pieces is sent piece by piece, each after a further request of the same connection.
    """

    def __init__(self, listener: socket.socket, answers: list[list[bytes]]) -> None:
        self.url = "http://{}:{}".format(*listener.getsockname())
        self.asked: list[bytes] = []
        self._listener = listener
        self._answers = answers
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for pieces in self._answers:
            # A client may be gone in the middle of it, and the test over before the next one comes.
            with suppress(OSError):
                client, _address = self._listener.accept()
                with client:
                    for piece in pieces:
                        self.asked.append(client.recv(65536))
                        client.sendall(piece)


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give what starts a server; each argument is what one connection gets, in one piece or in several."""
    with ExitStack() as stack:

        def started(*answers: bytes | list[bytes]) -> Server:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            return Server(listener, [[one] if isinstance(one, bytes) else one for one in answers])

        yield started


def send(url: str, method: str = "DELETE", **settings: Any) -> Response:
    return HttpClient(HttpConfig(**{"timeout": 5.0, "retry_timeout": 0.0, **settings})).send(
        Request(method, url, Auth())
    )


def test_headers_that_say_nothing_of_a_body_need_one(serve: Serve) -> None:
    """It ends with the connection, so an empty one may have been cut off."""
    with pytest.raises(TransportError, match="broke before the response was complete") as caught:
        send(serve(b"HTTP/1.1 404 Not Found\r\nServer: api-gateway\r\n\r\n").url)
    assert (caught.value.cause, caught.value.ambiguous) == ("broken", True)


@pytest.mark.parametrize(
    "whole",
    [
        EMPTY_404,
        b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\n\r\n{}",
    ],
)
def test_an_answer_that_says_where_it_ends_is_whole(serve: Serve, whole: bytes) -> None:
    assert send(serve(whole).url).status == 404


def test_a_204_says_so_by_its_status(serve: Serve) -> None:
    assert send(serve(DELETED).url).status == 204


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints\r\nLink: </x>"])
def test_interim_responses_are_skipped(serve: Serve, interim: bytes) -> None:
    server = serve([b"HTTP/1.1 " + interim + b"\r\n\r\n" + DELETED, EMPTY_404])
    http = HttpClient(HttpConfig(timeout=5.0, retry_timeout=0.0, connections=1))
    assert http.send(Request("DELETE", f"{server.url}/a", Auth())).status == 204
    assert http.send(Request("DELETE", f"{server.url}/b", Auth())).status == 404


def test_a_connection_is_used_again_after_each_body(serve: Serve) -> None:
    gzipped = gzip.compress(b"{}")
    length = str(len(gzipped)).encode()
    server = serve(
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + length + b"\r\n\r\n" + gzipped,
            DELETED,
            EMPTY_404,
        ]
    )
    http = HttpClient(HttpConfig(timeout=5.0, retry_timeout=0.0, connections=1))
    responses = [http.send(Request("GET", server.url, Auth())) for _each in range(5)]
    assert [response.status for response in responses] == [200, 200, 200, 204, 404]
    assert [response.body for response in responses] == [b"{}", b"{}", b"{}", b"", b""]


@pytest.mark.parametrize("headers", [b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n"])
@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_a_status_without_body_needs_no_body(serve: Serve, status: bytes, headers: bytes) -> None:
    server = serve([b"HTTP/1.1 " + status + b"\r\n" + headers + b"\r\n", b"0\r\n\r\n"], EMPTY_404)
    http = HttpClient(HttpConfig(timeout=5.0, retry_timeout=0.0, connections=1))
    response = http.send(Request("DELETE", f"{server.url}/a", Auth()))
    assert (str(response.status), response.attempts) == (status[:3].decode(), 1)
    # What came in spite of it is not taken for the next response.
    assert http.send(Request("DELETE", f"{server.url}/b", Auth())).status == 404


MALFORMED = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a length of 5,000 digits": b"HTTP/1.1 404 Not Found\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "a negative length": b"HTTP/1.1 404 Not Found\r\nContent-Length: -1\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nContent-Length: 2\r\n\r\n{}",
    "another coding": b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a broken boundary": b"HTTP/1.1 404 Not Found\r\nContent-Type: multipart/x; boundary*=\0''x\r\n\r\n{}",
    "an unknown compression": b"HTTP/1.1 404 Not Found\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
    "a broken gzip": b"HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "1,001 header lines": b"HTTP/1.1 100 Continue\r\n\r\n" * 501 + EMPTY_404,
    "101 headers": b"HTTP/1.1 404 Not Found\r\n" + b"A: b\r\n" * 101 + b"\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "a broken status": b"HTTP/1.1 4x4 Not Found\r\n\r\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_response_is_a_failure(serve: Serve, kind: str) -> None:
    with pytest.raises(TransportError) as caught:
        send(serve(MALFORMED[kind]).url)
    assert (caught.value.cause, caught.value.ambiguous) == ("malformed", True)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("charset", [b"charset=\0", b"charset*=utf-8'\xff'\0", b'charset="', b"charset=nonsense"])
def test_a_charset_is_not_read(serve: Serve, charset: bytes) -> None:
    head = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json; " + charset
    assert send(serve(head + b"\r\nContent-Length: 2\r\n\r\n{}").url).body == b"{}"


@pytest.mark.parametrize(
    "cookie", [b"a=b; expires=Wed, 99 Jan 99999999 99:99:99 GMT", b"a=b; Max-Age=nonsense", b"=;;;\xff"]
)
def test_a_cookie_is_neither_read_nor_sent(
    serve: Serve, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder, cookie: bytes
) -> None:
    server = serve([b"HTTP/1.1 204 No Content\r\nSet-Cookie: " + cookie + b"\r\n\r\n", DELETED])
    http = HttpClient(HttpConfig(timeout=5.0, retry_timeout=0.0, connections=1))
    for _each in range(2):
        assert http.send(Request("DELETE", server.url, Auth())).status == 204
    assert b"Cookie" not in b"".join(server.asked)
    assert capfd.readouterr().err == ""
    # Old versions of urllib3 warn of themselves when they are first imported.
    assert [one for one in recwarn if not issubclass(one.category, DeprecationWarning)] == []


def test_plain_http_to_this_machine_does_not_leave_it(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(EMPTY_404), serve(DELETED)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    http = HttpClient(HttpConfig(timeout=5.0, retry_timeout=0.0))
    assert http.send(Request("DELETE", server.url, TokenAuth("hush"))).status == 204
    assert proxy.asked == []


def test_a_proxy_that_refuses_the_login_is_asked_once(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    proxy = serve(refusal, refusal)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("http://", "http://user:hush@"))
    with pytest.raises(TransportError) as caught:
        send("https://iotda.example", retry_timeout=5.0)
    assert (caught.value.cause, caught.value.attempts, caught.value.ambiguous) == ("proxy_login", 1, False)


@pytest.mark.parametrize(
    ("proxied", "answer"),
    [(False, b""), (False, b"nonsense" * 10), (True, b"")],
    ids=["closed in the handshake", "nonsense in the handshake", "closed by the proxy"],
)
def test_a_failure_before_the_request_is_unambiguous(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, proxied: bool, answer: bytes
) -> None:
    server = serve(answer)
    url = server.url.replace("http://", "https://")
    if proxied:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        url = "https://iotda.example"
    with pytest.raises(TransportError) as caught:
        send(url)
    assert caught.value.ambiguous is False


def test_a_silent_handshake_did_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(TransportError) as caught:
        send("https://{}:{}".format(*listener.getsockname()), timeout=0.3)
    assert (caught.value.cause, caught.value.ambiguous) == ("connect", False)
    assert str(caught.value).startswith("could not connect to")


def test_each_address_has_its_own_timeout(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(DELETED)
    port = int(server.url.rpartition(":")[2])
    with ExitStack() as stack:
        dead = stack.enter_context(socket.socket())
        dead.bind(("127.0.0.2", port))
        dead.listen(0)
        for waiting in [stack.enter_context(socket.socket()) for _number in range(4)]:
            waiting.setblocking(False)
            waiting.connect_ex(dead.getsockname())
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
        assert send(f"http://localhost:{port}", timeout=0.7).status == 204


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: multipart/x; boundary*=a''b",
        b"Content-Type: multipart/x",
        b"Content-Type: text/html; charset*=\xff'",
        b"Content-Type: message/external-body",
        b": no name",
        b"hush-hush, and no colon",
    ],
    ids=repr,
)
@pytest.mark.parametrize("status", [b"404 Not Found", b"204 No Content"])
def test_headers_that_cannot_be_parsed_are_not_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture, header: bytes, status: bytes
) -> None:
    """Ansible can write what libraries log into a file, which nobody masks."""
    length = b"" if status.startswith(b"204") else b"Content-Length: 0\r\n"
    response = send(serve(b"HTTP/1.1 " + status + b"\r\n" + length + header + b"\r\n\r\n").url)
    assert response.status == int(status[:3])
    assert caplog.text == ""
