# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks are created, proceed as time passes, and are stopped, retried, confirmed and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

NEW = {"task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["dev_1", "dev_2"]}


@pytest.fixture
def api(frozen: Simulator, api_for: Callable[..., Any]) -> Any:
    return api_for(frozen)


def _status(sim: Simulator, task_id: str) -> str:
    task = sim.task(task_id)
    assert task is not None
    return str(task["status"])


def test_created_task_proceeds(frozen: Simulator, api: Any) -> None:
    reply = api("POST", json=NEW)
    assert reply.status_code == 201
    task_id = reply.json()["task_id"]
    assert reply.json()["create_time"] == frozen.clock.now().strftime("%Y%m%dT%H%M%SZ")
    passed = [_status(frozen, task_id)]
    for seconds in (0.5, 4.9, 0.1):
        assert api("DELETE", f"/{task_id}").status_code == 403
        frozen.clock.advance(seconds)
        passed.append(_status(frozen, task_id))
    assert passed == ["Waitting", "Processing", "Processing", "Success"]
    assert api("DELETE", f"/{task_id}").status_code == 204
    assert api("DELETE", f"/{task_id}").status_code == 404


@pytest.mark.parametrize("status", ["Initializing", "Waitting", "Processing", "Stopping"])
def test_unfinished_task_keeps_its_status(frozen: Simulator, api: Any, status: str) -> None:
    task_id = frozen.add_task("firmwareUpgrade", status)
    frozen.clock.advance(80000)
    assert _status(frozen, task_id) == status
    assert api("DELETE", f"/{task_id}").json()["error_code"] == frozen.settings.unfinished.code


@pytest.mark.parametrize(
    ("status", "outcome", "passed"),
    [
        ("Processing", "Fail", ["Processing", "Processing", "Fail"]),
        ("Waitting", "PartialSuccess", ["Waitting", "Processing", "PartialSuccess"]),
        ("Initializing", None, ["Initializing", "Processing", "Success"]),
        ("Stopping", None, ["Stopping", "Stopping", "Stopped"]),
    ],
)
def test_course(frozen: Simulator, status: str, outcome: str | None, passed: list[str]) -> None:
    task_id = frozen.add_task(status=status, finishes_in=9, outcome=outcome)
    seen = [_status(frozen, task_id)]
    for _dummy in range(2):
        frozen.clock.advance(7)
        seen.append(_status(frozen, task_id))
    assert seen == passed


def test_skew_does_not_hurry_tasks(frozen: Simulator) -> None:
    task_id = frozen.add_task(status="Processing", finishes_in=9)
    frozen.clock.skew(3600)
    assert _status(frozen, task_id) == "Processing"


def test_finished_task_cannot_finish_again(frozen: Simulator) -> None:
    with pytest.raises(ValueError, match="Success cannot finish"):
        frozen.add_task(finishes_in=1)
    with pytest.raises(ValueError, match="freezeEverything"):
        frozen.add_task("freezeEverything")


@pytest.mark.parametrize(
    ("task_type", "status"),
    [("freezeDevices", "Processing"), ("firmwareUpgrade", "Stopping"), ("softwareUpgrade", "Success")],
)
def test_not_stoppable(frozen: Simulator, api: Any, task_type: str, status: str) -> None:
    reply = api("POST", f"/{frozen.add_task(task_type, status)}/stop", json={})
    assert (reply.status_code, reply.json()["error_code"]) == (403, frozen.settings.not_stoppable.code)


@pytest.mark.parametrize(
    ("task_type", "status"),
    [("freezeDevices", "Fail"), ("firmwareUpgrade", "Stopped"), ("softwareUpgrade", "Success")],
)
def test_not_retryable(frozen: Simulator, api: Any, task_type: str, status: str) -> None:
    reply = api("POST", f"/{frozen.add_task(task_type, status)}/retry", json={})
    assert (reply.status_code, reply.json()["error_code"]) == (403, frozen.settings.not_retryable.code)


def test_not_confirmable(frozen: Simulator, api: Any) -> None:
    reply = api("POST", f"/{frozen.add_task()}/confirm", json={})
    assert (reply.status_code, reply.json()["error_code"]) == (403, frozen.settings.not_confirmable.code)


def test_stopping_every_target_by_name_ends_the_task(frozen: Simulator, api: Any) -> None:
    task_id = frozen.add_task("firmwareUpgrade", "Waitting", devices=["a", "b"])
    api("POST", f"/{task_id}/stop", json={"targets": ["a", "b"]})
    frozen.clock.advance(frozen.settings.stopping_takes)
    assert _status(frozen, task_id) == "Stopped"
    assert api("DELETE", f"/{task_id}").status_code == 204


def test_stop_forgets_the_course_before(frozen: Simulator, api: Any) -> None:
    task_id = frozen.add_task("firmwareUpgrade", "Processing", finishes_in=1)
    frozen.settings.stop_all_lists_targets = False
    assert api("POST", f"/{task_id}/stop", json={}).json() == {"targets": []}
    frozen.clock.advance(1)
    assert _status(frozen, task_id) == "Stopping"
    frozen.clock.advance(1)
    assert _status(frozen, task_id) == "Stopped"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "IOTDA.000008"),
        (b"[]", "IOTDA.000006"),
        (b'{"targets": "a"}', "IOTDA.000006"),
        (json.dumps({"targets": ["a"] * 101}).encode(), "IOTDA.000006"),
    ],
)
def test_bad_targets(frozen: Simulator, api: Any, body: bytes, code: str) -> None:
    task_id = frozen.add_task("firmwareUpgrade", "Processing")
    reply = api("POST", f"/{task_id}/stop", data=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["error_code"]) == (400, code)
    assert _status(frozen, task_id) == "Processing"
    assert frozen.oracle.take()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"task_name": "no-hyphen"}, "IOTDA.000006"),
        ({"task_name": None}, "IOTDA.000006"),
        ({"task_type": "freeze"}, "IOTDA.000006"),
        ({"task_type": "createDevices"}, "IOTDA.000006"),
        ({"targets": ["a b"]}, "IOTDA.000006"),
        ({"task_policy": {"schedule_time": "tomorrow"}}, "IOTDA.000009"),
        ({"task_policy": {"schedule_time": "29990101T000000Z"}}, "IOTDA.000006"),
    ],
)
def test_bad_creation(frozen: Simulator, api: Any, changes: dict[str, Any], code: str) -> None:
    reply = api("POST", json={**NEW, **changes})
    assert (reply.status_code, reply.json()["error_code"]) == (400, code)
    frozen.oracle.take()
    assert frozen.task_ids() == set()


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_malformed_creation(frozen: Simulator, api: Any, body: bytes) -> None:
    reply = api("POST", data=body, headers={"Content-Type": "application/json"})
    assert frozen.oracle.take()
    assert (reply.status_code, reply.json()["error_code"]) == (400, "IOTDA.000008")


def test_names_may_have_to_be_new(frozen: Simulator, api: Any) -> None:
    assert api("POST", json=NEW).status_code == api("POST", json=NEW).status_code == 201
    frozen.settings.unique_names = True
    assert api("POST", json=NEW).json()["error_code"] == frozen.settings.name_taken.code


def test_scheduled_task_waits(frozen: Simulator, api: Any) -> None:
    at = frozen.clock.now() + timedelta(hours=1)
    policy = {"schedule_time": at.strftime("%Y%m%dT%H%M%SZ")}
    task_id = api("POST", json={**NEW, "task_policy": policy}).json()["task_id"]
    frozen.clock.advance(3590)
    assert _status(frozen, task_id) == "Initializing"
    frozen.clock.advance(60)
    assert _status(frozen, task_id) == "Success"


def test_targets_come_before_groups(frozen: Simulator, api: Any) -> None:
    frozen.settings.groups = {"group-1": ("lamp-1", "lamp-2")}
    by_group = {"task_name": "g", "task_type": "freezeDevices", "targets_filter": {"group_ids": ["group-1"]}}
    assert api("POST", json={**by_group, "targets": []}).json()["targets"] == ["lamp-1", "lamp-2"]
    assert api("POST", json={**by_group, "targets": ["lamp-3"]}).json()["targets"] == ["lamp-3"]


def test_unknown_group_fails_late(frozen: Simulator, api: Any) -> None:
    body = {"task_name": "g", "task_type": "freezeDevices", "targets_filter": {"group_ids": ["nobody"]}}
    task_id = api("POST", json=body).json()["task_id"]
    frozen.clock.advance(1)
    shown = api("GET", f"/{task_id}").json()
    assert (shown["batchtask"]["status"], shown["task_details"]) == ("Fail", [])
    assert shown["batchtask"]["status_desc"]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("POST", "/retry")])
def test_absent_and_invalid_ids(frozen: Simulator, api: Any, method: str, path: str) -> None:
    assert api(method, f"/5c8ba99030344005c02316ad{path}").status_code == 404
    assert frozen.oracle.violations == []
    reply = api(method, f"/5C8B{path}")
    assert frozen.oracle.take()
    assert (reply.status_code, reply.json()["error_code"]) == (400, "IOTDA.000006")


def test_settings_decide_what_is_not_documented(frozen: Simulator, api: Any) -> None:
    refusal = type(frozen.settings.absent)
    frozen.settings.absent = refusal(404, "IOTDA.014299", "Gone.")
    assert api("DELETE", "/5c8b").json() == {"error_code": "IOTDA.014299", "error_msg": "Gone."}


@pytest.mark.parametrize(
    ("path", "code"),
    [("/v5/iot/{project}/batchtask", "IOTDA.000029"), ("/v6/iot", "APIGW.0101"), ("/", "APIGW.0101")],
)
def test_wrong_paths(frozen: Simulator, api: Any, path: str, code: str) -> None:
    reply = api.session.get(frozen.url + path.format(project=frozen.project_id), timeout=10)
    assert (reply.status_code, reply.json()["error_code"]) == (404, code)
    frozen.oracle.take()
