# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of credentials, how the values of one source become one of them, and the chain of the sources.

The first two sources, options and variables, are here; each other is imported when it is needed. The variables have the
names of the SDK, the Terraform provider, and OpenStack: huaweicloudsdkcore.auth.provider, and
https://registry.terraform.io/providers/huaweicloud/huaweicloud/latest/docs
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Union

from .._core.errors import ConfigurationError
from .._core.system import check_text, first_set

if TYPE_CHECKING:
    from .exchanges import KeyServices
    from .refresh import Issued


class Token(NamedTuple):
    """An IAM token that was obtained elsewhere."""

    auth_token: str

    def __repr__(self) -> str:
        return "Token()"


class AccessKey(NamedTuple):
    """A permanent or, with ``security_token``, a temporary access key."""

    access_key: str
    secret_key: str
    security_token: str | None = None

    def __repr__(self) -> str:
        return f"AccessKey({self.access_key!r})"


class Password(NamedTuple):
    """An IAM user and password, used to obtain a token."""

    username: str
    password: str
    domain_name: str

    def __repr__(self) -> str:
        return f"Password({self.username!r}, {self.domain_name!r})"


class KeyIssuer(NamedTuple):
    """Temporary keys that ``issue`` obtains when they are needed, and again before they expire.

    ``names`` is what tells for whom they are, secrets included. ``first`` is a key that finding the issuer already
    brought.
    """

    issue: Callable[[KeyServices], Issued[AccessKey]]
    names: tuple[str, ...]
    first: Issued[AccessKey] | None = None

    def __repr__(self) -> str:
        return f"KeyIssuer({self.first!r})"


class Agency(NamedTuple):
    """An agency that other keys are exchanged for. Its account is named by ``domain_name`` or by ``domain_id``."""

    name: str
    domain_name: str | None = None
    domain_id: str | None = None


Credentials = Union[Token, AccessKey, Password, KeyIssuer]


class CredentialFields(NamedTuple):
    """The values of one source, None for those it does not have."""

    auth_token: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    security_token: str | None = None
    username: str | None = None
    password: str | None = None
    domain_name: str | None = None

    def __repr__(self) -> str:
        return f"CredentialFields({self.kinds()!r})"

    def kinds(self) -> list[str]:
        """Return which kinds of credentials are given, whole or half, in the order in which they count."""
        named = (
            ("a token", bool(self.auth_token)),
            ("access keys", bool(self.access_key or self.secret_key or self.security_token)),
            ("a password", bool(self.username or self.password)),
        )
        return [kind for kind, given in named if given]


HEADER_TEXT = re.compile(r"[\x21-\x7e]+\Z")
# No token and no key begins with one of these; what a service or a shell wraps around them does.
JSON_BEGINS_WITH = ("{", "[", '"', "'")

_TOKEN = ("auth_token",)
_KEYS = ("access_key", "secret_key")
_LOGIN = ("username", "password", "domain_name")
_IN_HEADERS = ("auth_token", "access_key", "security_token")


def build_credentials(given: CredentialFields, source: str, words: dict[str, str] | None = None) -> Credentials | None:
    """Return the credentials that ``given`` makes (token, then keys, then password), or None if it names none.

    ``source`` is what messages call the place, ``words`` what the place calls each value. Raises ConfigurationError
    for half of a credential, and for a value that cannot be one.
    """
    names = words or {}
    if given.auth_token:
        _check(given, _TOKEN, names)
        return Token(given.auth_token)
    if given.access_key or given.secret_key or given.security_token:
        access_key, secret_key = _whole(given, _KEYS, source, names)
        _check(given, (*_KEYS, "security_token"), names)
        return AccessKey(access_key, secret_key, given.security_token or None)
    if given.username or given.password:
        username, password, domain_name = _whole(given, _LOGIN, source, names)
        _check(given, _LOGIN, names)
        return Password(username, password, domain_name)
    return None


def _whole(given: CredentialFields, names: tuple[str, ...], source: str, words: dict[str, str]) -> list[str]:
    values = [getattr(given, name) for name in names]
    missing = [words.get(name, name) for name, value in zip(names, values) if not value]
    if missing:
        raise ConfigurationError(
            f"The credentials from {source} are incomplete: {' and '.join(missing)} must be set as well"
        )
    return values


def _check(given: CredentialFields, names: tuple[str, ...], words: dict[str, str]) -> None:
    for name in names:
        value = getattr(given, name)
        if value:
            check_value(value, words.get(name, name), in_header=name in _IN_HEADERS, is_key=name == "secret_key")


def check_value(value: str, name: str, in_header: bool = False, is_key: bool = False) -> None:
    """Raise ConfigurationError, which names ``name`` and never shows the value, for a value with traces of pasting."""
    if value != value.strip():
        raise ConfigurationError(f"{name} must not start or end with spaces or line breaks")
    if (in_header or is_key) and value[:1] in JSON_BEGINS_WITH:
        raise ConfigurationError(f"{name} must be the value alone, neither JSON nor in quotes")
    if in_header and not HEADER_TEXT.match(value):
        raise ConfigurationError(f"{name} must not contain spaces, line breaks or non-ASCII characters")
    if not value.isprintable():
        raise ConfigurationError(f"{name} must not contain line breaks or other non-printable characters")


def secrets_of(credentials: Credentials) -> list[str]:
    """Return the values of ``credentials`` that must never be shown."""
    if isinstance(credentials, Token):
        return [credentials.auth_token]
    if isinstance(credentials, AccessKey):
        return [value for value in (credentials.secret_key, credentials.security_token) if value]
    if isinstance(credentials, Password):
        return [credentials.password]
    return secrets_of(credentials.first.value) if credentials.first else []


def names_of(credentials: Credentials) -> tuple[str, ...]:
    """Return what tells the user of ``credentials`` from others; a token does so itself, and must not be shown."""
    if isinstance(credentials, AccessKey):
        return ("keys", credentials.access_key)
    if isinstance(credentials, Password):
        return ("password", credentials.username, credentials.domain_name)
    return ("token", credentials.auth_token) if isinstance(credentials, Token) else credentials.names


class ProviderContext(NamedTuple):
    """What a provider may read: the options, and the environment variables of the process.

    ``options`` holds the values of variables, too, where no option was given; ``from_environment`` tells which
    variable such an option comes from. ``redact`` is told each secret that a provider meets.
    """

    options: Mapping[str, Any]
    environ: Mapping[str, str]
    from_environment: Mapping[str, str] = MappingProxyType({})
    redact: Callable[[str], None] = lambda _secret: None

    def __repr__(self) -> str:
        return "ProviderContext()"

    def is_option(self, name: str) -> bool:
        """Whether the user gave ``name`` as an option."""
        return bool(self.options.get(name)) and name not in self.from_environment

    def origin(self, name: str) -> str:
        """Return the name of the option, or of the variable that its value comes from."""
        return self.from_environment.get(name, name)


class ResolvedCredentials(NamedTuple):
    """The result of a provider: credentials, and region, project and agency from the same source.

    ``by_option``: an option named the provider, so that its values take precedence over the environment.
    """

    source: str
    credentials: Credentials
    project_id: str | None = None
    region: str | None = None
    iam_endpoint: str | None = None
    agency: Agency | None = None
    by_option: bool = False


CredentialProvider = Callable[[ProviderContext], Union[ResolvedCredentials, str]]


_FILES = ("credentials_file", "config_file", "profile")

Names = Mapping[str, Sequence[str]]

# Each group is used whole: a key of one family is never combined with the secret of another.
TOKENS: tuple[Names, ...] = ({"auth_token": ("HW_AUTH_TOKEN",)}, {"auth_token": ("OS_AUTH_TOKEN",)})
KEYS: tuple[Names, ...] = (
    {
        "access_key": ("HUAWEICLOUD_SDK_AK",),
        "secret_key": ("HUAWEICLOUD_SDK_SK",),
        "security_token": ("HUAWEICLOUD_SDK_SECURITY_TOKEN",),
    },
    {
        "access_key": ("HW_ACCESS_KEY",),
        "secret_key": ("HW_SECRET_KEY",),
        "security_token": ("HW_SECURITY_TOKEN",),
    },
    {"access_key": ("OS_ACCESS_KEY",), "secret_key": ("OS_SECRET_KEY",)},
)
PASSWORDS: tuple[Names, ...] = (
    {"username": ("HW_USER_NAME",), "password": ("HW_USER_PASSWORD",), "domain_name": ("HW_DOMAIN_NAME",)},
    {
        "username": ("OS_USERNAME",),
        "password": ("OS_PASSWORD",),
        "domain_name": ("OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME"),
    },
)


def load_options(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the credentials that the options name; raises ConfigurationError if they name two, or half of one.

    An option that names a file or a profile is one of the two as well.
    """
    given = CredentialFields(**{name: context.options.get(name) or None for name in CredentialFields._fields})
    kinds = given.kinds() + _named_providers(context)
    if len(kinds) > 1:
        raise ConfigurationError(
            f"The options contain {' and '.join(kinds)}, but only one of them can be used; leave out the others"
        )
    credentials = build_credentials(given, "the options")
    return ResolvedCredentials("options", credentials) if credentials else "options: no option for credentials is set"


def _named_providers(context: ProviderContext) -> list[str]:
    """Return the sources that the options name; the options of one source count as one."""
    named = [name for name in _FILES if context.is_option(name)]
    koocli = " with ".join(name for name in named if name != "credentials_file")
    return [name for name in ("credentials_file" if "credentials_file" in named else "", koocli) if name]


def load_environment(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the first credentials of the environment: token, OIDC, ID token, keys, password.

    Raises ConfigurationError for half of one.
    """
    return (
        _first(TOKENS, context)
        or _exchanged(context)
        or _first((*KEYS, *PASSWORDS), context)
        or "environment: no variable for credentials is set"
    )


def _first(families: Sequence[Names], context: ProviderContext) -> ResolvedCredentials | None:
    for names in families:
        credentials = _credentials(names, context.environ)
        if credentials:
            return ResolvedCredentials(f"environment ({', '.join(_present(names, context.environ))})", credentials)
    return None


def _exchanged(context: ProviderContext) -> ResolvedCredentials | None:
    """Return the keys for the ID token that variables name, or None; what obtains them is imported only then."""
    if any(name.startswith("HUAWEICLOUD_OIDC_") for name in context.environ):
        from .exchanges import load_oidc

        found = load_oidc(context)
        if isinstance(found, ResolvedCredentials):
            return found
    if any("_IDP_ID" in name or "_ID_TOKEN" in name for name in context.environ):
        from .exchanges import load_id_token

        found = load_id_token(context)
        if isinstance(found, ResolvedCredentials):
            return found
    return None


def _credentials(names: Names, environ: Mapping[str, str]) -> Credentials | None:
    chosen = {value: first_set(environ, alternatives) for value, alternatives in names.items()}
    for name in chosen.values():
        check_text(environ, name)
    values = {value: environ[name] if name else None for value, name in chosen.items()}
    words = {value: chosen[value] or alternatives[0] for value, alternatives in names.items()}
    return build_credentials(CredentialFields(**values), "the environment", words)


def _present(names: Names, environ: Mapping[str, str]) -> list[str]:
    return [name for alternatives in names.values() for name in alternatives if environ.get(name)]


def _sdk_file(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import sdk_file

    return sdk_file.load(context)


def _koocli(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import koocli

    return koocli.load(context)


def _ecs_metadata(context: ProviderContext) -> ResolvedCredentials | str:
    from .providers import ecs_metadata

    return ecs_metadata.load(context)


def _pod_identity(context: ProviderContext) -> ResolvedCredentials | str:
    from .exchanges import load_pod_identity

    return load_pod_identity(context)


DEFAULT_PROVIDERS: Sequence[CredentialProvider] = (
    load_options,
    load_environment,
    _sdk_file,
    _koocli,
    _ecs_metadata,
    _pod_identity,
)


def resolve(
    context: ProviderContext, providers: Sequence[CredentialProvider] = DEFAULT_PROVIDERS
) -> ResolvedCredentials:
    """Return the credentials of the provider that an option names, or else of the first that names any.

    Raises ConfigurationError if the named one has none, and if none has any, with the reason of each.
    """
    reasons: list[str] = []
    for load in _named_by_option(context) or providers:
        found = load(context)
        if isinstance(found, ResolvedCredentials):
            return found
        reasons.append(found)
    named = [name for name in _FILES if context.is_option(name)]
    if named:
        raise ConfigurationError(
            f"{' and '.join(named)}, set as an option, contains no usable credentials ({reasons[-1]}); correct it, or "
            "leave it out to use the environment and the other sources"
        )
    raise ConfigurationError(
        f"No credentials were found ({'; '.join(reasons)}); give auth_token, or access_key and secret_key, or "
        "username, password and domain_name, as options or as environment variables"
    )


def _named_by_option(context: ProviderContext) -> Sequence[CredentialProvider]:
    """Return the provider that an option names, after the options themselves, which may contradict it."""
    if context.is_option("credentials_file"):
        return (load_options, _sdk_file)
    if context.is_option("config_file") or context.is_option("profile"):
        return (load_options, _koocli)
    return ()
