# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in the file of the official SDK: INI, section ``[basic]``.

The keys: huaweicloudsdkcore.auth.provider, ProfileCredentialProvider.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping

from ..._core.errors import ConfigurationError
from ..credentials import CredentialFields, Credentials, ProviderContext, ResolvedCredentials, build_credentials
from ._files import expand, read_text

DEFAULT = "~/.huaweicloud/credentials"
_SECTION = "basic"
_WORDS = {"access_key": "ak", "secret_key": "sk", "security_token": "security_token"}
_KNOWN = frozenset((*_WORDS.values(), "project_id", "iam_endpoint", "idp_id", "id_token_file"))


def load(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the credentials of the file's section; raises ConfigurationError for half of one, or an unusable file."""
    named = context.options.get("credentials_file")
    path = expand(named or DEFAULT)
    text = read_text(path, context.origin("credentials_file") if named else None)
    if text is None:
        return f"SDK credentials file: {path} does not exist"
    values = _section(text, path)
    if values is None:
        return f"SDK credentials file: {path} has no section [{_SECTION}]"
    credentials = _credentials(values, path, context)
    if credentials is None:
        return f"SDK credentials file: the section [{_SECTION}] of {path} contains no credentials"
    return ResolvedCredentials(
        f"SDK credentials file ({path})",
        credentials,
        project_id=values.get("project_id") or None,
        iam_endpoint=values.get("iam_endpoint") or None,
        by_option=context.is_option("credentials_file"),
    )


def _credentials(values: Mapping[str, str], path: str, context: ProviderContext) -> Credentials | None:
    """Return the credentials of the section; as for the SDK, an ID token comes before keys."""
    source = f"the SDK credentials file {path}"
    if values.get("idp_id") or values.get("id_token_file"):
        from ..exchanges import ID_TOKEN_IN_FILE, id_token_issuer

        return id_token_issuer(values, ID_TOKEN_IN_FILE, source, context)
    given = CredentialFields(**{name: values.get(word) or None for name, word in _WORDS.items()})
    return build_credentials(given, source, _WORDS)


def _section(text: str, path: str) -> Mapping[str, str] | None:
    """Return the section with references such as ``%(ak)s`` replaced, as the SDK does it, or None if there is none.

    The parser's messages quote lines and values, and are not passed on.
    """
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return dict(parser.items(_SECTION)) if parser.has_section(_SECTION) else None
    except configparser.InterpolationError as error:
        named = f"the value of {error.option}" if error.option in _KNOWN else "a value"
        raise ConfigurationError(
            f"The SDK credentials file {path} has a % in {named} that does not begin a reference such as %(ak)s to "
            "another value of the section; write %% for a percent sign, as the SDK demands"
        ) from None
    except configparser.Error:
        raise ConfigurationError(f"The SDK credentials file {path} is not a readable INI file") from None
