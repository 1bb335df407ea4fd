# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings take effect, and their defaults are as stated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Clock, Simulator

NEW = {"task_name": "new", "task_type": "firmwareUpgrade", "targets": ["lamp-1"], "document": {"package_id": "1" * 24}}


@pytest.mark.parametrize(("settings", "lifetime"), [({}, 86400), ({"token_lifetime": 60.0}, 60)])
def test_a_token_is_valid_for_the_set_lifetime(
    api_for: Callable[..., Any], settings: dict[str, float], lifetime: int
) -> None:
    with Simulator(clock=Clock(frozen=True), **settings) as sim:
        api = api_for(sim)
        sim.clock.advance(lifetime - 1)
        assert api("GET").status_code == 200
        sim.clock.advance(1)
        assert api("GET").json()["error_code"] == "APIGW.0307"


@pytest.mark.parametrize(("settings", "lifetime"), [({}, 86400), ({"temporary_key_lifetime": 60.0}, 60)])
def test_temporary_key_is_valid_for_the_set_lifetime(
    sdk: Any, sdk_client: Callable[..., Any], settings: dict[str, float], lifetime: int
) -> None:
    with Simulator(clock=Clock(frozen=True), **settings) as sim:
        access, secret, security_token = sim.temporary_key()
        credentials = sdk.auth.BasicCredentials(access, secret, sim.project_id).with_security_token(security_token)
        client = sdk_client(sim, credentials=credentials)
        sim.clock.advance(lifetime - 1)
        assert client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")).status_code == 200
        sim.clock.advance(1)
        with pytest.raises(sdk.errors.ClientRequestException, match="the security token has expired"):
            client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices"))


@pytest.mark.parametrize(("settings", "skew"), [({}, 900), ({"signature_skew": 100.0}, 100)])
def test_clock_skew_of_signatures(
    sdk: Any, sdk_client: Callable[..., Any], settings: dict[str, float], skew: int
) -> None:
    with Simulator(**settings) as sim:
        client = sdk_client(sim)
        listing = sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")
        for sign in (1, -1):
            sim.clock.skew(sign * (skew - 30))
            assert client.list_batch_tasks(listing).status_code == 200
            sim.clock.skew(sign * (skew + 30))
            with pytest.raises(sdk.errors.ClientRequestException):
                client.list_batch_tasks(listing)


@pytest.mark.parametrize(("settings", "status"), [({}, 403), ({"project_header_must_match": False}, 200)])
def test_project_in_the_header(api_for: Callable[..., Any], settings: dict[str, bool], status: int) -> None:
    with Simulator(**settings) as sim:
        assert api_for(sim)("GET", headers={"X-Project-Id": sim.project_id}).status_code == 200
        assert api_for(sim)("GET", headers={"X-Project-Id": "0badc0de"}).status_code == status


@pytest.mark.parametrize(
    ("settings", "space"), [({}, "example_default_space"), ({"default_app_id": "of_my_own"}, "of_my_own")]
)
def test_default_space(api_for: Callable[..., Any], settings: dict[str, str], space: str) -> None:
    with Simulator(**settings) as sim:
        sim.add_task()
        api = api_for(sim)
        assert [api("POST", json=body).status_code for body in (NEW, {**NEW, "app_id": "another"})] == [201, 201]
        queries = [{"app_id": space, "task_type": task_type} for task_type in ("freezeDevices", "firmwareUpgrade")]
        queries.append({"app_id": "another", "task_type": "firmwareUpgrade"})
        assert [api("GET", params=query).json()["page"]["count"] for query in queries] == [1, 1, 1]


def test_an_idle_connection_is_kept_as_long_as_is_set(api_for: Callable[..., Any]) -> None:
    ports = []
    for keep_alive in (75.0, 1.0):
        with Simulator(keep_alive=keep_alive) as sim:
            api = api_for(sim)
            api("GET")
            time.sleep(1.5)
            api("GET")
            ports.append(len({entry.port for entry in sim.journal}))
    assert ports == [1, 2]
