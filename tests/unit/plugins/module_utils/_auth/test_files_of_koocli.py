# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in the configuration of KooCLI: the chosen profile, in plain text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Agency,
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.files import load_koocli as load
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

ONE = {"name": "one", "mode": "AKSK", "accessKeyId": "A1", "secretAccessKey": "s1", "region": "r", "projectId": "p"}
TWO = {"name": "two", "mode": "AKSK", "accessKeyId": "A2", "secretAccessKey": "s2", "securityToken": "t2"}
AGENCY = {"name": "agency", "mode": "ecsAgency", "accessKeyId": "", "secretAccessKey": ""}
DEFAULT = ProviderContext({}, {})


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give where the configuration is by default, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".hcloud").mkdir()
    return tmp_path / ".hcloud" / "config.json"


def write(path: Path, *profiles: dict[str, Any], current: str | None = None) -> None:
    path.write_text(json.dumps({"current": current, "profiles": profiles}))


def test_the_current_profile_is_used(path: Path) -> None:
    write(path, TWO, ONE, current="one")
    source = f"KooCLI configuration ({path}, profile one)"
    assert load(DEFAULT) == ResolvedCredentials(source, AccessKey("A1", "s1"), project_id="p", region="r")


def test_an_option_chooses_another_profile(path: Path) -> None:
    write(path, ONE, TWO, current="one")
    found = load(ProviderContext({"profile": "two"}, {}))
    assert isinstance(found, ResolvedCredentials)
    assert found.credentials == AccessKey("A2", "s2", "t2")


def test_an_option_names_another_file(path: Path, tmp_path: Path) -> None:
    write(tmp_path / "other.json", ONE, current="one")
    assert isinstance(load(ProviderContext({"config_file": "~/other.json"}, {})), ResolvedCredentials)


def test_missing_profile_error_lists_existing_profiles(path: Path) -> None:
    write(path, ONE, TWO, current="one")
    with pytest.raises(ConfigurationError, match="has no profile 'three'; its profiles are: one, two$"):
        load(ProviderContext({"profile": "three"}, {}))


def test_a_profile_without_a_file_is_an_error(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="^profile is 'one', but the KooCLI configuration .* does not exist$"):
        load(ProviderContext({"profile": "one"}, {}))


def test_missing_file_is_no_error_at_the_default_path(path: Path) -> None:
    assert load(DEFAULT) == f"KooCLI configuration: {path} does not exist"


def test_no_file_is_an_error_where_an_option_named_it() -> None:
    with pytest.raises(ConfigurationError, match="^config_file names a file that does not exist"):
        load(ProviderContext({"config_file": "/no/such"}, {}))


@pytest.mark.parametrize("current", [None, "", "three"])
def test_missing_current_profile_is_reported(path: Path, current: str | None) -> None:
    write(path, ONE, current=current)
    assert load(DEFAULT) == f"KooCLI configuration: {path} has no current profile"


def test_profile_without_keys_is_reported_with_mode(path: Path) -> None:
    write(path, {"name": "one", "mode": "AKSK"}, current="one")
    described = f"the profile 'one' of the KooCLI configuration {path}"
    assert load(DEFAULT) == f"KooCLI configuration: {described} (AKSK) contains no access key"


def test_the_mode_ecsagency_is_left_to_the_ecs(path: Path) -> None:
    write(path, AGENCY, current="agency")
    end = load(DEFAULT)
    assert isinstance(end, str)
    assert end.endswith("uses the agency of the ECS, whose keys the metadata service provides")


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("ecsAgency", "leave out profile to get the keys from the metadata service of the ECS"),
        (
            "SSO",
            "keys from single sign-on cannot be renewed here; choose a profile with .*",
        ),
        ("Token", "choose a profile with access keys \\(mode AKSK\\), or another source of credentials"),
    ],
)
def test_a_mode_that_cannot_be_used_says_what_to_do(path: Path, mode: str, words: str) -> None:
    write(path, {**ONE, "mode": mode}, current="one")
    with pytest.raises(ConfigurationError, match=f"has the mode '{mode.lower()}': {words}$"):
        load(ProviderContext({"profile": "one"}, {}))


@pytest.mark.parametrize("mode", ["AKSK", "AssumeRole", "assumeRole", None])
@pytest.mark.parametrize(
    ("account", "agency"),
    [
        ({"agencyDomainName": "other"}, Agency("ops", "other")),
        ({"agencyDomainId": "0a"}, Agency("ops", None, "0a")),
        ({"agencyDomainName": "other", "agencyDomainId": "0a"}, Agency("ops", "other", "0a")),
    ],
)
def test_a_profile_may_take_an_agency(path: Path, mode: str, account: dict[str, str], agency: Agency) -> None:
    write(path, {**ONE, "mode": mode, "agencyName": "ops", **account}, current="one")
    found = load(DEFAULT)
    assert isinstance(found, ResolvedCredentials)
    assert (found.agency, found.project_id) == (agency, "p")


@pytest.mark.parametrize(
    ("half", "missing"), [({"agencyName": "o"}, "agencyDomainName"), ({"agencyDomainId": "d"}, "agencyName")]
)
def test_half_an_agency_is_an_error(path: Path, half: dict[str, str], missing: str) -> None:
    write(path, {**ONE, **half}, current="one")
    with pytest.raises(ConfigurationError, match=f"^The agency of the profile .* is incomplete: {missing} must be"):
        load(DEFAULT)


def test_an_agency_without_keys_is_an_error(path: Path) -> None:
    agency = {"name": "one", "mode": "AssumeRole", "agencyName": "o", "agencyDomainName": "d"}
    write(path, agency, TWO, current="one")
    with pytest.raises(ConfigurationError, match="uses an agency, but has no access keys; give"):
        load(DEFAULT)


def test_half_a_key_is_an_error(path: Path) -> None:
    write(path, {**ONE, "secretAccessKey": ""}, current="one")
    with pytest.raises(ConfigurationError, match="are incomplete: secretAccessKey must be set as well"):
        load(DEFAULT)


def test_what_is_no_text_counts_as_not_there(path: Path) -> None:
    write(path, {"name": "one", "accessKeyId": 7, "secretAccessKey": ["s"], "mode": None}, current="one")
    described = f"the profile 'one' of the KooCLI configuration {path}"
    assert load(DEFAULT) == f"KooCLI configuration: {described} (no mode) contains no access key"


def test_encrypted_profile_error_says_how_to_decrypt(path: Path) -> None:
    write(path, {**ONE, "accessKeyId": "1b:hush/=="}, current="one")
    with pytest.raises(ConfigurationError, match="hcloud configure set --cli-auth-encrypt=false") as caught:
        load(DEFAULT)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("said", [True, "true", "TRUE"])
def test_a_file_that_says_it_is_encrypted_is_believed(path: Path, said: object) -> None:
    path.write_text(json.dumps({"current": "one", "authEncrypt": said, "profiles": [ONE]}))
    with pytest.raises(ConfigurationError, match="hcloud configure set --cli-auth-encrypt=false"):
        load(DEFAULT)


@pytest.mark.parametrize("said", [False, "false", None])
def test_a_file_that_is_not_encrypted_serves(path: Path, said: object) -> None:
    path.write_text(json.dumps({"current": "one", "authEncrypt": said, "profiles": [ONE]}))
    assert isinstance(load(DEFAULT), ResolvedCredentials)


@pytest.mark.parametrize("key", ["accessKeyId", "secretAccessKey"])
def test_a_pasted_newline_is_refused_by_its_key(path: Path, key: str) -> None:
    write(path, {**ONE, key: "A1\n"}, current="one")
    with pytest.raises(ConfigurationError, match=f"^{key} must not start or end with spaces"):
        load(DEFAULT)


@pytest.mark.parametrize("text", ["", "hush", "[]", '{"profiles": {}}', "[" * 100_000], ids=lambda text: text[:20])
def test_error_for_invalid_config_does_not_quote_it(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="does not contain the JSON that hcloud writes$") as caught:
        load(DEFAULT)
    assert "hush" not in str(caught.value)


def test_odd_entries_are_passed_over(path: Path) -> None:
    path.write_text(json.dumps({"current": "one", "profiles": [None, 7, {"name": ["one"]}, ONE]}))
    assert isinstance(load(DEFAULT), ResolvedCredentials)


@pytest.mark.parametrize("chosen", [None, "three"])
def test_a_name_that_is_not_text_is_not_reported(path: Path, chosen: str | None) -> None:
    odd = {"secretAccessKey": "hush"}
    write(path, {"name": odd, "accessKeyId": "A"}, ONE, current=odd)  # type: ignore[arg-type]
    if chosen:
        with pytest.raises(ConfigurationError, match="has no profile 'three'; its profiles are: one$"):
            load(ProviderContext({"profile": chosen}, {}))
    else:
        assert load(DEFAULT) == f"KooCLI configuration: {path} has no current profile"


def test_control_characters_are_removed_from_names(path: Path) -> None:
    write(
        path, {**ONE, "name": "o\x1b[1mne"}, {**AGENCY, "name": "a\n\x1b[1m", "mode": "m\x1b[1m"}, current="o\x1b[1mne"
    )
    found = load(DEFAULT)
    assert isinstance(found, ResolvedCredentials)
    assert found.source == f"KooCLI configuration ({path}, profile o [1mne)"
    with pytest.raises(ConfigurationError, match=r"its profiles are: o \[1mne, a \[1m$"):
        load(ProviderContext({"profile": "three"}, {}))
    with pytest.raises(ConfigurationError, match=r"^The profile 'a \[1m' of .* has the mode 'm \[1m': choose"):
        load(ProviderContext({"profile": "a\n\x1b[1m"}, {}))


def test_byte_order_mark_is_ignored(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"current": "one", "profiles": [ONE]}).encode())
    assert isinstance(load(DEFAULT), ResolvedCredentials)
