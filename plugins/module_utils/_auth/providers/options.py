# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials given as options of the module."""

from __future__ import annotations

from ..._core.errors import ConfigurationError
from ..credentials import CredentialFields, ProviderContext, ResolvedCredentials, build_credentials

_FILES = ("credentials_file", "config_file", "profile")


def load(context: ProviderContext) -> ResolvedCredentials | str:
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
