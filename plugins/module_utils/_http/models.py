# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request to be made, and the answer to it.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import MASK, Redactor, encoded_variants
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth

THROTTLED = 429
_TIMED_OUT = 408


def is_ambiguous_status(status: int) -> bool:
    """Whether a request that was answered by ``status`` may have been carried out although no success was told.

    408 is among them since gateways also send it when the service behind them is late.
    """
    return status == _TIMED_OUT or status >= 500


@dataclass(frozen=True)
class FilePart:
    """A file to upload, as the part ``file`` of a multipart/form-data body."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """One request to be made. ``query`` is sent sorted; ``body`` is sent as JSON unless it is None.

    ``file`` is sent in place of a ``body``.
    """

    method: str
    url: str
    auth: Auth = field(repr=False)
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any | None = field(default=None, repr=False)
    file: FilePart | None = None


@dataclass(frozen=True)
class Response:
    """An answer. ``attempts`` counts this one; ``uncertain``: an earlier one may have been carried out.

    ``secrets`` and ``signature`` are what it may repeat of what was sent, and must not be told of it.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    attempts: int = 1
    ambiguous: bool = False
    secrets: Redactor = field(default_factory=Redactor, repr=False, compare=False)
    signature: str = field(default="", repr=False, compare=False)

    def redact(self, text: str) -> str:
        """Return ``text``, which stands in this answer, with stars for the secrets in it."""
        told = self.secrets.redact(text)
        for form in encoded_variants(self.signature):
            told = told.replace(form, MASK)
        return told

    def retry_after(self) -> float | None:
        """Return the seconds of ``Retry-After``, given as such or as a date, or None without a readable one."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        moment = _http_date(text)
        if moment is None:
            return None
        service_now = self.service_now() or datetime.now(timezone.utc)
        return max(0.0, (moment - service_now).total_seconds())

    def service_now(self) -> datetime | None:
        """Return what the service's clock showed when it answered, or None without a readable ``Date``."""
        return _http_date(self.headers.get("Date", ""))

    def skew(self) -> float | None:
        """Return the service's clock less the local one in seconds, or None without a readable ``Date``."""
        moment = self.service_now()
        return None if moment is None else (moment - datetime.now(timezone.utc)).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
