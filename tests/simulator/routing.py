# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a method and a path to the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

Handler = Callable[[Request, bytes], Response]


class Router:
    """Routes in order; ``otherwise`` answers what none of them takes."""

    def __init__(self, routes: Sequence[tuple[str, str, Handler]], otherwise: Handler) -> None:
        self._routes = [(method, compile_path(path)[0], handler) for method, path, handler in routes]
        self._otherwise = otherwise

    def respond(self, request: Request, body: bytes) -> Response:
        path = request.scope["path"]
        for method, pattern, handler in self._routes:
            found = pattern.match(path)
            if found and method == request.method:
                request.scope["path_params"] = found.groupdict()
                return handler(request, body)
        return self._otherwise(request, body)
