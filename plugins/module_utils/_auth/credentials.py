# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three ways to say who one is, and the rules by which one source's values make one of them.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


@dataclass(frozen=True)
class Token:
    """An IAM token that somebody else obtained."""

    auth_token: str = field(repr=False)


@dataclass(frozen=True)
class AccessKey:
    """A permanent or, with ``security_token``, a temporary access key."""

    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Password:
    """An IAM user, who is exchanged for a token at IAM."""

    username: str
    password: str = field(repr=False)
    domain_name: str


Credentials = Union[Token, AccessKey, Password]


@dataclass(frozen=True)
class CredentialFields:
    """The values that one source gives, None where it gives none."""

    auth_token: str | None = field(default=None, repr=False)
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    domain_name: str | None = None

    def kinds(self) -> list[str]:
        """Return which kinds of credential are named, whole or half, in the order in which they count."""
        named = (
            ("a token", bool(self.auth_token)),
            ("access keys", bool(self.access_key or self.secret_key or self.security_token)),
            ("a password", bool(self.username or self.password)),
        )
        return [kind for kind, there in named if there]


_HEADER_TEXT = re.compile(r"[\x21-\x7e]+\Z")

_KEYS = ("access_key", "secret_key")
_LOGIN = ("username", "password", "domain_name")


def build_credentials(given: CredentialFields, source: str, words: dict[str, str] | None = None) -> Credentials | None:
    """Return the identity that ``given`` makes (token, then keys, then password), or None when it names none.

    ``source`` is how messages call the source, ``words`` how it calls each value. Raises ConfigurationError for a half.
    """
    if given.auth_token:
        return Token(given.auth_token)
    if given.access_key or given.secret_key or given.security_token:
        access_key, secret_key = _whole(given, _KEYS, source, words or {})
        return AccessKey(access_key, secret_key, given.security_token or None)
    if given.username or given.password:
        username, password, domain_name = _whole(given, _LOGIN, source, words or {})
        return Password(username, password, domain_name)
    return None


def _whole(given: CredentialFields, names: tuple[str, ...], source: str, words: dict[str, str]) -> list[str]:
    values = [getattr(given, name) for name in names]
    missing = [words.get(name, name) for name, value in zip(names, values) if not value]
    if missing:
        raise ConfigurationError(
            f"The credentials from {source} are incomplete: {' and '.join(missing)} must be given too"
        )
    return values


def check_credentials(identity: Credentials) -> None:
    """Refuse what cannot stand in a header, and a broken line in a secret key; the value itself is never shown."""
    if not getattr(identity, "secret_key", "").isprintable():
        raise ConfigurationError("secret_key must not contain line breaks or other characters that cannot be seen")
    for name in ("auth_token", "access_key", "security_token"):
        value = getattr(identity, name, None)
        if value is not None and not _HEADER_TEXT.match(value):
            raise ConfigurationError(f"{name} must not contain spaces, line breaks or characters outside ASCII")


def secrets_of(identity: Credentials) -> list[str]:
    """Return the values of ``identity`` that must never be shown."""
    if isinstance(identity, Token):
        return [identity.auth_token]
    if isinstance(identity, AccessKey):
        return [value for value in (identity.secret_key, identity.security_token) if value]
    return [identity.password]


@dataclass(frozen=True)
class ProviderContext:
    """What a source may look at: the module's options, and the environment of the process."""

    options: Mapping[str, Any] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class ResolvedCredentials:
    """What a source gives: who one is, and what it says besides about where to go."""

    source: str
    identity: Credentials
    project_id: str | None = None
    region: str | None = None
    iam_endpoint: str | None = None


CredentialProvider = Callable[[ProviderContext], Union[ResolvedCredentials, str]]
