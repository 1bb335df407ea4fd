# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a client of one instance from options and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._auth.authenticator import key_auth, obtain_keys
from .._auth.credentials import Password, ProviderContext, ResolvedCredentials, Token, secrets_of
from .._auth.signer import Scope
from .._batch_tasks.api import BatchTaskClient, InstanceTarget
from .._core.errors import ConfigurationError
from .._core.redaction import Redactor
from .._core.runtime import Cancellation
from .._http import addresses
from .._http.client import HttpClient, HttpConfig
from .._http.messages import Auth
from .account import preferred_agency, preferred_project, preferred_region, sts_url
from .endpoints import ResolvedEndpoints, iam_url
from .validation import check_project_id

if TYPE_CHECKING:
    from .._auth.temporary_keys import KeyServices


class ClientFactory:
    """Makes a client for one instance, and tells what is known of it by then.

    ``context`` holds the options, ``endpoints`` what they say about hosts, ``resolved`` the credentials. Each secret
    is added to ``redactor``. Raises ConfigurationError for what is missing or contradictory.
    """

    def __init__(
        self,
        context: ProviderContext,
        endpoints: ResolvedEndpoints,
        resolved: ResolvedCredentials,
        redactor: Redactor,
        cancellation: Cancellation | None = None,
    ) -> None:
        for secret in secrets_of(resolved.credentials):
            redactor.add(secret)
        self._context = context
        self._options = context.options
        self._resolved = resolved
        self._redactor = redactor
        self._agency = preferred_agency(context, resolved)
        self._region = self._effective_region(endpoints.url)
        self.url = endpoints.url or self._default_url()
        self.project_id: str | None = None
        self.source = resolved.source + (f", agency {self._agency.name}" if self._agency else "")
        self._iam_url = endpoints.iam_url or iam_url(self._options, resolved.iam_endpoint)
        self._http = HttpClient(http_config(self._options), redactor=redactor, cancellation=cancellation)

    def client(self) -> BatchTaskClient:
        """Return a client; this sends only what the credentials and the project lookup need.

        Raises ConfigurationError and IamError.
        """
        given, name = preferred_project(self._context, self._resolved)
        self.project_id = check_project_id(given) if given else None
        auth = self._auth(name)
        target = InstanceTarget(self.url, str(self.project_id), self._options.get("instance_id") or None)
        return BatchTaskClient(self._http, target, auth)

    def _auth(self, project_name: str | None) -> Auth:
        """Return what authenticates requests to the instance, and find the project on the way."""
        credentials = self._resolved.credentials
        if isinstance(credentials, Password):
            return self._log_in(credentials, project_name)
        if isinstance(credentials, Token):
            from .._auth.token import TokenAuth

            token = TokenAuth(credentials.auth_token)
            self._find_project(token, project_name)
            return token
        scope = self._scope()
        keys = obtain_keys(credentials, self._agency, self._services())
        self._find_project(key_auth(keys), project_name)
        return key_auth(keys, scope, self.project_id)

    def _log_in(self, login: Password, project_name: str | None) -> Auth:
        from .._auth.authenticator import log_in
        from .._auth.iam import IamClient

        project = (
            {"id": self.project_id}
            if self.project_id
            else {"name": project_name or self._region_for("The project of the login")}
        )
        auth, project_id = log_in(IamClient(self._http, self._iam()), login, project, self._redactor.add)
        self.project_id = self.project_id or (check_project_id(project_id) if project_id else None)
        self._find_project(auth, project_name)
        return auth

    def _find_project(self, auth: Auth, name: str | None) -> None:
        """Look up the ID of the project, unless it is known, by its name or that of the region."""
        if self.project_id is not None:
            return
        from .._auth.iam import IamClient

        name = name or self._region_for("The project lookup without project_id")
        # The signature for IAM is a standard one, also for an instance with derived signing.
        self.project_id = check_project_id(IamClient(self._http, self._iam()).project_id(auth, name))

    def _services(self) -> KeyServices:
        from .._auth.temporary_keys import KeyServices

        return KeyServices(self._http, self._iam, self._sts, self._redactor.add)

    def _iam(self) -> str:
        if self._iam_url:
            return self._iam_url
        if self._region is None:
            raise ConfigurationError("Cannot determine the IAM endpoint: set region or iam_endpoint")
        return addresses.default_url("iam", self._region)

    def _sts(self) -> str:
        return sts_url(self._context, self._region)

    def _effective_region(self, url: str | None) -> str | None:
        """Return the region: that of the endpoint's host before all else, since a request can go nowhere else."""
        given = preferred_region(self._context, self._resolved)
        of_host = addresses.region_of(url) if url else None
        if of_host and self._resolved.by_option and given == self._resolved.region and given not in (None, of_host):
            variable = self._context.from_environment.get("endpoint")
            if variable:
                raise ConfigurationError(
                    f"{self._resolved.source} is for the region {given}, but the environment variable {variable} names "
                    f"{url}, which is in {of_host}; set endpoint as an option, or unset the variable"
                )
        named = of_host or given
        return addresses.check_region(named) if named else None

    def _default_url(self) -> str:
        if self._region is None:
            raise ConfigurationError(
                "Neither region nor endpoint is given; set region, or endpoint for an instance's own host"
            )
        return addresses.default_url("iotda", self._region)

    def _region_for(self, purpose: str) -> str:
        if self._region is None:
            raise ConfigurationError(f"{purpose} needs a region, which the endpoint does not contain; set region")
        return self._region

    def _scope(self) -> Scope | None:
        signing = self._options["signing"]
        if signing == "standard" or (signing == "auto" and not addresses.is_instance_host(self.url)):
            return None
        return Scope(self._region_for("The derived signature"))


def http_config(options: Mapping[str, Any]) -> HttpConfig:
    """Return the configuration of HTTP that the connection options ask for."""
    verify: bool | str = (options.get("ca_path") or True) if options["validate_certs"] else False
    return HttpConfig(options["timeout"], options["retry_timeout"], verify, options.get("concurrency") or 1)
