# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache: read once, and never for another account, other options, or a part of the regions."""

from __future__ import annotations

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
