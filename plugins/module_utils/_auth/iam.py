# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls of IAM: a token for a password, with which a login authenticates, and the ID of a project.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html and
https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, TypeVar

from .._core.errors import CancelledError, ConfigurationError, IamError, IamOperation, RequestError
from .._http.client import HttpClient
from .._http.messages import Auth, Request, Response
from .credentials import HEADER_TEXT, Password
from .refresh import Issued, RefreshableSecret, RefreshingTokenAuth, seconds_until

_Read = TypeVar("_Read")


@dataclass(frozen=True)
class IssuedToken:
    """A token that IAM issued, and the project that it is for. ``lifetime`` is in seconds, None if it is not known."""

    token: str = field(repr=False)
    project_id: str | None
    lifetime: float | None = None


class IamClient:
    """IAM at one endpoint. Both calls raise IamError. Thread-safe."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url

    def issue_token(self, login: Password, project: Mapping[str, str]) -> IssuedToken:
        """Return a token (201) for ``project``, named by its ``id`` or its ``name``."""
        user = {"name": login.username, "password": login.password, "domain": {"name": login.domain_name}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": dict(project)}}}
        request = Request("POST", f"{self._url}/v3/auth/tokens", Auth(), (("nocatalog", "true"),), body=body)
        return self._send(IamOperation.LOGIN, request, 201, _issued)

    def project_id(self, auth: Auth, name: str) -> str:
        """Return the ID of the project named ``name``; raise ConfigurationError if there is none, or several."""
        request = Request("GET", f"{self._url}/v3/projects", auth, (("name", name),))
        found = self._send(IamOperation.LOOKUP, request, 200, _projects)
        matching = [str(project["id"]) for project in found if project.get("name") == name]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise ConfigurationError(
                f"IAM has {len(matching)} projects named {name} ({', '.join(matching)}); set project_id"
            )
        raise ConfigurationError(
            f"IAM has no project named {name} for these credentials; check region or project_name, or set project_id"
        )

    def projects(self, auth: Auth) -> list[Mapping[str, Any]]:
        """Return all projects of the account, as IAM shows them; each has an ``id``."""
        return self._send(IamOperation.LOOKUP, Request("GET", f"{self._url}/v3/projects", auth), 200, _projects)

    def _send(
        self,
        operation: IamOperation,
        request: Request,
        status: int,
        read: Callable[[Response, Mapping[str, Any], str], _Read],
    ) -> _Read:
        try:
            response = self._http.send(request)
            return read(response, response.json_object(self._url, (status,)), self._url)
        except CancelledError:
            raise
        except RequestError as error:
            raise IamError(operation, error) from None


def log_in(
    iam: IamClient, login: Password, project: Mapping[str, str], redact: Callable[[str], None]
) -> tuple[RefreshingTokenAuth, str | None]:
    """Return the Auth with a token for ``project``, and the project ID that IAM returned; raises IamError."""

    def issue() -> IssuedToken:
        issued = iam.issue_token(login, project)
        redact(issued.token)
        return issued

    def secret(issued: IssuedToken) -> Issued[str]:
        return Issued(issued.token, issued.lifetime)

    first = issue()
    return RefreshingTokenAuth(RefreshableSecret(lambda: secret(issue()), secret(first))), first.project_id


def _issued(response: Response, content: Mapping[str, Any], url: str) -> IssuedToken:
    token = response.headers.get("X-Subject-Token", "")
    if not HEADER_TEXT.match(token):
        raise response.malformed(url, "no usable X-Subject-Token")
    described = content.get("token")
    described = described if isinstance(described, dict) else {}
    project = described.get("project")
    project_id = project.get("id") if isinstance(project, dict) else None
    lifetime = seconds_until(described.get("expires_at"), response)
    return IssuedToken(token, project_id if isinstance(project_id, str) else None, lifetime)


def _projects(response: Response, content: Mapping[str, Any], url: str) -> list[Mapping[str, Any]]:
    projects = content.get("projects")
    if not isinstance(projects, list):
        raise response.malformed(url, "no list of projects")
    return [project for project in projects if isinstance(project, dict) and isinstance(project.get("id"), str)]
