# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal holds every request, and no secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def test_entries(sim: Simulator, api: Callable[..., Any]) -> None:
    task_id = sim.add_task("firmwareUpgrade", "Processing")
    api("GET", params={"limit": 5, "task_type": "firmwareUpgrade"})
    api("POST", f"/{task_id}/stop", json={"targets": ["meter_0001"]})
    listed, stopped = sim.journal.entries()
    assert (listed.method, listed.path) == ("GET", f"/v5/iot/{sim.project_id}/batchtasks")
    assert listed.query == {"limit": "5", "task_type": "firmwareUpgrade"}
    assert (stopped.status, stopped.body) == (200, {"targets": ["meter_0001"]})
    assert stopped.host == sim.url.partition("//")[2]
    assert listed.time <= stopped.time
    assert sim.journal.unsafe() == [stopped]
    assert sim.journal.count("POST", r"/stop$") == 1
    assert (sim.journal.count(), sim.journal.count("DELETE")) == (2, 0)
    sim.journal.clear()
    assert (len(sim.journal), list(sim.journal)) == (0, [])


def test_no_secret(sim: Simulator, api: Callable[..., Any], sdk: Any, sdk_client: Callable[..., Any]) -> None:
    access_key, secret_key, security_token = sim.temporary_key()
    credentials = sdk.auth.BasicCredentials(access_key, secret_key, sim.project_id).with_security_token(security_token)
    sdk_client(sim, credentials=credentials).list_batch_tasks(
        sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")
    )
    api("GET")
    user = {"name": sim.username, "password": sim.password, "domain": {"name": sim.domain_name}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {}}
    requests.post(f"{sim.url}/v3/auth/tokens", json={"auth": auth}, timeout=10)
    requests.get(sim.url, auth=("me", "basic-secret"), timeout=10)
    written = json.dumps([asdict(entry) for entry in sim.journal], default=str)
    for secret in (security_token, secret_key, sim.auth_token, sim.password, "bWU6YmFzaWMtc2VjcmV0"):
        assert secret not in written
    signed = sim.journal[0].headers["authorization"]
    assert signed.startswith(f"SDK-HMAC-SHA256 Access={access_key}, SignedHeaders=")
    assert signed.endswith("Signature=***")
    assert sim.journal[2].body["auth"]["identity"]["password"]["user"]["name"] == sim.username


def test_logging_in_is_safe(sim: Simulator) -> None:
    requests.post(f"{sim.url}/v3/auth/tokens", json={}, timeout=10)
    requests.put(f"{sim.url}/meta-data/latest/api/token", timeout=10)
    assert sim.journal.unsafe() == []
    requests.post(f"{sim.url}/v3/auth/other", json={}, timeout=10)
    assert sim.journal.count() == 3
    assert [entry.path for entry in sim.journal.unsafe()] == ["/v3/auth/other"]
    assert len(sim.oracle.take()) == 2


def test_peak(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.latency(0.2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: api("GET"), range(8)))
    assert sim.journal.peak == 4
    assert {entry.under_way for entry in sim.journal} == {1, 2, 3, 4}


def test_the_connection(sim: Simulator, api: Callable[..., Any]) -> None:
    for _each in range(3):
        api("GET")
    requests.get(f"{sim.url}/v3/projects", timeout=10)
    ports = [entry.port for entry in sim.journal]
    assert len(set(ports[:3])) == 1
    assert ports[3] not in (0, ports[0])
