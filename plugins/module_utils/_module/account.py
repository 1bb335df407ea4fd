# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which region, agency and project apply, from the options and the source of the credentials."""

from __future__ import annotations

from .._auth.credentials import Agency, Password, ProviderContext, ResolvedCredentials, Token, check_value
from .._core.errors import ConfigurationError
from .._http import addresses

_STS_ENDPOINT = "HUAWEICLOUD_SDK_STS_ENDPOINT"
_STS_DEFAULT_REGION = "cn-north-4"  # as for the SDK


def preferred_region(context: ProviderContext, resolved: ResolvedCredentials) -> str | None:
    """Return the region: that of an option, of the place of the credentials if an option named it, or of a variable."""
    given = context.options.get("region")
    if resolved.by_option and not context.is_option("region"):
        return resolved.region or given
    return given or resolved.region


def preferred_project(context: ProviderContext, resolved: ResolvedCredentials) -> tuple[str | None, str | None]:
    """Return the ID or the name of the project, whichever counts, or neither.

    An option comes before a variable, and before what the place of the credentials says. The project of keys that are
    only exchanged for those of an agency is not the agency's.
    """
    options = [(name, context.options.get(name)) for name in ("project_id", "project_name")]
    explicit = [(name, value) for name, value in options if context.is_option(name)]
    variables = [(name, value) for name, value in options if not context.is_option(name)]
    exchanged = bool(context.options.get("agency_name"))
    own = [("project_id", None if exchanged else resolved.project_id)]
    order = [*explicit, *own, *variables] if resolved.by_option else [*explicit, *variables, *own]
    name, value = next(((name, value) for name, value in order if value), ("project_id", None))
    if name == "project_id":
        return value, None
    check_value(str(value), context.origin(name))
    return None, value


def preferred_agency(context: ProviderContext, resolved: ResolvedCredentials) -> Agency | None:
    """Return the agency whose keys are to be used; raises ConfigurationError if it cannot be used."""
    name, domain_name = (context.options.get(option) for option in ("agency_name", "agency_domain_name"))
    if not name and not domain_name:
        return resolved.agency
    if not name or not domain_name:
        given, missing = ("agency_name", "agency_domain_name") if name else ("agency_domain_name", "agency_name")
        raise ConfigurationError(f"{context.origin(given)} is given without {missing}; give both, or neither")
    for option, value in (("agency_name", name), ("agency_domain_name", domain_name)):
        check_value(value, context.origin(option))
    if isinstance(resolved.credentials, (Token, Password)):
        kind = "a token" if isinstance(resolved.credentials, Token) else "a password"
        raise ConfigurationError(
            f"{context.origin('agency_name')} needs access keys, which are exchanged for agency keys, but "
            f"{resolved.source} gives {kind}; give access_key and secret_key, or leave out the agency"
        )
    if resolved.agency:
        raise ConfigurationError(
            f"{context.origin('agency_name')} is given, but {resolved.source} names an agency, too; use one of them"
        )
    return Agency(name, domain_name)


def sts_url(context: ProviderContext, region: str | None) -> str:
    """Return the base URL of STS: that of a variable, else that of ``region``, else the SDK's default."""
    given = context.environ.get(_STS_ENDPOINT)
    if given:
        return addresses.base_url(given, _STS_ENDPOINT, not context.options["validate_certs"])
    return addresses.default_url("sts", region or _STS_DEFAULT_REGION)
