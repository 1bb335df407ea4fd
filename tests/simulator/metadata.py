# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metadata service of an ECS: temporary keys for the programs on it, by version 1 or, with a token, version 2.

https://support.huaweicloud.com/intl/en-us/usermanual-ecs/ecs_03_0166.html
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .accounts import Accounts, Key
from .clock import Clock
from .iam import credential
from .responses import json_response
from .routing import Router

_RENEWED_BEFORE = timedelta(hours=6)
_LONGEST = 21600


class Metadata:
    """How the metadata service behaves; every attribute may be set by a test."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self.v1_only: int | bool = False
        """Whether there is no version 2; a PUT for a token is answered with 404 (True), or with this status."""
        self.token_required = False
        """Whether keys are given only for a version 2 token."""
        self.no_agency = False
        """Whether the ECS has no agency, hence no keys."""
        self.unreachable = False
        """Whether every connection is closed without an answer."""
        self._accounts = accounts
        self._clock = clock
        self._tokens: dict[str, datetime] = {}
        self._key: Key | None = None
        self.router = Router(
            [
                ("PUT", "/meta-data/latest/api/token", self._token),
                ("GET", "/openstack/latest/securitykey", self._security_key),
            ],
            _nothing_here,
        )

    def renew_keys(self) -> None:
        """Let the next request for keys be given new ones; those from before stay valid."""
        self._key = None

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def _token(self, request: Request, body: bytes) -> Response:
        if self.v1_only:
            return PlainTextResponse("", 404 if self.v1_only is True else self.v1_only)
        lifetime = request.headers.get("X-Metadata-Token-Ttl-Seconds", "")
        if not lifetime.isdigit() or not 1 <= int(lifetime) <= _LONGEST:
            return PlainTextResponse("Bad Request", 400)
        token = secrets.token_urlsafe(40)
        self._tokens[token] = self._clock.now() + timedelta(seconds=int(lifetime))
        return PlainTextResponse(token)

    def _security_key(self, request: Request, body: bytes) -> Response:
        if not self._admits(request.headers.get("X-Metadata-Token")):
            return PlainTextResponse("Unauthorized", 401)
        if self.no_agency:
            return PlainTextResponse("Please configure Cloud Service Agency first", 401)
        return json_response(200, {"credential": credential(self._current())})

    def _admits(self, token: str | None) -> bool:
        if token is None or self.v1_only:
            return not self.token_required
        return token in self._tokens and self._tokens[token] > self._clock.now()

    def _current(self) -> Key:
        key = self._key
        if key is None or key.expires_at is None or key.expires_at - self._clock.now() < _RENEWED_BEFORE:
            key = self._key = self._accounts.add_temporary_key()
        return key


def _nothing_here(request: Request, body: bytes) -> Response:
    return PlainTextResponse("Not Found", 404)
