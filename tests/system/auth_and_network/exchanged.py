# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials that are exchanged for temporary keys: where each kind is set, and which requests obtain the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import METADATA, Target, reroute

UNSCOPED = "POST /v3.0/OS-AUTH/id-token/tokens"
SECURITY_TOKENS = "POST /v3.0/OS-CREDENTIAL/securitytokens"
STS = "POST /v5/agencies/assume-with-oidc"
POD = "POST /v1/pod-identity/credentials"
METADATA_TOKEN = "PUT /meta-data/latest/api/token"
METADATA_KEYS = "GET /openstack/latest/securitykey"


@dataclass(frozen=True)
class Exchange:
    """One kind: ``set_up`` sets variables and files and returns options, ``requests`` obtain one key."""

    set_up: Callable[[Target], dict[str, Any]]
    requests: tuple[str, ...]
    source: str


def write(target: Target, name: str, text: str) -> str:
    path = target.home / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def id_token(target: Target) -> dict[str, Any]:
    target.set(
        {
            "HUAWEICLOUD_SDK_IDP_ID": target.simulator.settings.identity_provider,
            "HUAWEICLOUD_SDK_ID_TOKEN_FILE": write(target, "id-token", target.simulator.id_token() + "\n"),
        }
    )
    return {}


def id_token_of_terraform(target: Target) -> dict[str, Any]:
    target.set(
        {
            "HW_ASSUME_ROLE_IDP_ID": target.simulator.settings.identity_provider,
            "HW_ASSUME_ROLE_ID_TOKEN": target.simulator.id_token(),
        }
    )
    return {}


def id_token_of_the_file(target: Target) -> dict[str, Any]:
    token_file = write(target, "id-token", target.simulator.id_token())
    lines = ["[basic]", f"idp_id = {target.simulator.settings.identity_provider}", f"id_token_file = {token_file}"]
    return {"credentials_file": write(target, "keys.ini", "\n".join(lines))}


def oidc(target: Target) -> dict[str, Any]:
    target.set(
        {
            "HUAWEICLOUD_OIDC_PROVIDER_URN": target.simulator.settings.oidc_provider_urn,
            "HUAWEICLOUD_OIDC_AGENCY_URN": target.simulator.settings.oidc_agency_urn,
            "HUAWEICLOUD_OIDC_TOKEN_FILE": write(target, "oidc-token", target.simulator.id_token()),
            "HUAWEICLOUD_SDK_STS_ENDPOINT": target.simulator.url,
        }
    )
    return {}


def oidc_with_everything(target: Target) -> dict[str, Any]:
    oidc(target)
    target.patch.delenv("HUAWEICLOUD_OIDC_TOKEN_FILE")
    target.set(
        {
            "HUAWEICLOUD_OIDC_ID_TOKEN": target.simulator.id_token(),
            "HUAWEICLOUD_OIDC_SESSION_NAME": "nightly",
            "HUAWEICLOUD_OIDC_DURATION_SECONDS": "7200",
            "HUAWEICLOUD_OIDC_POLICY": '{"Version": "5.0"}',
            "HUAWEICLOUD_OIDC_POLICY_IDS": "one, two,",
        }
    )
    return {}


def agency(target: Target) -> dict[str, Any]:
    found = target.simulator.add_agency()
    return {**target.who("keys"), "agency_name": found.name, "agency_domain_name": found.domain_name}


def agency_of_variables(target: Target) -> dict[str, Any]:
    given = agency(target)
    target.set(
        {
            "HW_ACCESS_KEY": given["access_key"],
            "HW_SECRET_KEY": given["secret_key"],
            "HW_ASSUME_ROLE_AGENCY_NAME": given["agency_name"],
            "HW_ASSUME_ROLE_DOMAIN_NAME": given["agency_domain_name"],
        }
    )
    return {}


def ecs_metadata(target: Target) -> dict[str, Any]:
    reroute(target.patch, METADATA, target.simulator.url)
    return {}


def pod_identity(target: Target) -> dict[str, Any]:
    target.set(
        {
            "HC_CONTAINER_CREDENTIALS_FULL_URI": target.simulator.pod_identity_url,
            "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": write(target, "pod-token", target.simulator.pod_identity.token),
        }
    )
    return {}


EXCHANGES = {
    "ID token": Exchange(id_token, (UNSCOPED, SECURITY_TOKENS), "environment (HUAWEICLOUD_SDK_IDP_ID, "),
    "ID token of Terraform": Exchange(
        id_token_of_terraform, (UNSCOPED, SECURITY_TOKENS), "environment (HW_ASSUME_ROLE_IDP_ID, "
    ),
    "ID token of the file": Exchange(id_token_of_the_file, (UNSCOPED, SECURITY_TOKENS), "SDK credentials file ("),
    "OIDC": Exchange(oidc, (STS,), "environment (HUAWEICLOUD_OIDC_PROVIDER_URN, "),
    "OIDC with everything": Exchange(oidc_with_everything, (STS,), "environment (HUAWEICLOUD_OIDC_PROVIDER_URN, "),
    "agency": Exchange(agency, (SECURITY_TOKENS,), "options, agency iotda-operators"),
    "agency of variables": Exchange(
        agency_of_variables, (SECURITY_TOKENS,), "environment (HW_ACCESS_KEY, HW_SECRET_KEY)"
    ),
    "ECS metadata": Exchange(ecs_metadata, (METADATA_TOKEN, METADATA_KEYS), "ECS metadata service"),
    "pod identity": Exchange(pod_identity, (POD,), "pod identity"),
}
