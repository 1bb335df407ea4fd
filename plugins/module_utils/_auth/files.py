# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files with credentials: tokens, the INI file of the official SDK, and the configuration of KooCLI (``hcloud``).

The forms: huaweicloudsdkcore.auth.provider, ProfileCredentialProvider; the Terraform provider's shared configuration
file (huaweicloud/config/auth.go, SharedConfig), and
https://support.huaweicloud.com/intl/en-us/hcli_faq/hcli_11_002.html
"""

from __future__ import annotations

import configparser
import json
import os
import re
from collections.abc import Mapping
from typing import Any

from .._core.errors import ConfigurationError
from .._core.redaction import one_line
from .._core.system import IrregularFileError, read_regular
from .credentials import (
    HEADER_TEXT,
    JSON_BEGINS_WITH,
    Agency,
    Credentials,
    ProviderContext,
    ResolvedCredentials,
    build_credentials,
)

_LARGEST = 1024 * 1024


def read_text(path: str, named_by: str | None) -> str | None:
    """Return the content of ``path``, or None if there is no such file.

    ``named_by`` is the option or variable that names the file, None for a default, which need not exist. Raises
    ConfigurationError.
    """
    name = f"{named_by} names {path}, which" if named_by else f"the credentials file {path}"
    try:
        content = read_regular(path, _LARGEST)
        if content is None:
            raise ConfigurationError(f"{name} is larger than {_LARGEST >> 20} MiB, the limit for credentials files")
        return content.decode("utf-8-sig")
    except IrregularFileError:
        raise ConfigurationError(f"{name} is not a regular file") from None
    except FileNotFoundError:
        if named_by is None:
            return None
        raise ConfigurationError(f"{named_by} names a file that does not exist: {path}") from None
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name} is not a text file in UTF-8") from None
    except ValueError:
        raise ConfigurationError(f"{named_by or 'HOME'} is not a usable path: {path!r}") from None


def read_token(path: str, named_by: str) -> str:
    """Return the token in the file ``path``, without surrounding whitespace; raises ConfigurationError."""
    token = (read_text(os.path.expanduser(path), named_by) or "").strip()
    if not token:
        raise ConfigurationError(f"{named_by} names {path}, which is empty; it must contain a token")
    if token[0] in JSON_BEGINS_WITH:
        raise ConfigurationError(
            f"{named_by} names {path}, which contains JSON or a token in quotes; write nothing but the token into it, "
            "as jq -r does with a field of JSON"
        )
    if not HEADER_TEXT.match(token):
        raise ConfigurationError(f"{named_by} names {path}, which does not contain exactly one token")
    return token


def _read(context: ProviderContext, option: str, default: str) -> tuple[str, str | None]:
    """Return the path that ``option`` names, or else ``default``, and what is in that file."""
    named = context.options.get(option)
    path = os.path.expanduser(named or default)
    return path, read_text(path, context.origin(option) if named else None)


# The file of the SDK

_SECTION = "basic"
_SDK_WORDS = {"access_key": "ak", "secret_key": "sk", "security_token": "security_token"}
_SDK_KNOWN = frozenset((*_SDK_WORDS.values(), "project_id", "iam_endpoint", "idp_id", "id_token_file"))


def load_sdk_file(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the credentials of the file's section; raises ConfigurationError for half of one, or an unusable file."""
    path, text = _read(context, "credentials_file", "~/.huaweicloud/credentials")
    if text is None:
        return f"SDK credentials file: {path} does not exist"
    values = _section(text, path)
    if values is None:
        return f"SDK credentials file: {path} has no section [{_SECTION}]"
    credentials = _of_section(values, f"the SDK credentials file {path}", context)
    if credentials is None:
        return f"SDK credentials file: the section [{_SECTION}] of {path} contains no credentials"
    return ResolvedCredentials(
        f"SDK credentials file ({path})",
        credentials,
        project_id=values.get("project_id") or None,
        iam_endpoint=values.get("iam_endpoint") or None,
        by_option=context.is_option("credentials_file"),
    )


def _of_section(values: Mapping[str, str], source: str, context: ProviderContext) -> Credentials | None:
    """Return the credentials of the section; as for the SDK, an ID token comes before keys."""
    if values.get("idp_id") or values.get("id_token_file"):
        from .exchanges import ID_TOKEN_IN_FILE, id_token_issuer

        return id_token_issuer(values, ID_TOKEN_IN_FILE, source, context)
    return build_credentials({name: values.get(word) for name, word in _SDK_WORDS.items()}, source, _SDK_WORDS)


def _section(text: str, path: str) -> Mapping[str, str] | None:
    """Return the section with references such as ``%(ak)s`` replaced, as the SDK does it, or None if there is none.

    The parser's messages quote lines and values, and are not passed on.
    """
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return dict(parser.items(_SECTION)) if parser.has_section(_SECTION) else None
    except configparser.InterpolationError as error:
        named = f"the value of {error.option}" if error.option in _SDK_KNOWN else "a value"
        raise ConfigurationError(
            f"The SDK credentials file {path} has a % in {named} that does not begin a reference such as %(ak)s to "
            "another value of the section; write %% for a percent sign, as the SDK demands"
        ) from None
    except configparser.Error:
        raise ConfigurationError(f"The SDK credentials file {path} is not a readable INI file") from None


# The configuration of KooCLI

_KOOCLI_WORDS = {"access_key": "accessKeyId", "secret_key": "secretAccessKey", "security_token": "securityToken"}
_PLAIN_ACCESS_KEY = re.compile(r"[A-Za-z0-9]+\Z")
# How KooCLI writes the mode of a profile with an agency is not documented.
_USABLE_MODES = ("", "aksk", "assumerole")
_ADVICE = {
    "sso": "keys from single sign-on cannot be renewed here; choose a profile with access keys (mode AKSK)",
    "ecsagency": "leave out profile to get the keys from the metadata service of the ECS",
}


def load_koocli(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the credentials of the chosen profile; raises ConfigurationError if it cannot be used."""
    path, text = _read(context, "config_file", "~/.hcloud/config.json")
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
    described = f"profile {one_line(profile['name'])!r} of the KooCLI configuration {path}"
    mode = (_text(profile, "mode") or "").lower()
    if mode == "ecsagency" and not chosen:
        return (
            f"KooCLI configuration: the {described} uses the agency of the ECS, whose keys the metadata service "
            "provides"
        )
    _check_mode(mode, described)
    _check_plain(content, profile, described)
    return _of_profile(profile, described, path, context)


def _parse(text: str, path: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("profiles", []), list):
        raise ConfigurationError(f"The KooCLI configuration {path} does not contain the JSON that hcloud writes")
    return content


def _profile(content: Mapping[str, Any], chosen: str | None, path: str) -> Mapping[str, Any] | None:
    # Only what is text: anything else may contain a key.
    profiles = [one for one in content.get("profiles", []) if isinstance(one, dict) and _text(one, "name")]
    wanted = chosen or content.get("current")
    found = next((profile for profile in profiles if profile["name"] == wanted), None)
    if chosen and found is None:
        names = ", ".join(one_line(profile["name"]) for profile in profiles) or "none"
        raise ConfigurationError(
            f"The KooCLI configuration {path} has no profile {chosen!r}; its profiles are: {names}"
        )
    return found


def _check_mode(mode: str, described: str) -> None:
    """Raise ConfigurationError for a mode whose credentials cannot be used; ``mode`` is in lower case."""
    if mode not in _USABLE_MODES:
        advice = _ADVICE.get(mode, "choose a profile with access keys (mode AKSK), or another source of credentials")
        raise ConfigurationError(f"The {described} has the mode {one_line(mode)!r}: {advice}")


def _check_plain(content: Mapping[str, Any], profile: Mapping[str, Any], described: str) -> None:
    access_key = _text(profile, "accessKeyId")
    encrypted = str(content.get("authEncrypt", "")).lower() == "true"
    if access_key and (encrypted or not _PLAIN_ACCESS_KEY.match(access_key.strip())):
        raise ConfigurationError(
            f"The {described} is encrypted; run 'hcloud configure set --cli-auth-encrypt=false', or use another place "
            "for credentials"
        )


def _of_profile(
    profile: Mapping[str, Any], described: str, path: str, context: ProviderContext
) -> ResolvedCredentials | str:
    given = {name: _text(profile, key) for name, key in _KOOCLI_WORDS.items()}
    credentials = build_credentials(given, f"the {described}", _KOOCLI_WORDS)
    agency = _agency(profile, described)
    if credentials is None:
        if agency:
            raise ConfigurationError(
                f"The {described} uses an agency, but has no access keys; give agency_name and agency_domain_name as "
                "options, and set profile to the profile that has the keys"
            )
        mode = one_line(_text(profile, "mode") or "no mode")
        return f"KooCLI configuration: the {described} ({mode}) contains no access key"
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
        raise ConfigurationError(f"The agency of the {described} is incomplete: {missing} must be set as well")
    return Agency(name, domain_name, domain_id)


def _text(profile: Mapping[str, Any], key: str) -> str | None:
    value = profile.get(key)
    return value if isinstance(value, str) and value else None
