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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


HEADER_TEXT = re.compile(r"[\x21-\x7e]+\Z")
# No token and no key begins with one of these; what a service or a shell wraps around them does.
JSON_BEGINS_WITH = ("{", "[", '"', "'")

_IN_HEADERS = ("auth_token", "access_key", "security_token")
_KEYS = ("access_key", "secret_key", "security_token")


def build_credentials(
    given: Mapping[str, str | None], source: str, words: Mapping[str, str] = MappingProxyType({})
) -> Credentials | None:
    """Return the credentials that ``given`` makes (token, then keys, then password), or None if it names none.

    ``source`` is what messages call the place, ``words`` what the place calls each value. Raises ConfigurationError
    for half of a credential, and for a value that cannot be one.
    """

    def checked(*needed: str) -> list[str]:
        missing = [words.get(name, name) for name in needed if not given.get(name)]
        if missing:
            raise ConfigurationError(
                f"The credentials from {source} are incomplete: {' and '.join(missing)} must be set as well"
            )
        return [_checked(given, name, words) for name in needed]

    if given.get("auth_token"):
        return Token(*checked("auth_token"))
    if any(given.get(name) for name in _KEYS):
        access_key, secret_key = checked("access_key", "secret_key")
        return AccessKey(access_key, secret_key, _checked(given, "security_token", words) or None)
    if given.get("username") or given.get("password"):
        return Password(*checked("username", "password", "domain_name"))
    return None


def _checked(given: Mapping[str, str | None], name: str, words: Mapping[str, str]) -> str:
    value = given.get(name) or ""
    if value:
        check_value(value, words.get(name, name), in_header=name in _IN_HEADERS, is_key=name == "secret_key")
    return value


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

    An option that names a file or a profile is one of the two as well; the options of one source count as one.
    """
    options = context.options
    kinds = (("a token", ("auth_token",)), ("access keys", _KEYS), ("a password", ("username", "password")))
    given = [kind for kind, names in kinds if any(options.get(name) for name in names)]
    named = [name for name in _FILES if context.is_option(name)]
    koocli = " with ".join(name for name in named if name != "credentials_file")
    given += [name for name in ("credentials_file" if "credentials_file" in named else "", koocli) if name]
    if len(given) > 1:
        raise ConfigurationError(
            f"The options contain {' and '.join(given)}, but only one of them can be used; leave out the others"
        )
    credentials = build_credentials(options, "the options")
    return ResolvedCredentials("options", credentials) if credentials else "options: no option for credentials is set"


def load_environment(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the first credentials of the environment: token, OIDC, ID token, keys, password.

    Raises ConfigurationError for half of one.
    """
    return (
        _first(TOKENS, context.environ)
        or _exchanged(context)
        or _first((*KEYS, *PASSWORDS), context.environ)
        or "environment: no variable for credentials is set"
    )


def _first(families: Sequence[Names], environ: Mapping[str, str]) -> ResolvedCredentials | None:
    for family in families:
        words = {value: first_set(environ, names) or names[0] for value, names in family.items()}
        for name in words.values():
            check_text(environ, name)
        given = {value: environ.get(name) for value, name in words.items()}
        credentials = build_credentials(given, "the environment", words)
        if credentials:
            present = [name for names in family.values() for name in names if environ.get(name)]
            return ResolvedCredentials(f"environment ({', '.join(present)})", credentials)
    return None


def _exchanged(context: ProviderContext) -> ResolvedCredentials | None:
    """Return the keys for the ID token that variables name, or None; what obtains them is imported only then."""
    if not any(
        name.startswith("HUAWEICLOUD_OIDC_") or "_IDP_ID" in name or "_ID_TOKEN" in name for name in context.environ
    ):
        return None
    from .exchanges import load_id_token, load_oidc

    return load_oidc(context) or load_id_token(context)


def _chain(context: ProviderContext) -> Iterator[CredentialProvider]:
    """Yield the providers in their order, each imported when it is its turn.

    If an option names a file, only its provider follows the options, which may contradict it.
    """
    by_file = context.is_option("credentials_file")
    by_profile = context.is_option("config_file") or context.is_option("profile")
    yield load_options
    if not by_file and not by_profile:
        yield load_environment
    from .files import load_koocli, load_sdk_file

    if not by_profile:
        yield load_sdk_file
    if not by_file:
        yield load_koocli
    if not by_file and not by_profile:
        from .exchanges import load_ecs_metadata, load_pod_identity

        yield from (load_ecs_metadata, load_pod_identity)


def resolve(context: ProviderContext, providers: Iterable[CredentialProvider] = ()) -> ResolvedCredentials:
    """Return the credentials of the provider that an option names, or else of the first that names any.

    Raises ConfigurationError if the named one has none, and if none has any, with the reason of each. ``providers``
    are asked in place of the collection's own.
    """
    reasons: list[str] = []
    for load in providers or _chain(context):
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
