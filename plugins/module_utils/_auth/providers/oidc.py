# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of an agency that trusts an OIDC identity provider, from STS.

The variables and the request: huaweicloudsdkcore.auth.provider, OidcStsCredentialProvider.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..._core.environment import check_text, first_set
from ..._core.errors import ConfigurationError
from ..._http.messages import Auth, Request
from ..credentials import KeyIssuer, ProviderContext, ResolvedCredentials, TemporaryKey, check_value
from ..temporary_keys import KeyServices, request_key
from ._files import read_token

PROVIDER_URN = "HUAWEICLOUD_OIDC_PROVIDER_URN"
AGENCY_URN = "HUAWEICLOUD_OIDC_AGENCY_URN"
ID_TOKEN = "HUAWEICLOUD_OIDC_ID_TOKEN"
TOKEN_FILE = "HUAWEICLOUD_OIDC_TOKEN_FILE"
SESSION_NAME = "HUAWEICLOUD_OIDC_SESSION_NAME"
DURATION = "HUAWEICLOUD_OIDC_DURATION_SECONDS"
POLICY = "HUAWEICLOUD_OIDC_POLICY"
POLICY_IDS = "HUAWEICLOUD_OIDC_POLICY_IDS"

_NAMING = (PROVIDER_URN, AGENCY_URN, ID_TOKEN, TOKEN_FILE)
_FURTHER = (SESSION_NAME, DURATION, POLICY, POLICY_IDS)


def load(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the keys that variables name; raises ConfigurationError for half of them, or one that cannot be used."""
    values = {name: context.environ[name] for name in (*_NAMING, *_FURTHER) if context.environ.get(name)}
    present = [name for name in _NAMING if name in values]
    if not present:
        return "no variable for an OIDC provider is set"
    for name in values:
        check_text(values, name)
    missing = [name for name in (PROVIDER_URN, AGENCY_URN) if name not in values]
    missing += [] if first_set(values, (ID_TOKEN, TOKEN_FILE)) else [f"{ID_TOKEN} or {TOKEN_FILE}"]
    if missing:
        raise ConfigurationError(
            f"The credentials from the environment are incomplete: {' and '.join(missing)} must be given too"
        )
    for name in (PROVIDER_URN, AGENCY_URN, ID_TOKEN):
        check_value(values.get(name, ""), name)
    wanted = _wanted(values)
    context.redact(_id_token(values))
    return ResolvedCredentials(f"environment ({', '.join(present)})", KeyIssuer(partial(_issue, values, wanted)))


def _wanted(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of the request without the token."""
    duration = values.get(DURATION, "3600").strip()
    if not (duration.isascii() and duration.isdigit() and len(duration) < 10):
        raise ConfigurationError(f"{DURATION} must be a number of seconds, not {duration!r}")
    policy_ids = [policy_id.strip() for policy_id in values.get(POLICY_IDS, "").split(",") if policy_id.strip()]
    body = {
        "provider_urn": values[PROVIDER_URN],
        "agency_urn": values[AGENCY_URN],
        "agency_session_name": values.get(SESSION_NAME, "oidc-sts-session"),
        "duration_seconds": int(duration) or 3600,
        "policy": values.get(POLICY),
        "policy_ids": policy_ids,
    }
    return {name: value for name, value in body.items() if value}


def _id_token(values: Mapping[str, str]) -> str:
    return values.get(ID_TOKEN) or read_token(values[TOKEN_FILE], TOKEN_FILE)


def _issue(values: Mapping[str, str], wanted: Mapping[str, Any], services: KeyServices) -> TemporaryKey:
    id_token = _id_token(values)
    services.redact(id_token)
    url = services.sts_url()
    request = Request("POST", f"{url}/v5/agencies/assume-with-oidc", Auth(), body={**wanted, "id_token": id_token})
    return request_key(services, "oidc", request, url)
