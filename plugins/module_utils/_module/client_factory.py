# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options and credentials to a client of one instance: where to go, and how requests say who sends them.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Password,
    ResolvedCredentials,
    check_credentials,
    secrets_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.iam import IamClient, IssuedToken
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import AccessKeyAuth, Scope
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.token import RefreshingTokenAuth, TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient, InstanceTarget
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import urls
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.endpoints import ResolvedEndpoints, iam_url
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.validation import check_project_id


def create_client(
    options: Mapping[str, Any],
    checked: ResolvedEndpoints,
    found: ResolvedCredentials,
    secrets: Redactor,
    cancellation: Cancellation | None = None,
) -> BatchTaskClient:
    """Return a client; only a login, or the look-up of a project, is sent for it.

    Each secret is added to ``secrets``, those of IAM included. Raises ConfigurationError and IamError.
    """
    for secret in secrets_of(found.identity):
        secrets.add(secret)
    check_credentials(found.identity)
    return _ClientBuilder(options, checked, found, secrets, cancellation).client()


def _http_settings(options: Mapping[str, Any]) -> HttpConfig:
    verify: bool | str = (options.get("ca_path") or True) if options["validate_certs"] else False
    return HttpConfig(options["timeout"], options["retry_timeout"], verify, options.get("concurrency") or 1)


class _ClientBuilder:
    """Builds one client: what is known of its whereabouts, and the HTTP session that all its requests share."""

    def __init__(
        self,
        options: Mapping[str, Any],
        checked: ResolvedEndpoints,
        found: ResolvedCredentials,
        secrets: Redactor,
        cancellation: Cancellation | None,
    ) -> None:
        self._options = options
        self._found = found
        self._secrets = secrets
        self._region = self._effective_region(checked.url)
        self._url = checked.url or self._default_url()
        self._iam_url = checked.iam_url or iam_url(options, found.iam_endpoint)
        self._http = HttpClient(_http_settings(options), redactor=secrets, cancellation=cancellation)

    def client(self) -> BatchTaskClient:
        given = self._options.get("project_id") or self._found.project_id
        project_id = check_project_id(given) if given else None
        identity = self._found.identity
        auth: Auth
        if isinstance(identity, Password):
            project_id, auth = self._logged_in(identity, project_id)
        elif isinstance(identity, AccessKey):
            scope = self._scope()
            project_id = project_id or self._looked_up(AccessKeyAuth(identity))
            auth = AccessKeyAuth(identity, scope, project_id)
        else:
            auth = TokenAuth(identity.auth_token)
            project_id = project_id or self._looked_up(auth)
        place = InstanceTarget(self._url, project_id, self._options.get("instance_id") or None)
        return BatchTaskClient(self._http, place, auth)

    def _logged_in(self, who: Password, project_id: str | None) -> tuple[str, Auth]:
        iam = self._iam()
        project = {"id": project_id} if project_id else {"name": self._region_for("The project of the login")}

        def log_in() -> IssuedToken:
            issued = iam.issue_token(who, project)
            self._secrets.add(issued.token)
            return issued

        first = log_in()
        auth = RefreshingTokenAuth(first.token, lambda: log_in().token)
        told = project_id or first.project_id
        return (check_project_id(told) if told else self._looked_up(auth)), auth

    def _looked_up(self, auth: Auth) -> str:
        """Return the ID of the project that has the region's name, as IAM knows it; IAM takes standard signing only."""
        name = self._region_for("The look-up of the project, since project_id is not given,")
        return check_project_id(self._iam().project_id(auth, name))

    def _iam(self) -> IamClient:
        return IamClient(self._http, self._iam_url or urls.default_url("iam", self._region_for("The way to IAM")))

    def _effective_region(self, url: str | None) -> str | None:
        """Return the region: that of the endpoint's host before all else, since a request can go nowhere else."""
        named = (urls.region_of(url) if url else None) or self._options.get("region") or self._found.region
        return urls.check_region(named) if named else None

    def _default_url(self) -> str:
        if self._region is None:
            raise ConfigurationError(
                "Neither region nor endpoint is given; set region, or endpoint for an instance's own host"
            )
        return urls.default_url("iotda", self._region)

    def _region_for(self, purpose: str) -> str:
        if self._region is None:
            raise ConfigurationError(f"{purpose} needs a region, which the endpoint does not name; set region")
        return self._region

    def _scope(self) -> Scope | None:
        signing = self._options["signing"]
        if signing == "standard" or (signing == "auto" and not urls.is_instance_host(self._url)):
            return None
        return Scope(self._region_for("The derived signature"))
