# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and pages, as documented."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import DEVICE_SECRET, Simulator


def test_newest_first_ten_at_a_time(sim: Simulator, api: Callable[..., Any]) -> None:
    ids = sim.add_tasks(23)
    first = api("GET").json()
    assert [task["task_id"] for task in first["batchtasks"]] == ids[:-11:-1]
    assert first["page"] == {"count": 23, "marker": ids[13]}
    second = api("GET", params={"marker": ids[13], "limit": 5, "offset": 2}).json()
    assert [task["task_id"] for task in second["batchtasks"]] == ids[10:5:-1]


def test_order_is_that_of_creation(sim: Simulator, api: Callable[..., Any]) -> None:
    now = datetime.now(timezone.utc)
    ages = [5, 300, 20, 100]
    by_age = {age: sim.add_task(create_time=now - timedelta(days=age)) for age in ages}
    listed = api("GET").json()["batchtasks"]
    assert [task["task_id"] for task in listed] == [by_age[age] for age in sorted(ages)]
    assert listed[0]["create_time"] == (now - timedelta(days=5)).strftime("%Y%m%dT%H%M%SZ")


def test_fields(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.add_task("freezeDevices", "PartialSuccess", task_name="freeze_1", app_id="space-1", devices=5)
    (task,) = api("GET").json()["batchtasks"]
    assert "app_id" not in task
    assert task["task_progress"] == {
        "total": 5,
        "processing": 0,
        "success": 2,
        "fail": 3,
        "waitting": 0,
        "fail_wait_retry": 0,
        "stopped": 0,
        "removed": 0,
    }


def test_filters(sim: Simulator, api: Callable[..., Any]) -> None:
    wanted = sim.add_task("freezeDevices", "Fail", app_id="space-1")
    sim.add_task("freezeDevices", "Fail", app_id="space-2")
    sim.add_task("freezeDevices", "Success", app_id="space-1")
    sim.add_task("deleteDevices", "Fail", app_id="space-1")
    query = {"app_id": "space-1", "task_type": "freezeDevices", "status": "Fail"}
    found = api("GET", params=query).json()
    assert [task["task_id"] for task in found["batchtasks"]] == [wanted]
    assert found["page"]["count"] == 1
    assert api("GET", params={"app_id": "space-1"}).json()["page"]["count"] == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "IOTDA.000017"),
        ({"limit": "51"}, "IOTDA.000017"),
        ({"limit": "ten"}, "IOTDA.000017"),
        ({"limit": ""}, "IOTDA.000017"),
        ({"offset": "501"}, "IOTDA.000018"),
        ({"offset": "-1"}, "IOTDA.000018"),
        ({"marker": "zz"}, "IOTDA.000006"),
        ({"status": "success"}, "IOTDA.000006"),
        ({"task_type": "freeze"}, "IOTDA.000006"),
        ({"app_id": "a b"}, "IOTDA.000006"),
    ],
)
def test_bad_query(sim: Simulator, api: Callable[..., Any], query: dict[str, str], code: str) -> None:
    reply = api("GET", params=query)
    assert (reply.status_code, reply.json()["error_code"]) == (400, code)
    assert sim.oracle.take()


@pytest.mark.parametrize(
    ("answer", "first"), [("honoured", 13), ("ignored", 20), ("miscounted", 22), ("refused", None)]
)
def test_offset_beside_marker(sim: Simulator, api: Callable[..., Any], answer: str, first: int | None) -> None:
    ids = sim.add_tasks(30)
    sim.settings.offset_beside_marker = answer
    reply = api("GET", params={"marker": ids[21], "offset": 7, "limit": 2})
    assert reply.status_code == (400 if first is None else 200)
    if first is not None:
        assert [task["task_id"] for task in reply.json()["batchtasks"]] == [ids[first], ids[first - 1]]
    assert api("GET", params={"marker": ids[21], "limit": 1}).json()["batchtasks"][0]["task_id"] == ids[20]


def test_unknown_app_where_apps_are_known(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.settings.app_ids = ("space-1",)
    assert api("GET", params={"app_id": "space-1"}).status_code == 200
    reply = api("GET", params={"app_id": "space-2"})
    assert (reply.status_code, reply.json()["error_code"]) == (403, "IOTDA.001000")


def test_marker_misses_nothing_while_tasks_are_deleted(sim: Simulator, api: Any) -> None:
    ids = sim.add_tasks(130)
    seen = []
    for page in api.pages("", "batchtasks"):
        for task in page:
            seen.append(task["task_id"])
            assert api("DELETE", f"/{task['task_id']}").status_code == 204
    assert seen == ids[::-1]
    assert sim.task_ids() == set()


def test_many_tasks_are_listed_quickly(sim: Simulator, api: Any) -> None:
    sim.add_tasks(100_000, devices=1)
    wanted = set(sim.add_tasks(120, status="Fail"))
    began = time.monotonic()
    found = {task["task_id"] for page in api.pages("", "batchtasks", status="Fail") for task in page}
    assert found == wanted
    assert api("GET", params={"limit": 50}).json()["page"]["count"] == 100_120
    assert time.monotonic() - began < 2.0


def test_pages_of_subtasks(sim: Simulator, api: Any) -> None:
    task_id = sim.add_task(devices=620)
    targets = [detail["target"] for page in api.pages(f"/{task_id}", "task_details") for detail in page]
    assert len(targets) == len(set(targets)) == 620
    one = api("GET", f"/{task_id}", params={"target": "meter_0007"}).json()
    assert one["page"]["count"] == 1
    assert one["task_details"] == [{"target": "meter_0007", "status": "Success"}]
    none = api("GET", f"/{task_id}", params={"task_detail_status": "Removed"}).json()
    assert none["task_details"] == []


def test_only_created_devices_tell_secrets(sim: Simulator, api: Callable[..., Any]) -> None:
    created = api("GET", f"/{sim.add_task('createDevices')}")
    assert DEVICE_SECRET in created.text
    failed = api("GET", f"/{sim.add_task('createDevices', 'Fail')}").json()
    assert all("output" not in detail for detail in failed["task_details"])
    assert DEVICE_SECRET not in api("GET", f"/{sim.add_task('freezeDevices')}").text
