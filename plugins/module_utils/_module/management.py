# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes clients of instance management from options, one for each region, without AnsibleModule."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from .._auth.authenticator import key_auth, log_in, obtain_keys
from .._auth.credentials import AccessKey, KeyIssuer, Password, ProviderContext, Token, secrets_of
from .._auth.iam import IamClient
from .._auth.provider_chain import resolve
from .._auth.temporary_keys import KeyServices
from .._auth.token import TokenAuth
from .._core.errors import ConfigurationError
from .._core.redaction import Redactor
from .._http import addresses
from .._http.client import HttpClient
from .._http.messages import Auth
from .._instances.api import InstanceClient
from .._instances.discovery import CONCURRENCY
from .account import preferred_agency, preferred_project, preferred_region, sts_url
from .client_factory import http_config
from .endpoints import iam_url
from .validation import check_project_id, validate_options

if TYPE_CHECKING:
    from .._auth.authenticator import Keys

ALL = "all"
DEFAULT_ENDPOINT = "https://iotda-mgmt.{region}.myhuaweicloud.com"
# Of the official SDK, huaweicloudsdkiotdm. In other regions, there may be no such host.
KNOWN_REGIONS = frozenset(
    (
        "af-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "cn-east-3",
        "cn-north-4",
        "cn-south-1",
        "cn-south-4",
        "la-south-2",
        "me-east-1",
        "ru-moscow-1",
    )
)
# A project of a region bears its name; others of the region have an underscore and more behind it.
_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+\Z")
# A gateway may serve several regions at one host.
_WITH_PATH = re.compile(r"((?:https?://)?[^/?#]+)((?:/[A-Za-z0-9_-]+)+)/?\Z")


class Management:
    """Instance management of an account. Sends nothing when it is made. Raises ConfigurationError and IamError."""

    def __init__(self, context: ProviderContext, redactor: Redactor) -> None:
        options = context.options
        self._context = context
        self._options = options
        self._redactor = redactor
        iam = validate_options({**options, "endpoint": None}).iam_url
        self._resolved = resolve(context)
        for secret in secrets_of(self._resolved.credentials):
            redactor.add(secret)
        self._agency = preferred_agency(context, self._resolved)
        self._iam_url = iam or iam_url(options, self._resolved.iam_endpoint)
        self.own_region = preferred_region(context, self._resolved)
        self._projects: dict[str, str] = {}
        self._keys: Keys | None = None
        self._obtaining = threading.Lock()

    def regions(self, named: Sequence[str] | None) -> list[str]:
        """Return the regions to read: those ``named``, the connection's own (None), or ``all`` that IAM knows."""
        if named is None:
            return [self._own("Neither regions nor region is given; set one of them")]
        if ALL not in named:
            regions = [addresses.check_region(region) for region in dict.fromkeys(named)]
            if len(regions) == 1:
                self.own_region = self.own_region or regions[0]
            return regions
        if len(named) > 1:
            raise ConfigurationError(f"regions must be {ALL} or names of regions, not both")
        self._projects = self._projects_by_region()
        return sorted(self._projects)

    def client(self, region: str) -> InstanceClient:
        """Return a client for ``region``, whose project is looked up unless it is known."""
        url = self._management_url(region)
        http = self._http(region)
        project_id, auth = self._project_and_auth(http, region)
        return InstanceClient(http, url, project_id, auth)

    def check(self, regions: Collection[str]) -> None:
        """Raise ConfigurationError unless each of ``regions`` has a usable address."""
        for region in regions:
            self._management_url(region)

    def is_absent(self, region: str) -> bool:
        """Whether ``region``, which is one of all regions, may have no instance management at all."""
        return region in self._projects and region not in KNOWN_REGIONS

    def _management_url(self, region: str) -> str:
        template = self._options.get("management_endpoint") or DEFAULT_ENDPOINT
        address = template.replace("{region}", region).strip()
        with_path = _WITH_PATH.match(address)
        host, path = with_path.groups() if with_path else (address, "")
        return addresses.base_url(host, "management_endpoint", not self._options["validate_certs"]) + path

    def _http(self, region: str) -> HttpClient:
        options = self._options
        # A proxy's refusal of a host that does not exist would be repeated for as long as this.
        retry_timeout = 0.0 if self.is_absent(region) else options["retry_timeout"]
        config = http_config(options)._replace(retry_timeout=retry_timeout, connections=CONCURRENCY)
        return HttpClient(config, redactor=self._redactor)

    def _own(self, problem: str) -> str:
        if not self.own_region:
            raise ConfigurationError(problem)
        return addresses.check_region(self.own_region)

    def _iam(self, http: HttpClient, region: str | None = None) -> IamClient:
        return IamClient(http, self._iam_base(region))

    def _iam_base(self, region: str | None = None) -> str:
        if self._iam_url:
            return self._iam_url
        return addresses.default_url(
            "iam", region or self._own("Cannot determine the IAM endpoint: set region or iam_endpoint")
        )

    def _projects_by_region(self) -> dict[str, str]:
        http = self._http("")
        iam = self._iam(http)
        credentials = self._resolved.credentials
        if isinstance(credentials, Password):
            project = {"name": self._own(f"regions is {ALL}, but the login needs a region; set region")}
            auth: Auth = log_in(iam, credentials, project, self._redactor.add)[0]
        else:
            auth = self._auth(credentials, None)
        return {
            project["name"]: check_project_id(project["id"])
            for project in iam.projects(auth)
            if _REGION.match(str(project.get("name"))) and project.get("enabled") is not False
        }

    def _project_and_auth(self, http: HttpClient, region: str) -> tuple[str, Auth]:
        project_id, name = self._known_project(region)
        credentials = self._resolved.credentials
        iam = self._iam(http, region)
        if isinstance(credentials, Password):
            project = {"id": project_id} if project_id else {"name": name}
            auth, issued_for = log_in(iam, credentials, project, self._redactor.add)
            known = project_id or issued_for
            return check_project_id(known or iam.project_id(auth, name)), auth
        project_id = project_id or check_project_id(iam.project_id(self._auth(credentials, None), name))
        return project_id, self._auth(credentials, project_id)

    def _known_project(self, region: str) -> tuple[str | None, str]:
        """Return the project's ID, if known, and its name: given ones are those of the connection's own region."""
        given, name = preferred_project(self._context, self._resolved) if region == self.own_region else (None, None)
        project_id = check_project_id(given) if given else None if name else self._projects.get(region)
        return project_id, name or region

    def _auth(self, credentials: Token | AccessKey | KeyIssuer, project_id: str | None) -> Auth:
        """Return what authenticates requests; keys that have to be obtained are obtained once for all regions."""
        if isinstance(credentials, Token):
            return TokenAuth(credentials.auth_token)
        with self._obtaining:
            if self._keys is None:
                http = self._http("")
                services = KeyServices(http, self._iam_base, self._sts, self._redactor.add)
                self._keys = obtain_keys(credentials, self._agency, services)
        return key_auth(self._keys, None, project_id)

    def _sts(self) -> str:
        return sts_url(self._context, self.own_region)
