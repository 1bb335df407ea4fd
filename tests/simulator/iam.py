# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM: tokens for a password or an ID token, temporary access keys for a token or an agency, project IDs for names.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html, iam_04_0101.html, iam_04_0002.html
and iam_06_0001.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .accounts import Accounts, Key, Project, Token
from .authentication import Authenticator
from .clock import MICROSECOND_TIME
from .responses import error_response, iam_error, json_response, unknown_api
from .routing import Router
from .settings import Refusal, Settings

_WRONG = "The username or password is wrong."
_INVALID = "The request body is invalid."
_DURATION = (900, 86400)


class Iam:
    """IAM, the same for every region."""

    def __init__(self, authenticator: Authenticator, accounts: Accounts, settings: Settings) -> None:
        self._authenticator = authenticator
        self._accounts = accounts
        self._settings = settings
        self.router = Router(
            [
                ("POST", "/v3/auth/tokens", self._log_in),
                ("GET", "/v3/projects", self._projects),
                ("POST", "/v3.0/OS-AUTH/id-token/tokens", self._token_for_id_token),
                ("POST", "/v3.0/OS-CREDENTIAL/securitytokens", self._temporary_key),
            ],
            unknown_api,
        )

    def _log_in(self, request: Request, body: bytes) -> Response:
        try:
            auth = json.loads(body)["auth"]
            identity = auth["identity"]
            user = identity["password"]["user"]
            given = user["name"], user["password"], user["domain"]["name"]
            by_password = "password" in identity["methods"]
        except (ValueError, KeyError, TypeError):
            return iam_error(400, "Bad Request", _INVALID)
        settings = self._settings
        if not by_password or given != (settings.username, settings.password, settings.domain_name):
            return iam_error(401, "Unauthorized", _WRONG)
        user_described = {
            "id": self._accounts.user_id,
            "name": settings.username,
            "domain": self._domain(settings.domain_name),
            "password_expires_at": "",
        }
        return self._issue((auth.get("scope") or {}).get("project"), "password", user_described)

    def _token_for_id_token(self, request: Request, body: bytes) -> Response:
        provider = request.headers.get("X-Idp-Id")
        try:
            auth = json.loads(body)["auth"]
            text = auth["id_token"]["id"]
        except (ValueError, KeyError, TypeError):
            return error_response(Refusal(400, "IAM.0007", _INVALID))
        if provider != self._settings.identity_provider or not self._accounts.good_id_token(text):
            return error_response(Refusal(401, "IAM.0001", "The identity provider or the ID token is not valid."))
        federation = {
            "identity_provider": {"id": provider},
            "protocol": {"id": "oidc"},
            "groups": [{"id": "", "name": "federation_group"}],
        }
        user = {
            "id": self._accounts.user_id,
            "name": "FederationUser",
            "domain": self._domain(self._settings.domain_name),
            "OS-FEDERATION": federation,
        }
        return self._issue((auth.get("scope") or {}).get("project"), "mapped", user)

    def _issue(self, scope: Mapping[str, str] | None, method: str, user: Mapping[str, Any]) -> Response:
        project = self._scoped(scope) if scope else None
        if scope and project is None:
            return iam_error(404, "Not Found", "The project does not exist.")
        token = self._accounts.issue_token(project.project_id if project else None)
        described = self._described(token, project, method, user)
        return json_response(201, {"token": described}, {"X-Subject-Token": token.text})

    def _scoped(self, scope: Mapping[str, str]) -> Project | None:
        for project in self._accounts.projects_named(None, self._settings.domain_name):
            wanted = scope["id"] == project.project_id if "id" in scope else scope.get("name") == project.name
            if wanted and project.enabled:
                return project
        return None

    def _described(self, token: Token, project: Project | None, method: str, user: Mapping[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = {
            "issued_at": token.issued_at.strftime(MICROSECOND_TIME),
            "expires_at": token.expires_at.strftime(MICROSECOND_TIME),
            "methods": [method],
            "roles": [{"id": "0", "name": "te_admin"}],
            "catalog": [],
            "user": user,
        }
        domain = self._domain(self._settings.domain_name)
        if project:
            described["project"] = {"id": project.project_id, "name": project.name, "domain": domain}
        else:
            described["domain"] = domain
        return described

    def _domain(self, name: str) -> dict[str, str]:
        return {"id": self._accounts.domain_ids[name], "name": name}

    def _temporary_key(self, request: Request, body: bytes) -> Response:
        try:
            identity = json.loads(body)["auth"]["identity"]
            (method,) = identity["methods"]
            asked: Mapping[str, Any] = identity.get(method) or {}
            duration = asked.get("duration_seconds", _DURATION[0])
        except (ValueError, KeyError, TypeError, AttributeError):
            return error_response(Refusal(400, "IAM.0007", _INVALID))
        if not isinstance(duration, int) or isinstance(duration, bool) or not _DURATION[0] <= duration <= _DURATION[1]:
            return error_response(Refusal(400, "IAM.0007", "The duration_seconds is invalid."))
        if method == "token":
            return self._key_for_token(request, asked, duration)
        if method == "assume_role":
            return self._key_for_agency(request, body, asked, duration)
        return error_response(Refusal(400, "IAM.0007", "The methods are invalid."))

    def _key_for_token(self, request: Request, asked: Mapping[str, Any], duration: int) -> Response:
        token = self._authenticator.known_token(str(asked.get("id") or request.headers.get("X-Auth-Token", "")))
        if token is None:
            return error_response(Refusal(401, "IAM.0066", "The token has expired."))
        return json_response(
            201, {"credential": credential(self._accounts.add_temporary_key(duration, token.domain_name))}
        )

    def _key_for_agency(self, request: Request, body: bytes, asked: Mapping[str, Any], duration: int) -> Response:
        self._authenticator.authenticate(request, body)
        domain_name = asked.get("domain_name")
        if domain_name is None:
            ids = {domain_id: name for name, domain_id in self._accounts.domain_ids.items()}
            domain_name = ids.get(str(asked.get("domain_id")))
        agency = self._accounts.agencies.get((str(domain_name), str(asked.get("agency_name"))))
        if agency is None:
            return error_response(self._settings.unknown_agency)
        return json_response(
            201, {"credential": credential(self._accounts.add_temporary_key(duration, agency.domain_name))}
        )

    def _projects(self, request: Request, body: bytes) -> Response:
        caller = self._authenticator.authenticate(request, body)
        name = request.query_params.get("name")
        projects = [self._shown(project) for project in self._accounts.projects_named(name, caller.domain_name)]
        return json_response(200, {"projects": projects, "links": _links(str(request.url))})

    def _shown(self, project: Project) -> dict[str, Any]:
        domain_id = self._accounts.domain_ids[project.domain_name]
        return {
            "id": project.project_id,
            "name": project.name,
            "domain_id": domain_id,
            "parent_id": domain_id,
            "enabled": project.enabled,
            "is_domain": False,
            "description": "",
            "links": _links(f"/v3/projects/{project.project_id}"),
        }


def credential(key: Key) -> dict[str, str | None]:
    """Return a temporary key as IAM and the metadata service show it."""
    assert key.expires_at is not None
    return {
        "access": key.access,
        "secret": key.secret,
        "securitytoken": key.security_token,
        "expires_at": key.expires_at.strftime(MICROSECOND_TIME),
    }


def _links(own: str) -> dict[str, str | None]:
    return {"self": own, "next": None, "previous": None}
