# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to read the response to a request: the JSON object of a success, or an ApiError."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .._core.errors import ApiError, ErrorDetails
from .content import json_object, request_id
from .models import Response


def raise_for_status(response: Response, url: str, statuses: Collection[int]) -> Response:
    """Return ``response`` if its status is one of ``statuses``; raise ApiError if not."""
    if response.status in statuses:
        return response
    from .error_responses import error_from_response

    raise error_from_response(response, url)


def parse_object(response: Response, url: str, statuses: Collection[int]) -> dict[str, Any]:
    """Return the JSON object of a response whose status is one of ``statuses``; raise ApiError if it is not that."""
    raise_for_status(response, url, statuses)
    content = json_object(response.body)
    if content is None:
        raise malformed_response(response, url, "something other than the JSON object that it should be")
    return content


def malformed_response(response: Response, url: str, what: str) -> ApiError:
    """Return the failure of a response that has a good status and a content that cannot be used."""
    from .error_responses import malformed

    return malformed(response, url, what)


def success_details(response: Response) -> ErrorDetails:
    """Return what is worth reporting of a response that says success."""
    return ErrorDetails(response.status, "empty", request_id=request_id(response, {}))


def error_code(response: Response) -> str | None:
    """Return the error code in the body of ``response``, or None."""
    from .error_responses import code_and_message

    return code_and_message(response)[0]
