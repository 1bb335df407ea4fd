# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls of IAM: a token for a password, with which a login authenticates, and the ID of a project.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html and
https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._core.errors import ConfigurationError, IamOperation
from .._http.client import HttpClient
from .._http.messages import Auth, Request, Response
from .credentials import HEADER_TEXT, Password
from .refresh import Issued, RefreshableSecret, failing_as, seconds_until
from .signer import TokenAuth


@dataclass(frozen=True)
class IssuedToken(Issued[str]):
    """A token that IAM issued, and the project that it is for."""

    project_id: str | None = None


class IamClient:
    """IAM at one endpoint. Its calls raise IamError. Thread-safe."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url

    def log_in(self, login: Password, project: Mapping[str, str]) -> tuple[Auth, str | None]:
        """Return the Auth with a token for ``project``, and the project ID that IAM returned."""

        def issue() -> IssuedToken:
            issued = self.issue_token(login, project)
            self._http.redactor.add(issued.value)
            return issued

        first = issue()
        return TokenAuth(RefreshableSecret(issue, first)), first.project_id

    def issue_token(self, login: Password, project: Mapping[str, str]) -> IssuedToken:
        """Return a token (201) for ``project``, named by its ``id`` or its ``name``."""
        user = {"name": login.username, "password": login.password, "domain": {"name": login.domain_name}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": dict(project)}}}
        request = Request("POST", f"{self._url}/v3/auth/tokens", Auth(), (("nocatalog", "true"),), body=body)
        with failing_as(IamOperation.LOGIN):
            response = self._http.send(request)
            return _issued(response, response.json_object(self._url, (201,)), self._url)

    def project_id(self, auth: Auth, name: str) -> str:
        """Return the ID of the project named ``name``; raise ConfigurationError if there is none, or several."""
        matching = [str(project["id"]) for project in self.projects(auth, name) if project.get("name") == name]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise ConfigurationError(
                f"IAM has {len(matching)} projects named {name} ({', '.join(matching)}); set project_id"
            )
        raise ConfigurationError(
            f"IAM has no project named {name} for these credentials; check region or project_name, or set project_id"
        )

    def projects(self, auth: Auth, name: str | None = None) -> list[Mapping[str, Any]]:
        """Return the projects of the account, or those that IAM finds by ``name``; each has an ``id``."""
        query = () if name is None else (("name", name),)
        with failing_as(IamOperation.LOOKUP):
            response = self._http.send(Request("GET", f"{self._url}/v3/projects", auth, query))
            found = response.json_object(self._url, (200,)).get("projects")
            if not isinstance(found, list):
                raise response.malformed(self._url, "no list of projects")
        return [project for project in found if isinstance(project, dict) and isinstance(project.get("id"), str)]


def _issued(response: Response, content: Mapping[str, Any], url: str) -> IssuedToken:
    token = response.headers.get("X-Subject-Token", "")
    if not HEADER_TEXT.match(token):
        raise response.malformed(url, "no usable X-Subject-Token")
    described = content.get("token")
    described = described if isinstance(described, dict) else {}
    project = described.get("project")
    project_id = project.get("id") if isinstance(project, dict) else None
    lifetime = seconds_until(described.get("expires_at"), response)
    return IssuedToken(token, lifetime, project_id if isinstance(project_id, str) else None)
