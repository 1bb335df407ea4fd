# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a body: as its headers frame it, whole, and within the limits."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.body import LARGEST_BODY, BodyError, read_body
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock

CHUNKED = {"Transfer-Encoding": "chunked"}
GZIP = {"Content-Encoding": "gzip"}
BROKE = "the connection to {host} broke before the response was complete"


class Pieces:
    """A stream that gives its pieces one by one, each a second after the one before."""

    def __init__(self, pieces: Iterator[bytes], clock: Clock) -> None:
        self._pieces = pieces
        self._clock = clock

    def read1(self, size: int) -> bytes:
        self._clock.now += 1.0
        return next(self._pieces, b"")[:size]


def read(data: bytes, headers: dict[str, str] | None = None) -> bytes:
    return read_body(io.BytesIO(data), CaseInsensitiveDict(headers or {}), 30.0)


def slowly(data: bytes, headers: dict[str, str], timeout: float) -> bytes:
    clock = Clock()
    stream = Pieces((data[at : at + 1] for at in range(len(data))), clock)
    return read_body(stream, CaseInsensitiveDict(headers), timeout, clock)


def failure(data: bytes, headers: dict[str, str]) -> BodyError:
    with pytest.raises(BodyError) as caught:
        read(data, headers)
    return caught.value


FRAMED = [
    ({}, b"{}"),
    ({"Content-Length": "2"}, b"{}and more"),
    ({"Content-Length": "2, 2"}, b"{}"),
    ({"Content-Length": "0"}, b""),
    (CHUNKED, b"2\r\n{}\r\n0\r\n\r\n"),
    (CHUNKED, b"1;a=b\r\n{\r\n01\n}\n0\r\nA: b\r\nC: d\r\n\r\nand more"),
    ({"transfer-encoding": "Chunked", "Content-Length": "999"}, b"2\r\n{}\r\n0\r\n\r\n"),
    (GZIP, gzip.compress(b"{}", mtime=0)),
    (
        {**CHUNKED, **GZIP},
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(gzip.compress(b"{}", mtime=0)), gzip.compress(b"{}", mtime=0)),
    ),
    ({"Content-Encoding": "identity"}, b"{}"),
]


@pytest.mark.parametrize(("headers", "data"), FRAMED, ids=range(len(FRAMED)))
def test_a_body_is_read_as_it_is_framed(headers: dict[str, str], data: bytes) -> None:
    expected = b"" if headers.get("Content-Length") == "0" else b"{}"
    assert read(data, headers) == expected
    assert slowly(data, headers, 1000.0) == expected


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({"Content-Length": "10"}, b"0123456789"),
        (CHUNKED, b"a\r\n0123456789\r\n0\r\n\r\n"),
        (CHUNKED, b"01;x\r\n0\r\n010\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n"),
        (GZIP, gzip.compress(b"0123456789")),
    ],
    ids=["length", "chunked", "sizes with zeros", "gzip"],
)
def test_a_body_cut_at_any_byte_is_none(headers: dict[str, str], whole: bytes) -> None:
    for size in range(len(whole)):
        assert (str(failure(whole[:size], headers)), size) == (BROKE, size)


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({"Content-Length": "9" * 5000}, b""),
        ({"Content-Length": "-1"}, b""),
        ({"Content-Length": "+1"}, b"x"),
        ({"Content-Length": "1_0"}, b"0123456789"),
        ({"Content-Length": ""}, b""),
        ({"Content-Length": "0, 2"}, b"{}"),
        ({"Content-Length": "\xb2"}, b"{}"),
        ({"Transfer-Encoding": "gzip, chunked"}, b"0\r\n\r\n"),
        ({"Transfer-Encoding": "identity"}, b"{}"),
        ({"Content-Encoding": "br"}, b"{}"),
        (GZIP, b"{}"),
        (CHUNKED, b"-2\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, b"0x2\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, b"2\r\n{}and more\r\n0\r\n\r\n"),
        (CHUNKED, b"\r\n"),
        (CHUNKED, b"0;" + b"x" * 100_000),
        (CHUNKED, b"f" * 16 + b"\r\n"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_malformed_body_is_none(headers: dict[str, str], data: bytes) -> None:
    assert failure(data, headers).cause == "malformed"


@pytest.mark.parametrize("headers", [{"Content-Length": "40"}, CHUNKED, {}], ids=str)
def test_a_body_that_drips_ends_in_time(headers: dict[str, str]) -> None:
    data = b"28\r\n" + b"x" * 40 + b"\r\n0\r\n\r\n" if headers is CHUNKED else b"x" * 40
    with pytest.raises(BodyError, match=r"^\{host\} did not complete its response within 30 s$") as caught:
        slowly(data, headers, 30.0)
    assert caught.value.cause == "timeout"


def test_endless_trailers_end() -> None:
    def trailers() -> Iterator[bytes]:
        yield b"0\r\n"
        while True:
            yield b"A: b\r\n"

    with pytest.raises(BodyError, match="did not complete"):
        read_body(Pieces(trailers(), clock := Clock()), CaseInsensitiveDict(CHUNKED), 30.0, clock)


def test_the_largest_body_is_read() -> None:
    assert len(read(b"x" * LARGEST_BODY)) == LARGEST_BODY
    assert failure(b"x" * (LARGEST_BODY + 1), {}).cause == "size"


@pytest.mark.parametrize(
    "given",
    [
        ({"Content-Length": str(10**12)}, b"x"),
        (CHUNKED, b"ffffffffff\r\nx"),
        (GZIP, gzip.compress(bytes(LARGEST_BODY + 1))),
    ],
    ids=["length", "chunk", "bomb"],
)
def test_a_size_that_lies_takes_no_memory(given: tuple[dict[str, Any], bytes]) -> None:
    headers, data = given
    tracemalloc.start()
    try:
        assert failure(data, headers).cause in ("broken", "size")
        assert tracemalloc.get_traced_memory()[1] < 3 * LARGEST_BODY
    finally:
        tracemalloc.stop()
