# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials from options: one kind, whole."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Credentials,
    Password,
    ProviderContext,
    ResolvedCredentials,
    Token,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import load_options as load
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

KEYS = {"access_key": "a", "secret_key": "s"}
LOGIN = {"username": "u", "password": "p", "domain_name": "d"}


@pytest.mark.parametrize(
    ("options", "credentials"),
    [
        ({"auth_token": "t"}, Token("t")),
        (KEYS, AccessKey("a", "s")),
        ({**KEYS, "security_token": "x"}, AccessKey("a", "s", "x")),
        (LOGIN, Password("u", "p", "d")),
        ({"auth_token": "t", "access_key": None, "username": ""}, Token("t")),
    ],
)
def test_options_name_credentials(options: dict[str, Any], credentials: Credentials) -> None:
    assert load(ProviderContext(options, {})) == ResolvedCredentials("options", credentials)


@pytest.mark.parametrize("options", [{}, {"auth_token": None}, {"auth_token": ""}, {"domain_name": "d", "region": "r"}])
def test_options_that_name_none_say_so(options: dict[str, Any]) -> None:
    assert load(ProviderContext(options, {})) == "options: no option for credentials is set"


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({"auth_token": "t", **KEYS}, "a token and access keys"),
        ({"auth_token": "t", "access_key": "a"}, "a token and access keys"),
        ({"auth_token": "t", "secret_key": "s"}, "a token and access keys"),
        ({"auth_token": "t", "security_token": "x"}, "a token and access keys"),
        ({"auth_token": "t", **LOGIN}, "a token and a password"),
        ({"auth_token": "t", "password": "p"}, "a token and a password"),
        ({**KEYS, **LOGIN}, "access keys and a password"),
        ({"auth_token": "t", **KEYS, **LOGIN}, "a token and access keys and a password"),
    ],
)
def test_two_kinds_side_by_side_are_an_error(options: dict[str, Any], kinds: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(ProviderContext(options, {}))
    assert str(caught.value).startswith(f"The options contain {kinds}, but only one of them can be used")


@pytest.mark.parametrize(
    ("options", "missing"),
    [({"access_key": "a"}, "secret_key"), ({"secret_key": "s"}, "access_key"), ({"username": "u"}, "password")],
)
def test_half_of_one_is_an_error(options: dict[str, Any], missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"from the options are incomplete: {missing}"):
        load(ProviderContext(options, {}))


def test_the_environment_is_not_looked_at() -> None:
    assert isinstance(load(ProviderContext({}, {"HW_AUTH_TOKEN": "t"})), str)


def test_what_was_asked_shows_no_secret() -> None:
    assert "hush" not in repr(ProviderContext({"password": "hush"}, {"OS_PASSWORD": "hush"}))
    assert "hush" not in repr(load(ProviderContext({"auth_token": "hush"}, {})))
