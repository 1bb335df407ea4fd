# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials given as options of the module.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from dataclasses import fields

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    CredentialFields,
    ProviderContext,
    ResolvedCredentials,
    build_credentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


def load(asked: ProviderContext) -> ResolvedCredentials | str:
    """Return the identity that the options name; raise ConfigurationError when they name two, or half of one."""
    given = CredentialFields(**{name.name: asked.options.get(name.name) or None for name in fields(CredentialFields)})
    kinds = given.kinds()
    if len(kinds) > 1:
        raise ConfigurationError(
            f"The options name {' and '.join(kinds)}, of which only one can be used; leave out the others"
        )
    identity = build_credentials(given, "the options")
    return ResolvedCredentials("options", identity) if identity else "options: none of them names a credential"
