# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two calls of IAM that lead to IoTDA: a token for a password, and a project's ID for its name.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html and iam_06_0001.html
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .accounts import Accounts, Project, Token
from .answers import answer, iam_error, unknown_api
from .credentials import Gate
from .routing import Router
from .settings import Settings

_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_WRONG = "The username or password is wrong."


class Iam:
    """IAM of the region."""

    def __init__(self, gate: Gate, accounts: Accounts, settings: Settings) -> None:
        self._gate = gate
        self._accounts = accounts
        self._settings = settings
        self.router = Router(
            [("POST", "/v3/auth/tokens", self._log_in), ("GET", "/v3/projects", self._projects)], unknown_api
        )

    def _log_in(self, request: Request, body: bytes) -> Response:
        try:
            auth = json.loads(body)["auth"]
            identity = auth["identity"]
            user = identity["password"]["user"]
            given = user["name"], user["password"], user["domain"]["name"]
            by_password = "password" in identity["methods"]
        except (ValueError, KeyError, TypeError):
            return iam_error(400, "Bad Request", "The request body is invalid.")
        settings = self._settings
        if not by_password or given != (settings.username, settings.password, settings.domain_name):
            return iam_error(401, "Unauthorized", _WRONG)
        return self._issue((auth.get("scope") or {}).get("project"))

    def _issue(self, scope: dict[str, str] | None) -> Response:
        if not scope:
            return self._issued(None)
        for project in self._accounts.projects.values():
            wanted = scope["id"] == project.project_id if "id" in scope else scope.get("name") == project.name
            if wanted and project.enabled:
                return self._issued(project)
        return iam_error(404, "Not Found", "The project does not exist.")

    def _issued(self, project: Project | None) -> Response:
        token = self._accounts.issue_token(project.project_id if project else None)
        headers = {"X-Subject-Token": token.text}
        return answer(201, {"token": self._described(token, project)}, headers)

    def _described(self, token: Token, project: Project | None) -> dict[str, Any]:
        domain = {"id": self._accounts.domain_id, "name": self._settings.domain_name}
        described: dict[str, Any] = {
            "issued_at": _time(token.issued_at),
            "expires_at": _time(token.expires_at),
            "methods": ["password"],
            "roles": [{"id": "0", "name": "te_admin"}],
            "catalog": [],
            "user": {"id": self._accounts.user_id, "name": self._settings.username, "domain": domain},
        }
        if project:
            described["project"] = {"id": project.project_id, "name": project.name, "domain": domain}
        return described

    def _projects(self, request: Request, body: bytes) -> Response:
        self._gate.caller(request, body)
        name = request.query_params.get("name")
        projects = [self._shown(project) for project in self._accounts.projects_named(name)]
        return answer(200, {"projects": projects, "links": {"self": str(request.url), "next": None, "previous": None}})

    def _shown(self, project: Project) -> dict[str, Any]:
        return {
            "id": project.project_id,
            "name": project.name,
            "domain_id": self._accounts.domain_id,
            "parent_id": self._accounts.domain_id,
            "enabled": project.enabled,
            "is_domain": False,
            "description": "",
            "links": {},
        }


def _time(moment: datetime) -> str:
    return moment.strftime(_TIME)
