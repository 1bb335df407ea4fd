# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who am I: the chain of sources, and the rule that the first which names a credential is used whole.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    CredentialProvider,
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.providers import (
    ecs_metadata,
    environment,
    koocli,
    options,
    sdk_file,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

DEFAULT_PROVIDERS: Sequence[CredentialProvider] = (
    options.load,
    environment.load,
    sdk_file.load,
    koocli.load,
    ecs_metadata.load,
)


def resolve(asked: ProviderContext, chain: Sequence[CredentialProvider] = DEFAULT_PROVIDERS) -> ResolvedCredentials:
    """Return what the first source that names any credential gives; raise ConfigurationError listing all when none does."""
    reasons: list[str] = []
    for load in chain:
        found = load(asked)
        if isinstance(found, ResolvedCredentials):
            return found
        reasons.append(found)
    raise ConfigurationError(
        f"No credentials were found ({'; '.join(reasons)}); give auth_token, or access_key and secret_key, or "
        "username, password and domain_name, as options or by their environment variables"
    )
