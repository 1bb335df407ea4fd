# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options and credentials to authenticated access: region, endpoint, project, agency, and what IAM is asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from .._auth.credentials import (
    AccessKey,
    Agency,
    Password,
    ProviderContext,
    ResolvedCredentials,
    Token,
    check_value,
    names_of,
    secrets_of,
)
from .._auth.signer import AccessKeyAuth, Scope, TokenAuth
from .._core.errors import ConfigurationError
from .._core.redaction import Redactor
from .._core.runtime import Cancellation
from .._http import addresses
from .._http.client import HttpClient, HttpConfig
from .._http.messages import Auth
from .options import ResolvedEndpoints, check_project_id, iam_url

if TYPE_CHECKING:
    from .._auth.iam import IamClient
    from .._auth.signer import Keys

_STS_ENDPOINT = "HUAWEICLOUD_SDK_STS_ENDPOINT"
_STS_DEFAULT_REGION = "cn-north-4"  # as for the SDK


class Account:
    """Who acts, and where: the credentials, region and project, and what IAM and STS are asked for them.

    ``context`` holds the options, ``endpoints`` what they say about hosts, ``resolved`` the credentials. Nothing is
    sent when it is made. ``region`` is used where a request names no other. Each secret is added to ``redactor``.
    Raises ConfigurationError for what is contradictory. Thread-safe.
    """

    def __init__(
        self,
        context: ProviderContext,
        resolved: ResolvedCredentials,
        redactor: Redactor,
        endpoints: ResolvedEndpoints,
    ) -> None:
        for secret in secrets_of(resolved.credentials):
            redactor.add(secret)
        self._context = context
        self._resolved = resolved
        self.region = _region(context, resolved, endpoints.url)
        self._agency = _agency(context, resolved)
        self._iam_url = endpoints.iam_url or iam_url(context.options, resolved.iam_endpoint)
        self._keys: Keys | None = None
        self._obtaining = threading.Lock()
        self.source = resolved.source + (f", agency {self._agency.name}" if self._agency else "")

    def names(self) -> list[Any]:
        """Return what tells this account, and the services that know it, from others; it must not be shown."""
        found = [*names_of(self._resolved.credentials), *(self._agency or ())]
        return [*found, self._iam_url, self._context.environ.get(_STS_ENDPOINT), self.region]

    def project(self) -> tuple[str | None, str | None]:
        """Return the ID or the name of the project, whichever counts, or neither.

        An option comes before a variable, and before what the place of the credentials says. The project of keys that
        are only exchanged for those of an agency is not the agency's.
        """
        context, resolved = self._context, self._resolved
        options = [(name, context.options.get(name)) for name in ("project_id", "project_name")]
        explicit = [(name, value) for name, value in options if context.is_option(name)]
        variables = [(name, value) for name, value in options if not context.is_option(name)]
        own = [("project_id", None if context.options.get("agency_name") else resolved.project_id)]
        order = [*explicit, *own, *variables] if resolved.by_option else [*explicit, *variables, *own]
        name, value = next(((name, value) for name, value in order if value), ("project_id", None))
        if name == "project_id":
            return value, None
        check_value(str(value), context.origin(name))
        return None, value

    def authenticate(
        self,
        http: HttpClient,
        project_id: str | None,
        name: Callable[[str], str],
        region: str | None = None,
        scope: Scope | None = None,
    ) -> tuple[str, Auth]:
        """Return the ID of the project, and what authenticates requests for it, with a derived key if ``scope`` is set.

        Unless ``project_id`` is known, it is looked up by the name that ``name`` returns when told what needs it.
        Raises ConfigurationError and IamError.
        """
        if isinstance(self._resolved.credentials, Password):
            login = {"id": project_id} if project_id else {"name": name("The project of the login")}
            auth, issued_for = self._iam(http, region).log_in(self._resolved.credentials, login)
            project_id = project_id or (check_project_id(issued_for) if issued_for else None)
        else:
            # The signature for IAM is a standard one, also for an instance with derived signing.
            auth = self._auth(http)
        if project_id is None:
            wanted = name("The project lookup without project_id")
            project_id = check_project_id(self._iam(http, region).project_id(auth, wanted))
        return project_id, self._auth(http, scope, project_id) if self.signs() else auth

    def projects(self, http: HttpClient, name: Callable[[], str]) -> list[Mapping[str, Any]]:
        """Return all projects of the account; ``name`` returns the project to log in to, which a password needs."""
        credentials = self._resolved.credentials
        if isinstance(credentials, Password):
            auth = self._iam(http).log_in(credentials, {"name": name()})[0]
        else:
            auth = self._auth(http)
        return self._iam(http).projects(auth)

    def signs(self) -> bool:
        """Whether requests are signed by keys."""
        return not isinstance(self._resolved.credentials, (Token, Password))

    def _auth(self, http: HttpClient, scope: Scope | None = None, project_id: str | None = None) -> Auth:
        """Return what authenticates without a login; keys that have to be obtained are obtained once."""
        credentials = self._resolved.credentials
        if isinstance(credentials, Token):
            return TokenAuth(credentials.auth_token)
        if isinstance(credentials, AccessKey) and self._agency is None:
            return AccessKeyAuth(credentials, scope, project_id)
        if isinstance(credentials, Password):
            raise TypeError("a password needs a login")
        from .._auth.exchanges import KeyServices, obtain_keys

        with self._obtaining:
            if self._keys is None:
                services = KeyServices(http, self._iam_base, self._sts_base)
                self._keys = obtain_keys(credentials, self._agency, services)
        return AccessKeyAuth(self._keys, scope, project_id)

    def _iam(self, http: HttpClient, region: str | None = None) -> IamClient:
        from .._auth.iam import IamClient

        return IamClient(http, self._iam_base(region))

    def _iam_base(self, region: str | None = None) -> str:
        if self._iam_url:
            return self._iam_url
        chosen = region or self.region
        if not chosen:
            raise ConfigurationError("Cannot determine the IAM endpoint: set region or iam_endpoint")
        return addresses.default_url("iam", chosen)

    def _sts_base(self) -> str:
        """Return the base URL of STS: that of a variable, else that of the region, else the SDK's default."""
        given = self._context.environ.get(_STS_ENDPOINT)
        if given:
            return addresses.base_url(given, _STS_ENDPOINT, not self._context.options["validate_certs"])
        return addresses.default_url("sts", self.region or _STS_DEFAULT_REGION)


class Connection:
    """Access to the instance that the options of a module name, and what is known of it by then.

    Made of the same as an Account. Raises ConfigurationError for what is missing or contradictory.
    """

    def __init__(
        self,
        context: ProviderContext,
        endpoints: ResolvedEndpoints,
        resolved: ResolvedCredentials,
        redactor: Redactor,
        cancellation: Cancellation | None = None,
    ) -> None:
        self._signing = context.options["signing"]
        self._account = Account(context, resolved, redactor, endpoints)
        self.url = endpoints.url or self._default_url()
        self.project_id: str | None = None
        self.source = self._account.source
        self.http = HttpClient(http_config(context.options), redactor=redactor, cancellation=cancellation)

    def open(self) -> tuple[str, Auth]:
        """Return the project's ID and what authenticates; this sends only what credentials and project lookup need.

        Raises ConfigurationError and IamError.
        """
        given, name = self._account.project()
        self.project_id = check_project_id(given) if given else None
        found = self._account.authenticate(
            self.http, self.project_id, lambda purpose: name or self._region_for(purpose), scope=self._scope()
        )
        self.project_id = found[0]
        return found

    def _default_url(self) -> str:
        if self._account.region is None:
            raise ConfigurationError(
                "Neither region nor endpoint is given; set region, or endpoint for an instance's own host"
            )
        return addresses.default_url("iotda", self._account.region)

    def _region_for(self, purpose: str) -> str:
        if self._account.region is None:
            raise ConfigurationError(f"{purpose} needs a region, which the endpoint does not contain; set region")
        return self._account.region

    def _scope(self) -> Scope | None:
        if self._signing == "standard" or (self._signing == "auto" and not addresses.is_instance_host(self.url)):
            return None
        return Scope(self._region_for("The derived signature")) if self._account.signs() else None


def http_config(options: Mapping[str, Any]) -> HttpConfig:
    """Return the configuration of HTTP that the connection options ask for."""
    verify: bool | str = (options.get("ca_path") or True) if options["validate_certs"] else False
    return HttpConfig(options["timeout"], options["retry_timeout"], verify, options.get("concurrency") or 1)


def _region(context: ProviderContext, resolved: ResolvedCredentials, url: str | None) -> str | None:
    """Return the region: that of the host of ``url`` before all else, since a request can go nowhere else.

    Then that of an option, of the place of the credentials if an option named it, or of a variable.
    """
    given = context.options.get("region") or resolved.region
    if resolved.by_option and resolved.region and not context.is_option("region"):
        given = resolved.region
    of_host = addresses.region_of(url) if url else None
    if of_host and resolved.by_option and given == resolved.region and given not in (None, of_host):
        variable = context.from_environment.get("endpoint")
        if variable:
            raise ConfigurationError(
                f"{resolved.source} is for the region {given}, but the environment variable {variable} names {url}, "
                f"which is in {of_host}; set endpoint as an option, or unset the variable"
            )
    named = of_host or given
    return addresses.check_region(named) if named else None


def _agency(context: ProviderContext, resolved: ResolvedCredentials) -> Agency | None:
    """Return the agency whose keys are to be used; raises ConfigurationError if it cannot be used."""
    name, domain_name = (context.options.get(option) for option in ("agency_name", "agency_domain_name"))
    if not name and not domain_name:
        return resolved.agency
    if not name or not domain_name:
        given, missing = ("agency_name", "agency_domain_name") if name else ("agency_domain_name", "agency_name")
        raise ConfigurationError(f"{context.origin(given)} is given without {missing}; give both, or neither")
    for option, value in (("agency_name", name), ("agency_domain_name", domain_name)):
        check_value(value, context.origin(option))
    if isinstance(resolved.credentials, (Token, Password)):
        kind = "a token" if isinstance(resolved.credentials, Token) else "a password"
        raise ConfigurationError(
            f"{context.origin('agency_name')} needs access keys, which are exchanged for agency keys, but the "
            f"credentials from {resolved.source} are {kind}; give access_key and secret_key, or leave out the agency"
        )
    if resolved.agency:
        raise ConfigurationError(
            f"{context.origin('agency_name')} is given, but an agency also comes from {resolved.source}; "
            "use one of them"
        )
    return Agency(name, domain_name)
