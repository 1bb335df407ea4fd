# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication and authorization: tokens, signatures, security tokens, projects, permissions.

Errors of the gateway: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from . import signatures
from .accounts import Accounts, Key, Token
from .clock import Clock
from .responses import error_response, gateway_error
from .settings import Refusal, Settings
from .signatures import BadSignature, Signed

INCORRECT = "Incorrect IAM authentication information: "


class Refused(Exception):
    """The request is refused with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@dataclass(frozen=True)
class Caller:
    """Who it is; ``project_id`` is the one a token is for, None for keys and for tokens without a project."""

    by_token: bool
    domain_name: str
    project_id: str | None


class Authenticator:
    """Authenticates requests. A dedicated instance asks for derived signing, and has error codes of its own."""

    def __init__(
        self,
        accounts: Accounts,
        settings: Settings,
        clock: Clock,
        denied: Mapping[str, str | None],
        dedicated: bool = False,
        region: str | None = None,
    ) -> None:
        """``denied``: actions, with the error code to refuse them by (None: the usual one).

        ``region``: that of derived signing; None: the simulator's.
        """
        self._accounts = accounts
        self._settings = settings
        self._clock = clock
        self._denied = denied
        self._dedicated = dedicated
        self._region = region or settings.region

    def authenticate(self, request: Request, body: bytes) -> Caller:
        """Return who sends ``request``. Raises Refused (401)."""
        text = request.headers.get("X-Auth-Token")
        if text is not None:
            token = self._token(text)
            return Caller(True, token.domain_name or self._settings.domain_name, token.project_id)
        authorization = request.headers.get("Authorization")
        if authorization is None:
            raise self._unauthorized(f"{INCORRECT}x-auth-token not found")
        try:
            key = self._check_signature(request, body, authorization)
        except BadSignature as error:
            raise self._unauthorized(f"{INCORRECT}{error}") from None
        return Caller(False, key.domain_name or self._settings.domain_name, None)

    def check_project(self, caller: Caller, project_id: str, request: Request) -> None:
        """Check that the caller may work in the project of the path. Raises Refused (403)."""
        project = self._accounts.projects.get(project_id)
        foreign = project is None or project.domain_name != caller.domain_name
        if project is None or foreign or (caller.by_token and caller.project_id != project_id):
            raise self._forbidden("APIGW.0302", "The user is not authorized for the project.")
        named = request.headers.get("X-Project-Id", project_id)
        if self._settings.project_header_must_match and named != project_id:
            raise self._forbidden("APIGW.0302", "X-Project-Id is not the project of the path.")
        if not project.enabled:
            raise self._forbidden("APIGW.0310", "The project is unavailable.")

    def check_permission(self, action: str) -> None:
        """Check that ``action`` (``delete``, ``list`` ...) is not denied. Raises Refused (403)."""
        if action in self._denied:
            message = f"Policy doesn't allow iotda:batchtasks:{action} to be performed."
            raise self._forbidden("APIGW.0302", message, self._denied[action])

    def known_token(self, text: str) -> Token | None:
        """Return a token that IAM gave out and that has not expired."""
        token = self._accounts.tokens.get(text)
        return token if token is not None and token.expires_at > self._clock.now() else None

    def _token(self, text: str) -> Token:
        token = self._accounts.tokens.get(text)
        if token is None:
            raise self._unauthorized(f"{INCORRECT}decrypt token fail")
        if token.expires_at <= self._clock.now():
            raise self._unauthorized("The token must be updated.", "APIGW.0307")
        return token

    def _check_signature(self, request: Request, body: bytes, authorization: str) -> Key:
        signed = signatures.read(authorization)
        self._check_algorithm(request, signed)
        key = self._key(request, signed)
        now = self._clock.signing_time()
        signatures.verify(request, body, signed, key, now, self._settings.signature_skew)
        return key

    def _check_algorithm(self, request: Request, signed: Signed) -> None:
        if signed.derived:
            if not self._dedicated and not self._settings.shared_accepts_derived:
                raise BadSignature("Unauthorized")
            date = request.headers.get("X-Sdk-Date", "")
            signatures.check_scope(signed, date, self._region)
        elif self._dedicated:
            raise BadSignature("Unauthorized")

    def _key(self, request: Request, signed: Signed) -> Key:
        key = self._accounts.keys.get(signed.access)
        if key is None:
            raise BadSignature(f"Get secretKey failed,ak:{signed.access}")
        if request.headers.get("X-Security-Token") != key.security_token:
            raise BadSignature("the security token is missing or wrong")
        if key.expires_at is not None and key.expires_at <= self._clock.now():
            raise BadSignature("the security token has expired")
        return key

    def _unauthorized(self, message: str, code: str = "APIGW.0301") -> Refused:
        if self._dedicated:
            return Refused(error_response(Refusal(401, "IOTDA.000002", "Authentication failed.")))
        return Refused(gateway_error(401, code, message))

    def _forbidden(self, code: str, message: str, wanted: str | None = None) -> Refused:
        code = wanted or ("IOTDA.000022" if self._dedicated else code)
        if code.startswith("IOTDA."):
            return Refused(error_response(Refusal(403, code, message)))
        return Refused(gateway_error(403, code, message))
