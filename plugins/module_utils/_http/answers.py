# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a response: a JSON object, or an error. What a deletion that succeeds never imports.

Error bodies come in three forms: IoTDA's ``{error_code, error_msg}``, the gateway's, which adds a ``request_id``, and
IAM's ``{error: {code, message}}``
(https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .._core.errors import ApiError, ErrorDetails
from .addresses import host_of
from .messages import LONGEST_RAW_TEXT, THROTTLED, Response, is_ambiguous_status

_LARGEST_ERROR = 1024 * 1024  # bytes, much more than the largest error of the service
_LONGEST_TYPE = 60
_MOST_LEVELS = 100
_MOST_DIGITS = 300  # Python refuses to read more than 4,300
_KEYS = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))
_ENCODED = "encoded_authorization_message"
_ENCODED_FORM = re.compile(r"[A-Za-z0-9+/=_-]{1,10240}")

# What servers say to plain HTTP on a port that speaks TLS: nginx, Go, Tomcat.
_TLS_WANTED = re.compile(rb"(?i)\bHTTP request\b.{1,20}\bHTTPS (port|server)|requires TLS")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object that ``body`` is, or None if it is none that every reader of a result can read.

    JSON is text in UTF-8 (RFC 8259). What Python accepts beyond that is refused: NaN, numbers that are infinite here,
    and names that occur twice in an object. So is what later readers would fail at: endless numbers and nesting.
    """
    try:
        text = body.decode("utf-8-sig")
        content = _decode(text)
        if _SURROGATE.search(text):
            # Half of a character, which JSON can escape and no output can show, is replaced.
            as_text = json.dumps(content, ensure_ascii=False)
            content = _decode(as_text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and not _is_deep(content) else None


def _decode(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_number)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > _MOST_DIGITS:
        raise ValueError("too many digits")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _is_deep(content: Any) -> bool:
    """Whether there are more levels than can be masked and written as JSON again, both of which call themselves."""
    level = [content]
    for _depth in range(_MOST_LEVELS):
        inner = (value.values() if isinstance(value, dict) else value for value in level)
        level = [item for items in inner for item in items if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def malformed_response(response: Response, url: str, what: str) -> ApiError:
    """Return the failure of a response that has a good status and a content that cannot be used."""
    details = ErrorDetails(response.status, "other", request_id=response.request_id, skew=response.skew())
    message = f"{host_of(url)} answered {response.status} with {what}{_body_type(response)}"
    return ApiError(message, details, response.attempts, response.ambiguous)


def id_in_error(response: Response) -> str | None:
    """Return the ID by which the service knows the request, where headers or body of an error tell it."""
    stated = None if response.request_id else _content(response).get("request_id")
    return response.request_id or (response.shown(stated) or None if isinstance(stated, str) else None)


def error_code(response: Response) -> str | None:
    """Return the error code in the body of ``response``, or None."""
    return _code_and_message(response, _content(response))[0]


def error_from_response(response: Response, url: str) -> ApiError:
    """Return the ApiError for ``response``, whose status is not a success."""
    content = _content(response)
    code, text = _code_and_message(response, content)
    body = "error" if code else "empty" if response.is_surely_empty else "other"
    if body == "other" and response.status == 400 and url.startswith("http://") and _TLS_WANTED.search(response.body):
        body = "tls"
    details = ErrorDetails(
        http_status=response.status,
        body=body,
        error_code=code,
        error_msg=text,
        request_id=id_in_error(response),
        skew=response.skew(),
        retry_after=response.retry_after() if response.status == THROTTLED else None,
        encoded_authorization_message=_encoded_reason(response, content),
    )
    # A success that is not the one expected may still have changed something, unless it is a web page.
    other_success = 200 <= response.status < 300 and not _is_web_page(response)
    ambiguous = response.ambiguous or is_ambiguous_status(response.status) or other_success
    message = f"{host_of(url)} answered {response.status}{_summary(details, response)}"
    return ApiError(message, details, response.attempts, ambiguous)


def _content(response: Response) -> dict[str, Any]:
    return (json_object(response.body) if len(response.body) <= _LARGEST_ERROR else None) or {}


def _is_web_page(response: Response) -> bool:
    return "html" in response.headers.get("Content-Type", "").lower() or response.body.lstrip().startswith(b"<")


def _code_and_message(response: Response, content: Mapping[str, Any]) -> tuple[str | None, str | None]:
    for code_key, text_key in _KEYS:
        code = content.get(code_key)
        if isinstance(code, (str, int)) and (text_key in content or code_key != "code"):
            text = content.get(text_key)
            return response.shown(code), None if text is None else response.shown(text)
    nested = content.get("error")
    return _code_and_message(response, nested) if isinstance(nested, dict) else (None, None)


def _encoded_reason(response: Response, content: Mapping[str, Any]) -> str | None:
    """Return the reason of a denial as STS accepts it, or None; cut or masked, it could not be decoded.

    https://support.huaweicloud.com/intl/en-us/api-iam5/DecodeAuthorizationMessage.html
    """
    nested = content.get("error")
    text = content.get(_ENCODED) or (nested.get(_ENCODED) if isinstance(nested, dict) else None)
    usable = isinstance(text, str) and _ENCODED_FORM.fullmatch(text) and not response.holds_secret(text)
    return text if usable else None


def _summary(details: ErrorDetails, response: Response) -> str:
    if details.error_code:
        return f" {details.error_code}" + (f" ({details.error_msg})" if details.error_msg else "")
    if details.body == "tls":
        return ", since its port speaks TLS, but the address begins with http://"
    if 300 <= response.status < 400 and response.status != 304:
        target = _redirect_target(response)
        return f", a redirect{' to ' + target if target else ''}, which is not followed"
    return _body_type(response)


def _redirect_target(response: Response) -> str:
    try:
        # Redacted before and after: the name of a host is read in lower case.
        location = response.redactor.redact(response.headers.get("Location", "")[:LONGEST_RAW_TEXT])
        return response.shown(urlsplit(location).hostname or "")
    except ValueError:
        return ""


def _body_type(response: Response) -> str:
    if not response.body:
        return " (an empty body)"
    stated = response.redactor.redact(response.headers.get("Content-Type", "")[:LONGEST_RAW_TEXT])
    kind = stated.split(";")[0].strip()
    usable = 0 < len(kind) <= _LONGEST_TYPE and kind.isprintable()
    return f" (a body of type {kind})" if usable else " (a body of no stated type)"
