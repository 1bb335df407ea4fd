# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that tells back what it was told: the worst that can stand at a wrong address."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

HOW = ("error_msg", "message", "error_code", "request id", "page", "type", "location", "reason", "half", "token")
_WHO = ("authorization", "x-auth-token", "x-security-token")


class Echo:
    """Within a ``with``, it answers every request by repeating headers and body of it, in the way that ``how`` says.

    ``padding``: how many letters come before, since what is told of an answer is cut somewhere.
    """

    def __init__(self) -> None:
        self.how = HOW[0]
        self.padding = 0
        self.status = 401
        self.count = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Echo:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, told: str) -> tuple[dict[str, str], bytes]:
        """Return headers and body of the answer to a request that told ``told``."""
        text = "x " * (self.padding // 2) + told
        line = text.replace("\r", " ").replace("\n", " ")
        bodies: dict[str, Any] = {
            "error_msg": {"error_code": "ECHO.0001", "error_msg": text},
            "message": {"error": {"code": 401, "message": text, "title": text}},
            "error_code": {"error_code": text, "error_msg": text, "request_id": text},
        }
        headers = {
            "request id": {"X-Request-Id": line},
            "type": {"Content-Type": f"text/{line}"},
            "location": {"Location": f"https://elsewhere.example/?{line}"},
            "token": {"X-Subject-Token": f"{line} "},
        }.get(self.how, {})
        body = json.dumps(bodies.get(self.how, {})).encode()
        if self.how == "page":
            body = f"<html>{text}</html>".encode()
        return headers, body[:-10] if self.how == "half" else body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        echo = self

        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    return
                echo.count += 1
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                # What says who comes stands first, since only a beginning may be passed on.
                headers_told = sorted(self.headers.items(), key=lambda header: header[0].lower() not in _WHO)
                told = " ".join(f"{name}: {value}" for name, value in headers_told)
                if body:
                    told = f"{body.decode('utf-8')} {told}"
                headers, answer = echo.answer(told)
                status = {"location": 307, "token": 201}.get(echo.how, echo.status)
                self.send_response(status, told.replace("\n", " ") if echo.how == "reason" else None)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is noted."""

        return Handler
