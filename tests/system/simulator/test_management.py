# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instance management, as the official SDK sees it: instances of several regions, and their addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


@pytest.fixture
def client(sim: Simulator, sdk: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Make the SDK's client of a region: at the simulator's address, or with the simulator as the region's proxy."""

    def make(region: str | None = None) -> Any:
        config = sdk.http.HttpConfig.get_default_config()
        endpoint, project_id = sim.url, sim.project_id
        if region:
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.setenv("HTTP_PROXY", sim.url)
            endpoint = f"http://iotda-mgmt.{region}.invalid"
            project_id = sim.add_region(region)
        credentials = sdk.auth.BasicCredentials(sim.access_key, sim.secret_key, project_id)
        builder = sdk.iotdm.IoTDMClient.new_builder().with_http_config(config)
        return builder.with_credentials(credentials).with_endpoint(endpoint).build()

    return make


def _get(sim: Simulator, path: str = "", region: str | None = None, **query: Any) -> requests.Response:
    project_id = sim.accounts.projects_named(region or sim.region)[0].project_id
    url = f"{sim.management_endpoint(region or sim.region)}/v5/iot/{project_id}/iotda-instances{path}"
    return requests.get(url, query, headers={"X-Auth-Token": sim.issue_token(project_id)}, timeout=10)


def test_list(sim: Simulator, sdk: Any, client: Callable[..., Any]) -> None:
    first, second = sim.add_instance("standard", "harbour"), sim.add_instance("enterprise", status="FROZEN")
    sim.add_instance("standard", region="cn-south-1")
    listed = client().list_instances(sdk.iotdm.ListInstancesRequest())
    assert [one.instance_id for one in listed.instances] == [second.instance_id, first.instance_id]
    assert [(one.instance_type, one.status) for one in listed.instances] == [
        ("enterprise", "FROZEN"),
        ("standard", "ACTIVE"),
    ]
    assert (listed.count, listed.instances[1].name) == (2, "harbour")
    named = client().list_instances(sdk.iotdm.ListInstancesRequest(name="arb", instance_type="standard"))
    assert [one.name for one in named.instances] == ["harbour"]


def test_show(sim: Simulator, sdk: Any, client: Callable[..., Any]) -> None:
    instance = sim.add_instance("standard", "harbour", description="port", tags={"stage": "test"})
    shown = client().show_instance(sdk.iotdm.ShowInstanceRequest(instance_id=instance.instance_id))
    assert (shown.name, shown.description, shown.region_id) == ("harbour", "port", sim.region)
    assert [(tag.key, tag.value) for tag in shown.tags] == [("stage", "test")]
    (access,) = [one for one in shown.access_infos if one.type == "APP_HTTPS"]
    assert f"http://{access.domain_name}:{access.port}" == instance.url


def test_address_leads_to_the_instance(
    sim: Simulator, sdk: Any, client: Callable[..., Any], sdk_client: Callable[..., Any]
) -> None:
    instance = sim.add_instance()
    task_id = instance.add_task()
    shown = client().show_instance(sdk.iotdm.ShowInstanceRequest(instance_id=instance.instance_id))
    access = shown.access_infos[0]
    instance.url = f"http://{access.domain_name}:{access.port}"
    found = sdk_client(sim, instance).list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices"))
    assert [task.task_id for task in found.batchtasks] == [task_id]


@pytest.mark.parametrize("region", ["cn-south-1", "ap-southeast-3"])
def test_regions(sim: Simulator, sdk: Any, client: Callable[..., Any], region: str) -> None:
    in_region = client(region)
    there = sim.add_instance("enterprise", region=region)
    sim.add_instance("enterprise")
    listed = in_region.list_instances(sdk.iotdm.ListInstancesRequest())
    assert [one.instance_id for one in listed.instances] == [there.instance_id]
    assert [one["instance_id"] for one in _get(sim, region=region).json()["instances"]] == [there.instance_id]
    assert sim.management_endpoint().format(region=region) == sim.management_endpoint(region)


def test_derived_signing_of_another_region(sim: Simulator, sdk: Any) -> None:
    instance = sim.add_instance("standard", region="cn-south-1")
    credentials = sdk.auth.BasicCredentials(sim.access_key, sim.secret_key, instance.project_id)
    credentials.with_derived_predicate(sdk.auth.BasicCredentials.get_default_derived_predicate())
    builder = sdk.iotda.IoTDAClient.new_builder().with_credentials(credentials)
    client = builder.with_region(sdk.region.Region("cn-south-1", instance.url)).build()
    listing = sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")
    assert client.list_batch_tasks(listing).page.count == 0


def test_project_of_another_region(sim: Simulator) -> None:
    sim.add_region("cn-south-1")
    url = f"{sim.management_endpoint('cn-south-1')}/v5/iot/{sim.project_id}/iotda-instances"
    reply = requests.get(url, headers={"X-Auth-Token": sim.auth_token}, timeout=10)
    assert (reply.status_code, reply.json()["error_code"]) == (403, "APIGW.0302")


def test_pages(sim: Simulator) -> None:
    ids = [sim.add_instance().instance_id for dummy in range(5)]
    sim.settings.instances_per_page = 2
    seen, query = [], {}
    while page := _get(sim, **query).json():
        if not page["instances"]:
            break
        seen += [one["instance_id"] for one in page["instances"]]
        query = {"marker": page["marker"]}
    assert seen == ids[::-1]
    assert [one["instance_id"] for one in _get(sim, offset=3, limit=1).json()["instances"]] == [ids[1]]


def test_basic_instance_is_not_listed_unless_set(sim: Simulator) -> None:
    assert _get(sim).json()["instances"] == []
    sim.settings.basic_instances_listed = True
    assert [one["instance_id"] for one in _get(sim).json()["instances"]] == [sim.instance_id]


def test_instance_without_an_address(sim: Simulator) -> None:
    instance = sim.add_instance(has_app_https=False)
    shown = _get(sim, f"/{instance.instance_id}").json()
    assert [one["type"] for one in shown["access_infos"]] == ["DEVICE_MQTT"]
    instance.has_app_https, instance.domain_name = True, "a1.st1.iotda-app.cn-north-4.myhuaweicloud.com"
    access = _get(sim, f"/{instance.instance_id}").json()["access_infos"][0]
    assert (access["domain_name"], access["port"]) == (instance.domain_name, 443)


def test_hostile_names(sim: Simulator) -> None:
    hostile = "{{ lookup('pipe', 'id') }} \N{PILE OF POO}"
    with pytest.raises(ValueError, match="hostile=True lets it pass"):
        sim.add_instance(name=hostile)
    instance = sim.add_instance(name=hostile, hostile=True, tags={"all": "{{ 1 }}"})
    assert _get(sim).json()["instances"][0]["name"] == hostile
    assert _get(sim, f"/{instance.instance_id}").json()["tags"] == [{"key": "all", "value": "{{ 1 }}"}]


@pytest.mark.parametrize("query", [{"limit": 501}, {"name": "a b"}, {"instance_type": "premium"}, {"marker": "x"}])
def test_bad_query(sim: Simulator, query: dict[str, Any]) -> None:
    assert _get(sim, **query).status_code == 400
    assert sim.oracle.take()


def test_absent(sim: Simulator) -> None:
    reply = _get(sim, "/0badc0de-0000-4000-8000-000000000000")
    assert (reply.status_code, reply.json()["error_code"]) == (404, sim.settings.instance_absent.code)


def test_region_that_fails(sim: Simulator) -> None:
    sim.add_region("cn-south-1")
    sim.fault(path="^/management/cn-south-1/", status=503, times=None)
    assert (_get(sim).status_code, _get(sim, region="cn-south-1").status_code) == (200, 503)


def test_permission(sim: Simulator) -> None:
    sim.deny("list_instances")
    assert _get(sim).status_code == 403
