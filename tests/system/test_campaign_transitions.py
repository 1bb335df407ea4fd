# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""state: stopped, retried and confirmed: when something is done, to which devices, and what a lost answer comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import STATUSES, TASK_TYPES
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

UPGRADES = ("firmwareUpgrade", "softwareUpgrade")
CONFIRMABLE = (*UPGRADES, "moduleUpgrade")
VERBS = {"stopped": "stop", "retried": "retry", "confirmed": "confirm"}
# A status in which there is something to do.
BEGINS = {"stopped": "Processing", "retried": "PartialSuccess", "confirmed": "Waitting"}


pytestmark = pytest.mark.usefixtures("in_a_hurry")


@pytest.fixture
def campaign(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "wait_delay": 0, "retry_timeout": 20}


def bring(campaign: dict[str, Any], state: str, *task_ids: str, check: bool = False, **more: Any) -> Ended:
    return run_module("batch_task", {**campaign, "state": state, "task_id": list(task_ids), **more}, check=check)


def upgrade(simulator: Simulator, state: str, **more: Any) -> str:
    """Return a task on which there is something to do."""
    task_id = simulator.add_task("firmwareUpgrade", BEGINS[state], **{"devices": 6, **more})
    task = simulator.instance.store().get(task_id)
    assert task is not None
    task.extras = {"need_confirm": state == "confirmed"}
    return task_id


def expected(state: str, task_type: str, status: str) -> str:
    """Return the outcome by the table of the API's documents; a subtask of each kind is there where it can be."""
    if state == "stopped":
        if status in ("Success", "Fail", "PartialSuccess", "Stopped", "Stopping"):
            return "unchanged"
        return "stopped" if task_type in UPGRADES else "failed"
    if state == "retried":
        if status not in ("Fail", "PartialSuccess"):
            return "unchanged"
        return "retried" if task_type in UPGRADES else "failed"
    if status not in ("Initializing", "Waitting", "Processing"):
        return "unchanged"
    if task_type not in CONFIRMABLE:
        return "failed"
    return "unchanged" if status == "Initializing" else "confirmed"


@pytest.mark.parametrize("state", VERBS)
def test_every_type_and_status(simulator: Simulator, campaign: dict[str, Any], state: str) -> None:
    wanted = {(kind, status): simulator.add_task(kind, status, devices=6) for kind in TASK_TYPES for status in STATUSES}
    outcomes = [expected(state, *key) for key in wanted]
    predicted = bring(campaign, state, *wanted.values(), check=True)
    assert predicted.outcomes == outcomes
    assert {entry.method for entry in simulator.journal} == {"GET"}
    real = bring(campaign, state, *wanted.values())
    assert real.outcomes == outcomes
    told = [(task["task_id"], task["outcome"], task.get("msg")) for task in predicted.result["tasks"]]
    assert told == [(task["task_id"], task["outcome"], task.get("msg")) for task in real.result["tasks"]]
    assert real.changed
    done = VERBS[state]
    assert sum(entry.path.endswith(f"/{done}") for entry in simulator.journal) == outcomes.count(state)


@pytest.mark.parametrize("state", VERBS)
def test_twice_is_once(simulator: Simulator, campaign: dict[str, Any], state: str) -> None:
    task_id = upgrade(simulator, state)
    first, second = bring(campaign, state, task_id), bring(campaign, state, task_id)
    assert (first.outcomes, first.changed) == ([state], True)
    assert (second.outcomes, second.changed) == (["unchanged"], False)
    assert first.result["tasks"][0]["targets_succeeded"] > 0


@pytest.mark.parametrize("state", VERBS)
def test_no_task_and_a_task_that_is_not_there(simulator: Simulator, campaign: dict[str, Any], state: str) -> None:
    nothing = bring(campaign, state)
    assert (nothing.failed, nothing.changed, len(simulator.journal)) == (False, False, 0)
    for check in (True, False):
        ended = bring(campaign, state, upgrade(simulator, state), "1", check=check)
        assert ended.outcomes == [state, "failed"]
        assert ended.msg == f"Could not {VERBS[state]} batch task 1: it does not exist; check task_id."


@pytest.mark.parametrize("status", ["Stopped", "Stopping"])
def test_what_cannot_be_retried_is_warned_of(simulator: Simulator, campaign: dict[str, Any], status: str) -> None:
    ended = bring(campaign, "retried", simulator.add_task("firmwareUpgrade", status))
    assert (ended.outcomes, ended.changed) == (["unchanged"], False)
    assert f"is {status} and cannot be retried" in ended.warnings


def test_device_reported_twice_counts_as_failed(simulator: Simulator, campaign: dict[str, Any]) -> None:
    task_id = upgrade(simulator, "stopped", devices=[f"meter_{number}" for number in range(9)])
    ends = [{"target": "meter_4", "status": "fail", "error_msg": "busy"}, {"target": "meter_4", "status": "success"}]
    simulator.fault("POST", "stop$", "json", status=200, json={"targets": ends})
    ended = bring(campaign, "stopped", task_id, targets=["meter_4"])
    assert (ended.failed, ended.outcomes) == (True, ["failed"])
    assert "1 of 1 devices failed, the first of them meter_4 (busy)" in ended.msg


@pytest.mark.parametrize("listed", [True, False])
def test_some_devices_only(simulator: Simulator, campaign: dict[str, Any], listed: bool) -> None:
    simulator.settings.stop_all_lists_targets = listed
    task_id = upgrade(simulator, "stopped", devices=[f"meter_{number}" for number in range(9)])
    wanted = ["meter_0", "meter_4", "meter_5", "nobody"]
    predicted = bring(campaign, "stopped", task_id, targets=wanted, check=True)
    ended = bring(campaign, "stopped", task_id, targets=wanted)
    # The first device has succeeded already.
    for one in (predicted, ended):
        assert (one.failed, one.changed, one.outcomes) == (True, True, ["failed"])
        assert "1 of 3 devices failed, the first of them nobody" in one.msg
        (task,) = one.result["tasks"]
        assert (task["targets_succeeded"], task["targets_failed"]) == (2, 1)
        assert [failed["target"] for failed in task["failed_targets"]] == ["nobody"]
    assert ended.result["tasks"][0]["failed_targets"][0]["error_code"] == "IOTDA.014219"
    again = bring(campaign, "stopped", task_id, targets=wanted[:3])
    assert (again.outcomes, again.changed) == (["unchanged"], False)


def test_calls_of_a_hundred(simulator: Simulator, campaign: dict[str, Any]) -> None:
    devices = [f"meter_{number}" for number in range(450)]
    task_id = upgrade(simulator, "confirmed", devices=devices)
    ended = bring(campaign, "confirmed", task_id, targets=devices[:250])
    (task,) = ended.result["tasks"]
    assert (ended.outcomes, task["targets_succeeded"], task["attempts"]) == (["confirmed"], 250, 3)
    assert "failed_targets" not in task


@pytest.mark.parametrize("kind", ["reset", "cut_body", "invalid_json"])
@pytest.mark.parametrize("state", VERBS)
def test_acted_and_the_answer_lost(simulator: Simulator, campaign: dict[str, Any], state: str, kind: str) -> None:
    simulator.fault(method="POST", kind=kind, when="after")
    ended = bring(campaign, state, upgrade(simulator, state))
    assert (ended.outcomes, ended.changed) == ([state], True)
    assert "the task shows that it was done" in ended.warnings
    assert sum(entry.method == "POST" for entry in simulator.journal) == 1


@pytest.mark.parametrize("state", VERBS)
def test_not_acted_and_the_answer_lost(simulator: Simulator, campaign: dict[str, Any], state: str) -> None:
    simulator.fault(method="POST", kind="reset")
    ended = bring(campaign, state, upgrade(simulator, state))
    assert (ended.outcomes, ended.changed) == (["failed"], True)
    assert "the task does not show whether it was done" in ended.warnings
    assert sum(entry.method == "POST" for entry in simulator.journal) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_for_some_devices(simulator: Simulator, campaign: dict[str, Any], when: str) -> None:
    devices = [f"meter_{number}" for number in range(150)]
    task_id = upgrade(simulator, "confirmed", devices=devices)
    simulator.fault(method="POST", kind="reset", when=when)
    ended = bring(campaign, "confirmed", task_id, targets=devices, concurrency=1)
    (task,) = ended.result["tasks"]
    assert (ended.changed, task["attempts"]) == (True, 2)
    assert (ended.failed, task["targets_failed"]) == ((True, 100) if when == "before" else (False, 0))
    assert ("100 devices, the task does not show" in ended.warnings) == (when == "before")


def test_finished_before_it_was_stopped(simulator: Simulator, campaign: dict[str, Any]) -> None:
    task_id = upgrade(simulator, "stopped")
    others = Others(simulator)
    others.act(lambda: others.change(task_id, "Success"), "POST")
    ended = bring(campaign, "stopped", task_id)
    assert (ended.failed, ended.outcomes, ended.changed) == (False, ["unchanged"], False)


@pytest.mark.parametrize("state", VERBS)
def test_refused(simulator: Simulator, campaign: dict[str, Any], state: str) -> None:
    simulator.deny(VERBS[state])
    ended = bring(campaign, state, upgrade(simulator, state))
    assert (ended.failed, ended.changed) == (True, False)
    assert "grant" in ended.msg


def test_ten_failures_in_a_row_are_enough(simulator: Simulator, campaign: dict[str, Any]) -> None:
    ids = [upgrade(simulator, "stopped") for dummy in range(30)]
    simulator.fault(method="POST", status=500, times=None)
    ended = bring(campaign, "stopped", *ids, concurrency=1)
    assert sum(entry.method == "POST" for entry in simulator.journal) == 10
    assert [task["attempts"] for task in ended.result["tasks"]] == [1] * 10 + [0] * 20
    assert "skipped" in ended.result["tasks"][-1]["msg"]


def test_wait_until_stopped(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.stopping_takes = 0.2
    ended = bring(campaign, "stopped", upgrade(simulator, "stopped"), upgrade(simulator, "stopped"), wait=True)
    assert [task["status"] for task in ended.result["tasks"]] == ["Stopped", "Stopped"]
    slow = simulator.add_task("firmwareUpgrade", "Stopping")
    assert "did not finish within 0 s" in bring(campaign, "stopped", slow, wait=True, wait_timeout=0).msg


def test_wait_until_some_have_stopped(simulator: Simulator, campaign: dict[str, Any]) -> None:
    task_id = upgrade(simulator, "stopped")
    ended = bring(campaign, "stopped", task_id, targets=["meter_0003", "meter_0004"], wait=True)
    assert (ended.outcomes, ended.result["tasks"][0]["status"]) == (["stopped"], "Processing")


def test_wait_until_retried_and_confirmed(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.processing_takes = 0.1
    for state in ("retried", "confirmed"):
        ended = bring(campaign, state, upgrade(simulator, state), wait=True)
        assert (ended.failed, ended.result["tasks"][0]["status"]) == (False, "Success")
    failed = simulator.add_task("firmwareUpgrade", "Stopped")
    for check in (True, False):
        ended = bring(campaign, "retried", failed, wait=True, check=check)
        assert "Waited for batch task" in ended.msg
        assert "it ended as Stopped" in ended.msg
    assert not bring(campaign, "retried", failed, wait=True, accept=["Stopped"]).failed


def test_a_task_deleted_while_waited_for(simulator: Simulator, campaign: dict[str, Any]) -> None:
    task_id = simulator.add_task("firmwareUpgrade", "Stopping")
    others = Others(simulator)
    others.act(lambda: others.delete(task_id), "GET", skip=1)
    ended = bring(campaign, "stopped", task_id, wait=True)
    assert (ended.failed, ended.changed) == (True, False)
    assert ended.msg == f"Waited for batch task {task_id}: it was deleted during the wait."


def test_the_audit_log_and_what_is_returned(simulator: Simulator, campaign: dict[str, Any], tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    ids = [upgrade(simulator, "stopped"), simulator.add_task("firmwareUpgrade", "Success"), "1"]
    bring(campaign, "stopped", *ids, audit_log=str(log), check=True)
    assert not log.exists()
    ended = bring(campaign, "stopped", *ids, audit_log=str(log), returned="failed")
    assert [task["task_id"] for task in ended.result["tasks"]] == ["1"]
    assert ended.result["summary"] == {"stopped": 1, "unchanged": 1, "stopped_unconfirmed": 0, "failed": 1}
    wish = {"state": "present", "task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["a"]}
    for outcome in ("created", "exists"):
        created = run_module("batch_task", {**campaign, **wish, "audit_log": str(log), "returned": "none"})
        assert (created.result["tasks"], created.result["outcome"]) == ([], outcome)
    lines = [json.loads(text) for text in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["state"], line["outcome"]) for line in lines] == [("stopped", "stopped"), ("present", "created")]
    assert lines[0]["task_id"] == ids[0]
    assert lines[1]["task_name"] == "freeze_1"
