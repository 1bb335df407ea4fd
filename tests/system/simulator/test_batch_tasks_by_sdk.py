# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official SDK's client can do with the simulator all that it can do with the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Clock, Instance, Simulator


@pytest.fixture(params=["plain", "derived", "by Instance-Id"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Simulator, Instance]]:
    """The shared endpoint's instance, a dedicated one, and one that shares a host."""
    with Simulator(clock=Clock(frozen=True)) as sim:
        edition = {"derived": "enterprise", "by Instance-Id": "professional"}.get(request.param)
        yield sim, sim.add_instance(edition) if edition else sim.instance


@pytest.fixture
def call(place: tuple[Simulator, Instance], sdk: Any, sdk_client: Callable[..., Any]) -> Callable[..., Any]:
    sim, instance = place
    client = sdk_client(sim, instance)

    def make(operation: str, **fields: Any) -> Any:
        request_class = "".join(word.capitalize() for word in operation.split("_")) + "Request"
        request = getattr(sdk.iotda, request_class)(instance_id=instance.instance_id, **fields)
        return getattr(client, operation)(request)

    return make


def test_list(place: tuple[Simulator, Instance], call: Callable[..., Any]) -> None:
    _sim, instance = place
    old, new = instance.add_task(task_name="old"), instance.add_task(task_name="new", app_id="space-1")
    found = call("list_batch_tasks", task_type="freezeDevices", status="Success", limit=50, offset=0, marker="f" * 24)
    assert [task.task_id for task in found.batchtasks] == [new, old]
    assert (found.page.count, found.page.marker) == (2, old)
    assert found.batchtasks[0].task_progress.total == found.batchtasks[0].task_progress.success == 2
    assert [
        task.task_name for task in call("list_batch_tasks", task_type="freezeDevices", app_id="space-1").batchtasks
    ] == ["new"]


def test_show(place: tuple[Simulator, Instance], call: Callable[..., Any]) -> None:
    task_id = place[1].add_task("firmwareUpgrade", "Fail", task_name="up", devices=["lamp-1", "lamp-2"])
    shown = call("show_batch_task", task_id=task_id, target="lamp-2", task_detail_status="Fail")
    assert (shown.batchtask.task_id, shown.batchtask.status, shown.page.count) == (task_id, "Fail", 1)
    assert shown.task_details[0].target == "lamp-2"
    assert shown.task_details[0].error.error_code == "IOTDA.014016"


def test_delete(place: tuple[Simulator, Instance], call: Callable[..., Any]) -> None:
    task_id = place[1].add_task()
    assert call("delete_batch_task", task_id=task_id).status_code == 204
    assert place[1].task_ids() == set()


def test_delete_refusals(place: tuple[Simulator, Instance], call: Callable[..., Any], sdk: Any) -> None:
    sim, instance = place
    with pytest.raises(sdk.errors.ClientRequestException) as absent:
        call("delete_batch_task", task_id="5c8ba99030344005c02316ad")
    assert (absent.value.status_code, absent.value.error_code) == (404, sim.settings.absent.code)
    running = instance.add_task(status="Processing")
    with pytest.raises(sdk.errors.ClientRequestException) as unfinished:
        call("delete_batch_task", task_id=running)
    assert (unfinished.value.status_code, unfinished.value.error_code) == (403, sim.settings.unfinished.code)
    assert unfinished.value.request_id
    assert instance.task_ids() == {running}


def test_create(place: tuple[Simulator, Instance], call: Callable[..., Any], sdk: Any) -> None:
    sim, instance = place
    policy = sdk.iotda.TaskPolicy(retry_count=2, retry_interval=10)
    body = sdk.iotda.CreateBatchTask(
        app_id="space-1",
        task_name="update_1",
        task_type="firmwareUpgrade",
        targets=["lamp-1"],
        document={"package_ids": ["5c8ba99030344005c02316ad"]},
        task_policy=policy,
    )
    created = call("create_batch_task", body=body)
    assert created.status_code == 201
    assert (created.status, created.targets, created.task_policy.retry_count) == ("Initializing", ["lamp-1"], 2)
    assert created.document == {"package_ids": ["5c8ba99030344005c02316ad"]}
    sim.clock.advance(60)
    assert (instance.task(created.task_id) or {})["status"] == "Success"


def test_stop(place: tuple[Simulator, Instance], call: Callable[..., Any], sdk: Any) -> None:
    sim, instance = place
    task_id = instance.add_task("softwareUpgrade", "Processing", devices=["gateway-1", "gateway-2"])
    chosen = call("stop_batch_task", task_id=task_id, body=sdk.iotda.BatchTargets(targets=["gateway-2", "nobody"]))
    assert [(one.target, one.status, one.error_code) for one in chosen.targets] == [
        ("gateway-2", "success", None),
        ("nobody", "failure", "IOTDA.014219"),
    ]
    assert (instance.task(task_id) or {})["status"] == "Processing"
    everything = call("stop_batch_task", task_id=task_id)
    assert [one.target for one in everything.targets] == ["gateway-1"]
    assert (instance.task(task_id) or {})["status"] == "Stopping"
    sim.clock.advance(sim.settings.stopping_takes)
    assert (instance.task(task_id) or {})["status"] == "Stopped"


def test_retry(place: tuple[Simulator, Instance], call: Callable[..., Any], sdk: Any) -> None:
    sim, instance = place
    task_id = instance.add_task("softwareUpgrade", "PartialSuccess", devices=["gateway-1", "gateway-2"])
    retried = call("retry_batch_task", task_id=task_id, body=sdk.iotda.BatchTargets())
    assert [(one.target, one.status) for one in retried.targets] == [("gateway-2", "success")]
    assert (instance.task(task_id) or {})["task_progress"]["processing"] == 1
    sim.clock.advance(sim.settings.processing_takes)
    assert (instance.task(task_id) or {})["status"] == "Success"


def test_confirm(place: tuple[Simulator, Instance], call: Callable[..., Any], sdk: Any) -> None:
    sim, instance = place
    body = sdk.iotda.CreateBatchTask(
        task_name="update_2", task_type="moduleUpgrade", targets=["lamp-1"], need_confirm=True
    )
    task_id = call("create_batch_task", body=body).task_id
    sim.clock.advance(3600)
    assert (instance.task(task_id) or {})["status"] == "Waitting"
    confirmed = call("confirm_batch_task", task_id=task_id, body=sdk.iotda.BatchTargets())
    assert [(one.target, one.status) for one in confirmed.targets] == [("lamp-1", "success")]
    sim.clock.advance(sim.settings.processing_takes)
    assert (instance.task(task_id) or {})["status"] == "Success"


def test_project_looked_up_at_iam(sim: Simulator, sdk: Any, sdk_client: Callable[..., Any]) -> None:
    credentials = sdk.auth.BasicCredentials(sim.access_key, sim.secret_key).with_iam_endpoint(sim.url)
    client_builder = sdk.iotda.IoTDAClient.new_builder().with_credentials(credentials)
    client = client_builder.with_region(sdk.region.Region(sim.region, sim.url)).build()
    sim.add_task()
    assert client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")).page.count == 1
    assert sim.journal.count("GET", "^/v3/projects") == 1


def test_temporary_key(sim: Simulator, sdk: Any, sdk_client: Callable[..., Any]) -> None:
    access_key, secret_key, security_token = sim.temporary_key()
    credentials = sdk.auth.BasicCredentials(access_key, secret_key, sim.project_id).with_security_token(security_token)
    client = sdk_client(sim, credentials=credentials)
    assert client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")).page.count == 0
    credentials.with_security_token("wrong")
    with pytest.raises(sdk.errors.ClientRequestException, match=r"APIGW\.0301"):
        client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices"))
