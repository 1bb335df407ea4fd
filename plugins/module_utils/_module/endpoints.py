# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints that the options name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._core.errors import ConfigurationError
from .._http import addresses

_VERSION = re.compile(r"(?<=[^/])/v3/?\Z")


class ResolvedEndpoints(NamedTuple):
    """The base URLs that the options name, None where they name none."""

    url: str | None
    iam_url: str | None


def check_endpoint_region(
    options: Mapping[str, Any], url: str | None, from_environment: Mapping[str, str], environment_region: str | None
) -> str | None:
    """Return a warning about a region that is not that of the endpoint, whose base URL is ``url``, or None.

    ``environment_region`` is the region that a variable names. An endpoint of the environment that contradicts a
    region given as an option raises ConfigurationError: else two hosts with two regions would end at one instance.
    """
    region = options.get("region")
    if not region or url is None:
        return None
    named = addresses.region_of(url)
    variable = from_environment.get("endpoint")
    if variable and "region" not in from_environment:
        return _check_variable(region, url, named, variable, environment_region)
    if named is not None and named != region:
        return f"region is {region}, but requests go to {url}, which is in {named}; check both."
    return None


def _check_variable(
    region: str, url: str, named: str | None, variable: str, environment_region: str | None
) -> str | None:
    other = named or environment_region
    conflict = f"region is {region}, but the environment variable {variable} names {url}"
    if other is None:
        return f"{conflict}, whose host names no region; set endpoint beside region, or unset the variable."
    if other != region:
        raise ConfigurationError(f"{conflict}, which is in {other}; set endpoint beside region, or unset the variable")
    return None


def iam_url(options: Mapping[str, Any], endpoint: str | None) -> str | None:
    """Return the base URL of IAM's ``endpoint``, whose trailing ``/v3`` is dropped, or None where it is None."""
    if not endpoint:
        return None
    bare = _VERSION.sub("", endpoint.strip())
    return addresses.base_url(bare, "iam_endpoint", not options["validate_certs"])


def endpoint_url(options: Mapping[str, Any], name: str) -> str | None:
    given = options.get(name)
    return addresses.base_url(given, name, not options["validate_certs"]) if given else None
