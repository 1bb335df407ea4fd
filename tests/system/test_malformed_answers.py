# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no reader can use: a failure in one sentence, and what was changed before is in the result."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

ODD = {
    "deep": '{"batchtasks": [], "page": {"count": 0}, "batchtask": {}, "a": ' + "[" * 700 + "]" * 700 + "}",
    "number": '{"a": ' + "9" * 5000 + "}",
    "NaN": '{"a": NaN}',
    "twice": '{"a": 1, "a": 2}',
    "null": "null",
    "cut": '{"a": ',
}
CAMPAIGN: dict[str, Any] = {
    "state": "present",
    "task_name": "freeze_1",
    "task_type": "freezeDevices",
    "targets": ["meter_1", "meter_2"],
    "wait_delay": 0,
}


def checked(ended: Ended) -> Ended:
    assert "Traceback" not in ended.text
    assert ended.failed
    assert "unexpected" not in ended.msg
    assert "recursion" not in ended.text
    return ended


@pytest.mark.parametrize("kind", ODD)
def test_a_list(simulator: Simulator, options: dict[str, Any], kind: str) -> None:
    simulator.add_task()
    simulator.fault(method="GET", path="/batchtasks", kind="invalid_json", body=ODD[kind], times=None)
    assert "with something other than a JSON object" in checked(run_module("batch_task_info", options)).msg


@pytest.mark.parametrize("kind", ODD)
def test_a_creation_may_have_been_made(simulator: Simulator, options: dict[str, Any], kind: str) -> None:
    """Nothing of it is in the list, and a second one might be made: so it is not sent again."""
    simulator.fault(method="POST", path="/batchtasks$", kind="invalid_json", status=201, body=ODD[kind], times=None)
    simulator.fault(method="GET", path="/batchtasks", kind="invalid_json", body=ODD[kind], times=None, skip=1)
    ended = checked(run_module("batch_task", {**options, **CAMPAIGN}))
    assert ended.changed
    assert "may" in ended.msg


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("verb", ["stop", "retry"])
def test_what_was_changed_before(simulator: Simulator, options: dict[str, Any], verb: str, kind: str) -> None:
    state, status = {"stop": ("stopped", "Processing"), "retry": ("retried", "Fail")}[verb]
    tasks = [simulator.add_task("softwareUpgrade", status=status) for _task in range(2)]
    simulator.fault(
        method="POST", path=f"/{verb}$", kind="invalid_json", status=200, body=ODD[kind], skip=1, times=None
    )
    simulator.fault(
        method="GET", path=f"/batchtasks/{tasks[1]}", kind="invalid_json", body=ODD[kind], skip=1, times=None
    )
    ended = checked(run_module("batch_task", {**options, "state": state, "task_id": tasks, "concurrency": 1}))
    assert ended.changed
    assert [task["task_id"] for task in ended.result["tasks"]] == tasks
    assert ended.outcomes == [state, "failed"]


@pytest.mark.parametrize("target", [["a"], {"a": 1}, 5])
def test_a_subtask_without_a_name(simulator: Simulator, options: dict[str, Any], target: Any) -> None:
    task = simulator.add_task("softwareUpgrade", status="Processing", devices=["a", "b"])
    simulator.fault(
        method="GET", path=f"/batchtasks/{task}", kind="altered", json={"task_details": {"target": target}}, times=None
    )
    ended = run_module("batch_task", {**options, "state": "stopped", "task_id": [task], "targets": ["a"]})
    assert "a list with an invalid entry" in checked(ended).result["tasks"][0]["msg"]
