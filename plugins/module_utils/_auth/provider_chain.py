# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The provider chain: only the first provider with any credentials is used, unless an option names one.

A provider is imported when it is needed, since each import costs start-up time.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._core.errors import ConfigurationError
from .credentials import CredentialProvider, ProviderContext, ResolvedCredentials
from .providers import options


def _environment(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import environment

    return environment.load(context)


def _sdk_file(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import sdk_file

    return sdk_file.load(context)


def _koocli(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import koocli

    return koocli.load(context)


def _ecs_metadata(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import ecs_metadata

    return ecs_metadata.load(context)


def _pod_identity(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import pod_identity

    return pod_identity.load(context)


DEFAULT_PROVIDERS: Sequence[CredentialProvider] = (
    options.load,
    _environment,
    _sdk_file,
    _koocli,
    _ecs_metadata,
    _pod_identity,
)


def resolve(
    context: ProviderContext, providers: Sequence[CredentialProvider] = DEFAULT_PROVIDERS
) -> ResolvedCredentials:
    """Return the credentials of the provider that an option names, or else of the first that names any.

    Raises ConfigurationError if the named one has none, and if none has any, with the reason of each.
    """
    reasons: list[str] = []
    for load in _named_by_option(context) or providers:
        found = load(context)
        if isinstance(found, ResolvedCredentials):
            return found
        reasons.append(found)
    named = [name for name in ("credentials_file", "config_file", "profile") if context.is_option(name)]
    if named:
        raise ConfigurationError(
            f"{' and '.join(named)}, set as an option, contains no usable credentials ({reasons[-1]}); correct it, or "
            "leave it out to use the environment and the other sources"
        )
    raise ConfigurationError(
        f"No credentials were found ({'; '.join(reasons)}); give auth_token, or access_key and secret_key, or "
        "username, password and domain_name, as options or as environment variables"
    )


def _named_by_option(context: ProviderContext) -> Sequence[CredentialProvider]:
    """Return the provider that an option names, after the options themselves, which may contradict it."""
    if context.is_option("credentials_file"):
        return (options.load, _sdk_file)
    if context.is_option("config_file") or context.is_option("profile"):
        return (options.load, _koocli)
    return ()
