# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the body of a response: within ``timeout`` seconds, at most 64 MiB, and only if it is complete.

urllib3 is not used for this: it waits for as many bytes as it was asked for, however slowly they come; it believes
the sizes that a server states; and its versions differ in what they take for whole.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Callable

from .._core.errors import Cause

LARGEST_BODY = 64 * 1024 * 1024

_PIECE = 65536
_LONGEST_LINE = 8192  # of the size of a chunk and its extensions, or of a trailer
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(;.*)?\r?\n\Z", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,15}\Z")


class BodyError(Exception):
    """The body cannot be read. ``str()`` says why, with ``{host}`` in it; ``cause`` is as in TransportError."""

    def __init__(self, message: str, cause: Cause) -> None:
        super().__init__(message)
        self.cause = cause


class _CutOff(BodyError):
    def __init__(self) -> None:
        super().__init__("the connection to {host} broke before the response was complete", "broken")


def read_body(
    stream: Any, headers: Mapping[str, str], timeout: float, clock: Callable[[], float] = time.monotonic
) -> bytes:
    """Return the body that follows in ``stream``, a binary reader, as ``headers`` frame it; raises BodyError."""
    reader = _Reader(stream, timeout, clock)
    coding = headers.get("Transfer-Encoding")
    if coding is None:
        pieces = reader.exactly(_content_length(headers)) if "Content-Length" in headers else _until_closed(reader)
    elif coding.strip().lower() == "chunked":
        pieces = _chunks(reader)
    else:
        raise BodyError("{host} sent a Transfer-Encoding that is not supported", cause="malformed")
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        pieces = _decompressed(pieces)
    elif encoding not in ("", "identity"):
        raise BodyError("{host} sent a Content-Encoding that was not requested", cause="malformed")
    return b"".join(pieces)


def _content_length(headers: Mapping[str, str]) -> int:
    # urllib3 joins repeated headers.
    stated = {length.strip() for length in headers.get("Content-Length", "").split(",")}
    length = stated.pop()
    if stated or not _LENGTH.match(length):
        raise BodyError("{host} sent a Content-Length that is not a number of bytes", cause="malformed")
    return int(length)


class _Reader:
    """Reads what has arrived, piece by piece, so that the limits hold after each of them."""

    def __init__(self, stream: Any, timeout: float, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._timeout = timeout
        self._clock = clock
        self._deadline = clock() + timeout
        self._size = 0
        self._buffer = b""

    def more(self) -> bytes:
        """Return some bytes, or none at the end of the stream."""
        piece: bytes = self._buffer or self._stream.read1(_PIECE)
        if self._buffer:
            self._buffer = b""
            return piece
        if self._clock() > self._deadline:
            raise BodyError(f"{{host}} did not complete its response within {self._timeout:g} s", cause="timeout")
        self._size += len(piece)
        if self._size > LARGEST_BODY:
            raise _too_large()
        return piece

    def exactly(self, size: int) -> Iterator[bytes]:
        """Yield the next ``size`` bytes."""
        while size:
            piece = self.more()
            if not piece:
                raise _CutOff
            piece, self._buffer = piece[:size], piece[size:]
            size -= len(piece)
            yield piece

    def line(self) -> bytes:
        """Return the next line with its end."""
        line = b""
        while b"\n" not in line:
            piece = self.more()
            if not piece:
                raise _CutOff
            line += piece
            if len(line) - len(piece) > _LONGEST_LINE:
                raise BodyError("{host} sent a chunked body that cannot be parsed", cause="malformed")
        end = line.index(b"\n") + 1
        line, self._buffer = line[:end], line[end:]
        return line


def _until_closed(reader: _Reader) -> Iterator[bytes]:
    piece = reader.more()
    if not piece:
        # A server that sends nothing says so by a length of 0: the connection may have been cut in the headers.
        raise _CutOff
    while piece:
        yield piece
        piece = reader.more()


def _chunks(reader: _Reader) -> Iterator[bytes]:
    while True:
        found = _CHUNK_SIZE.match(reader.line())
        if not found:
            raise BodyError("{host} sent a chunked body that cannot be parsed", cause="malformed")
        size = int(found.group(1), 16)
        if size == 0:
            break
        yield from reader.exactly(size)
        if reader.line().strip():
            raise BodyError("{host} sent a chunked body that cannot be parsed", cause="malformed")
    while reader.line().strip():
        """Trailers say nothing that is used here."""


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    size, began = 0, False
    for piece in pieces:
        began = True
        try:
            # At most 1,032 times as large as the piece.
            text = decompressor.decompress(piece)
        except zlib.error:
            raise BodyError("{host} sent a gzip body that cannot be decompressed", cause="malformed") from None
        size += len(text)
        if size > LARGEST_BODY:
            raise _too_large()
        yield text
    if began and not decompressor.eof:
        raise _CutOff


def _too_large() -> BodyError:
    return BodyError(f"{{host}} sent a response larger than {LARGEST_BODY >> 20} MiB", "size")
