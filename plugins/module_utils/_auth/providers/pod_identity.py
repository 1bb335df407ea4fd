# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of the agency that a pod of CCE is associated with, from the pod identity service of its node.

The variables and the request: huaweicloudsdkcore.auth.provider, PodIdentityCredentialProvider.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from ..._core.environment import check_text
from ..._core.errors import ConfigurationError
from ..._http import addresses
from ..._http.messages import Auth, Request
from ..credentials import KeyIssuer, ProviderContext, ResolvedCredentials, TemporaryKey
from ..temporary_keys import KeyServices, request_key
from ._files import read_token

URI = "HC_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN_FILE = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"


def load(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the keys of the pod; raises ConfigurationError for half of the variables, or an unsafe address."""
    given = {name: context.environ.get(name) or "" for name in (URI, TOKEN_FILE)}
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return f"pod identity: {URI} and {TOKEN_FILE} are not set"
    if missing:
        raise ConfigurationError(f"The pod identity of the environment is incomplete: {missing[0]} must be given too")
    for name in given:
        check_text(context.environ, name)
    _check_address(given[URI])
    read_token(given[TOKEN_FILE], TOKEN_FILE)
    return ResolvedCredentials("pod identity", KeyIssuer(partial(_issue, given[URI], given[TOKEN_FILE])))


def _issue(uri: str, token_file: str, services: KeyServices) -> TemporaryKey:
    token = read_token(token_file, TOKEN_FILE)
    services.redact(token)
    # An empty JSON body, as the SDK sends it.
    request = Request("POST", uri, Auth(), headers={"Authorization": token}, body={})
    return request_key(services, "pod_identity", request, uri)


def _check_address(uri: str) -> None:
    parts = urlsplit(uri)
    base = addresses.base_url(f"{parts.scheme}://{parts.netloc}", URI, allow_http=True)
    if parts.scheme != "https" and not addresses.is_loopback(urlsplit(base).hostname or ""):
        raise ConfigurationError(
            f"{URI} must begin with https:// or name a loopback address, since the token of the pod is sent to it"
        )
