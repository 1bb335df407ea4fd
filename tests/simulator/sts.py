# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys for workloads: STS for an OpenID Connect token, and the pod identity agent of CCE.

Neither is in the public API description: the requests are those of huaweicloudsdkcore 3.1.219 (``auth/internal.py``),
and everything that is not as it sends it is refused.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .accounts import Accounts, Key
from .clock import MICROSECOND_TIME
from .iam import credential
from .responses import error_response, json_response, unknown_api
from .routing import Router
from .settings import Refusal, Settings

POD_PATH = "/v1/pod-identity/credentials"
STS_PATH = "/v5/agencies/"
_REQUIRED = {
    "provider_urn": str,
    "agency_urn": str,
    "agency_session_name": str,
    "id_token": str,
    "duration_seconds": int,
}
_OPTIONAL = {"policy": str, "policy_ids": list}
_DURATION = (900, 43200)


class Sts:
    """STS of a region."""

    def __init__(self, accounts: Accounts, settings: Settings) -> None:
        self._accounts = accounts
        self._settings = settings
        self.router = Router([("POST", "/v5/agencies/assume-with-oidc", self._assume)], unknown_api)

    def _assume(self, request: Request, body: bytes) -> Response:
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        problem = _problem(asked)
        if problem:
            return error_response(Refusal(400, "STS.0001", problem))
        settings = self._settings
        if (asked["provider_urn"], asked["agency_urn"]) != (settings.oidc_provider_urn, settings.oidc_agency_urn):
            return error_response(Refusal(403, "STS.0003", "The agency does not trust this identity provider."))
        if not self._accounts.good_id_token(asked["id_token"]):
            return error_response(Refusal(401, "STS.0002", "The ID token is not valid."))
        key = self._accounts.add_temporary_key(asked["duration_seconds"])
        return json_response(201 if settings.sts_created else 200, {"credentials": _long_names(key)})


class PodIdentity:
    """The agent that a pod asks for its keys; ``token`` is what the file of the pod holds."""

    def __init__(self, accounts: Accounts) -> None:
        self.token = f"eyJhbGciOiJSUzI1NiJ9.{secrets.token_urlsafe(60)}"
        """What the file of the pod holds. A test may change it, as the kubelet does."""
        self.lifetime = 3600.0
        """Seconds that a key lives."""
        self._accounts = accounts
        self.router = Router([("POST", POD_PATH, self._credentials)], unknown_api)

    def _credentials(self, request: Request, body: bytes) -> Response:
        if request.headers.get("Authorization") != self.token:
            return error_response(Refusal(401, "POD.0001", "The token is not valid."))
        if body != b"{}" or not request.headers.get("Content-Type", "").startswith("application/json"):
            return error_response(Refusal(400, "POD.0002", "The body must be {}."))
        return json_response(200, {"credential": credential(self._accounts.add_temporary_key(self.lifetime))})


def _problem(asked: Any) -> str | None:
    if not isinstance(asked, dict):
        return "The request body is invalid."
    known = {**_REQUIRED, **_OPTIONAL}
    for name in _REQUIRED:
        if not asked.get(name):
            return f"{name} is missing."
    for name, value in asked.items():
        if name not in known:
            return f"{name} is unknown."
        if not isinstance(value, known[name]) or isinstance(value, bool):
            return f"{name} is invalid."
    if not _DURATION[0] <= asked["duration_seconds"] <= _DURATION[1]:
        return "duration_seconds is invalid."
    return None


def _long_names(key: Key) -> dict[str, str | None]:
    assert key.expires_at is not None
    return {
        "access_key_id": key.access,
        "secret_access_key": key.secret,
        "security_token": key.security_token,
        "expiration": key.expires_at.strftime(MICROSECOND_TIME),
    }
