# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent back: JSON, and errors in the three forms that IoTDA, the API gateway and IAM have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from .settings import Refusal

UNKNOWN_API = "APIGW.0101", "The API does not exist or has not been published in the environment"


class BadRequest(Exception):
    """The request is refused, by default as invalid (400)."""

    def __init__(self, refusal: Refusal | str, message: str = "") -> None:
        self.refusal = Refusal(400, refusal, message) if isinstance(refusal, str) else refusal
        super().__init__(self.refusal.message)


def json_response(status: int, value: object = None, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer with ``value`` as JSON; without a body for None."""
    if value is None:
        return Response(status_code=status, headers=headers)
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers, "application/json;charset=utf-8")


def error_response(refusal: Refusal) -> Response:
    """Return an error as IoTDA puts it."""
    return json_response(refusal.status, {"error_code": refusal.code, "error_msg": refusal.message})


def gateway_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as the API gateway puts it, with ``request_id`` in the body too."""
    request_id = uuid4().hex
    body = {"error_msg": message, "error_code": code, "request_id": request_id}
    return json_response(status, body, {"X-Request-Id": request_id, **(headers or {})})


def unknown_api(request: Request, body: bytes) -> Response:
    """Answer for a path that the API gateway has no API for."""
    return gateway_error(404, *UNKNOWN_API)


def iam_error(status: int, title: str, message: str) -> Response:
    """Return an error as IAM puts it: nested."""
    error: dict[str, Any] = {"code": status, "message": message, "title": title}
    return json_response(status, {"error": error})
