# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in the configuration of KooCLI, the command ``hcloud``: JSON with profiles.

The form: the Terraform provider's shared configuration file (huaweicloud/config/auth.go, SharedConfig), and
https://support.huaweicloud.com/intl/en-us/hcli_faq/hcli_11_002.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..._core.errors import ConfigurationError
from ..._core.redaction import one_line
from ..credentials import Agency, CredentialFields, ProviderContext, ResolvedCredentials, build_credentials
from ._files import expand, read_text

DEFAULT = "~/.hcloud/config.json"
_WORDS = {"access_key": "accessKeyId", "secret_key": "secretAccessKey", "security_token": "securityToken"}
_PLAIN_ACCESS_KEY = re.compile(r"[A-Za-z0-9]+\Z")
# How KooCLI writes the mode of a profile with an agency is not documented.
_USABLE_MODES = ("", "aksk", "assumerole")
_ADVICE = {
    "sso": "keys from single sign-on cannot be renewed here; choose a profile with access keys (mode AKSK)",
    "ecsagency": "leave out profile to get the keys from the metadata service of the ECS",
}


def load(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the credentials of the chosen profile; raises ConfigurationError if it cannot be used."""
    named = context.options.get("config_file")
    path = expand(named or DEFAULT)
    text = read_text(path, context.origin("config_file") if named else None)
    chosen = context.options.get("profile") or None
    if text is None:
        if chosen:
            raise ConfigurationError(
                f"{context.origin('profile')} is {chosen!r}, but the KooCLI configuration {path} does not exist"
            )
        return f"KooCLI configuration: {path} does not exist"
    content = _parse(text, path)
    profile = _profile(content, chosen, path)
    if profile is None:
        return f"KooCLI configuration: {path} has no current profile"
    described = f"the profile {one_line(profile['name'])!r} of the KooCLI configuration {path}"
    mode = (_text(profile, "mode") or "").lower()
    if mode == "ecsagency" and not chosen:
        return f"KooCLI configuration: {described} uses the agency of the ECS, whose keys the metadata service provides"
    _check_mode(mode, described)
    _check_plain(content, profile, described)
    return _resolved(profile, described, path, context)


def _parse(text: str, path: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("profiles", []), list):
        raise ConfigurationError(f"The KooCLI configuration {path} does not contain the JSON that hcloud writes")
    return content


def _profile(content: Mapping[str, Any], chosen: str | None, path: str) -> Mapping[str, Any] | None:
    profiles = [profile for profile in content.get("profiles", []) if isinstance(profile, dict)]
    wanted = chosen or content.get("current")
    for profile in profiles:
        if isinstance(wanted, str) and wanted and profile.get("name") == wanted:
            return profile
    if chosen:
        # Only what is text: anything else may contain a key.
        known = [profile["name"] for profile in profiles if isinstance(profile.get("name"), str)]
        names = ", ".join(one_line(name) for name in known) or "none"
        raise ConfigurationError(
            f"The KooCLI configuration {path} has no profile {chosen!r}; its profiles are: {names}"
        )
    return None


def _check_mode(mode: str, described: str) -> None:
    """Raise ConfigurationError for a mode whose credentials cannot be used; ``mode`` is in lower case."""
    if mode in _USABLE_MODES:
        return
    advice = _ADVICE.get(mode, "choose a profile with access keys (mode AKSK), or another place for credentials")
    raise ConfigurationError(f"{_capitalized(described)} has the mode {one_line(mode)!r}: {advice}")


def _check_plain(content: Mapping[str, Any], profile: Mapping[str, Any], described: str) -> None:
    access_key = _text(profile, "accessKeyId")
    encrypted = str(content.get("authEncrypt", "")).lower() == "true"
    if access_key and (encrypted or not _PLAIN_ACCESS_KEY.match(access_key.strip())):
        raise ConfigurationError(
            f"{_capitalized(described)} is encrypted; run 'hcloud configure set --cli-auth-encrypt=false', or use "
            "another place for credentials"
        )


def _resolved(
    profile: Mapping[str, Any], described: str, path: str, context: ProviderContext
) -> ResolvedCredentials | str:
    given = CredentialFields(**{value: _text(profile, key) for value, key in _WORDS.items()})
    credentials = build_credentials(given, described, _WORDS)
    agency = _agency(profile, described)
    if credentials is None:
        if agency:
            raise ConfigurationError(
                f"{_capitalized(described)} uses an agency, but has no access keys; give agency_name and "
                "agency_domain_name as options, and set profile to the profile that has the keys"
            )
        mode = one_line(_text(profile, "mode") or "no mode")
        return f"KooCLI configuration: {described} ({mode}) contains no access key"
    return ResolvedCredentials(
        f"KooCLI configuration ({path}, profile {one_line(profile['name'])})",
        credentials,
        project_id=_text(profile, "projectId"),
        region=_text(profile, "region"),
        agency=agency,
        by_option=context.is_option("config_file") or context.is_option("profile"),
    )


def _agency(profile: Mapping[str, Any], described: str) -> Agency | None:
    """Return the agency that the profile's keys are exchanged for; raises ConfigurationError for half of one."""
    name, domain_name, domain_id = (_text(profile, key) for key in ("agencyName", "agencyDomainName", "agencyDomainId"))
    if not name and not domain_name and not domain_id:
        return None
    if not name or not (domain_name or domain_id):
        missing = "agencyDomainName" if name else "agencyName"
        raise ConfigurationError(f"The agency of {described} is incomplete: {missing} must be set as well")
    return Agency(name, domain_name, domain_id)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(profile: Mapping[str, Any], key: str) -> str | None:
    value = profile.get(key)
    return value if isinstance(value, str) and value else None
