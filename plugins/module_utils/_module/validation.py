# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be said against options before anything is sent.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import urls
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.endpoints import (
    ResolvedEndpoints,
    _url,
    iam_url,
)

_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9._-]{1,36}\Z")


_MOST_DIGITS = 18
_DAY = 86400
# Of each option that counts something: the least, the most, and the unit.
_RANGES = {
    "timeout": (0.001, 3600, " seconds"),
    "retry_timeout": (0, _DAY, " seconds"),
    "wait_timeout": (0, 30 * _DAY, " seconds"),
    "wait_delay": (0, _DAY, " seconds"),
    "concurrency": (1, 64, ""),
    "limit": (1, 1_000_000_000, ""),
    "keep_last": (0, 1_000_000_000, ""),
    "max_deletions": (0, 1_000_000_000, ""),
}


def validate_options(options: Mapping[str, Any]) -> ResolvedEndpoints:
    """Return what the connection's options say; raises ConfigurationError for the first that cannot be used."""
    check_ranges(options)
    _check_names(options)
    return ResolvedEndpoints(_url(options, "endpoint"), iam_url(options, options.get("iam_endpoint")))


def check_ranges(options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a number that is too small or too large."""
    for name, (least, most, unit) in _RANGES.items():
        value = options.get(name)
        if value is not None and not least <= value <= most:
            raise ConfigurationError(f"{name} must be from {least:g} to {most:.10g}{unit}, not {_written(value)}")


def _written(number: Any) -> str:
    """Return ``number``: a whole one can be too large for a float, and even for a text."""
    if isinstance(number, float):
        return f"{number:g}"
    return str(number) if abs(number) < 10**_MOST_DIGITS else f"a number of more than {_MOST_DIGITS} digits"


def check_project_id(project_id: str) -> str:
    """Return ``project_id`` if it can stand in a path and a header; raise ConfigurationError if not."""
    if not _PROJECT_ID.match(project_id):
        raise ConfigurationError(
            "project_id must be at most 64 letters, digits, - and _, without spaces or line breaks"
        )
    return project_id


def _check_names(options: Mapping[str, Any]) -> None:
    if options.get("region"):
        urls.check_region(options["region"])
    if options.get("project_id"):
        check_project_id(options["project_id"])
    if options.get("instance_id") and not _INSTANCE_ID.match(options["instance_id"]):
        raise ConfigurationError(
            "instance_id must be 1 to 36 letters, digits, . - and _, without spaces or line breaks"
        )
