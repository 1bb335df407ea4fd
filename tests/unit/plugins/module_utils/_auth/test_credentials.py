# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials: what makes some, what is half of one, and what of it must not be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Credentials,
    Password,
    ProviderContext,
    Token,
    build_credentials,
    names_of,
    resolve,
    secrets_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

TOKEN = {"auth_token": "t"}
KEYS = {"access_key": "a", "secret_key": "s"}
LOGIN = {"username": "u", "password": "p", "domain_name": "d"}


@pytest.mark.parametrize(
    ("given_values", "credentials"),
    [
        ({}, None),
        (TOKEN, Token("t")),
        (KEYS, AccessKey("a", "s")),
        ({"access_key": "a", "secret_key": "s", "security_token": "x"}, AccessKey("a", "s", "x")),
        ({"access_key": "a", "secret_key": "s", "security_token": ""}, AccessKey("a", "s", None)),
        (LOGIN, Password("u", "p", "d")),
        ({"domain_name": "d"}, None),
        ({"auth_token": "", "access_key": "", "username": ""}, None),
    ],
)
def test_values_make_credentials(given_values: dict[str, str | None], credentials: Credentials | None) -> None:
    assert build_credentials(given_values, "x") == credentials


def test_token_precedes_keys_and_keys_precede_password() -> None:
    everything = {"auth_token": "t", "access_key": "a", "secret_key": "s", "security_token": "x", **LOGIN}
    without_token = {**everything, "auth_token": None}
    assert build_credentials(everything, "x") == Token("t")
    assert build_credentials(without_token, "x") == AccessKey("a", "s", "x")


def test_a_token_does_not_mind_half_a_key_beside_it() -> None:
    assert build_credentials({"auth_token": "t", "access_key": "a"}, "x") == Token("t")


@pytest.mark.parametrize(
    ("given_values", "missing"),
    [
        ({"access_key": "a"}, "secret_key"),
        ({"secret_key": "s"}, "access_key"),
        ({"security_token": "x"}, "access_key and secret_key"),
        ({"access_key": "a", "security_token": "x"}, "secret_key"),
        ({"username": "u"}, "password and domain_name"),
        ({"password": "p"}, "username and domain_name"),
        ({"username": "u", "password": "p"}, "domain_name"),
        ({"username": "u", "domain_name": "d"}, "password"),
        ({"password": "p", "domain_name": "d"}, "username"),
        ({"access_key": "a", "username": "u", "password": "p", "domain_name": "d"}, "secret_key"),
    ],
)
def test_half_a_credential_names_what_is_missing(given_values: dict[str, str | None], missing: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build_credentials(given_values, "the options")
    assert str(caught.value) == f"The credentials from the options are incomplete: {missing} must be set as well"


def test_missing_value_has_the_name_used_by_its_source() -> None:
    with pytest.raises(ConfigurationError, match="from the environment are incomplete: HW_SECRET_KEY must"):
        build_credentials({"access_key": "a"}, "the environment", {"secret_key": "HW_SECRET_KEY"})


@pytest.mark.parametrize(
    ("credentials", "secrets"),
    [
        (Token("t"), ["t"]),
        (AccessKey("a", "s"), ["s"]),
        (AccessKey("a", "s", "x"), ["s", "x"]),
        (Password("u", "p", "d"), ["p"]),
    ],
)
def test_secrets(credentials: Credentials, secrets: list[str]) -> None:
    assert secrets_of(credentials) == secrets


@pytest.mark.parametrize(
    "value",
    [
        Token("hush"),
        AccessKey("a", "hush", "hush"),
        Password("u", "hush", "d"),
    ],
)
def test_no_secret_is_in_the_text_of_a_value(value: object) -> None:
    assert "hush" not in repr(value)
    assert "hush" not in str(value)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*KEYS, *TOKEN, *LOGIN), st.sampled_from([None, "", "v"]))))
def test_credentials_are_none_only_where_nothing_names_one(given_values: dict[str, str | None]) -> None:
    named = any(value for name, value in given_values.items() if name != "domain_name")
    try:
        credentials = build_credentials(given_values, "x")
    except ConfigurationError:
        assert named
    else:
        assert (credentials is None) is not named


@pytest.mark.parametrize(
    "values",
    [
        {"auth_token": "t"},
        {"access_key": "a", "secret_key": "a secret é"},
        {"access_key": "a", "secret_key": "s", "security_token": "t"},
        {"username": "ü", "password": "p p", "domain_name": "d d"},
    ],
    ids=str,
)
def test_credentials_that_can_be_sent(values: dict[str, str]) -> None:
    assert build_credentials(values, "x")


HUSH_KEYS = dict.fromkeys(("access_key", "secret_key", "security_token"), "hush")
PASTED = [
    ({**whole, name: written}, name)
    for whole in ({"auth_token": "hush"}, HUSH_KEYS, dict.fromkeys(LOGIN, "hush"))
    for name in whole
    for written in ("hush\n", " hush", "hush\t", "hush\r\n", "\u00a0hush", "hu\nsh", "hu\x1bsh", "hu\u200bsh")
]


@pytest.mark.parametrize(("given_values", "name"), PASTED, ids=[f"{name} {n}" for n, (_v, name) in enumerate(PASTED)])
def test_traces_of_pasting_are_refused_by_name(given_values: dict[str, str | None], name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build_credentials(given_values, "x")
    assert str(caught.value).startswith(f"{name} must not ")
    assert "hu" not in str(caught.value)


@pytest.mark.parametrize("name", ["auth_token", "access_key", "security_token"])
@pytest.mark.parametrize("value", ["hu sh", "hüsh"])
def test_what_cannot_be_a_header_is_refused(name: str, value: str) -> None:
    given = {} if name == "auth_token" else HUSH_KEYS
    with pytest.raises(ConfigurationError) as caught:
        build_credentials({**given, name: value}, "x")
    assert str(caught.value) == f"{name} must not contain spaces, line breaks or non-ASCII characters"


def test_a_pasted_value_has_its_own_name_in_the_error() -> None:
    with pytest.raises(ConfigurationError, match="^HW_AUTH_TOKEN must not start or end with spaces or line breaks$"):
        build_credentials({"auth_token": "t\n"}, "the environment", {"auth_token": "HW_AUTH_TOKEN"})


@pytest.mark.parametrize("value", ['{"value": "hush"}', '["hush"]', '"hush"', "'hush'"])
@pytest.mark.parametrize("name", ["auth_token", "access_key", "secret_key", "security_token"])
def test_what_is_wrapped_around_a_value_is_refused(name: str, value: str) -> None:
    given = {"access_key": "a", "secret_key": "s"} if name != "auth_token" else {}
    with pytest.raises(ConfigurationError, match=f"^{name} must be the value alone, neither JSON nor in quotes$"):
        build_credentials({**given, name: value}, "the options")


def test_a_password_may_begin_with_any_character() -> None:
    given = {"username": "u", "password": '{"hush"', "domain_name": "d"}
    assert build_credentials(given, "the options") == Password("u", '{"hush"', "d")


OIDC = {"HUAWEICLOUD_OIDC_PROVIDER_URN": "iam::a:p", "HUAWEICLOUD_OIDC_AGENCY_URN": "iam::a:agency/x"}
SOURCES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "another token": ({"HW_AUTH_TOKEN": "t1"}, {"HW_AUTH_TOKEN": "t2"}),
    "another key": ({"HW_ACCESS_KEY": "a", "HW_SECRET_KEY": "s"}, {"HW_ACCESS_KEY": "b", "HW_SECRET_KEY": "s"}),
    "another user": (
        {"HW_USER_NAME": "u", "HW_USER_PASSWORD": "p", "HW_DOMAIN_NAME": "d"},
        {"HW_USER_NAME": "u", "HW_USER_PASSWORD": "p", "HW_DOMAIN_NAME": "e"},
    ),
    "another OIDC agency": (
        {**OIDC, "HUAWEICLOUD_OIDC_ID_TOKEN": "t"},
        {**OIDC, "HUAWEICLOUD_OIDC_ID_TOKEN": "t", "HUAWEICLOUD_OIDC_AGENCY_URN": "iam::b:agency/x"},
    ),
    "another provider of ID tokens": (
        {"HW_ASSUME_ROLE_IDP_ID": "i", "HW_ASSUME_ROLE_ID_TOKEN": "t"},
        {"HW_ASSUME_ROLE_IDP_ID": "j", "HW_ASSUME_ROLE_ID_TOKEN": "t"},
    ),
    "the ID token of another": (
        {"HW_ASSUME_ROLE_IDP_ID": "i", "HW_ASSUME_ROLE_ID_TOKEN": "t"},
        {"HW_ASSUME_ROLE_IDP_ID": "i", "HW_ASSUME_ROLE_ID_TOKEN": "u"},
    ),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_other_credentials_have_other_names(kind: str) -> None:
    """By which a cache knows whose it is."""
    first, second = (names_of(resolve(ProviderContext({}, environ)).credentials) for environ in SOURCES[kind])
    again = names_of(resolve(ProviderContext({}, SOURCES[kind][0])).credentials)
    assert first == again
    assert first != second


def test_a_renewed_oidc_token_has_the_same_names() -> None:
    tokens = ({**OIDC, "HUAWEICLOUD_OIDC_ID_TOKEN": token} for token in ("t1", "t2"))
    first, second = (names_of(resolve(ProviderContext({}, environ)).credentials) for environ in tokens)
    assert first == second
