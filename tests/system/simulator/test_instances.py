# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances: tasks of their own, and those with a host of their own ask for derived signing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Instance, Simulator


@pytest.fixture
def instance(sim: Simulator) -> Instance:
    return sim.add_instance()


def test_tasks_are_apart(sim: Simulator, instance: Instance, api: Any, api_for: Callable[..., Any]) -> None:
    here, there = sim.add_task(), instance.add_task()
    other = sim.add_instance("enterprise")
    assert api("DELETE", f"/{there}").status_code == 404
    assert api_for(sim, other.url)("DELETE", f"/{there}").status_code == 404
    assert api_for(sim, instance.url)("DELETE", f"/{there}").status_code == 204
    assert (sim.task_ids(), instance.task_ids()) == ({here}, set())
    assert len({sim.url, instance.url, other.url}) == 3


def test_plain_signing_is_refused(sim: Simulator, instance: Instance, sdk: Any, sdk_client: Callable[..., Any]) -> None:
    derived = sdk_client(sim, instance)
    assert derived.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")).page.count == 0
    credentials = sdk.auth.BasicCredentials(sim.access_key, sim.secret_key, sim.project_id)
    builder = sdk.iotda.IoTDAClient.new_builder().with_credentials(credentials).with_endpoint(instance.url)
    with pytest.raises(sdk.errors.ClientRequestException) as refused:
        builder.build().list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices"))
    assert (refused.value.status_code, refused.value.error_code) == (401, "IOTDA.000002")


def test_errors_are_not_the_gateways(sim: Simulator, instance: Instance, api_for: Callable[..., Any]) -> None:
    api = api_for(sim, instance.url)
    foreign = sim.issue_token(sim.add_project("other").project_id)
    sim.deny("list")
    replies = [
        api("GET", headers={"X-Auth-Token": "unknown"}),
        api("GET", headers={"X-Auth-Token": sim.issue_token(expires_in=-1)}),
        api("GET", headers={"X-Auth-Token": foreign}),
        api("GET"),
        api.session.get(f"{instance.url}/v3/projects", timeout=10),
    ]
    assert [(reply.status_code, reply.json()["error_code"]) for reply in replies] == [
        (401, "IOTDA.000002"),
        (401, "IOTDA.000002"),
        (403, "IOTDA.000022"),
        (403, "IOTDA.000022"),
        (404, "IOTDA.000029"),
    ]


def test_instance_id(sim: Simulator, instance: Instance, api: Any, api_for: Callable[..., Any]) -> None:
    shared = sim.add_instance("professional")
    own = api_for(sim, instance.url)
    assert api("GET", headers={"Instance-Id": sim.instance_id}).status_code == 200
    assert api("GET", headers={"Instance-Id": shared.instance_id}).status_code == 200
    assert own("GET", headers={"Instance-Id": instance.instance_id}).status_code == 200
    wrong = [
        api("GET", headers={"Instance-Id": "0badc0de"}),
        api("GET", headers={"Instance-Id": instance.instance_id}),
        own("GET", headers={"Instance-Id": sim.instance_id}),
        own("GET", headers={"Instance-Id": shared.instance_id}),
    ]
    assert {(reply.status_code, reply.json()["error_code"]) for reply in wrong} == {(403, "IOTDA.000021")}


def test_instance_id_may_be_required(sim: Simulator, api: Any) -> None:
    sim.settings.instance_required = True
    assert api("GET").status_code == 400
    assert api("GET", headers={"Instance-Id": sim.instance_id}).status_code == 200


def test_unknown_edition(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="edition must be one of"):
        sim.add_instance("premium")


def test_faults_and_journal_are_common(sim: Simulator, instance: Instance, api_for: Callable[..., Any]) -> None:
    sim.fault(status=503)
    assert api_for(sim, instance.url)("GET").status_code == 503
    assert sim.journal[-1].host == instance.url.partition("//")[2]
