# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials from the environment: every name, in its family, whole."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Credentials,
    Password,
    ProviderContext,
    ResolvedCredentials,
    Token,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import load_environment as load
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

Environ = dict[str, str]

HW_TOKEN = {"HW_AUTH_TOKEN": "ht"}
OS_TOKEN = {"OS_AUTH_TOKEN": "ot"}
SDK_KEYS = {"HUAWEICLOUD_SDK_AK": "sa", "HUAWEICLOUD_SDK_SK": "ss"}
HW_KEYS = {"HW_ACCESS_KEY": "ha", "HW_SECRET_KEY": "hs"}
OS_KEYS = {"OS_ACCESS_KEY": "oa", "OS_SECRET_KEY": "os"}
HW_LOGIN = {"HW_USER_NAME": "hu", "HW_USER_PASSWORD": "hp", "HW_DOMAIN_NAME": "hd"}
OS_LOGIN = {"OS_USERNAME": "ou", "OS_PASSWORD": "op", "OS_DOMAIN_NAME": "od"}

# In the order in which they count.
FAMILIES: list[tuple[Environ, Credentials]] = [
    (HW_TOKEN, Token("ht")),
    (OS_TOKEN, Token("ot")),
    (SDK_KEYS, AccessKey("sa", "ss")),
    (HW_KEYS, AccessKey("ha", "hs")),
    (OS_KEYS, AccessKey("oa", "os")),
    (HW_LOGIN, Password("hu", "hp", "hd")),
    (OS_LOGIN, Password("ou", "op", "od")),
]


def found(environ: Environ) -> ResolvedCredentials:
    end = load(ProviderContext({}, environ))
    assert isinstance(end, ResolvedCredentials)
    return end


@pytest.mark.parametrize(("environ", "credentials"), FAMILIES, ids=str)
def test_each_family_makes_credentials(environ: Environ, credentials: Credentials) -> None:
    assert found(environ).credentials == credentials


@pytest.mark.parametrize(("environ", "credentials"), FAMILIES, ids=str)
def test_source_names_variables_but_not_their_values(environ: Environ, credentials: Credentials) -> None:
    assert found(environ).source == f"environment ({', '.join(environ)})"


@pytest.mark.parametrize(
    ("earlier", "later"), list(itertools.combinations(FAMILIES, 2)), ids=lambda family: next(iter(family[0]))
)
def test_only_the_first_complete_family_is_used(
    earlier: tuple[Environ, Credentials], later: tuple[Environ, Credentials]
) -> None:
    assert found({**later[0], **earlier[0]}).credentials == earlier[1]


@pytest.mark.parametrize(
    ("environ", "credentials"),
    [
        ({**SDK_KEYS, "HUAWEICLOUD_SDK_SECURITY_TOKEN": "x"}, AccessKey("sa", "ss", "x")),
        ({**HW_KEYS, "HW_SECURITY_TOKEN": "x"}, AccessKey("ha", "hs", "x")),
        ({**OS_KEYS, "OS_SECURITY_TOKEN": "x"}, AccessKey("oa", "os")),
        ({**HW_KEYS, "HUAWEICLOUD_SDK_PROJECT_ID": "p"}, AccessKey("ha", "hs")),
    ],
)
def test_a_security_token_belongs_to_its_family(environ: Environ, credentials: Credentials) -> None:
    assert found(environ).credentials == credentials


@pytest.mark.parametrize(
    ("names", "domain"),
    [
        ({"OS_DOMAIN_NAME": "one"}, "one"),
        ({"OS_USER_DOMAIN_NAME": "two"}, "two"),
        ({"OS_DOMAIN_NAME": "one", "OS_USER_DOMAIN_NAME": "two"}, "one"),
        ({"OS_DOMAIN_NAME": "", "OS_USER_DOMAIN_NAME": "two"}, "two"),
    ],
)
def test_either_name_of_the_openstack_domain_serves(names: Environ, domain: str) -> None:
    assert found({"OS_USERNAME": "u", "OS_PASSWORD": "p", **names}).credentials == Password("u", "p", domain)


@pytest.mark.parametrize(
    "family", [SDK_KEYS, HW_KEYS, OS_KEYS, HW_LOGIN, OS_LOGIN], ids=lambda names: next(iter(names))
)
def test_incomplete_family_names_the_missing_variable(family: Environ) -> None:
    for missing in family:
        rest = {name: value for name, value in family.items() if name != missing}
        with pytest.raises(ConfigurationError) as caught:
            load(ProviderContext({}, rest))
        assert (
            str(caught.value) == f"The credentials from the environment are incomplete: {missing} must be set as well"
        )


@pytest.mark.parametrize(
    ("half", "other", "missing"),
    [
        ({"HUAWEICLOUD_SDK_AK": "a"}, HW_KEYS, "HUAWEICLOUD_SDK_SK"),
        ({"HW_ACCESS_KEY": "a"}, {"OS_SECRET_KEY": "s"}, "HW_SECRET_KEY"),
        ({"HW_SECURITY_TOKEN": "x"}, OS_KEYS, "HW_ACCESS_KEY and HW_SECRET_KEY"),
        ({"HW_USER_NAME": "u"}, OS_LOGIN, "HW_USER_PASSWORD and HW_DOMAIN_NAME"),
    ],
)
def test_incomplete_family_is_not_filled_in_or_skipped(half: Environ, other: Environ, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"incomplete: {missing} must be set as well"):
        load(ProviderContext({}, {**half, **other}))


@pytest.mark.parametrize(
    "environ",
    [
        {},
        dict.fromkeys([name for family, _credentials in FAMILIES for name in family], ""),
        {"HW_DOMAIN_NAME": "d", "OS_USER_DOMAIN_NAME": "d", "HW_REGION_NAME": "cn-north-4"},
        {"ANSIBLE_HW_AUTH_TOKEN": "t", "hw_auth_token": "t"},
    ],
)
def test_an_environment_without_credentials_says_so(environ: Environ) -> None:
    assert load(ProviderContext({}, environ)) == "environment: no variable for credentials is set"


def test_options_are_not_looked_at() -> None:
    assert isinstance(load(ProviderContext({"auth_token": "t"}, {})), str)


@pytest.mark.parametrize("name", ["HW_USER_PASSWORD", "OS_AUTH_TOKEN", "HUAWEICLOUD_SDK_SK"])
def test_non_utf8_variable_is_an_error_naming_it(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^The environment variable {name} is not text in UTF-8$"):
        load(ProviderContext({}, {name: "hush\udcff"}))
