# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a response: its JSON object, its request ID, and the server's texts as messages show them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .._core.redaction import MASK, short_line
from .models import Response

LONGEST_RAW_TEXT = 65536

# A signature is 64 hexadecimal digits, an ID that is worth showing at most 36.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{40,}|(?i:(?<=signature=)[0-9a-f]+)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


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
    return short_line(redacted.rstrip(", \t\r\n"))


def _unescaped(text: str) -> str:
    """Return ``text`` without the escapes of HTML and XML, in which a secret would not be recognised."""
    if "&" not in text:
        return text
    from html import unescape

    return unescape(unescape(text))
