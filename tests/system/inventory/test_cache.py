# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache: read once, and never for another account, other options, or a part of the regions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.inventory.conftest import Source

WITHOUT_KEYS = {"access_key": None, "secret_key": None}


@pytest.fixture
def caching(tmp_path: Path) -> dict[str, Any]:
    return {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}


def cached(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*"))


def test_second_read_sends_nothing(
    simulator: Simulator, source: Source, caching: dict[str, Any], tmp_path: Path
) -> None:
    simulator.add_instance(name="meters", tags={"env": "prod"})
    path = source.write(keyed_groups=[{"key": "iotda_tags.env"}], **caching)
    first = source.parse(path)
    assert first.groups["_prod"] == ["meters"]
    simulator.journal.clear()
    assert source.parse(path) == first
    assert not simulator.journal.entries()
    (file,) = cached(tmp_path)
    written = file.name + file.read_text(encoding="utf-8")
    assert not [secret for secret in simulator.secrets() if secret in written]


def test_flush_reads_again(simulator: Simulator, source: Source, caching: dict[str, Any]) -> None:
    simulator.add_instance(name="meters")
    path = source.write(**caching)
    source.parse(path)
    simulator.add_instance(name="lamps")
    assert source.parse(path).hosts == ["meters"]
    assert source.parse(path, cache=False).hosts == ["lamps", "meters"]
    assert source.parse(path).hosts == ["lamps", "meters"]


@pytest.mark.parametrize(
    "other",
    [
        {"regions": ["cn-east-3"]},
        {"region": "cn-east-3"},
        {"status": ["ACTIVE", "FROZEN"]},
        {"name": "met"},
        {"tags": {"env": "prod"}},
        {"instance_type": "standard"},
        {"access_key": "OTHERACCOUNT"},
    ],
)
def test_other_options_are_read_anew(
    simulator: Simulator, source: Source, caching: dict[str, Any], other: dict[str, Any]
) -> None:
    simulator.add_instance(name="meters")
    simulator.add_region("cn-east-3")
    source.read(**caching)
    simulator.journal.clear()
    found = source.read(**{**caching, **other})
    assert simulator.journal.entries()
    assert found.failed == ("access_key" in other)


def test_another_account_is_read_anew(
    simulator: Simulator, source: Source, caching: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.add_instance(name="meters")
    monkeypatch.setenv("HW_ACCESS_KEY", simulator.access_key)
    monkeypatch.setenv("HW_SECRET_KEY", simulator.secret_key)
    path = source.write(**caching, **WITHOUT_KEYS)
    assert source.parse(path).hosts == ["meters"]
    monkeypatch.setenv("HW_ACCESS_KEY", "OTHERACCOUNT")
    assert source.parse(path).failed


def test_part_of_the_regions_is_not_cached(
    simulator: Simulator, source: Source, caching: dict[str, Any], tmp_path: Path
) -> None:
    for region in (simulator.region, "cn-east-3"):
        simulator.add_instance(name=f"in-{region}", region=region)
    path = source.write(regions=[simulator.region, "cn-east-3"], skip_failed_regions=True, **caching)
    simulator.fault(path="/management/cn-east-3/", status=500)
    assert source.parse(path).hosts == ["in-cn-north-4"]
    assert cached(tmp_path) == []
    assert source.parse(path).hosts == ["in-cn-east-3", "in-cn-north-4"]


def test_cached_names_are_data_and_warnings_stay(simulator: Simulator, source: Source, caching: dict[str, Any]) -> None:
    hostile = "{{ lookup('pipe', 'touch PWNED') }}"
    instance = simulator.add_instance(name=hostile, hostile=True)
    simulator.add_instance(name="bare", has_app_https=False)
    path = source.write(compose={"copied": "iotda_name"}, **caching)
    found = source.parse(path)
    assert found.variables[instance.instance_id]["copied"] == hostile
    assert found.output.count("[WARNING]") == 2
    assert source.parse(path) == found


def test_cache_of_another_version_is_not_used(
    simulator: Simulator, source: Source, caching: dict[str, Any], tmp_path: Path
) -> None:
    simulator.add_instance(name="meters")
    path = source.write(**caching)
    found = source.parse(path)
    (file,) = cached(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("iotda_endpoint", "iotda_url"), encoding="utf-8")
    assert source.parse(path) == found


def account(simulator: Simulator, **values: str) -> dict[str, str]:
    return {"access_key": simulator.access_key, "secret_key": simulator.secret_key, **values}


def sdk_file(path: Path, keys: dict[str, str]) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(f"[basic]\nak = {keys['access_key']}\nsk = {keys['secret_key']}\n", encoding="utf-8")


def koocli_file(path: Path, current: str, **profiles: dict[str, str]) -> None:
    path.parent.mkdir(exist_ok=True)
    listed = [
        {"name": name, "mode": "AKSK", "accessKeyId": keys["access_key"], "secretAccessKey": keys["secret_key"]}
        for name, keys in profiles.items()
    ]
    path.write_text(json.dumps({"current": current, "profiles": listed}), encoding="utf-8")


STRANGER = {"access_key": "STRANGER", "secret_key": "of-a-stranger"}


@pytest.mark.parametrize(
    "how", ["file content", "home", "current", "profile", "variable", "agency", "iam", "token", "project"]
)
def test_whatever_names_another_account_is_read_anew(
    simulator: Simulator,
    source: Source,
    caching: dict[str, Any],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    """Once an account has been read, another one named in any way finds nothing of it."""
    simulator.add_instance(name="meters")
    mine = account(simulator)
    options: dict[str, Any] = {**caching, **WITHOUT_KEYS}
    if how in ("current", "profile"):
        koocli_file(home / ".hcloud/config.json", "mine", mine=mine, other=STRANGER)
    elif how == "token":
        monkeypatch.setenv("HW_AUTH_TOKEN", simulator.auth_token)
    else:
        sdk_file(home / ".huaweicloud/credentials", mine)
    path = source.write(**options)
    assert source.parse(path).hosts == ["meters"]
    assert source.parse(path).hosts == ["meters"]
    simulator.journal.clear()
    if how == "file content":
        sdk_file(home / ".huaweicloud/credentials", STRANGER)
    elif how == "home":
        sdk_file(tmp_path / "other/.huaweicloud/credentials", STRANGER)
        monkeypatch.setenv("HOME", str(tmp_path / "other"))
    elif how == "current":
        koocli_file(home / ".hcloud/config.json", "other", mine=mine, other=STRANGER)
    elif how == "profile":
        monkeypatch.setenv("HW_PROFILE", "other")
    elif how == "variable":
        monkeypatch.setenv("OS_ACCESS_KEY", "STRANGER")
        monkeypatch.setenv("OS_SECRET_KEY", "of-a-stranger")
    elif how == "agency":
        monkeypatch.setenv("HW_ASSUME_ROLE_AGENCY_NAME", "unknown")
        monkeypatch.setenv("HW_ASSUME_ROLE_DOMAIN_NAME", "unknown")
    elif how == "iam":
        path = source.write(**{**options, "iam_endpoint": "http://127.0.0.1:1"})
    elif how == "token":
        monkeypatch.setenv("HW_AUTH_TOKEN", "of-a-stranger")
    else:
        monkeypatch.setenv("HW_PROJECT_ID", "0badc0de")
    found = source.parse(path)
    assert found.failed, found
    assert "No credentials were found" not in found.output
    assert how == "iam" or simulator.journal.entries()


def broken(file: Path, how: str) -> None:
    text = file.read_text(encoding="utf-8")
    if how == "a folder":
        file.unlink()
        file.mkdir()
        return
    changed = {
        "truncated": text[: len(text) // 2],
        "empty": "",
        "other JSON": "[1, 2]",
        "null": "null",
        "no text": "\udcff",
        "of other types": re.sub(r'\\*"meters\\*"', "5", text),
    }
    file.write_bytes(changed[how].encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("how", ["truncated", "empty", "other JSON", "null", "no text", "of other types", "a folder"])
def test_an_unreadable_cache_is_a_miss(
    simulator: Simulator, source: Source, caching: dict[str, Any], tmp_path: Path, how: str
) -> None:
    simulator.add_instance(name="meters")
    path = source.write(**caching)
    first = source.parse(path)
    (file,) = cached(tmp_path)
    broken(file, how)
    simulator.journal.clear()
    found = source.parse(path)
    assert (found.hosts, found.variables) == (first.hosts, first.variables)
    assert simulator.journal.entries()


@pytest.mark.parametrize("key", ["__ansible_vault", "__ansible_unsafe", "__ansible_type", "__payload__"])
def test_tags_are_data_whatever_their_keys(
    simulator: Simulator, source: Source, caching: dict[str, Any], key: str
) -> None:
    simulator.add_instance(name="meters", tags={key: "$ANSIBLE_VAULT;1.1;AES256"}, hostile=True)
    path = source.write(**caching)
    fresh = source.parse(path)
    assert fresh.variables["meters"]["iotda_tags"] == {key: "$ANSIBLE_VAULT;1.1;AES256"}
    simulator.journal.clear()
    assert source.parse(path) == fresh
    assert not simulator.journal.entries()
