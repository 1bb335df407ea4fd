# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in the file of the official SDK: INI, section ``[basic]``.

The keys: huaweicloudsdkcore.auth.provider, ProfileCredentialProvider.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import configparser

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    CredentialFields,
    ProviderContext,
    ResolvedCredentials,
    build_credentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.providers._files import expand, read_text
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

DEFAULT = "~/.huaweicloud/credentials"
_SECTION = "basic"
_WORDS = {"access_key": "ak", "secret_key": "sk", "security_token": "security_token"}


def load(asked: ProviderContext) -> ResolvedCredentials | str:
    """Return the identity that the file's section names; raise ConfigurationError for half of one, or an unreadable file."""
    named = asked.options.get("credentials_file")
    path = expand(named or DEFAULT)
    text = read_text(path, "credentials_file" if named else None)
    if text is None:
        return f"SDK credentials file: {path} does not exist"
    parser = _parse(text, path)
    if not parser.has_section(_SECTION):
        return f"SDK credentials file: {path} has no section [{_SECTION}]"
    values = parser[_SECTION]
    given = CredentialFields(**{name: values.get(word) or None for name, word in _WORDS.items()})
    identity = build_credentials(given, f"the SDK credentials file {path}", _WORDS)
    if identity is None:
        return f"SDK credentials file: the section [{_SECTION}] of {path} names no credential"
    return ResolvedCredentials(
        f"SDK credentials file ({path})",
        identity,
        project_id=values.get("project_id") or None,
        iam_endpoint=values.get("iam_endpoint") or None,
    )


def _parse(text: str, path: str) -> configparser.ConfigParser:
    # Without interpolation, since a secret may hold a %. The parser's messages quote lines, and are not passed on.
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        raise ConfigurationError(f"The SDK credentials file {path} is not a readable INI file") from None
    return parser
