# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's own interface over HTTP does what its Python interface does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator, fleet


@pytest.fixture
def control(sim: Simulator) -> Callable[..., Any]:
    def call(method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
        reply = requests.request(method, f"{sim.url}/_simulator{path}", json=body, timeout=10)
        assert reply.status_code == status, reply.text
        return reply.json()

    return call


def test_summary(sim: Simulator, control: Callable[..., Any]) -> None:
    sim.add_task()
    summary = control("GET")
    assert (summary["tasks"], summary["requests"], summary["faults"]) == (1, 0, 0)
    assert summary["project_id"] == sim.project_id


def test_tasks(sim: Simulator, control: Callable[..., Any], api: Callable[..., Any]) -> None:
    one = control("POST", "/tasks", {"task_type": "firmwareUpgrade", "status": "Processing", "finishes_in": 5})
    many = control("POST", "/tasks", {"tasks": [{"age_seconds": 86400}, {"devices": ["lamp-1"]}]})["task_ids"]
    assert sim.task_ids() == {one["task_id"], *many}
    assert [task["task_id"] for task in control("GET", "/tasks")["tasks"]] == [many[1], one["task_id"], many[0]]
    control("POST", "/clock", {"advance": 5})
    assert (sim.task(one["task_id"]) or {})["status"] == "Success"
    control("DELETE", "/tasks")
    assert api("GET").json()["page"]["count"] == 0


@pytest.mark.parametrize("text", ["20261005T084300Z", "2026-10-05T08:43:00Z", "2026-10-05T10:43:00+02:00"])
def test_create_time(sim: Simulator, control: Callable[..., Any], text: str) -> None:
    task_id = control("POST", "/tasks", {"create_time": text})["task_id"]
    assert (sim.task(task_id) or {})["create_time"] == "20261005T084300Z"


def test_faults(sim: Simulator, control: Callable[..., Any], api: Callable[..., Any]) -> None:
    control("POST", "/faults", {"method": "GET", "status": 503, "times": None})
    assert control("GET", "/faults")["faults"][0]["status"] == 503
    assert api("GET").status_code == 503
    control("DELETE", "/faults")
    assert api("GET").status_code == 200


def test_settings(sim: Simulator, control: Callable[..., Any]) -> None:
    control("POST", "/settings", {"listed_after": 3, "name_taken": {"status": 409, "code": "X", "message": "taken"}})
    assert (sim.settings.listed_after, sim.settings.name_taken.status) == (3, 409)
    assert "no settings: lag" in control("POST", "/settings", {"listed_after": 9, "lag": 1}, status=400)["error"]
    assert sim.settings.listed_after == 3


def test_journal(sim: Simulator, control: Callable[..., Any], api: Callable[..., Any]) -> None:
    api("DELETE", "/5c8b")
    (entry,) = control("GET", "/journal")["entries"]
    assert (entry["method"], entry["status"], entry["unsafe"]) == ("DELETE", 404, True)
    control("DELETE", "/journal")
    assert control("GET", "/journal")["entries"] == []


def test_clock(sim: Simulator, control: Callable[..., Any], api: Callable[..., Any]) -> None:
    before = sim.clock.now()
    control("POST", "/clock", {"skew": -7200})
    assert (before - sim.clock.now()).total_seconds() > 7000


def test_limits_tokens_and_instances(sim: Simulator, control: Callable[..., Any], api_for: Callable[..., Any]) -> None:
    instance = control("POST", "/instances", {"edition": "standard"})
    api = api_for(sim, instance["url"])
    expired = control("POST", "/tokens", {"expires_in": -1})["token"]
    assert api("GET", headers={"X-Auth-Token": expired}).status_code == 401
    control("POST", "/latency", {"seconds": 0.01})
    control("POST", "/rate_limit", {"per_second": 1, "retry_after": 2})
    assert [api("GET").status_code for dummy in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/tasks", {"task_type": "freeze"}, 400),
        ("POST", "/tasks", {"no_such": 1}, 400),
        ("POST", "/tasks", {"create_time": "2026-10-05T08:43:00"}, 400),
        ("POST", "/faults", {"kind": "earthquake"}, 400),
        ("POST", "/latency", {}, 400),
        ("GET", "/nothing", None, 404),
    ],
)
def test_mistakes(control: Callable[..., Any], method: str, path: str, body: Any, status: int) -> None:
    assert control(method, path, body, status)["error"]


def test_reset() -> None:
    with Simulator(fill=fleet.fill) as sim:
        api = f"{sim.url}/v5/iot/{sim.project_id}/batchtasks"
        first = f"{api}/{fleet.SAMPLES[0].task_id}"
        sim.rate_limit(0.1)
        sim.deny("list")
        sim.fault(times=None)
        sim.clock.advance(9)
        requests.delete(first, headers={"X-Auth-Token": sim.auth_token}, timeout=10)
        assert requests.post(f"{sim.url}/_simulator/reset", timeout=10).status_code == 200
        assert (len(sim.journal), len(sim.task_ids())) == (0, len(fleet.SAMPLES))
        assert (sim.task(fleet.RUNNING_FREEZE) or {})["status"] == "Processing"
        assert (
            requests.get(
                api, {"task_type": "freezeDevices"}, headers={"X-Auth-Token": sim.auth_token}, timeout=10
            ).status_code
            == 200
        )
