# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in the configuration of KooCLI, the command ``hcloud``: JSON with profiles.

The form: the Terraform provider's shared configuration file,
https://registry.terraform.io/providers/huaweicloud/huaweicloud/latest/docs

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    CredentialFields,
    ProviderContext,
    ResolvedCredentials,
    build_credentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.providers._files import expand, read_text
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import one_line

DEFAULT = "~/.hcloud/config.json"
_WORDS = {"access_key": "accessKeyId", "secret_key": "secretAccessKey", "security_token": "securityToken"}
_PLAIN_ACCESS_KEY = re.compile(r"[A-Za-z0-9]+\Z")


def load(asked: ProviderContext) -> ResolvedCredentials | str:
    """Return the identity of the chosen profile; raise ConfigurationError for half of one, or a file that cannot be used."""
    named = asked.options.get("config_file")
    path = expand(named or DEFAULT)
    text = read_text(path, "config_file" if named else None)
    chosen = asked.options.get("profile") or None
    if text is None:
        if chosen:
            raise ConfigurationError(f"profile is {chosen!r}, but the KooCLI configuration {path} does not exist")
        return f"KooCLI configuration: {path} does not exist"
    profile = _profile(_parse(text, path), chosen, path)
    if profile is None:
        return f"KooCLI configuration: {path} has no current profile"
    return _found(profile, path)


def _parse(text: str, path: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("profiles", []), list):
        raise ConfigurationError(f"The KooCLI configuration {path} is not the JSON that hcloud writes")
    return content


def _profile(content: Mapping[str, Any], chosen: str | None, path: str) -> Mapping[str, Any] | None:
    profiles = [profile for profile in content.get("profiles", []) if isinstance(profile, dict)]
    wanted = chosen or content.get("current")
    for profile in profiles:
        if isinstance(wanted, str) and wanted and profile.get("name") == wanted:
            return profile
    if chosen:
        # Only what is text: anything else may hold a key.
        told = [profile["name"] for profile in profiles if isinstance(profile.get("name"), str)]
        names = ", ".join(one_line(name) for name in told) or "none"
        raise ConfigurationError(
            f"The KooCLI configuration {path} has no profile {chosen!r}; its profiles are: {names}"
        )
    return None


def _found(profile: Mapping[str, Any], path: str) -> ResolvedCredentials | str:
    name = one_line(profile["name"])
    given = CredentialFields(**{value: _text(profile, key) for value, key in _WORDS.items()})
    identity = build_credentials(given, f"the profile {name!r} of the KooCLI configuration {path}", _WORDS)
    if identity is None:
        mode = one_line(_text(profile, "mode") or "no mode")
        return f"KooCLI configuration: the profile {name!r} of {path} ({mode}) names no access key"
    if not _PLAIN_ACCESS_KEY.match(given.access_key or ""):
        raise ConfigurationError(
            f"The profile {name!r} of the KooCLI configuration {path} is encrypted; "
            "run 'hcloud configure set --cli-auth-encrypt=false', or use another source of credentials"
        )
    return ResolvedCredentials(
        f"KooCLI configuration ({path}, profile {name})",
        identity,
        project_id=_text(profile, "projectId"),
        region=_text(profile, "region"),
    )


def _text(profile: Mapping[str, Any], key: str) -> str | None:
    value = profile.get(key)
    return value if isinstance(value, str) and value else None
