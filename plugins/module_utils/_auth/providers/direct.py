# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials given directly: as options of the module, or in environment variables.

The variables have the names of the SDK, the Terraform provider, and OpenStack: huaweicloudsdkcore.auth.provider, and
https://registry.terraform.io/providers/huaweicloud/huaweicloud/latest/docs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..._core.environment import check_text, first_set
from ..._core.errors import ConfigurationError
from ..credentials import CredentialFields, Credentials, ProviderContext, ResolvedCredentials, build_credentials

_FILES = ("credentials_file", "config_file", "profile")

Names = Mapping[str, Sequence[str]]

# Each group is used whole: a key of one family is never combined with the secret of another.
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


def load_options(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the credentials that the options name; raises ConfigurationError if they name two, or half of one.

    An option that names a file or a profile is one of the two as well.
    """
    given = CredentialFields(**{name: context.options.get(name) or None for name in CredentialFields._fields})
    kinds = given.kinds() + _named_providers(context)
    if len(kinds) > 1:
        raise ConfigurationError(
            f"The options contain {' and '.join(kinds)}, but only one of them can be used; leave out the others"
        )
    credentials = build_credentials(given, "the options")
    return ResolvedCredentials("options", credentials) if credentials else "options: no option for credentials is set"


def _named_providers(context: ProviderContext) -> list[str]:
    """Return the sources that the options name; the options of one source count as one."""
    named = [name for name in _FILES if context.is_option(name)]
    koocli = " with ".join(name for name in named if name != "credentials_file")
    return [name for name in ("credentials_file" if "credentials_file" in named else "", koocli) if name]


def load_environment(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the first credentials of the environment: token, OIDC, ID token, keys, password.

    Raises ConfigurationError for half of one.
    """
    return (
        _first(TOKENS, context)
        or _exchanged(context)
        or _first((*KEYS, *PASSWORDS), context)
        or "environment: no variable for credentials is set"
    )


def _first(families: Sequence[Names], context: ProviderContext) -> ResolvedCredentials | None:
    for names in families:
        credentials = _credentials(names, context.environ)
        if credentials:
            return ResolvedCredentials(f"environment ({', '.join(_present(names, context.environ))})", credentials)
    return None


def _exchanged(context: ProviderContext) -> ResolvedCredentials | None:
    """Return the keys for the ID token that variables name, or None; what obtains them is imported only then."""
    if any(name.startswith("HUAWEICLOUD_OIDC_") for name in context.environ):
        from ..exchanges import load_oidc

        found = load_oidc(context)
        if isinstance(found, ResolvedCredentials):
            return found
    if any("_IDP_ID" in name or "_ID_TOKEN" in name for name in context.environ):
        from ..exchanges import load_id_token

        found = load_id_token(context)
        if isinstance(found, ResolvedCredentials):
            return found
    return None


def _credentials(names: Names, environ: Mapping[str, str]) -> Credentials | None:
    chosen = {value: first_set(environ, alternatives) for value, alternatives in names.items()}
    for name in chosen.values():
        check_text(environ, name)
    values = {value: environ[name] if name else None for value, name in chosen.items()}
    words = {value: chosen[value] or alternatives[0] for value, alternatives in names.items()}
    return build_credentials(CredentialFields(**values), "the environment", words)


def _present(names: Names, environ: Mapping[str, str]) -> list[str]:
    return [name for alternatives in names.values() for name in alternatives if environ.get(name)]
