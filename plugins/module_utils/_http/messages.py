# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request to be made, how it is authenticated, and the response to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from .._core.errors import ApiError, ErrorDetails
from .._core.redaction import MASK, Redactor, short_line

if TYPE_CHECKING:
    from requests import PreparedRequest

THROTTLED = 429
_TIMED_OUT = 408
LONGEST_RAW_TEXT = 65536
# A signature is 64 hexadecimal digits, an ID that is worth showing at most 36.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{40,}|(?i:(?<=signature=)[0-9a-f]+)")


class Auth:
    """Authenticates a request on each attempt, as `requests` expects it; this base class adds nothing."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def on_response(self, request: PreparedRequest, response: Response) -> bool:
        """Look at the response to ``request``, sent with these credentials.

        Return True if the request is worth one more attempt, because the credentials have been renewed. The client
        asks for at most one such attempt for each request. Raises IamError if a renewal failed.
        """
        return False


def is_ambiguous_status(status: int) -> bool:
    """Whether a request that was answered with ``status`` may have been carried out although it is no success.

    408 is among them because gateways also send it when the service behind them is late.
    """
    return status == _TIMED_OUT or status >= 500


class Request(NamedTuple):
    """One request to be made. ``query`` is sent sorted; ``body`` is sent as JSON unless it is None.

    ``file``, its name and content, is sent in place of a ``body``, as the part ``file`` of multipart/form-data.
    """

    method: str
    url: str
    auth: Auth
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = MappingProxyType({})
    body: Any | None = None
    file: tuple[str, bytes] | None = None

    def __repr__(self) -> str:
        return f"Request({self.method!r}, {self.url!r}, query={self.query!r})"


class Response(NamedTuple):
    """A complete response. ``attempts`` includes this one; ``ambiguous``: an earlier one may have been carried out.

    Its texts are the server's: what is shown of them goes through ``redactor``.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    attempts: int = 1
    ambiguous: bool = False
    redactor: Redactor = Redactor()

    def __repr__(self) -> str:
        return f"Response({self.status})"

    @property
    def is_surely_empty(self) -> bool:
        """Whether the server said itself that there is no body; otherwise an empty one may have been cut off."""
        return self.headers.get("Content-Length", "").strip() == "0" and "Transfer-Encoding" not in self.headers

    @property
    def request_id(self) -> str | None:
        """The ID by which the service knows the request, None where the headers do not tell it."""
        return self.shown(self.headers.get("X-Request-Id", "")) or None

    @property
    def details(self) -> ErrorDetails:
        """What is worth reporting of a response that says success."""
        return ErrorDetails(self.status, "empty", request_id=self.request_id)

    def expect(self, url: str, statuses: Collection[int]) -> Response:
        """Return this response if its status is one of ``statuses``; raise ApiError if not."""
        if self.status in statuses:
            return self
        from .answers import error_from_response

        raise error_from_response(self, url)

    def json_object(self, url: str, statuses: Collection[int]) -> dict[str, Any]:
        """Return the JSON object of a response with one of ``statuses``; raise ApiError if it is not that."""
        from .answers import json_object

        content = json_object(self.expect(url, statuses).body)
        if content is None:
            raise self.malformed(url, "something other than a JSON object")
        return content

    def malformed(self, url: str, what: str) -> ApiError:
        """Return the failure of a response that has a good status and a content that cannot be used."""
        from .answers import malformed_response

        return malformed_response(self, url, what)

    def shown(self, text: Any) -> str:
        """Return ``text``, the server's, as one short line without secrets.

        The gateway's echo of the request, which holds them, is cut off. Secrets are masked first, while they still are
        what they were. The line ends with a whole word: the beginning of a secret would not be recognised.
        """
        raw = _unescaped(str(text)[:LONGEST_RAW_TEXT])
        redacted = _SIGNATURE.sub(MASK, self.redactor.redact(raw).split("canonicalRequest", 1)[0])
        return short_line(redacted.rstrip(", \t\r\n"))

    def holds_secret(self, text: str) -> bool:
        """Whether there is a secret, or a signature, in ``text``, the server's."""
        return self.redactor.redact(text) != text or _SIGNATURE.search(text) is not None

    def retry_after(self) -> float | None:
        """Return the seconds of ``Retry-After``, given as a number or as a date, or None without a readable one."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        moment = _http_date(text)
        if moment is None:
            return None
        service_now = self.service_now() or datetime.now(timezone.utc)
        return max(0.0, (moment - service_now).total_seconds())

    def service_now(self) -> datetime | None:
        """Return the time by the service's clock when it responded, or None without a readable ``Date``."""
        return _http_date(self.headers.get("Date", ""))

    def skew(self) -> float | None:
        """Return the service's clock minus the local one in seconds, or None without a readable ``Date``."""
        moment = self.service_now()
        return None if moment is None else (moment - datetime.now(timezone.utc)).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def _unescaped(text: str) -> str:
    """Return ``text`` without the escapes of HTML and XML, in which a secret would not be recognised."""
    if "&" not in text:
        return text
    from html import unescape

    return unescape(unescape(text))
