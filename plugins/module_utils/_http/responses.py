# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to read what a service of Huawei Cloud answers: the JSON of a success, or what an error says.

Error bodies come in three forms: IoTDA's ``{error_code, error_msg}``, the gateway's with a ``request_id`` besides, and
IAM's ``{error: {code, message}}``
(https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html).

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, ErrorDetails
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import one_line
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import (
    THROTTLED,
    Response,
    is_ambiguous_status,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.urls import host_of

_LONGEST_TEXT = 300
_LONGEST_TYPE = 60
_LAST_WORD = re.compile(r"[!-~]+\Z")
_SIGNATURE = re.compile(r"(signature\W{1,4})[0-9a-f]{16,}", re.IGNORECASE)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_KEYS = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))


def raise_for_status(reply: Response, url: str, statuses: Collection[int]) -> Response:
    """Return ``reply`` if its status is one of ``statuses``; raise ApiError if not."""
    if reply.status in statuses:
        return reply
    raise error_from_response(reply, url)


def parse_object(reply: Response, url: str, statuses: Collection[int]) -> dict[str, Any]:
    """Return the JSON object of a reply whose status is one of ``statuses``; raise ApiError if it is not that."""
    raise_for_status(reply, url, statuses)
    content = _object(reply.body)
    if content is None:
        raise malformed_response(reply, url, "something other than the JSON object that it should be")
    return content


def success_details(reply: Response) -> ErrorDetails:
    """Return what is worth telling of an answer that says success."""
    return ErrorDetails(reply.status, "empty", request_id=_request_id(reply, {}))


def malformed_response(reply: Response, url: str, what: str) -> ApiError:
    """Return the failure of an answer that has a good status and a content that cannot be used."""
    details = ErrorDetails(reply.status, "other", request_id=_request_id(reply, {}), skew=reply.skew())
    message = f"{host_of(url)} answered {reply.status} with {what}{_met(reply)}"
    return ApiError(message, details, reply.attempts, reply.ambiguous)


def error_from_response(reply: Response, url: str) -> ApiError:
    """Return what ``reply``, whose status is not one of success, says."""
    content = _object(reply.body) or {}
    code, text = _code_and_text(reply, content)
    body = "error" if code else "other" if reply.body else "empty"
    details = ErrorDetails(
        http_status=reply.status,
        body=body,
        error_code=code,
        error_msg=text,
        request_id=_request_id(reply, content),
        skew=reply.skew(),
        retry_after=reply.retry_after() if reply.status == THROTTLED else None,
    )
    message = f"{host_of(url)} answered {reply.status}{_said(details, reply)}"
    # A success that is not the one expected may still have changed something, unless a web page tells it.
    other_success = 200 <= reply.status < 300 and not _is_web_page(reply)
    ambiguous = reply.ambiguous or is_ambiguous_status(reply.status) or other_success
    return ApiError(message, details, reply.attempts, ambiguous)


def error_code(response: Response) -> str | None:
    """Return the error code in the body of ``response``, or None."""
    return _code_and_text(response, _object(response.body) or {})[0]


def _is_web_page(reply: Response) -> bool:
    return "html" in reply.headers.get("Content-Type", "").lower() or reply.body.lstrip().startswith(b"<")


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
        if _SURROGATE.search(body):
            content = json.loads(_without_halves(json.dumps(content, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _without_halves(text: str) -> str:
    """Return ``text`` with each half of a character, which JSON can escape and no output can show, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _code_and_text(reply: Response, content: Mapping[str, Any]) -> tuple[str | None, str | None]:
    for code_key, text_key in _KEYS:
        code = content.get(code_key)
        if isinstance(code, (str, int)) and (text_key in content or code_key != "code"):
            text = content.get(text_key)
            return _short(reply, code), None if text is None else _short(reply, text)
    nested = content.get("error")
    return _code_and_text(reply, nested) if isinstance(nested, dict) else (None, None)


def _short(reply: Response, text: Any) -> str:
    """Return one line without secrets; the gateway's echo of the request, which holds them, is cut off.

    They are taken out first, while they still are what they were. It ends with a whole word, since a server may repeat
    what is secret and not known here: a beginning of it would look like none.
    """
    told = _SIGNATURE.sub(r"\1***", reply.redact(str(text)).split("canonicalRequest", 1)[0])
    line = one_line(told).rstrip(",")
    return line if len(line) <= _LONGEST_TEXT else _LAST_WORD.sub("", line[:_LONGEST_TEXT]) + "..."


def _request_id(reply: Response, content: Mapping[str, Any]) -> str | None:
    found = reply.headers.get("X-Request-Id") or content.get("request_id")
    return _short(reply, found) if isinstance(found, str) else None


def _said(details: ErrorDetails, reply: Response) -> str:
    if details.error_code:
        return f" {details.error_code}" + (f" ({details.error_msg})" if details.error_msg else "")
    if 300 <= reply.status < 400:
        target = _target(reply)
        return f", a redirect{' to ' + target if target else ''}, which is not followed"
    return _met(reply)


def _target(reply: Response) -> str:
    try:
        # Concealed first: what is read as a host's name is in lower case.
        return _short(reply, urlsplit(reply.redact(reply.headers.get("Location", ""))).hostname or "")
    except ValueError:
        return ""


def _met(reply: Response) -> str:
    if not reply.body:
        return " (an empty body)"
    kind = reply.redact(reply.headers.get("Content-Type", "")).split(";")[0].strip()
    stated = 0 < len(kind) <= _LONGEST_TYPE and kind.isprintable()
    return f" (a body of type {kind})" if stated else " (a body of no stated type)"
