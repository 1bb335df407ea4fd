# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every request passes through, in order: journal, fault, delay, throttle, service; then the last headers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import format_datetime
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .authentication import Refused
from .clock import Clock
from .fault_injection import FaultInjector, sent_status
from .faults import Fault, Faults
from .journal import Entry, Journal
from .management import MANAGEMENT
from .oracle import Oracle
from .responses import gateway_error
from .routing import Handler, Router
from .throttle import Throttle

CONTROL = "/_simulator"


class App:
    """The ASGI application of one port. ``services`` are routers by the beginning of the path, tried in order."""

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        faults: Faults,
        throttle: Throttle,
        oracle: Oracle,
        services: list[tuple[str, Router]],
        otherwise: Handler,
        unreachable: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._throttle = throttle
        self._oracle = oracle
        self._services = services
        self._otherwise = otherwise
        self._unreachable = unreachable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        if scope["path"].startswith(CONTROL):
            # In a thread, since it may have to wait for this very loop, as when it opens another port.
            response = await asyncio.to_thread(self._serve, request, body)
            await response(scope, receive, send)
            return
        entry = self._journal.open(request, body)
        self._oracle.request(request, body, scope["path"])
        try:
            answered = await self._answer(request, body, entry)
            if answered is not None:
                self._stamp(answered)
                entry.status = answered.status_code
                await answered(scope, receive, send)
        except asyncio.CancelledError:
            # The server ends; uvicorn would report it as an error of the application.
            return
        finally:
            self._journal.close()

    async def _answer(self, request: Request, body: bytes, entry: Entry) -> Response | None:
        fault = self._faults.take(request.method, request.scope["path"], request.url.query)
        if fault is None and self._unreachable(request.scope["path"]):
            fault = Fault(kind="close")
        if self._throttle.latency and _is_iotda(request):
            await asyncio.sleep(self._throttle.latency)
        if fault is None:
            return self._handle(request, body)
        entry.fault = fault.kind
        return await self._broken(fault, request, body, entry)

    async def _broken(self, fault: Fault, request: Request, body: bytes, entry: Entry) -> Response | None:
        def handle() -> Response:
            response = self._handle(request, body)
            entry.status = sent_status(fault, response)
            return response

        entry.status = sent_status(fault)
        return await FaultInjector(fault, request, handle, self._clock).response()

    def _handle(self, request: Request, body: bytes) -> Response:
        if _is_iotda(request) and not self._throttle.admits():
            message = "The throttling threshold has been reached: policy API_rate_limit"
            return gateway_error(429, "APIGW.0308", message, self._throttle.refusal_headers)
        response = self._serve(request, body)
        self._oracle.response(request, request.scope["path"], response)
        return response

    def _serve(self, request: Request, body: bytes) -> Response:
        path = request.scope["path"]
        try:
            for beginning, router in self._services:
                if path.startswith(beginning):
                    return router.respond(request, body)
            return self._otherwise(request, body)
        except Refused as refused:
            return refused.response

    def _stamp(self, response: Response) -> None:
        headers = response.headers
        headers.setdefault("Date", format_datetime(self._clock.now(), usegmt=True))
        headers.setdefault("X-Request-Id", uuid4().hex)


def _is_iotda(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith(("/v5/iot/", MANAGEMENT))
