# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a created task ends, and which creations and lists the settings refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Refusal, Simulator

NEW = {"task_name": "new", "task_type": "firmwareUpgrade", "targets": ["lamp-1", "lamp-2", "lamp-3"]}


@pytest.fixture
def api(frozen: Simulator, api_for: Callable[..., Any]) -> Any:
    return api_for(frozen)


def _details(api: Any, task_id: str) -> tuple[str, dict[str, str]]:
    shown = api("GET", f"/{task_id}").json()
    return shown["batchtask"]["status"], {one["target"]: one["status"] for one in shown["task_details"]}


@pytest.mark.parametrize(
    ("known", "status"), [((), "Fail"), (("lamp-1",), "PartialSuccess"), (("lamp-1", "lamp-2", "lamp-3"), "Success")]
)
def test_unknown_devices(frozen: Simulator, api: Any, known: tuple[str, ...], status: str) -> None:
    frozen.settings.devices = known
    task_id = api("POST", json=NEW).json()["task_id"]
    frozen.clock.advance(60)
    ended, subtasks = _details(api, task_id)
    assert ended == status
    assert {name for name, state in subtasks.items() if state == "Success"} == set(known)
    failed = api("GET", f"/{task_id}", params={"task_detail_status": "Fail"}).json()["task_details"]
    assert {one["error"]["error_code"] for one in failed} <= {frozen.settings.unknown_device.code}


def test_a_list_can_lag_behind(frozen: Simulator, api: Any) -> None:
    frozen.settings.listed_after = 5
    task_id = api("POST", json=NEW).json()["task_id"]
    listed = {"task_type": "firmwareUpgrade"}
    assert api("GET", params=listed).json() == {"batchtasks": [], "page": {"count": 0, "marker": "f" * 24}}
    assert api("GET", f"/{task_id}").json()["batchtask"]["task_id"] == task_id
    frozen.clock.advance(5)
    assert [task["task_id"] for task in api("GET", params=listed).json()["batchtasks"]] == [task_id]


def test_a_document_can_be_rewritten(frozen: Simulator, api: Any) -> None:
    frozen.settings.rewrites_documents = True
    body = {**NEW, "task_type": "createCommands", "document": {"paras": {"level": "5"}, "names": ["a", "7"]}}
    task_id = api("POST", json=body).json()["task_id"]
    document = api("GET", f"/{task_id}").json()["batchtask"]["document"]
    assert document == {"rewritten": True, "paras": {"level": 5}, "names": ["a", 7]}


def test_retry_policy(frozen: Simulator, api: Any) -> None:
    frozen.settings.failing_devices = ("lamp-1",)
    policy = {"retry_count": 2, "retry_interval": 10}
    task_id = api("POST", json={**NEW, "task_policy": policy}).json()["task_id"]
    frozen.clock.advance(60)
    assert _details(api, task_id) == (
        "Processing",
        {"lamp-1": "FailWaitRetry", "lamp-2": "Success", "lamp-3": "Success"},
    )
    frozen.clock.advance(2 * 600)
    assert _details(api, task_id)[0] == "PartialSuccess"
    frozen.settings.failing_devices = ()
    assert api("POST", f"/{task_id}/retry", json={"targets": ["lamp-1"]}).status_code == 200
    frozen.clock.advance(60)
    assert _details(api, task_id)[0] == "Success"


@pytest.mark.parametrize(
    "policy",
    [
        {"retry_count": 1},
        {"retry_interval": 1},
        {"retry_count": 6, "retry_interval": 1},
        {"retry_count": 1, "retry_interval": 1441},
        {"retry_count": "1", "retry_interval": 1},
    ],
)
def test_invalid_policy(frozen: Simulator, api: Any, policy: dict[str, Any]) -> None:
    assert api("POST", json={**NEW, "task_policy": policy}).status_code == 400
    assert frozen.oracle.take()


@pytest.mark.parametrize(
    "changes", [{"app_id": "a b"}, {"task_mode": "DEVICE"}, {"task_ext_info": {"text": "x" * 512}}]
)
def test_invalid_fields(frozen: Simulator, api: Any, changes: dict[str, Any]) -> None:
    assert api("POST", json={**NEW, **changes}).status_code == 400
    frozen.oracle.take()


def test_kinds_of_targets(frozen: Simulator, api: Any) -> None:
    both = {**NEW, "targets_filter": {"group_ids": ["group-1"]}}
    assert api("POST", json=both).json()["targets"] == NEW["targets"]
    frozen.settings.several_target_kinds = Refusal(400, "IOTDA.000006", "Invalid input data. One kind only.")
    assert api("POST", json=both).status_code == 400
    assert api("POST", json=NEW).status_code == 201


def test_no_devices_at_all(frozen: Simulator, api: Any) -> None:
    task_id = api("POST", json={"task_name": "new", "task_type": "freezeDevices"}).json()["task_id"]
    frozen.clock.advance(1)
    shown = api("GET", f"/{task_id}").json()["batchtask"]
    assert (shown["status"], bool(shown["status_desc"])) == ("Fail", True)


def test_unfinished_tasks_may_be_limited(frozen: Simulator, api: Any) -> None:
    frozen.settings.most_unfinished = 2
    statuses = [api("POST", json=NEW).status_code for dummy in range(3)]
    assert statuses == [201, 201, frozen.settings.too_many_tasks.status]
    assert api("POST", json={**NEW, "app_id": "another"}).status_code == 201
    frozen.clock.advance(60)
    assert api("POST", json=NEW).status_code == 201


def test_resource_spaces_may_be_limited(frozen: Simulator, api: Any) -> None:
    frozen.settings.app_ids = ("space-1",)
    assert api("POST", json={**NEW, "app_id": "space-1"}).status_code == 201
    reply = api("POST", json={**NEW, "app_id": "space-2"})
    assert (reply.status_code, reply.json()["error_code"]) == (403, "IOTDA.001000")


def test_task_types_may_be_limited(frozen: Simulator, api: Any) -> None:
    frozen.settings.task_types = ("freezeDevices",)
    frozen.settings.unknown_task_type = Refusal(403, "IOTDA.000034", "Operation not allowed.")
    assert api("GET").status_code == 200
    replies = [api("GET", params={"task_type": "deviceJob"}), api("POST", json=NEW)]
    assert [(reply.status_code, reply.json()["error_code"]) for reply in replies] == [(403, "IOTDA.000034")] * 2


def test_list_may_need_no_task_type(frozen: Simulator, api: Any) -> None:
    frozen.add_task("freezeDevices")
    frozen.add_task("deviceJob")
    missing = api("GET", params={"task_type": None})
    assert (missing.status_code, missing.json()["error_code"]) == (400, frozen.settings.task_type_missing.code)
    frozen.settings.list_needs_task_type = False
    assert api("GET", params={"task_type": None}).json()["page"]["count"] == 2
    assert len(frozen.oracle.take()) == 2


def test_sts_may_answer_201(sim: Simulator) -> None:
    sim.settings.sts_created = True
    asked = {
        "provider_urn": sim.settings.oidc_provider_urn,
        "agency_urn": sim.settings.oidc_agency_urn,
        "agency_session_name": "ci",
        "id_token": sim.id_token(),
        "duration_seconds": 3600,
    }
    reply = requests.post(f"{sim.url}/v5/agencies/assume-with-oidc", json=asked, timeout=10)
    assert reply.status_code == 201
