# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All requests that came, for tests to assert on; without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from starlette.requests import Request

HIDDEN = "***"
_SECRET_HEADERS = (b"x-auth-token", b"x-security-token", b"x-metadata-token", b"x-subject-token", b"cookie")
_SIGNATURE = re.compile(r"Signature=[0-9a-fA-F]+")
_SECRET_FIELDS = ("password", "secret", "token", "id_token")
_HOLD_ID = ("token", "id_token")
_LOGIN = {
    ("POST", "/v3/auth/tokens"),
    ("POST", "/v3.0/OS-AUTH/id-token/tokens"),
    ("POST", "/v3.0/OS-CREDENTIAL/securitytokens"),
    ("POST", "/v5/agencies/assume-with-oidc"),
    ("POST", "/v1/pod-identity/credentials"),
    ("PUT", "/meta-data/latest/api/token"),
}


@dataclass
class Entry:
    """One request. ``status`` is None as long as there is no answer, and where none was given."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    host: str
    time: datetime
    body: Any = None
    status: int | None = None
    fault: str | None = None
    port: int = 0
    """The client's port: requests of the same one came by the same connection."""
    under_way: int = 1
    """How many requests were under way once it had come."""

    @property
    def unsafe(self) -> bool:
        """Whether the request could change something that matters: logging in does not."""
        if self.method in ("GET", "HEAD"):
            return False
        return (self.method, self.path) not in _LOGIN


@dataclass
class Journal:
    """The requests in the order they arrived. Header names are lower-case, secret values are ``***``."""

    _entries: list[Entry] = field(default_factory=list)
    _under_way: int = 0
    peak: int = 0
    """The most requests that were under way at once."""

    def open(self, request: Request, body: bytes) -> Entry:
        """Note a request that has arrived."""
        entry = Entry(
            method=request.method,
            path=request.scope["raw_path"].decode("ascii"),
            query=dict(request.query_params),
            headers=_headers(request),
            host=request.headers.get("Host", ""),
            time=datetime.now(timezone.utc),
            body=_body(body),
            port=request.client.port if request.client else 0,
        )
        self._entries.append(entry)
        self._under_way += 1
        entry.under_way = self._under_way
        self.peak = max(self.peak, self._under_way)
        return entry

    def close(self) -> None:
        """Note that a request has been dealt with."""
        self._under_way -= 1

    def entries(self) -> list[Entry]:
        return list(self._entries)

    def latest(self, most: int) -> list[Entry]:
        """Return the latest requests, the last one first."""
        return self._entries[: -most - 1 : -1]

    def unsafe(self) -> list[Entry]:
        """Return the requests that could change something: check mode must have none."""
        return [entry for entry in self.entries() if entry.unsafe]

    def count(self, method: str | None = None, path: str | None = None) -> int:
        """Return how many requests had this method, and a path in which the regular expression ``path`` is found."""
        return sum(
            1
            for entry in self.entries()
            if (method is None or entry.method == method) and (path is None or re.search(path, entry.path))
        )

    def clear(self) -> None:
        self._entries.clear()
        self.peak = self._under_way

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]


def _headers(request: Request) -> dict[str, str]:
    headers = {}
    for name, value in request.scope["headers"]:
        text = HIDDEN if name in _SECRET_HEADERS else value.decode("latin-1")
        if name == b"authorization":
            text = _SIGNATURE.sub(f"Signature={HIDDEN}", text) if "Signature=" in text else HIDDEN
        headers[name.decode("latin-1")] = text
    return headers


def _body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return _cleaned(json.loads(body))
    except ValueError:
        return f"{len(body)} bytes"


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value


def _hidden(name: str, value: Any) -> Any:
    if isinstance(value, str) and name in _SECRET_FIELDS:
        return HIDDEN
    if isinstance(value, dict) and name in _HOLD_ID and "id" in value:
        return {**value, "id": HIDDEN}
    return _cleaned(value)
