# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances are found, what their hosts are called, and which variables they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.inventory.conftest import Source

LISTS = r"/iotda-instances$"
SHOWS = r"/iotda-instances/."


def test_host_has_all_that_modules_need(simulator: Simulator, source: Source) -> None:
    instance = simulator.add_instance("standard", "meters", tags={"env": "prod", "note": ""})
    found = source.read()
    variables = found.variables["meters"]
    (access, *_others) = variables.pop("iotda_access_infos")
    created = instance.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert variables == {
        "iotda_endpoint": instance.url.replace("http://", "https://"),
        "iotda_region": simulator.region,
        "iotda_project_id": simulator.project_id,
        "iotda_instance_id": instance.instance_id,
        "iotda_name": "meters",
        "iotda_edition": "standard",
        "iotda_status": "ACTIVE",
        "iotda_tags": {"env": "prod", "note": ""},
        "iotda_flavor": {"type": "iotda.standard.s0", "size": 1},
        "iotda_charge_mode": "postPaid",
        "iotda_create_time": created,
        "iotda_enterprise_project_id": "0",
    }
    assert access["type"] == "APP_HTTPS"
    assert found.output == ""


def test_regions_are_read_side_by_side(simulator: Simulator, source: Source) -> None:
    regions = [simulator.region, "cn-east-3", "cn-south-1"]
    for region in regions:
        for number in range(3):
            simulator.add_instance(name=f"{region}-{number}", region=region)
    simulator.fault(kind="latency", path="iotda-instances", seconds=0.3, times=None)
    found = source.read(regions=regions)
    assert len(found.hosts) == 9
    assert simulator.journal.count("GET", LISTS) == 3
    assert simulator.journal.count("GET", SHOWS) == 9
    # Three regions at once, then nine instances at once.
    assert simulator.journal.peak >= 6
    projects = {found.variables[f"{region}-0"]["iotda_project_id"] for region in regions}
    assert projects == {simulator.accounts.projects_named(region)[0].project_id for region in regions}


def test_default_is_the_region_of_the_connection(simulator: Simulator, source: Source) -> None:
    simulator.add_instance(name="here")
    simulator.add_instance(name="there", region="cn-east-3")
    assert source.read().hosts == ["here"]
    assert source.read(region="cn-east-3").hosts == ["there"]
    assert source.read(regions="cn-east-3,cn-north-4").hosts == ["here", "there"]


def test_pages_are_read_to_the_end(simulator: Simulator, source: Source) -> None:
    simulator.settings.instances_per_page = 2
    for number in range(5):
        simulator.add_instance(name=f"i{number}")
    assert source.read().hosts == ["i0", "i1", "i2", "i3", "i4"]
    assert simulator.journal.count("GET", LISTS) == 3


def test_nothing_to_find_is_an_empty_group(source: Source) -> None:
    found = source.read()
    assert (found.hosts, found.groups["iotda"], found.output) == ([], [], "")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["Harbour-1", "meters"]),
        ({"name": "harbour"}, []),
        ({"name": "Harbour"}, ["Harbour-1"]),
        ({"instance_type": "enterprise"}, ["meters"]),
        ({"status": "FROZEN"}, ["lamps"]),
        ({"status": ["FROZEN", "ACTIVE"]}, ["Harbour-1", "lamps", "meters"]),
        ({"tags": {"env": "prod"}}, ["Harbour-1"]),
        ({"tags": {"env": "prod", "team": "x"}}, []),
    ],
)
def test_filters(simulator: Simulator, source: Source, options: dict[str, Any], expected: list[str]) -> None:
    simulator.add_instance("standard", "Harbour-1", tags={"env": "prod"})
    simulator.add_instance("enterprise", "meters", tags={"env": "test", "team": "x"})
    simulator.add_instance("standard", "lamps", status="FROZEN")
    assert source.read(**options).hosts == expected


def test_instances_that_are_not_wanted_cost_no_call(simulator: Simulator, source: Source) -> None:
    simulator.add_instance(name="frozen", status="FROZEN")
    simulator.add_instance(name="active")
    source.read()
    assert simulator.journal.count("GET", SHOWS) == 1


def test_instance_without_address_is_skipped(simulator: Simulator, source: Source) -> None:
    bare = simulator.add_instance(name="bare", has_app_https=False)
    simulator.add_instance(name="meters")
    found = source.read()
    assert found.hosts == ["meters"]
    assert found.output.strip() == (
        "[WARNING]: Skipped instances without an application access address: "
        f"{bare.instance_id} (bare, {simulator.region})"
    )


def test_hosts_by_instance_id(simulator: Simulator, source: Source) -> None:
    instance = simulator.add_instance(name="meters")
    found = source.read(hostname="instance_id")
    assert (found.hosts, found.output) == ([instance.instance_id], "")


def test_names_that_are_shared_are_ids(simulator: Simulator, source: Source) -> None:
    twins = [simulator.add_instance(name="twin", region=region) for region in (simulator.region, "cn-east-3")]
    simulator.add_instance(name="single")
    found = source.read(regions=[simulator.region, "cn-east-3"])
    assert found.hosts == sorted([*(twin.instance_id for twin in twins), "single"])
    assert all(f"{twin.instance_id} (twin, {twin.region})" in found.output for twin in twins)


HOSTILE = ["{{ lookup('pipe', 'touch PWNED') }}", "two words", "\N{PILE OF POO}", "all", "a:22", "../x", "localhost"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_is_data(simulator: Simulator, source: Source, name: str) -> None:
    instance = simulator.add_instance(name=name, hostile=True, tags={"owner": name})
    found = source.read(keyed_groups=[{"key": "iotda_tags.owner"}], compose={"copied": "iotda_name ~ '!'"})
    assert found.hosts == [instance.instance_id]
    variables = found.variables[instance.instance_id]
    assert (variables["iotda_name"], variables["iotda_tags"]) == (name, {"owner": name})
    assert variables["copied"] == f"{name}!"
    assert instance.instance_id in found.output


@pytest.mark.parametrize(
    "options",
    [
        {"keyed_groups": [{"key": "iotda_region", "separator": ""}]},
        {"groups": {"cn_north_4": "true"}},
        {"keyed_groups": [{"key": "iotda_edition", "parent_group": "cn_north_4"}]},
    ],
)
def test_host_never_has_the_name_of_a_group(simulator: Simulator, source: Source, options: dict[str, Any]) -> None:
    """A group would get the host's variables, and so would all the hosts in it."""
    bad = simulator.add_instance(name="cn_north_4", tags={"x": "1"})
    simulator.add_instance(name="meters")
    found = source.read(compose={"copied": "iotda_name"}, **options)
    assert found.hosts == sorted([bad.instance_id, "meters"])
    assert found.group_variables == {}
    assert {name: variables["copied"] for name, variables in found.variables.items()} == {
        bad.instance_id: "cn_north_4",
        "meters": "meters",
    }


@pytest.fixture
def other(source: Source) -> str:
    """A source that is read before."""
    path = source.path.with_name("hosts.yml")
    path.write_text("databases: {hosts: {db01: {role: database}}}", encoding="utf-8")
    return str(path)


def test_group_of_another_source_is_no_host(simulator: Simulator, source: Source, other: str) -> None:
    bad = simulator.add_instance(name="databases")
    found = source.parse(other, source.write())
    assert found.hosts == sorted([bad.instance_id, "db01"])
    assert found.group_variables == {}


def test_host_of_another_source_keeps_its_variables(simulator: Simulator, source: Source, other: str) -> None:
    bad = simulator.add_instance(name="db01")
    found = source.parse(other, source.write())
    assert found.hosts == sorted([bad.instance_id, "db01"])
    assert found.variables["db01"] == {"role": "database"}


def test_instance_of_two_sources_is_one_host(simulator: Simulator, source: Source) -> None:
    simulator.add_instance(name="meters")
    first = source.write()
    source.path = source.path.with_name("again.iotda.yml")
    found = source.parse(first, source.write())
    assert (found.hosts, found.output) == (["meters"], "")


def test_constructed_groups_and_variables(simulator: Simulator, source: Source) -> None:
    simulator.add_instance("enterprise", "meters", tags={"env": "prod"})
    simulator.add_instance("standard", "lamps", tags={"env": "test"})
    found = source.read(
        compose={"ansible_connection": "'local'"},
        groups={"production": "iotda_tags.env == 'prod'"},
        keyed_groups=[
            {"key": "iotda_region", "prefix": "region"},
            {"key": "iotda_edition", "parent_group": "editions"},
        ],
    )
    assert found.groups == {
        "all": ["lamps", "meters"],
        "ungrouped": [],
        "iotda": ["lamps", "meters"],
        "production": ["meters"],
        "region_cn_north_4": ["lamps", "meters"],
        "_standard": ["lamps"],
        "_enterprise": ["meters"],
        "editions": ["lamps", "meters"],
    }
    assert found.variables["lamps"]["ansible_connection"] == "local"


@pytest.mark.parametrize(
    "options",
    [{"compose": {"x": "nope.x"}}, {"groups": {"g": "nope.x"}}, {"keyed_groups": [{"key": "nope.x"}]}],
)
def test_strict_error_leaves_no_host(simulator: Simulator, source: Source, options: dict[str, Any]) -> None:
    simulator.add_instance(name="meters")
    found = source.read(strict=True, **options)
    assert found.failed
    assert "nope" in found.output
    assert found.hosts == []
    assert source.read(**options).hosts == ["meters"]


def test_a_protection_that_cannot_be_evaluated_protects(simulator: Simulator, source: Source) -> None:
    simulator.add_instance(name="audited", tags={"audit": "yes"})
    simulator.add_instance(name="other")
    found = source.read(compose={"iotda_protected": "iotda_tags.audit == 'yes'", "x": "nope.x"})
    assert {name: found.variables[name]["iotda_protected"] for name in found.hosts} == {"audited": True, "other": True}
    words = " ".join(found.output.split())
    assert "iotda_protected in compose cannot be evaluated for other, so other is protected; set strict to see" in words
    assert "for audited" not in words
    found = source.read(compose={"iotda_protected": "iotda_tags.audit | default('') == 'yes'"})
    assert found.variables["other"]["iotda_protected"] is False


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("iotda.yml", True),
        ("iotda.yaml", True),
        ("prod.iotda.yml", True),
        ("prod.iotda.yaml", True),
        ("prod_iotda.yml", False),
        ("iotda.json", False),
        ("prod.yml", False),
    ],
)
def test_names_of_the_file(simulator: Simulator, source: Source, name: str, expected: bool) -> None:
    simulator.add_instance(name="meters")
    source.path = source.path.with_name(name)
    found = source.read()
    assert found.hosts == (["meters"] if expected else [])
    assert found.failed != expected


def gone(instance_id: str) -> str:
    return json.dumps({"error_code": "IOTDM.000002", "error_msg": f"The instance {instance_id} does not exist."})


def test_an_instance_that_vanishes_is_left_out(simulator: Simulator, source: Source) -> None:
    simulator.add_instance(name="meters")
    lamps = simulator.add_instance(name="lamps")
    simulator.fault(path=f"iotda-instances/{lamps.instance_id}", status=404, body=gone(lamps.instance_id), times=None)
    found = source.read()
    assert found.hosts == ["meters"]
    assert f"Skipped instances that were deleted meanwhile: {lamps.instance_id} (lamps, cn-north-4)" in found.output


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "body": '{"error_code": "APIGW.0101", "error_msg": "The API does not exist"}'},
        {"status": 404, "body": "<html>not here</html>"},
        {"status": 404, "body": ""},
        {"status": 403, "body": gone("x")},
    ],
)
def test_another_refusal_is_a_failure_of_its_region(
    simulator: Simulator, source: Source, answer: dict[str, Any]
) -> None:
    simulator.add_instance(name="meters")
    lamps = simulator.add_instance(name="lamps")
    simulator.fault(path=f"iotda-instances/{lamps.instance_id}", times=None, **answer)
    assert source.read().failed


def test_what_a_server_repeats_of_a_secret_is_masked(simulator: Simulator, source: Source, tmp_path: Path) -> None:
    """In hosts, keys of tags, names in warnings, and the cache."""
    secret = simulator.secret_key
    tags = {f"of {secret}": secret, "plain": "x"}
    simulator.add_instance(name=f"{secret}", hostile=True, tags=tags)
    simulator.add_instance(name=f"bare {secret}", hostile=True, has_app_https=False)
    lamps = simulator.add_instance(name=f"gone {secret}", hostile=True)
    simulator.fault(path=f"iotda-instances/{lamps.instance_id}", status=404, body=gone(secret), times=None)
    cache = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    found = source.read(compose={"copied": "iotda_tags"}, **cache)
    (host,) = found.variables.values()
    assert host["iotda_name"] == "***"
    assert host["iotda_tags"] == host["copied"] == {"of ***": "***", "plain": "x"}
    assert "bare ***" in found.output
    assert "gone ***" in found.output
    (file,) = (tmp_path / "cache").iterdir()
    written = json.dumps([found.variables, found.groups, found.output]) + file.read_text(encoding="utf-8")
    assert secret not in written
    assert json.dumps(secret)[1:-1] not in written


def test_compose_knows_the_name_of_the_host(simulator: Simulator, source: Source) -> None:
    instance = simulator.add_instance(name="meters.north", hostile=True)
    found = source.read(compose={"title": "inventory_hostname ~ ' ' ~ inventory_hostname_short"}, strict=True)
    assert found.variables["meters.north"]["title"] == "meters.north meters"
    assert "inventory_hostname" not in found.variables["meters.north"]
    found = source.read(compose={"title": "inventory_hostname"}, hostname="instance_id", strict=True)
    assert found.variables[instance.instance_id]["title"] == instance.instance_id
