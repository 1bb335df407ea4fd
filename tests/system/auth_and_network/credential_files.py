# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where credentials are kept, filled with those of a simulator: variables, and the files of the SDK and of KooCLI."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Target

# Each family of variables, with what its names stand for.
FAMILIES: dict[str, dict[str, str]] = {
    "HW token": {"HW_AUTH_TOKEN": "auth_token"},
    "OS token": {"OS_AUTH_TOKEN": "auth_token"},
    "SDK keys": {"HUAWEICLOUD_SDK_AK": "access_key", "HUAWEICLOUD_SDK_SK": "secret_key"},
    "SDK temporary keys": {
        "HUAWEICLOUD_SDK_AK": "access_key",
        "HUAWEICLOUD_SDK_SK": "secret_key",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": "security_token",
    },
    "HW keys": {"HW_ACCESS_KEY": "access_key", "HW_SECRET_KEY": "secret_key"},
    "HW temporary keys": {
        "HW_ACCESS_KEY": "access_key",
        "HW_SECRET_KEY": "secret_key",
        "HW_SECURITY_TOKEN": "security_token",
    },
    "OS keys": {"OS_ACCESS_KEY": "access_key", "OS_SECRET_KEY": "secret_key"},
    "HW password": {"HW_USER_NAME": "username", "HW_USER_PASSWORD": "password", "HW_DOMAIN_NAME": "domain_name"},
    "OS password": {"OS_USERNAME": "username", "OS_PASSWORD": "password", "OS_DOMAIN_NAME": "domain_name"},
    "OS password and user's domain": {
        "OS_USERNAME": "username",
        "OS_PASSWORD": "password",
        "OS_USER_DOMAIN_NAME": "domain_name",
    },
}


def kind_of(family: str) -> str:
    return next(kind for kind in ("temporary keys", "keys", "token", "password") if kind in family)


def environ(target: Target, family: str) -> dict[str, str]:
    """Return the variables of a family with credentials that are good."""
    given = target.who(kind_of(family))
    return {name: given[value] for name, value in FAMILIES[family].items()}


def write_sdk_file(target: Target, path: str = ".huaweicloud/credentials", **values: str | None) -> str:
    keys = {"ak": target.simulator.access_key, "sk": target.simulator.secret_key}
    lines = [f"{name} = {value}" for name, value in {**keys, **values}.items() if value is not None]
    file = target.home / path
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text("\n".join(["[basic]", *lines, ""]), encoding="utf-8")
    return str(file)


def profile_of(target: Target, name: str = "default", **values: Any) -> dict[str, Any]:
    keys = {"accessKeyId": target.simulator.access_key, "secretAccessKey": target.simulator.secret_key}
    return {"name": name, "mode": "AKSK", **keys, **values}


def write_koocli(
    target: Target, profiles: list[dict[str, Any]], current: str = "default", path: str = ".hcloud/config.json"
) -> str:
    file = target.home / path
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(json.dumps({"language": "en", "current": current, "profiles": profiles}), encoding="utf-8")
    return str(file)
