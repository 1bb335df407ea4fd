# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts the options name.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.environment import first_set
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import urls

ENDPOINT_NAME = "HUAWEICLOUD_IOTDA_ENDPOINT"


REGION_NAMES = ("HW_REGION_NAME", "OS_REGION_NAME")


_VERSION = re.compile(r"(?<=[^/])/v3/?\Z")


@dataclass(frozen=True)
class ResolvedEndpoints:
    """Where the options say to go, None where they do not."""

    url: str | None
    iam_url: str | None


def region_mismatch_warning(options: Mapping[str, Any], url: str | None, environ: Mapping[str, str]) -> str | None:
    """Return what is worth a warning: a region that is not that of the endpoint, whose base URL is ``url``."""
    region = options.get("region")
    if not region or url is None:
        return None
    told = f"region is {region}, but requests go to {url}"
    named = urls.region_of(url)
    if named is not None and named != region:
        return f"{told}, which is in {named}; check both."
    variable = first_set(environ, REGION_NAMES)
    of_environment = environ[variable] if variable else region
    if options.get("endpoint") == environ.get(ENDPOINT_NAME) and of_environment != region:
        origin = f"which the environment variable {ENDPOINT_NAME} names for {of_environment}"
        return f"{told}, {origin}; unset it, or set endpoint."
    return None


def iam_url(options: Mapping[str, Any], endpoint: str | None) -> str | None:
    """Return the base URL of IAM's ``endpoint``, whose trailing ``/v3`` is dropped, or None where it is None."""
    if not endpoint:
        return None
    bare = _VERSION.sub("", endpoint.strip())
    return urls.base_url(bare, "iam_endpoint", not options["validate_certs"])


def _url(options: Mapping[str, Any], name: str) -> str | None:
    given = options.get(name)
    return urls.base_url(given, name, not options["validate_certs"]) if given else None
