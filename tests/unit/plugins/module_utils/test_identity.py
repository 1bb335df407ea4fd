# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identities: what makes one, what is half of one, and what of it must not be shown."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import UsageError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._identity import (
    AccessKey,
    Identity,
    Named,
    Password,
    Token,
    check_identity,
    identify,
    secrets_of,
)

TOKEN = Named(auth_token="t")
KEYS = Named(access_key="a", secret_key="s")
LOGIN = Named(username="u", password="p", domain_name="d")


@pytest.mark.parametrize(
    ("given_values", "identity"),
    [
        (Named(), None),
        (TOKEN, Token("t")),
        (KEYS, AccessKey("a", "s")),
        (Named(access_key="a", secret_key="s", security_token="x"), AccessKey("a", "s", "x")),
        (Named(access_key="a", secret_key="s", security_token=""), AccessKey("a", "s", None)),
        (LOGIN, Password("u", "p", "d")),
        (Named(domain_name="d"), None),
        (Named(auth_token="", access_key="", username=""), None),
    ],
)
def test_values_make_an_identity(given_values: Named, identity: Identity | None) -> None:
    assert identify(given_values, "x") == identity


def test_a_token_comes_before_keys_and_keys_before_a_password() -> None:
    everything = Named("t", "a", "s", "x", "u", "p", "d")
    without_token = Named(None, "a", "s", "x", "u", "p", "d")
    assert identify(everything, "x") == Token("t")
    assert identify(without_token, "x") == AccessKey("a", "s", "x")


def test_a_token_does_not_mind_half_a_key_beside_it() -> None:
    assert identify(Named(auth_token="t", access_key="a"), "x") == Token("t")


@pytest.mark.parametrize(
    ("given_values", "missing"),
    [
        (Named(access_key="a"), "secret_key"),
        (Named(secret_key="s"), "access_key"),
        (Named(security_token="x"), "access_key and secret_key"),
        (Named(access_key="a", security_token="x"), "secret_key"),
        (Named(username="u"), "password and domain_name"),
        (Named(password="p"), "username and domain_name"),
        (Named(username="u", password="p"), "domain_name"),
        (Named(username="u", domain_name="d"), "password"),
        (Named(password="p", domain_name="d"), "username"),
        (Named(access_key="a", username="u", password="p", domain_name="d"), "secret_key"),
    ],
)
def test_half_an_identity_is_an_error_that_says_what_is_missing(given_values: Named, missing: str) -> None:
    with pytest.raises(UsageError) as caught:
        identify(given_values, "the options")
    assert str(caught.value) == f"The credentials from the options are incomplete: {missing} must be given too"


def test_what_is_missing_is_called_as_the_source_calls_it() -> None:
    with pytest.raises(UsageError, match="from the environment are incomplete: HW_SECRET_KEY must"):
        identify(Named(access_key="a"), "the environment", {"secret_key": "HW_SECRET_KEY"})


@pytest.mark.parametrize(
    ("given_values", "kinds"),
    [
        (Named(), []),
        (Named(domain_name="d"), []),
        (TOKEN, ["a token"]),
        (Named(access_key="a"), ["access keys"]),
        (Named(secret_key="s"), ["access keys"]),
        (Named(security_token="x"), ["access keys"]),
        (Named(username="u"), ["a password"]),
        (Named(password="p"), ["a password"]),
        (Named("t", "a", "s", "x", "u", "p", "d"), ["a token", "access keys", "a password"]),
    ],
)
def test_kinds_named(given_values: Named, kinds: list[str]) -> None:
    assert given_values.kinds() == kinds


@pytest.mark.parametrize(
    ("identity", "secrets"),
    [
        (Token("t"), ["t"]),
        (AccessKey("a", "s"), ["s"]),
        (AccessKey("a", "s", "x"), ["s", "x"]),
        (Password("u", "p", "d"), ["p"]),
    ],
)
def test_secrets(identity: Identity, secrets: list[str]) -> None:
    assert secrets_of(identity) == secrets


@pytest.mark.parametrize(
    "value",
    [
        Token("hush"),
        AccessKey("a", "hush", "hush"),
        Password("u", "hush", "d"),
        Named(auth_token="hush", secret_key="hush", security_token="hush", password="hush"),
    ],
)
def test_no_secret_is_in_the_text_of_a_value(value: object) -> None:
    assert "hush" not in repr(value)
    assert "hush" not in str(value)


@given(st.builds(Named, **{name.name: st.none() | st.sampled_from(["", "v"]) for name in fields(Named)}))
def test_nothing_is_named_exactly_where_there_are_no_kinds(given_values: Named) -> None:
    try:
        identity = identify(given_values, "x")
    except UsageError:
        assert given_values.kinds()
    else:
        assert (identity is None) is (given_values.kinds() == [])


@pytest.mark.parametrize(
    "identity", [Token("t"), AccessKey("a", "a secret é"), AccessKey("a", "s", "t"), Password("ü", "p p", "d")]
)
def test_an_identity_that_can_be_sent(identity: Identity) -> None:
    check_identity(identity)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (Token("hush hush"), "auth_token"),
        (Token("hush\n"), "auth_token"),
        (AccessKey("hush\r\nx: y", "s"), "access_key"),
        (AccessKey("a", "s", "hüsh"), "security_token"),
        (AccessKey("a", "hush\r"), "secret_key"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused_and_not_shown(identity: Identity, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_identity(identity)
    assert str(caught.value).startswith(f"{name} must not contain")
    assert "hush" not in str(caught.value)
