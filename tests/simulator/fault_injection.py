# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a fault is applied, down to the bytes and the connection."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .clock import Clock
from .faults import BREAKS, REPLIES, STREAMS, Fault
from .responses import UNKNOWN_API, gateway_error, json_response

TRANSPORT = "simulator.transport"
HTML = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>"
HUGE = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_ABORT = struct.pack("ii", 1, 0)
_GATEWAY = {
    400: ("APIGW.0201", "Bad request"),
    401: ("APIGW.0301", "Incorrect IAM authentication information: Unauthorized"),
    403: ("APIGW.0302", "The user is not authorized"),
    404: UNKNOWN_API,
    429: ("APIGW.0308", "The throttling threshold has been reached"),
    500: ("APIGW.0601", "Internal server error"),
    502: ("APIGW.0201", "Backend unavailable"),
    503: ("APIGW.0201", "Backend unavailable"),
    504: ("APIGW.0201", "Backend timeout"),
}


class FaultInjector:
    """Applies one fault to one request. ``handle`` serves the request and returns the true response."""

    def __init__(self, fault: Fault, request: Request, handle: Callable[[], Response], clock: Clock) -> None:
        self._fault = fault
        self._request = request
        self._handle = handle
        self._clock = clock

    async def response(self) -> Response | None:
        """Return what to send; None if the connection was handled here."""
        fault = self._fault
        if fault.kind == "latency":
            return await self._late()
        if fault.kind == "date":
            return self._dated(self._handle())
        if fault.kind == "altered":
            return self._altered(self._handle())
        true = self._true_answer()
        if fault.kind in REPLIES:
            return self._reply()
        if fault.kind in STREAMS:
            return self._stream(true)
        assert fault.kind in BREAKS
        await self._broken(true)
        return None

    def _true_answer(self) -> Response:
        # Reading has no effect, so its true answer is always at hand.
        if self._fault.when == "after" or self._request.method in ("GET", "HEAD"):
            return self._handle()
        return json_response(200, {"targets": []})

    async def _late(self) -> Response:
        if self._fault.when == "after":
            response = self._handle()
            await asyncio.sleep(self._fault.seconds)
            return response
        await asyncio.sleep(self._fault.seconds)
        return self._handle()

    def _dated(self, response: Response) -> Response:
        moved = self._clock.now() + timedelta(seconds=self._fault.seconds)
        text = self._fault.body if self._fault.body is not None else format_datetime(moved, usegmt=True)
        response.headers["Date"] = text if isinstance(text, str) else text.decode("latin-1")
        return response

    def _altered(self, response: Response) -> Response:
        return json_response(response.status_code, _merged(json.loads(bytes(response.body)), self._fault.json))

    def _reply(self) -> Response:
        response = _REPLIES[self._fault.kind](self._fault)
        response.headers.update(self._fault.headers)
        return response

    def _stream(self, true: Response) -> Response:
        fault = self._fault
        if fault.kind == "huge":
            size = HUGE if fault.size is None else fault.size
            return StreamingResponse(_padding(size), fault.status or 200, {**_JSON, "Content-Length": str(size)})
        body = _body_of(fault, true)
        status, headers = _status_of(fault, true), {**_JSON, "Content-Length": str(len(body))}
        return StreamingResponse(self._drops(body), status, headers)

    async def _drops(self, body: bytes) -> AsyncIterator[bytes]:
        for index in range(len(body)):
            if await self._request.is_disconnected():
                return
            yield body[index : index + 1]
            await asyncio.sleep(self._fault.seconds)

    async def _broken(self, true: Response) -> None:
        fault = self._fault
        transport: asyncio.Transport = self._request.scope["state"][TRANSPORT]
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "reset":
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            transport.abort()
        elif fault.kind != "close":
            transport.write(_broken_bytes(fault, true))
        transport.close()
        await self._until_disconnected()

    async def _until_disconnected(self) -> None:
        # Only then does the server know that there is nothing left to answer.
        while (await self._request.receive())["type"] != "http.disconnect":
            pass


def sent_status(fault: Fault, true: Response | None = None) -> int | None:
    """Return the status on the status line of a broken answer; None where there is none."""
    if fault.kind in ("reset", "close", "hang"):
        return None
    return _status_of(fault, true)


def _merged(true: Any, other: Any) -> Any:
    """Return ``true`` with what ``other`` has in its place; in each element, where ``true`` is a list."""
    if isinstance(true, list):
        return [_merged(one, other) for one in true]
    if isinstance(true, dict) and isinstance(other, dict):
        return {**true, **{name: _merged(true.get(name), value) for name, value in other.items()}}
    return other


_JSON = {"Content-Type": "application/json;charset=utf-8"}


def _status(fault: Fault) -> Response:
    status = 503 if fault.status is None else fault.status
    if fault.json is not None:
        return json_response(status, fault.json)
    if fault.body is not None:
        return Response(fault.body, status, media_type="application/json;charset=utf-8")
    code, message = _GATEWAY.get(status, ("APIGW.0201", HTTPStatus(status).phrase))
    return gateway_error(status, code, message)


def _html(fault: Fault) -> Response:
    body = HTML if fault.body is None else fault.body
    return Response(body, fault.status or 503, media_type="text/html;charset=utf-8")


def _empty(fault: Fault) -> Response:
    return Response(b"", fault.status or 503)


def _invalid_json(fault: Fault) -> Response:
    body = b'{"batchtasks": [{"task_id": "5c8b' if fault.body is None else fault.body
    return Response(body, fault.status or 200, _JSON)


def _json(fault: Fault) -> Response:
    return Response(json.dumps(fault.json), fault.status or 200, _JSON)


def _redirect(fault: Fault) -> Response:
    location = fault.headers.get("Location", "/elsewhere")
    return Response(b"", fault.status or 302, {"Location": location})


_REPLIES: Mapping[str, Callable[[Fault], Response]] = {
    "status": _status,
    "html": _html,
    "empty": _empty,
    "invalid_json": _invalid_json,
    "json": _json,
    "redirect": _redirect,
}


def _status_of(fault: Fault, true: Response | None) -> int:
    if fault.status is not None:
        return fault.status
    # A 204 has no body that could be broken.
    return 200 if true is None or true.status_code == 204 else true.status_code


def _body_of(fault: Fault, true: Response) -> bytes:
    if fault.body is not None:
        return fault.body.encode() if isinstance(fault.body, str) else fault.body
    return bytes(true.body) or b'{"targets":[]}'


def _broken_bytes(fault: Fault, true: Response) -> bytes:
    body = _body_of(fault, true)
    if fault.kind == "cut_body":
        length, sent = f"Content-Length: {len(body)}", body[: len(body) // 2]
    elif fault.kind == "wrong_length":
        length, sent = f"Content-Length: {len(body) // 2}", body
    else:
        length, sent = "Transfer-Encoding: chunked", b"%x\r\n%b\r\nnot-a-chunk-size\r\n" % (len(body), body)
    status = _status_of(fault, true)
    lines = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {_JSON['Content-Type']}",
        length,
        "Connection: close",
        "\r\n",
    )
    return "\r\n".join(lines).encode() + sent


async def _padding(size: int) -> AsyncIterator[bytes]:
    start, end = b'{"padding":"', b'"}'
    left = max(0, size - len(start) - len(end))
    yield start
    while left > 0:
        yield b"a" * min(left, _CHUNK)
        left -= _CHUNK
    yield end
