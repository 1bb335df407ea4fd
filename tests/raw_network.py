# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers and proxies on raw sockets, which can end a connection at any byte, by a FIN or by a RST."""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import trustme

HOST = "iotda.example"
_HEAD = re.compile(rb"\A(\S+) (\S+) ")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Address = tuple[str, int]
Handler = Callable[[socket.socket, int], None]


def reset(connection: socket.socket) -> None:
    """Close ``connection`` by a RST."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    _close(connection)


def finish(connection: socket.socket) -> None:
    """Close ``connection`` by a FIN; TLS is not told."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_WR)
    _close(connection)


ENDS: dict[str, Callable[[socket.socket], None]] = {"FIN": finish, "RST": reset}


def _close(connection: socket.socket) -> None:
    # The plain socket: TLS would say goodbye.
    with suppress(OSError):
        socket.socket.close(connection)


def read_request(connection: socket.socket, most: int | None = None) -> bytes:
    """Return the next request, head and body, or its first ``most`` bytes; less at the end of the connection."""
    data = b""
    while most is None or len(data) < most:
        head, separator, body = data.partition(b"\r\n\r\n")
        if most is None and separator:
            found = _LENGTH.search(head)
            if len(body) >= int(found.group(1) if found else 0):
                break
        piece = connection.recv(65536 if most is None else most - len(data))
        if not piece:
            break
        data += piece
    return data


class Server:
    """Hands each connection, with its number, to ``handler``, in a thread of its own."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address: Address = self._listener.getsockname()
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._handle, args=(connection, self.connections), daemon=True).start()

    def _handle(self, connection: socket.socket, number: int) -> None:
        # The client may be gone at any time, and a handshake may fail.
        with suppress(OSError):
            connection.settimeout(10)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._handler(connection, number)
        _close(connection)


@dataclass
class Proxy(Server):
    """Passes every request on to ``upstream``, whatever host it names: by CONNECT, forwarded, or by SOCKS 5."""

    upstream: Address
    tls: ssl.SSLContext | None = None
    refuse: bytes | None = None  # what is answered in place of passing the request on
    requests: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self._pass_on, self.tls)

    def _pass_on(self, client: socket.socket, number: int) -> None:
        first = client.recv(1)
        with ExitStack() as stack:
            head = b"" if first == b"\x05" else first + read_request(client)
            self.requests.append(head or b"SOCKS")
            if self.refuse is not None:
                client.sendall(self.refuse)
                return
            server = stack.enter_context(socket.create_connection(self.upstream, timeout=10))
            if first == b"\x05":
                _greet(client)
            elif head.startswith(b"CONNECT "):
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(_HEAD.sub(lambda found: found.group(1) + b" " + _path(found.group(2)) + b" ", head))
            _pump(client, server)


def _path(target: bytes) -> bytes:
    return b"/" + target.split(b"://", 1)[1].partition(b"/")[2]


def _greet(client: socket.socket) -> None:
    """Do the part of a SOCKS 5 proxy that asks for no password, and takes every name (RFC 1928)."""
    client.recv(client.recv(1)[0])
    client.sendall(b"\x05\x00")
    kind = client.recv(4)[3]
    length = client.recv(1)[0] if kind == 3 else 4
    client.recv(length + 2)
    client.sendall(b"\x05\x00\x00\x01" + bytes(6))


def _pump(client: socket.socket, server: socket.socket) -> None:
    """Pass on what comes from either side, and how it ends.

    This is one thread, since a socket that another thread reads cannot be reset.
    """
    others = {client: server, server: client}
    while others:
        waiting = [one for one in others if isinstance(one, ssl.SSLSocket) and one.pending()]
        for source in waiting or select.select(list(others), [], [], 10)[0]:
            sink = others[source]
            try:
                piece = source.recv(65536)
                sink.sendall(piece)
            except ssl.SSLError:
                piece = b""
            except ConnectionError:
                reset(sink)
                return
            if not piece:
                del others[source]
                with suppress(OSError):
                    socket.socket.shutdown(sink, socket.SHUT_WR)


@dataclass(frozen=True)
class Authority:
    """A CA, a context for servers that use a certificate of it, and the file that clients trust it by."""

    file: str
    context: ssl.SSLContext

    @classmethod
    def create(cls, path: Any) -> Authority:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(HOST, "127.0.0.1", "localhost").configure_cert(context)
        return cls(str(path), context)
