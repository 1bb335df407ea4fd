# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not as the official API description has it is noticed: in requests, and in the simulator's own replies."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import reduce
from importlib.metadata import version
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Refusal, Settings, Simulator, Violation
from ansible_collections.huaweicloud.iotda.tests.simulator.description import Mismatch, calls, published
from ansible_collections.huaweicloud.iotda.tests.simulator.differences import COMPARED, DIFFERENCES
from ansible_collections.huaweicloud.iotda.tests.simulator.files import BatchTaskFile
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import Task

TASK = "/5c8ba99030344005c02316ad"
NEW = {"task_name": "new", "task_type": "freezeDevices", "targets": ["lamp-1"]}


@pytest.fixture
def problem(sim: Simulator, api: Any) -> Callable[..., str]:
    """Send one request and return what is wrong with it or with its reply."""

    def send(method: str, path: str = "", **options: Any) -> str:
        api(method, path, **options)
        (found,) = sim.oracle.take()
        return found.partition("batchtask")[2]

    return send


def test_calls_that_are_described() -> None:
    assert len(calls()) == 17
    assert {difference.service for difference in DIFFERENCES} == {"iotda", "iotdm", "iam"}
    assert all(difference.choice for difference in DIFFERENCES)


def test_differences_are_those_of_the_installed_packages() -> None:
    assert {name: version(name) for name in COMPARED} == COMPARED


CHANGES = [(row.service, path, value) for row in DIFFERENCES for path, value in row.changes]


@pytest.mark.parametrize(("service", "path", "value"), CHANGES, ids=[".".join(change[1][-3:]) for change in CHANGES])
def test_description_does_not_say_yet_what_was_chosen(service: str, path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    place = reduce(dict.__getitem__, parents, published(service))
    assert last not in place or place[last] != value


def test_with_ends_in_a_violation() -> None:
    with pytest.raises(Violation, match="query parameter task_type is missing"):
        _list_without_a_type()


def test_violation_hides_no_other_error() -> None:
    with pytest.raises(KeyError):
        _list_without_a_type(then=KeyError())


def _list_without_a_type(then: Exception | None = None) -> None:
    with Simulator() as sim:
        requests.get(f"{sim.url}/v5/iot/{sim.project_id}/batchtasks", timeout=10)
        if then:
            raise then


def test_switched_off() -> None:
    with Simulator(oracle=False) as sim:
        assert requests.get(f"{sim.url}/v5/iot/{sim.project_id}/batchtasks", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (("GET", "", {"params": {"task_type": None}}), "query parameter task_type is missing"),
        (("GET", "", {"params": {"limit": 51}}), "query parameter limit is not a number from 1 to 50"),
        (("GET", "", {"params": {"name": "new"}}), "query parameter name is unknown"),
        (("GET", "", {"params": {"task_type": "freezeDevicesX"}}), "query parameter task_type does not match"),
        (("GET", "", {"headers": {"X-Instance": "1"}}), "header x-instance is unknown"),
        (("GET", "/5C8B", {}), "path parameter task_id does not match"),
        (("PUT", TASK, {}), "no such call"),
        (("DELETE", TASK, {"json": {}}), "a body where none is described"),
        (("POST", "", {"json": {**NEW, "name": "new"}}), "data must not contain {'name'} properties"),
        (("POST", "", {"json": {**NEW, "task_name": "a-b"}}), "data.task_name must match pattern"),
        (("POST", "", {"json": {**NEW, "task_policy": {"retry_count": 1}}}), "data.task_policy missing dependency"),
        (("POST", "", {"data": "{}"}), "Content-Type is not application/json"),
        (("POST", f"{TASK}/stop", {"json": {"targets": ["a"] * 101}}), "must contain less than or equal to 100"),
        (("POST", "", {}), "the body is missing"),
    ],
)
def test_requests(problem: Callable[..., str], request_: tuple[str, str, dict[str, Any]], found: str) -> None:
    method, path, options = request_
    assert found in problem(method, path, **options)


def test_form(sim: Simulator, api: Any) -> None:
    root = api.root.replace("batchtasks", "batchtask-files")
    api.session.post(root, files={"document": ("a.xlsx", b"PK\x03\x04")}, timeout=10)
    api.session.post(root, json={}, timeout=10)
    form, kind = sim.oracle.take()
    assert "exactly one part, named file" in form
    assert "Content-Type is not multipart/form-data" in kind


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"taskName": "new"}, "must not contain {'taskName'} properties"),
        ({"task_id": 5}, "task_id must be string"),
        ({"status": None}, "status must be string"),
        ({"task_progress": {"total": "2"}}, "total must be integer"),
        ({"task_type": "unknownType"}, "task_type must match pattern"),
        ({"task_policy": {"retry_count": 6, "retry_interval": 1}}, "retry_count must be smaller than or equal to 5"),
    ],
)
def test_replies(
    sim: Simulator,
    problem: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    found: str,
) -> None:
    shown = Task.shown
    monkeypatch.setattr(Task, "shown", lambda task: {**shown(task), **change})
    sim.add_task()
    assert found in problem("GET")


@pytest.mark.parametrize(
    ("name", "reply", "found"),
    [
        ("ShowBatchTask", {"task_details": [{"status": "{}"}]}, ("Removed", "Ended")),
        ("ListInstances", {"instances": [{"status": "{}"}]}, ("MODIFY_FAILED", "GONE")),
        ("ShowInstance", {"status": "{}"}, ("TRADING", "GONE")),
    ],
)
def test_statuses_of_a_reply(name: str, reply: dict[str, Any], found: tuple[str, str]) -> None:
    known, unknown = (json.loads(json.dumps(reply).replace("{}", status)) for status in found)
    (check,) = (call.reply for call in calls() if call.name == name)
    check(known)
    with pytest.raises(Mismatch, match="status must match pattern"):
        check(unknown)


def test_status_of_a_reply(sim: Simulator, problem: Callable[..., str]) -> None:
    sim.settings.confirm_status = 202
    task_id = sim.add_task("firmwareUpgrade", "Waitting")
    assert problem("POST", f"/{task_id}/confirm").endswith("reply 202: ConfirmBatchTask succeeds with [200] only")
    sim.settings.absent = Refusal(404, "gone", "Gone.")
    assert "error_code must match pattern" in problem("GET", TASK)


def test_refusals_have_documented_statuses() -> None:
    refusals = [value for value in vars(Settings()).values() if isinstance(value, Refusal)]
    assert len(refusals) > 10
    assert {refusal.status for refusal in refusals} <= {400, 401, 403, 404, 500}


def test_file_of_a_reply(sim: Simulator, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BatchTaskFile, "shown", lambda file: {"file_id": "a b"})
    root = api.root.replace("batchtasks", "batchtask-files")
    assert api.session.post(root, files={"file": ("a.xlsx", b"PK\x03\x04")}, timeout=10).status_code == 201
    assert "data.file_id must match pattern" in sim.oracle.take()[0]


def test_faults_are_no_violations(sim: Simulator, api: Any) -> None:
    sim.fault(kind="json", json={"wrong": True}, status=299)
    sim.fault(kind="altered", json={"wrong": True})
    sim.fault(status=418, body="teapot")
    assert [api("GET").status_code for dummy in range(3)] == [299, 200, 418]
    assert sim.oracle.violations == []


def test_secrets_are_in_no_violation(sim: Simulator) -> None:
    user = {"name": sim.username, "password": 5, "domain": sim.password}
    auth = {"identity": {"methods": [sim.password], "password": {"user": user}}}
    requests.post(f"{sim.url}/v3/auth/tokens", json={"auth": auth}, timeout=10)
    assert sim.password not in str(sim.oracle.take())
