# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who am I: the chain of sources, and the rule that the first which names a credential is used whole.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import UsageError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._source import Asked, Found, Source
from ansible_collections.huaweicloud.iotda.plugins.module_utils._sources import (
    environment,
    koocli,
    metadata,
    options,
    sdk_file,
)

CHAIN: Sequence[Source] = (options.look, environment.look, sdk_file.look, koocli.look, metadata.look)


def resolve(asked: Asked, chain: Sequence[Source] = CHAIN) -> Found:
    """Return what the first source that names any credential gives; raise UsageError listing all when none does."""
    reasons: list[str] = []
    for look in chain:
        found = look(asked)
        if isinstance(found, Found):
            return found
        reasons.append(found)
    raise UsageError(
        f"No credentials were found ({'; '.join(reasons)}); give auth_token, or access_key and secret_key, or "
        "username, password and domain_name, as options or by their environment variables"
    )
