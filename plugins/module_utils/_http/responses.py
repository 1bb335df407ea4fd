# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to read the response to a request: the JSON object of a success, or an ApiError.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, ErrorDetails
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import MASK, one_line
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Response

LONGEST_RAW_TEXT = 65536

_LONGEST_TEXT = 300
_LAST_WORD = re.compile(r"[!-~]+\Z")
# A signature is 64 hexadecimal digits, an ID that is worth showing at most 36.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{40,}|(?i:(?<=signature=)[0-9a-f]+)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def raise_for_status(response: Response, url: str, statuses: Collection[int]) -> Response:
    """Return ``response`` if its status is one of ``statuses``; raise ApiError if not."""
    if response.status in statuses:
        return response
    from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.error_responses import error_from_response

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
    from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.error_responses import malformed

    return malformed(response, url, what)


def success_details(response: Response) -> ErrorDetails:
    """Return what is worth reporting of a response that says success."""
    return ErrorDetails(response.status, "empty", request_id=request_id(response, {}))


def error_code(response: Response) -> str | None:
    """Return the error code in the body of ``response``, or None."""
    from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.error_responses import code_and_message

    return code_and_message(response)[0]


def request_id(response: Response, content: Mapping[str, Any]) -> str | None:
    """Return the ID by which the service knows the request, from the headers or from ``content``."""
    found = response.headers.get("X-Request-Id") or content.get("request_id")
    return short_text(response, found) if isinstance(found, str) else None


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object that ``body`` is, or None if it is none."""
    try:
        content = json.loads(body)
        if _SURROGATE.search(body):
            content = json.loads(_without_lone_surrogates(json.dumps(content, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _without_lone_surrogates(text: str) -> str:
    """Return ``text`` with each half of a character, which JSON can escape and no output can show, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def short_text(response: Response, text: Any) -> str:
    """Return ``text``, the server's, as one short line without secrets.

    The gateway's echo of the request, which holds them, is cut off. Secrets are masked first, while they still are
    what they were. The line ends with a whole word: the beginning of a secret would not be recognised.
    """
    raw = _unescaped(str(text)[:LONGEST_RAW_TEXT])
    redacted = _SIGNATURE.sub(MASK, response.redactor.redact(raw).split("canonicalRequest", 1)[0])
    line = one_line(redacted).rstrip(",")
    return line if len(line) <= _LONGEST_TEXT else _LAST_WORD.sub("", line[:_LONGEST_TEXT]) + "..."


def _unescaped(text: str) -> str:
    """Return ``text`` without the escapes of HTML and XML, in which a secret would not be recognised."""
    if "&" not in text:
        return text
    from html import unescape

    return unescape(unescape(text))
