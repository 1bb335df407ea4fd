# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to clients of instance management, one for each region. It knows no AnsibleModule.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Password,
    ProviderContext,
    check_credentials,
    secrets_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.iam import IamClient, IssuedToken
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.provider_chain import resolve
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import AccessKeyAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.token import RefreshingTokenAuth, TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import urls
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._instances.api import InstanceClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._instances.discovery import CONCURRENCY
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.endpoints import iam_url
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.validation import (
    check_project_id,
    validate_options,
)

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

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str], secrets: Redactor) -> None:
        self._options = options
        self._secrets = secrets
        iam = validate_options({**options, "endpoint": None}).iam_url
        self._found = resolve(ProviderContext(options, environ))
        for secret in secrets_of(self._found.identity):
            secrets.add(secret)
        check_credentials(self._found.identity)
        self._iam_url = iam or iam_url(options, self._found.iam_endpoint)
        self.own_region: str | None = options.get("region") or self._found.region
        self._projects: dict[str, str] = {}

    def regions(self, named: Sequence[str] | None) -> list[str]:
        """Return the regions to read: those ``named``, the connection's own (None), or ``all`` that IAM knows."""
        if named is None:
            return [self._own("Neither regions nor region is given; set one of them")]
        if ALL not in named:
            regions = [urls.check_region(region) for region in dict.fromkeys(named)]
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
        return urls.base_url(host, "management_endpoint", not self._options["validate_certs"]) + path

    def _http(self, region: str) -> HttpClient:
        options = self._options
        verify: bool | str = (options.get("ca_path") or True) if options["validate_certs"] else False
        # A proxy's refusal of a host that does not exist would be repeated for as long as this.
        patience = 0.0 if self.is_absent(region) else options["retry_timeout"]
        return HttpClient(HttpConfig(options["timeout"], patience, verify, CONCURRENCY), redactor=self._secrets)

    def _own(self, problem: str) -> str:
        if not self.own_region:
            raise ConfigurationError(problem)
        return urls.check_region(self.own_region)

    def _iam(self, http: HttpClient, region: str | None = None) -> IamClient:
        if self._iam_url:
            return IamClient(http, self._iam_url)
        where = region or self._own("Cannot determine the IAM endpoint: set region or iam_endpoint")
        return IamClient(http, urls.default_url("iam", where))

    def _projects_by_region(self) -> dict[str, str]:
        http = self._http("")
        iam = self._iam(http)
        identity = self._found.identity
        auth: Auth
        if isinstance(identity, Password):
            project = {"name": self._own(f"regions is {ALL}: the login needs a region; set region")}
            auth = TokenAuth(self._log_in(iam, identity, project).token)
        else:
            auth = AccessKeyAuth(identity) if isinstance(identity, AccessKey) else TokenAuth(identity.auth_token)
        return {
            project["name"]: check_project_id(project["id"])
            for project in iam.projects(auth)
            if _REGION.match(str(project.get("name"))) and project.get("enabled") is not False
        }

    def _project_and_auth(self, http: HttpClient, region: str) -> tuple[str, Auth]:
        project_id = self._known_project(region)
        identity = self._found.identity
        if isinstance(identity, Password):
            return self._logged_in(self._iam(http, region), identity, region, project_id)
        if isinstance(identity, AccessKey):
            project_id = project_id or self._looked_up(http, AccessKeyAuth(identity), region)
            return project_id, AccessKeyAuth(identity, None, project_id)
        auth = TokenAuth(identity.auth_token)
        return project_id or self._looked_up(http, auth, region), auth

    def _known_project(self, region: str) -> str | None:
        """Return the project's ID, where it is known: a given one is that of the connection's own region."""
        given = (self._options.get("project_id") or self._found.project_id) if region == self.own_region else None
        return check_project_id(given) if given else self._projects.get(region)

    def _looked_up(self, http: HttpClient, auth: Auth, region: str) -> str:
        return check_project_id(self._iam(http, region).project_id(auth, region))

    def _logged_in(self, iam: IamClient, who: Password, region: str, project_id: str | None) -> tuple[str, Auth]:
        project = {"id": project_id} if project_id else {"name": region}
        first = self._log_in(iam, who, project)
        auth = RefreshingTokenAuth(first.token, lambda: self._log_in(iam, who, project).token)
        known = project_id or first.project_id
        return check_project_id(known or iam.project_id(auth, region)), auth

    def _log_in(self, iam: IamClient, who: Password, project: Mapping[str, str]) -> IssuedToken:
        issued = iam.issue_token(who, project)
        self._secrets.add(issued.token)
        return issued
