# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regions that cannot be read, all regions of an account, and how the plugin gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.inventory.conftest import Source

REGIONS = ["cn-north-4", "cn-east-3", "cn-south-1"]
HOSTS = sorted(f"in-{region}" for region in REGIONS)


@pytest.fixture
def fleet(simulator: Simulator) -> Simulator:
    """An instance in each of three regions, named like it."""
    for region in REGIONS:
        simulator.add_instance(name=f"in-{region}", region=region)
    return simulator


def fail_region(simulator: Simulator, region: str, status: int, ending: str = "$", text: str = "no") -> None:
    path = f"/management/{region}/.*/iotda-instances{ending}"
    body = json.dumps({"error_code": "IOTDA.000002", "error_msg": text})
    simulator.fault(path=path, status=status, body=body, times=None)


def test_one_failing_region_is_an_error(fleet: Simulator, source: Source) -> None:
    fail_region(fleet, "cn-east-3", 401)
    found = source.read(regions=REGIONS)
    assert found.failed
    assert "Could not read the IoTDA instances of region cn-east-3: " in found.output
    assert "answered 401 IOTDA.000002 (no); check the credentials" in found.output


def test_failing_regions_are_all_named(fleet: Simulator, source: Source) -> None:
    fail_region(fleet, "cn-east-3", 401)
    fail_region(fleet, "cn-south-1", 403)
    found = source.read(regions=REGIONS)
    assert found.failed
    assert "Could not read the IoTDA instances of 2 of 3 regions: region cn-east-3: " in found.output
    assert "; region cn-south-1: " in found.output
    assert "grant the IAM action iotda:instance:queryList" in found.output


def test_failing_region_is_skipped_if_asked_for(fleet: Simulator, source: Source) -> None:
    fail_region(fleet, "cn-east-3", 401)
    found = source.read(regions=REGIONS, skip_failed_regions=True)
    assert found.hosts == ["in-cn-north-4", "in-cn-south-1"]
    assert "[WARNING]: Skipped region cn-east-3: its IoTDA instances could not be read: " in found.output


def test_one_failing_instance_fails_its_region(fleet: Simulator, source: Source) -> None:
    fleet.add_instance(name="second", region="cn-east-3")
    fail_region(fleet, "cn-east-3", 403, ending="/.+$")
    assert source.read(regions=REGIONS).failed
    found = source.read(regions=REGIONS, skip_failed_regions=True)
    assert found.hosts == ["in-cn-north-4", "in-cn-south-1"]
    assert found.output.count("Skipped region") == 1
    assert "grant the IAM action iotda:instance:query on" in found.output


def test_no_region_in_reach_is_an_error(fleet: Simulator, source: Source) -> None:
    for region in REGIONS:
        fail_region(fleet, region, 500)
    found = source.read(regions=REGIONS, skip_failed_regions=True)
    assert found.failed
    assert "3 of 3 regions: " in found.output
    assert "run it again later" in found.output


def test_unknown_region_is_an_error(fleet: Simulator, source: Source) -> None:
    found = source.read(regions=["cn-north-4", "cn-norht-4"])
    assert found.failed
    assert "region cn-norht-4: IAM has no project named cn-norht-4" in found.output


@pytest.mark.parametrize("skip", [True, False])
def test_a_secret_in_an_answer_is_redacted(fleet: Simulator, source: Source, skip: bool) -> None:
    fail_region(fleet, "cn-east-3", 401, text=f"bad key {fleet.secret_key}")
    found = source.read(regions=REGIONS, skip_failed_regions=skip)
    assert "(bad key ***)" in found.output


def with_dns(simulator: Simulator) -> dict[str, Any]:
    """Return the options by which each region has a management host of its own, which DNS may not know."""
    port = simulator.url.rsplit(":", 1)[1]
    return {"management_endpoint": f"http://iotda-mgmt.{{region}}.invalid:{port}", "validate_certs": False}


def names(*regions: str) -> list[str]:
    return [f"iotda-mgmt.{region}.invalid" for region in regions]


def test_all_regions_of_the_account(fleet: Simulator, source: Source) -> None:
    for name in ("MOS", "cn-north-4_dev", "sa-brazil-1"):
        fleet.add_project(name)
    fleet.add_project("cn-south-4", enabled=False)
    path = source.write(regions="all", **with_dns(fleet))
    found = source.parse(path, known=names(*REGIONS))
    assert (found.hosts, found.output) == (HOSTS, "")
    debug = source.parse(path, known=names(*REGIONS), debug=True).output
    assert "skipped sa-brazil-1" in debug


def test_known_region_out_of_reach_is_an_error(fleet: Simulator, source: Source) -> None:
    """DNS that is down must not look like a region without instances."""
    path = source.write(regions="all", **with_dns(fleet))
    found = source.parse(path, known=names("cn-north-4", "cn-east-3"))
    assert found.failed
    assert "region cn-south-1: " in found.output
    assert "check management_endpoint and region" in found.output


def test_no_region_with_a_host_is_an_error(simulator: Simulator, source: Source) -> None:
    simulator.remove_projects(simulator.region)
    simulator.add_project("sa-brazil-1")
    found = source.parse(source.write(regions="all", **with_dns(simulator)), known=[])
    assert found.failed
    assert "None of the account's regions has instance management" in found.output


def test_regions_that_iam_does_not_list(fleet: Simulator, source: Source) -> None:
    fleet.fault(path="/v3/projects", status=403, body='{"error_code": "IAM.0003", "error_msg": "no"}')
    found = source.read(regions="all")
    assert found.failed
    assert "Could not list the regions of the account: " in found.output
    assert "403 IAM.0003" in found.output


def credentials(**given: Any) -> dict[str, Any]:
    return {"access_key": None, "secret_key": None, **given}


@pytest.mark.parametrize("regions", [REGIONS, "all"])
def test_password_logs_in_to_each_region(fleet: Simulator, source: Source, regions: Any) -> None:
    who = credentials(username=fleet.username, password=fleet.password, domain_name=fleet.domain_name)
    assert source.read(regions=regions, **who).hosts == HOSTS
    logins = fleet.journal.count("POST", "/v3/auth/tokens")
    assert logins == len(REGIONS) + (regions == "all")


def test_token_reads_its_own_region(fleet: Simulator, source: Source) -> None:
    who = credentials(auth_token=fleet.auth_token)
    assert source.read(**who).hosts == ["in-cn-north-4"]
    found = source.read(regions=REGIONS, **who)
    assert found.failed
    assert "region cn-east-3" in found.output


def test_environment_is_enough(fleet: Simulator, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fleet.environ().items():
        monkeypatch.setenv(name, value)
    given = credentials(region=None, iam_endpoint=None)
    assert source.read(**given).hosts == ["in-cn-north-4"]
    # The project of the environment is that of the environment's region.
    assert source.read(regions=["cn-east-3"], **given).hosts == ["in-cn-east-3"]


def test_project_id_is_for_one_region(fleet: Simulator, source: Source) -> None:
    assert source.read(project_id=fleet.project_id).hosts == ["in-cn-north-4"]
    assert not fleet.journal.count("GET", "/v3/projects")
    found = source.read(project_id=fleet.project_id, region=None, regions="cn-north-4")
    assert found.hosts == ["in-cn-north-4"]
    found = source.read(project_id=fleet.project_id, regions=["cn-east-3"])
    assert found.failed
    assert "project_id belongs to one region" in found.output


def test_requests_are_signed_plainly(fleet: Simulator, source: Source) -> None:
    source.read(signing="auto")
    signed = [entry.headers["authorization"] for entry in fleet.journal.entries() if "iotda-instances" in entry.path]
    assert len(signed) == 2
    assert all(value.startswith("SDK-HMAC-SHA256 ") for value in signed)
    assert "signing must not be derived" in source.read(signing="derived").output


def test_options_can_be_templates(fleet: Simulator, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_AK", fleet.access_key)
    monkeypatch.setenv("TEAM_SK", fleet.secret_key)
    monkeypatch.setenv("TEAM_CERTS", "no")
    fleet.add_instance(name="tagged", region="cn-east-3", tags={"env": "PROD"})
    found = source.read(
        access_key="{{ lookup('env', 'TEAM_AK') }}",
        secret_key="{{ lookup('env', 'TEAM_SK') }}",
        regions=["{{ 'cn-east-' ~ 3 }}"],
        tags={"env": "{{ 'prod' | upper }}"},
        validate_certs="{{ lookup('env', 'TEAM_CERTS') }}",
    )
    assert found.hosts == ["tagged"]


def test_unsafe_text_is_no_template(fleet: Simulator, source: Source) -> None:
    path = source.write(tags=None)
    with source.path.open("a", encoding="utf-8") as file:
        file.write("tags: {note: !unsafe 'a{{b'}\n")
    fleet.add_instance(name="noted", tags={"note": "a{{b"}, hostile=True)
    assert source.parse(path).hosts == ["noted"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"regions": []}, "regions must not be empty"),
        ({"name": "{{ '' }}"}, "name must not be empty"),
        ({"region": "{{ nope }}"}, "region has a template that cannot be used ("),
        ({"secret_key": "plain{{"}, "secret_key has a template that cannot be used; write !unsafe before a value"),
        ({"regions": ["all", "cn-north-4"]}, "regions must be either 'all' or a list of region names"),
        ({"regions": ["North China"]}, "region must be a region name such as cn-north-4"),
        ({"region": None}, "Neither regions nor region is given"),
        ({"management_endpoint": "http://mgmt.example"}, "management_endpoint must not be plain http"),
        ({"management_endpoint": "https://mgmt.example/a?b"}, "management_endpoint must be a host"),
        ({"timeout": 0}, "timeout must be from 0.001 to 3600 seconds"),
        ({"access_key": None}, "access_key must be set as well"),
        ({"endpoint": "https://x.example"}, "Unknown options: endpoint"),
        ({"instance_id": "x"}, "Unknown options: instance_id"),
        ({"status": ["ACTIV"]}, "ACTIV"),
        ({"instance_type": "premium"}, "premium"),
        ({"hostname": "ip"}, "hostname"),
        ({"plugin": "amazon.aws.aws_ec2"}, "aws_ec2"),
    ],
)
def test_bad_input_is_reported(simulator: Simulator, source: Source, options: dict[str, Any], message: str) -> None:
    found = source.read(**options)
    assert found.failed
    assert message in found.output
    assert not simulator.journal.entries()


def test_ca_path_is_trusted_and_needed(source: Source) -> None:
    with Simulator(tls=True) as simulator:
        simulator.add_instance(name="meters")
        source.simulator = simulator
        assert source.read(ca_path=simulator.ca_file).hosts == ["meters"]
        assert source.read(validate_certs=False).hosts == ["meters"]
        found = source.read(project_id=simulator.project_id)
        assert found.failed
        assert "name the CA that signed the certificate in ca_path" in found.output


def test_proxy_is_used(simulator: Simulator, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", simulator.url)
    simulator.add_instance(name="meters")
    found = source.read(management_endpoint="http://iotda-mgmt.{region}.invalid", validate_certs=False)
    assert found.hosts == ["meters"]
