# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in environment variables, by the names of the SDK, the Terraform provider, and OpenStack.

The names: huaweicloudsdkcore.auth.provider, and
https://registry.terraform.io/providers/huaweicloud/huaweicloud/latest/docs

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    CredentialFields,
    Credentials,
    ProviderContext,
    ResolvedCredentials,
    build_credentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.environment import check_text, first_set

Names = Mapping[str, Sequence[str]]

# Each group is used whole: a key of one family is never completed by the secret of another.
TOKENS: tuple[Names, ...] = ({"auth_token": ("HW_AUTH_TOKEN",)}, {"auth_token": ("OS_AUTH_TOKEN",)})
KEYS: tuple[Names, ...] = (
    {
        "access_key": ("HUAWEICLOUD_SDK_AK",),
        "secret_key": ("HUAWEICLOUD_SDK_SK",),
        "security_token": ("HUAWEICLOUD_SDK_SECURITY_TOKEN",),
    },
    {
        "access_key": ("HW_ACCESS_KEY",),
        "secret_key": ("HW_SECRET_KEY",),
        "security_token": ("HW_SECURITY_TOKEN",),
    },
    {"access_key": ("OS_ACCESS_KEY",), "secret_key": ("OS_SECRET_KEY",)},
)
PASSWORDS: tuple[Names, ...] = (
    {"username": ("HW_USER_NAME",), "password": ("HW_USER_PASSWORD",), "domain_name": ("HW_DOMAIN_NAME",)},
    {
        "username": ("OS_USERNAME",),
        "password": ("OS_PASSWORD",),
        "domain_name": ("OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME"),
    },
)


def load(asked: ProviderContext) -> ResolvedCredentials | str:
    """Return the first identity of the environment: tokens, then keys, then passwords; raise ConfigurationError for a half."""
    for names in (*TOKENS, *KEYS, *PASSWORDS):
        identity = _identity(names, asked.environ)
        if identity:
            return ResolvedCredentials(f"environment ({', '.join(_present(names, asked.environ))})", identity)
    return "environment: none of the variables that name a credential is set"


def _identity(names: Names, environ: Mapping[str, str]) -> Credentials | None:
    chosen = {value: first_set(environ, alternatives) for value, alternatives in names.items()}
    for name in chosen.values():
        check_text(environ, name)
    values = {value: environ[name] if name else None for value, name in chosen.items()}
    words = {value: alternatives[0] for value, alternatives in names.items()}
    return build_credentials(CredentialFields(**values), "the environment", words)


def _present(names: Names, environ: Mapping[str, str]) -> list[str]:
    return [name for alternatives in names.values() for name in alternatives if environ.get(name)]
