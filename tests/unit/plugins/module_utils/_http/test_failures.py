# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failure on the way to a response is called, and whether the request may have been sent, over real sockets."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import MaxRetryError

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.failures import classify_transport_error
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Request
from ansible_collections.huaweicloud.iotda.tests.raw_network import (
    HOST,
    Authority,
    Handler,
    Proxy,
    Server,
    finish,
    read_request,
    reset,
)

REFUSED = os.strerror(errno.ECONNREFUSED).lower()
RESET = os.strerror(errno.ECONNRESET).lower()
DAY = timedelta(days=1)
YESTERDAY = datetime.now(timezone.utc) - DAY
OLD_URLLIB3 = not hasattr(HTTPSConnection, "_connect_tls_proxy")
PROXIED = f"https://{HOST}"

Start = Callable[..., str]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture
def start() -> Iterator[Start]:
    """Give what starts a server, and returns its address."""
    with ExitStack() as stack:

        def started(handler: Handler, scheme: str = "https", tls: ssl.SSLContext | None = None) -> str:
            server = stack.enter_context(Server(handler, tls))
            return "{}://{}:{}".format(scheme, *server.address)

        yield started


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def failure(url: str, verify: bool | str = True, timeout: float = 5.0) -> TransportError:
    with pytest.raises(TransportError) as caught:
        HttpClient(HttpConfig(timeout=timeout, retry_timeout=0.0, verify=verify)).send(Request("DELETE", url, Auth()))
    return caught.value


def check(error: TransportError, cause: str, ambiguous: bool, message: str) -> None:
    assert re.fullmatch(message, str(error)), str(error)
    assert re.fullmatch(cause, error.cause)
    assert (error.ambiguous, error.attempts) == (ambiguous, 1)


def silent(connection: socket.socket, number: int) -> None:
    connection.recv(1)
    connection.recv(65536)
    connection.recv(65536)


def closes(connection: socket.socket, number: int) -> None:
    finish(connection)


def resets(connection: socket.socket, number: int) -> None:
    connection.recv(16)
    reset(connection)


# --- surely not sent


def test_a_refused_connection(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    check(failure(url), "connect", False, f"could not connect to 127.0.0.1:\\d+: {REFUSED}")


@pytest.mark.parametrize(
    ("code", "cause"), [(socket.EAI_NONAME, "dns"), (socket.EAI_AGAIN, "connect")], ids=["for good", "for now"]
)
def test_a_name_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch, code: int, cause: str) -> None:
    def getaddrinfo(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(code, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    check(failure(PROXIED), cause, False, f"the name of {HOST} could not be resolved")


def test_a_handshake_that_is_closed(start: Start) -> None:
    message = r"could not connect to 127.0.0.1:\d+: the TLS handshake failed: connection closed"
    check(failure(start(closes)), "connect", False, message)


def test_a_handshake_that_is_reset(start: Start) -> None:
    message = rf"could not connect to 127.0.0.1:\d+: the TLS handshake failed: {RESET}"
    check(failure(start(resets)), "connect", False, message)


def test_a_handshake_in_another_language(start: Start) -> None:
    url = start(lambda connection, number: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    message = r"could not connect to 127.0.0.1:\d+: the TLS handshake failed: .*"
    met = failure(url)
    check(met, "tls", False, message)
    assert met.hint is not None
    assert met.hint.startswith("check {endpoint}: this port may not speak TLS")


def test_a_silent_handshake(start: Start) -> None:
    message = r"could not connect to 127.0.0.1:\d+ within 0.3 s"
    check(failure(start(silent), timeout=0.3), "connect", False, message)


def test_an_unknown_ca(start: Start, authority: Authority) -> None:
    message = r"the TLS certificate of 127.0.0.1:\d+ was not accepted: .*issuer.*"
    check(failure(start(closes, tls=authority.context)), "tls", False, message)


@pytest.mark.parametrize("flaw", ["expired", "another name"])
def test_a_flawed_certificate(start: Start, tmp_path: Path, flaw: str) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if flaw == "expired":
        ca.issue_cert("127.0.0.1", not_before=YESTERDAY - DAY, not_after=YESTERDAY).configure_cert(context)
    else:
        ca.issue_cert("other.example").configure_cert(context)
    error = failure(start(closes, tls=context), verify=str(tmp_path / "ca.pem"))
    words = "certificate has expired" if flaw == "expired" else ".*mismatch.*"
    check(error, "certificate", False, rf"the TLS certificate of 127.0.0.1:\d+ was not accepted: {words}")


@pytest.mark.skipif(not hasattr(ssl, "VERIFY_X509_STRICT"), reason="this Python cannot check strictly")
def test_a_certificate_that_a_strict_check_refuses(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From Python 3.13 on, certificates without key identifiers are refused; here, by every Python."""
    original = ssl.SSLContext.wrap_socket

    def strictly(context: ssl.SSLContext, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        if not kwargs.get("server_side"):
            context.verify_flags |= ssl.VERIFY_X509_STRICT
        return original(context, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", strictly)
    url = start(closes, tls=without_key_identifiers(tmp_path))
    error = failure(url, verify=str(tmp_path / "ca.pem"))
    message = r"the TLS certificate of 127.0.0.1:\d+ was not accepted: Missing Authority Key Identifier"
    check(error, "certificate", False, message)


def without_key_identifiers(folder: Path) -> ssl.SSLContext:
    """Return a context for servers with a certificate of such a CA as many companies have."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _each in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("CA", "127.0.0.1")]
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    extensions: list[x509.ExtensionType] = [x509.BasicConstraints(ca=True, path_length=None), alternative]
    for number, file in enumerate(("ca.pem", "server.pem")):
        builder = x509.CertificateBuilder().issuer_name(names[0]).subject_name(names[number])
        builder = builder.public_key(keys[number].public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(YESTERDAY).not_valid_after(YESTERDAY + 9 * DAY)
        certificate = builder.add_extension(extensions[number], critical=True).sign(keys[0], SHA256())
        (folder / file).write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file = folder / "key.pem"
    key_file.write_bytes(keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", key_file)
    return context


def test_a_ca_file_without_certificates(start: Start, authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
    error = failure(start(closes, tls=authority.context), verify=str(path))
    words = "the CA certificate file contains no readable certificate"
    check(error, "tls", False, rf"could not connect to 127.0.0.1:\d+ over TLS: {words}")


@pytest.mark.skipif(OLD_URLLIB3, reason="urllib3 1.26 writes key logs")
def test_a_key_log_that_cannot_be_written(
    start: Start, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path))
    error = failure(start(closes, tls=authority.context), verify=authority.file)
    check(error, "local", False, rf"could not connect to .*: {tmp_path} cannot be opened \(is a directory\)")


class _Exhausted(socket.socket):
    """No file is free for the test; the servers of earlier tests may still be at work in their threads."""

    def __init__(self, *args: Any, **options: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            raise OSError(errno.EMFILE, "too many")
        super().__init__(*args, **options)


def test_a_machine_without_free_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", _Exhausted)
    words = os.strerror(errno.EMFILE).lower()
    error = failure("http://127.0.0.1:1")
    check(error, "local", False, f"could not connect to 127.0.0.1:1: this machine reports: {words}")


# --- surely not sent, behind a proxy


def proxied(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)


def test_a_proxy_that_is_down(monkeypatch: pytest.MonkeyPatch, closed_port: int) -> None:
    proxied(monkeypatch, f"http://127.0.0.1:{closed_port}")
    check(failure(PROXIED), "connect", False, f"could not connect to the proxy for {HOST}: {REFUSED}")


@pytest.mark.skipif(OLD_URLLIB3, reason="HTTPS proxies need urllib3 1.26")
def test_a_proxy_that_does_not_speak_tls(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    proxied(monkeypatch, start(lambda connection, number: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
    met = failure(PROXIED)
    check(met, "tls", False, f"could not connect to the proxy for {HOST}: the TLS handshake failed: .*")
    assert met.hint is not None
    assert met.hint.startswith("check HTTPS_PROXY: this port may not speak TLS")


def test_a_proxy_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    proxied(monkeypatch, "http://proxy.invalid:3128")
    check(failure(PROXIED), "(dns|connect)", False, f"the name of the proxy for {HOST} could not be resolved")


@pytest.mark.parametrize(("status", "cause"), [(b"407", "proxy_login"), (b"403", "proxy"), (b"502", "proxy")])
def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch, status: bytes, cause: str) -> None:
    answer = b"HTTP/1.1 " + status + b" hush \x1b[31m\r\nContent-Length: 0\r\n\r\n"
    with Proxy(("127.0.0.1", 1), refuse=answer) as proxy:
        proxied(monkeypatch, "http://user:hush@{}:{}".format(*proxy.address))
        message = f"the proxy for {HOST} refused the connection: it answered {status.decode()}"
        check(failure(PROXIED), cause, False, message)


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 20"])
def test_a_proxy_that_ends_in_between(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    with Proxy(("127.0.0.1", 1), refuse=answer) as proxy:
        proxied(monkeypatch, "http://{}:{}".format(*proxy.address))
        message = f"could not connect to {HOST} through the proxy"
        check(failure(PROXIED), "connect", False, message)


def test_a_silent_proxy(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    proxied(monkeypatch, start(silent, "http"))
    message = f"could not connect to {HOST} within 0.3 s"
    check(failure(PROXIED, timeout=0.3), "connect", False, message)


@pytest.mark.skipif(OLD_URLLIB3, reason="HTTPS proxies need urllib3 1.26")
def test_an_unknown_ca_of_the_proxy(monkeypatch: pytest.MonkeyPatch, start: Start, authority: Authority) -> None:
    proxied(monkeypatch, start(closes, tls=authority.context))
    message = f"the TLS certificate of the proxy for {HOST} was not accepted: .*issuer.*"
    check(failure(PROXIED), "tls", False, message)


def test_an_unknown_ca_behind_the_proxy(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    with Server(closes, authority.context) as server, Proxy(server.address) as proxy:
        proxied(monkeypatch, "http://{}:{}".format(*proxy.address))
        check(failure(PROXIED), "tls", False, f"the TLS certificate of {HOST} was not accepted: .*issuer.*")


# --- may have been sent


def after_request(answer: bytes, end: Callable[[socket.socket], None] = finish) -> Handler:
    def handler(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(answer)
        end(connection)

    return handler


@pytest.mark.parametrize(("end", "words"), [(finish, ""), (reset, f": {RESET}")], ids=["FIN", "RST"])
def test_a_lost_response(start: Start, end: Callable[[socket.socket], None], words: str) -> None:
    url = start(after_request(b"", end), "http")
    message = rf"the connection to 127.0.0.1:\d+ broke before the response was complete{words}"
    check(failure(url), "broken", True, message)


def test_a_lost_response_in_tls(start: Start, authority: Authority) -> None:
    url = start(after_request(b"HTTP/1.1 2"), tls=authority.context)
    message = r"the connection to 127.0.0.1:\d+ broke before the response was complete"
    check(failure(url, verify=authority.file), "broken", True, message)


def test_tls_that_breaks_after_the_request(start: Start, authority: Authority) -> None:
    def handler(connection: socket.socket, number: int) -> None:
        read_request(connection)
        socket.socket.sendall(connection, b"\x17\x03\x03\x00\x20" + bytes(32))

    message = r"the connection to 127.0.0.1:\d+ broke before the response was complete"
    error = failure(start(handler, tls=authority.context), verify=authority.file)
    check(error, "broken", True, message)


def test_a_silent_server(start: Start) -> None:
    error = failure(start(silent, "http"), timeout=0.3)
    check(error, "timeout", True, r"127.0.0.1:\d+ sent nothing for 0.3 s")


def test_a_body_that_drips_ends_in_time(start: Start) -> None:
    def drips(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    message = r"127.0.0.1:\d+ did not complete its response within 0.4 s"
    check(failure(start(drips, "http"), timeout=0.4), "timeout", True, message)


def test_a_response_that_cannot_be_parsed(start: Start) -> None:
    url = start(after_request(b"SSH-2.0-OpenSSH_9.6\r\n"), "http")
    check(failure(url), "malformed", True, r"127.0.0.1:\d+ sent a response that cannot be parsed \(BadStatusLine\)")


@pytest.mark.parametrize("answer", [b"\x15\x03\x01\x00\x02\x02\x46", b"\x15\x03\x03\x00\x02\x02\x0a\n"])
def test_a_port_that_answers_by_a_tls_alert(start: Start, answer: bytes) -> None:
    error = failure(start(after_request(answer), "http"))
    message = r"127.0.0.1:\d+ sent TLS, not HTTP: its port speaks TLS, but the address begins with http://"
    check(error, "malformed", True, message)
    assert error.hint == "begin {endpoint} with https://"


def test_plain_http_to_a_server_of_tls(start: Start, authority: Authority) -> None:
    """OpenSSL closes the connection without an alert."""
    error = failure(start(silent, tls=authority.context).replace("https://", "http://"))
    assert error.cause == "broken"
    assert (error.hint or "").startswith("if this port speaks TLS, begin {endpoint} with https://")


def test_tls_that_breaks_is_no_port_of_another_kind(start: Start, authority: Authority) -> None:
    assert failure(start(after_request(b""), tls=authority.context), verify=authority.file).hint is None


# --- what no socket can show


def test_the_text_of_an_exception_is_not_passed_on() -> None:
    for kind in (requests.ConnectionError, requests.exceptions.ProxyError, requests.exceptions.SSLError, OSError):
        error = classify_transport_error(kind("hush"), "https://iotda.example/?secret=hush", 5.0, False)
        assert "hush" not in str(error)
        assert error.ambiguous


def test_exceptions_that_wrap_each_other_are_read_once() -> None:
    one, two = requests.ConnectionError(), ValueError()
    one.__context__, two.__context__ = two, one
    assert classify_transport_error(one, "https://iotda.example", 1, False).cause == "malformed"


def test_an_unusable_address_was_not_sent_to() -> None:
    error = requests.exceptions.InvalidURL(MaxRetryError(None, "http://user:hush@proxy"))  # type: ignore[arg-type]
    met = classify_transport_error(error, "https://iotda.example", 1, True)
    check(met, "address", False, "the address of iotda.example or of its proxy is not valid")


def test_a_lack_of_memory_is_local() -> None:
    met = classify_transport_error(MemoryError(), "https://iotda.example", 1, False)
    assert (met.cause, met.ambiguous) == ("local", True)
