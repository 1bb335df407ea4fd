# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain of providers: the first that names anything is used whole, unless an option names another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    CredentialProvider,
    ProviderContext,
    ResolvedCredentials,
    Token,
    resolve,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

NOTHING = ProviderContext({}, {})
ONE = ResolvedCredentials("one", Token("t"), project_id="p1")
TWO = ResolvedCredentials("two", AccessKey("a", "s"), project_id="p2", region="r2")


class Spy:
    """A source that gives a written end, and keeps what it was asked."""

    def __init__(self, end: ResolvedCredentials | str | ConfigurationError) -> None:
        self.end = end
        self.asked: list[ProviderContext] = []

    def __call__(self, asked: ProviderContext) -> ResolvedCredentials | str:
        self.asked.append(asked)
        if isinstance(self.end, ConfigurationError):
            raise self.end
        return self.end


def test_first_source_with_a_credential_is_used() -> None:
    assert resolve(NOTHING, [Spy("first: no"), Spy(ONE), Spy(TWO)]) is ONE


def test_sources_after_the_first_match_are_not_queried() -> None:
    later = Spy(TWO)
    resolve(NOTHING, [Spy(ONE), later])
    assert later.asked == []


def test_every_source_is_asked_the_same() -> None:
    first, second = Spy("first: no"), Spy(ONE)
    resolve(NOTHING, [first, second])
    assert first.asked == second.asked == [NOTHING]


def test_incomplete_credential_does_not_fall_back() -> None:
    half, later = Spy(ConfigurationError("a half")), Spy(TWO)
    with pytest.raises(ConfigurationError, match="a half"):
        resolve(NOTHING, [half, later])
    assert later.asked == []


def test_error_lists_every_source_and_its_reason() -> None:
    chain: list[CredentialProvider] = [Spy("options: none"), Spy("file: not there"), Spy("service: no agency")]
    with pytest.raises(ConfigurationError) as caught:
        resolve(NOTHING, chain)
    text = str(caught.value)
    assert text.startswith("No credentials were found (options: none; file: not there; service: no agency);")


def test_error_without_credentials_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError, match="give auth_token, or access_key and secret_key"):
        resolve(NOTHING, [Spy("options: none")])


def test_options_precede_environment() -> None:
    options, environ = {"auth_token": "from-options"}, {"HW_AUTH_TOKEN": "from-environment"}
    assert resolve(ProviderContext(options, environ)).credentials == Token("from-options")
    assert resolve(ProviderContext({}, environ)).credentials == Token("from-environment")


REASONS = [
    "options",
    "environment",
    "SDK credentials file",
    "KooCLI configuration",
    "ECS metadata service",
    "pod identity",
]


def test_the_order_is_that_of_the_contract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(exchanges, "load_ecs_metadata", lambda context: "ECS metadata service: nobody there")
    with pytest.raises(ConfigurationError) as caught:
        resolve(NOTHING)
    text = str(caught.value)
    assert [reason.partition(": ")[0] for reason in text[text.index("(") + 1 : text.index(")")].split("; ")] == REASONS


# A place that an option names


def from_options(**options: str) -> ProviderContext:
    return ProviderContext(options, {"HW_ACCESS_KEY": "env", "HW_SECRET_KEY": "env"})


@pytest.fixture
def ini(tmp_path: Path) -> str:
    """Give a credentials file of the SDK."""
    path = tmp_path / "keys.ini"
    path.write_text("[basic]\nak = A\nsk = S\n")
    return str(path)


@pytest.fixture
def koo(tmp_path: Path) -> str:
    """Give a configuration of KooCLI with the profiles one and empty."""
    path = tmp_path / "koo.json"
    profiles = [{"name": "one", "accessKeyId": "K", "secretAccessKey": "S"}, {"name": "empty"}]
    path.write_text(json.dumps({"current": "one", "profiles": profiles}))
    return str(path)


def test_a_credentials_file_as_option_beats_variables(ini: str) -> None:
    found = resolve(from_options(credentials_file=ini))
    assert (found.credentials, found.by_option) == (AccessKey("A", "S"), True)


@pytest.mark.parametrize("more", [{}, {"profile": "one"}])
def test_a_koocli_profile_as_option_beats_variables(koo: str, more: dict[str, str]) -> None:
    found = resolve(from_options(config_file=koo, **more))
    assert (found.credentials, found.by_option) == (AccessKey("K", "S"), True)


def test_a_file_named_by_a_variable_yields_to_keys(ini: str) -> None:
    variable = {"credentials_file": "HUAWEICLOUD_SDK_CREDENTIALS_FILE"}
    context = from_options(credentials_file=ini)._replace(from_environment=variable)
    found = resolve(context)
    assert (found.credentials, found.by_option) == (AccessKey("env", "env"), False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"profile": "typo"}, "profile is 'typo', but the KooCLI configuration .* does not exist"),
        ({"config_file": "koo", "profile": "typo"}, "has no profile 'typo'; its profiles are: one, empty"),
        (
            {"config_file": "koo", "profile": "empty"},
            "set as an option, contains no usable credentials .*no access key",
        ),
        ({"config_file": "/nope.json"}, "config_file names a file that does not exist: /nope.json"),
        ({"credentials_file": "/nope.ini"}, "credentials_file names a file that does not exist: /nope.ini"),
        ({"credentials_file": "koo"}, "is not a readable INI file"),
        ({"credentials_file": "other"}, r"credentials_file, set as an option, .*has no section \[basic\]"),
        (
            {"credentials_file": "ini", "profile": "one"},
            "contain credentials_file and profile, but only one of them can",
        ),
        ({"auth_token": "t", "profile": "one"}, "contain a token and profile, but only one of them can be used"),
        (
            {"access_key": "a", "secret_key": "s", "credentials_file": "ini"},
            "contain access keys and credentials_file",
        ),
        (
            {"username": "u", "config_file": "koo", "profile": "one"},
            "contain a password and config_file with profile, but",
        ),
    ],
    ids=str,
)
def test_a_named_place_that_does_not_serve_is_an_error(
    ini: str, koo: str, options: dict[str, str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "other.ini").write_text("[global]\nak = A\nsk = S\n")
    paths = {"ini": ini, "koo": koo, "other": str(tmp_path / "other.ini")}
    with pytest.raises(ConfigurationError, match=words):
        resolve(from_options(**{name: paths.get(value, value) for name, value in options.items()}))
