# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a source of credentials is: one file for each stands in `_sources/`.

A source is a function that takes what was `Asked` and returns what it `Found`, or, as text, why it does not serve.
It raises UsageError when it names only half of a credential. Their order stands in `_credentials.py`.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from ansible_collections.huaweicloud.iotda.plugins.module_utils._identity import Identity


@dataclass(frozen=True)
class Asked:
    """What a source may look at: the module's options, and the environment of the process."""

    options: Mapping[str, Any] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Found:
    """What a source gives: who one is, and what it says besides about where to go."""

    source: str
    identity: Identity
    project_id: str | None = None
    region: str | None = None
    iam_endpoint: str | None = None


Source = Callable[[Asked], Union[Found, str]]
