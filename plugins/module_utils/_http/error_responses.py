# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an error response of a Huawei Cloud service says.

Error bodies come in three forms: IoTDA's ``{error_code, error_msg}``, the gateway's, which adds a ``request_id``, and
IAM's ``{error: {code, message}}``
(https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .._core.errors import ApiError, ErrorDetails
from .content import LONGEST_RAW_TEXT, json_object, request_id, short_text
from .models import THROTTLED, Response, is_ambiguous_status
from .urls import host_of

_LARGEST_ERROR = 1024 * 1024  # bytes, much more than the largest error of the service
_LONGEST_TYPE = 60
_KEYS = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))


def error_from_response(response: Response, url: str) -> ApiError:
    """Return the ApiError for ``response``, whose status is not a success."""
    content = _content(response)
    code, text = _code_and_message(response, content)
    body = "error" if code else "empty" if response.is_surely_empty else "other"
    details = ErrorDetails(
        http_status=response.status,
        body=body,
        error_code=code,
        error_msg=text,
        request_id=request_id(response, content),
        skew=response.skew(),
        retry_after=response.retry_after() if response.status == THROTTLED else None,
    )
    # A success that is not the one expected may still have changed something, unless it is a web page.
    other_success = 200 <= response.status < 300 and not _is_web_page(response)
    ambiguous = response.ambiguous or is_ambiguous_status(response.status) or other_success
    message = f"{host_of(url)} answered {response.status}{_summary(details, response)}"
    return ApiError(message, details, response.attempts, ambiguous)


def malformed(response: Response, url: str, what: str) -> ApiError:
    """Return the error of a response that has a good status and a content that cannot be used."""
    details = ErrorDetails(response.status, "other", request_id=request_id(response, {}), skew=response.skew())
    message = f"{host_of(url)} answered {response.status} with {what}{_body_type(response)}"
    return ApiError(message, details, response.attempts, response.ambiguous)


def code_and_message(response: Response) -> tuple[str | None, str | None]:
    """Return error code and message of ``response``, None for what it does not have."""
    return _code_and_message(response, _content(response))


def _content(response: Response) -> dict[str, Any]:
    return (json_object(response.body) if len(response.body) <= _LARGEST_ERROR else None) or {}


def _is_web_page(response: Response) -> bool:
    return "html" in response.headers.get("Content-Type", "").lower() or response.body.lstrip().startswith(b"<")


def _code_and_message(response: Response, content: Mapping[str, Any]) -> tuple[str | None, str | None]:
    for code_key, text_key in _KEYS:
        code = content.get(code_key)
        if isinstance(code, (str, int)) and (text_key in content or code_key != "code"):
            text = content.get(text_key)
            return short_text(response, code), None if text is None else short_text(response, text)
    nested = content.get("error")
    return _code_and_message(response, nested) if isinstance(nested, dict) else (None, None)


def _summary(details: ErrorDetails, response: Response) -> str:
    if details.error_code:
        return f" {details.error_code}" + (f" ({details.error_msg})" if details.error_msg else "")
    if 300 <= response.status < 400 and response.status != 304:
        target = _redirect_target(response)
        return f", a redirect{' to ' + target if target else ''}, which is not followed"
    return _body_type(response)


def _redirect_target(response: Response) -> str:
    try:
        # Redacted before and after: the name of a host is read in lower case.
        location = response.redactor.redact(response.headers.get("Location", "")[:LONGEST_RAW_TEXT])
        return short_text(response, urlsplit(location).hostname or "")
    except ValueError:
        return ""


def _body_type(response: Response) -> str:
    if not response.body:
        return " (an empty body)"
    stated = response.redactor.redact(response.headers.get("Content-Type", "")[:LONGEST_RAW_TEXT])
    kind = stated.split(";")[0].strip()
    usable = 0 < len(kind) <= _LONGEST_TYPE and kind.isprintable()
    return f" (a body of type {kind})" if usable else " (a body of no stated type)"
