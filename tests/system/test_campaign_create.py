# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""state: present: created once, left alone when it exists, waited for, and files uploaded only when needed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands, Ended, run_module, write_workbook

FREEZE: dict[str, Any] = {
    "state": "present",
    "task_name": "freeze_1",
    "task_type": "freezeDevices",
    "targets": ["meter_1", "meter_2"],
}
PACKAGE = "5c8ba99030344005c02316ad"
UPGRADE: dict[str, Any] = {
    "state": "present",
    "task_name": "firmware_1",
    "task_type": "firmwareUpgrade",
    "targets": ["meter_1", "meter_2", "meter_3"],
    "document": {"package_ids": [PACKAGE]},
}
CREATE = {"method": "POST", "path": r"/batchtasks$"}
# One way to lose an answer; the others are in the matrix of faults.
LOST: dict[str, Any] = {"kind": "html", "status": 503}


pytestmark = pytest.mark.usefixtures("in_a_hurry")


@pytest.fixture
def campaign(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "wait_delay": 0, "timeout": 1.5, "retry_timeout": 20}


def create(campaign: dict[str, Any], check: bool = False, **more: Any) -> Ended:
    given = {name: value for name, value in {**campaign, **FREEZE, **more}.items() if value is not None}
    return run_module("batch_task", given, check=check, diff=True)


def posts(simulator: Simulator, path: str = "/batchtasks") -> int:
    return sum(entry.method == "POST" and entry.path.endswith(path) for entry in simulator.journal)


def test_created_then_left_alone(simulator: Simulator, campaign: dict[str, Any]) -> None:
    predicted = create(campaign, check=True)
    assert (predicted.result["outcome"], predicted.changed, simulator.task_ids()) == ("created", True, set())
    first, second = create(campaign), create(campaign)
    assert (first.result["outcome"], first.changed) == ("created", True)
    assert (second.result["outcome"], second.changed) == ("exists", False)
    assert first.result["diff"] == predicted.result["diff"]
    assert first.result["batch_task"]["task_id"] == second.result["batch_task"]["task_id"]
    assert simulator.task_ids() == {first.result["batch_task"]["task_id"]}
    assert first.warnings == second.warnings == "[]"


def test_every_option_is_sent(simulator: Simulator, campaign: dict[str, Any]) -> None:
    ended = create(
        campaign,
        **{
            **UPGRADE,
            "targets": None,
            "group_ids": ["wave_1"],
            "app_id": "space_1",
            "gateway_mode": True,
            "need_confirm": True,
            "ext_info": {"ticket": "OPS-1"},
            "retry_count": 3,
            "retry_interval": 0,
        },
    )
    assert not ended.failed, ended.msg
    (task,) = simulator.instance.store().tasks()
    assert task.app_id == "space_1"
    assert task.extras == {
        "task_mode": "GATEWAY",
        "need_confirm": True,
        "task_ext_info": {"ticket": "OPS-1"},
        "targets_filter": {"group_ids": ["wave_1"]},
        "document": {"package_ids": [PACKAGE]},
        "task_policy": {"retry_count": 3, "retry_interval": 0},
    }


def test_known_by_name_type_and_space(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.add_task("unfreezeDevices", task_name="freeze_1")
    simulator.add_task("freezeDevices", task_name="freeze_2")
    there = simulator.add_task("freezeDevices", task_name="freeze_1", app_id="space_1", devices=["meter_1", "meter_2"])
    assert create(campaign, app_id="space_2", check=True).result["outcome"] == "created"
    assert create(campaign, app_id="space_1").result["outcome"] == "exists"
    assert create(campaign).result["batch_task"]["task_id"] == there


def test_one_that_is_other_than_asked_for(simulator: Simulator, campaign: dict[str, Any]) -> None:
    create(campaign, **UPGRADE)
    changed = {**UPGRADE, "targets": ["meter_9"], "document": {"package_ids": ["a" * 24]}, "need_confirm": True}
    changed |= {"retry_count": 1, "retry_interval": 1}
    ended = create(campaign, **changed)
    assert (ended.result["outcome"], ended.changed) == ("exists", False)
    assert "fields differ from the options: targets, document." in ended.warnings


def test_acted_and_the_answer_lost(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.fault(**CREATE, when="after", **LOST)
    ended = create(campaign)
    assert (ended.result["outcome"], ended.changed, posts(simulator)) == ("created", True, 1)
    assert "is assumed to be the one created" in ended.warnings
    assert simulator.task_ids() == {ended.result["batch_task"]["task_id"]}


def test_not_acted_and_the_answer_lost(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.fault(**CREATE, **LOST)
    ended = create(campaign)
    assert (ended.result["outcome"], ended.changed, posts(simulator)) == ("created", True, 2)
    assert "so the request was sent again" in ended.warnings
    assert len(simulator.task_ids()) == 1


def test_a_document_that_the_service_rewrites(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.rewrites_documents = True
    simulator.fault(**CREATE, when="after", kind="reset")
    command = {"task_type": "createCommands", "document": {"paras": {"level": "5"}}}
    ended = create(campaign, **command)
    assert (ended.result["outcome"], ended.changed, posts(simulator)) == ("created", True, 1)
    again = create(campaign, **command)
    assert (again.result["outcome"], again.changed) == ("exists", False)


def test_a_refusal_after_a_lost_answer(
    simulator: Simulator, campaign: dict[str, Any], sheet: Path, tmp_path: Path
) -> None:
    """The first request took effect, the list shows it late, and so the second one finds that the name is taken."""
    simulator.settings.unique_names, simulator.settings.listed_after = True, 60
    simulator.fault(**CREATE, when="after", kind="reset")
    log = tmp_path / "audit.jsonl"
    ended = from_file(campaign, sheet, audit_log=str(log))
    assert (ended.failed, ended.changed, posts(simulator)) == (True, True, 2)
    assert "The batch task name already exists." in ended.msg
    assert "the answer to an earlier attempt was lost; two reads" in ended.msg
    assert "was not deleted, since a task may use it" in ended.warnings
    assert not any(entry.method == "DELETE" for entry in simulator.journal)
    line = json.loads(log.read_text(encoding="utf-8"))
    assert (line["task_id"], line["task_name"], line["outcome"]) == (None, "meters_1", "created_unconfirmed")
    simulator.clock.advance(60)
    assert from_file(campaign, sheet).result["outcome"] == "exists"


@pytest.mark.parametrize(("lost", "outcome"), [(False, "created"), (True, "created_unconfirmed")])
def test_the_audit_line(
    simulator: Simulator, campaign: dict[str, Any], tmp_path: Path, lost: bool, outcome: str
) -> None:
    if lost:
        simulator.fault(**CREATE, when="after", kind="reset")
    log = tmp_path / "audit.jsonl"
    created = create(campaign, audit_log=str(log))
    create(campaign, audit_log=str(log))
    line = json.loads(log.read_text(encoding="utf-8"))
    task_id = created.result["batch_task"]["task_id"]
    assert (line["task_id"], line["task_name"], line["outcome"]) == (task_id, "freeze_1", outcome)


def test_an_answer_that_is_another_task(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.fault(**CREATE, when="after", kind="altered", json={"task_name": "somebody_elses"})
    ended = create(campaign)
    assert (ended.result["outcome"], ended.changed, posts(simulator)) == ("created", True, 1)
    assert "201 with a different batch task" in ended.warnings


@pytest.mark.parametrize("type_shown", [None, "freezeDevices"])
def test_a_list_that_names_no_types(simulator: Simulator, campaign: dict[str, Any], type_shown: str | None) -> None:
    task_id = create(campaign).result["batch_task"]["task_id"]
    simulator.fault("GET", "batchtasks$", "altered", json={"batchtasks": {"task_type": type_shown}}, times=None)
    ended = create(campaign)
    assert (ended.result["outcome"], ended.changed, posts(simulator)) == ("exists", False, 1)
    assert ended.result["batch_task"]["task_id"] == task_id


TWICE = """
- hosts: all
  gather_facts: false
  tasks:
    - huaweicloud.iotda.batch_task: OPTIONS
      delegate_to: localhost
      register: created
    - ansible.builtin.debug:
        var: created
"""


def test_two_hosts_of_a_play_that_create_at_once(
    simulator: Simulator, campaign: dict[str, Any], commands: Commands
) -> None:
    # Neither finds the other's task when it looks, however fast the machine is; once both have been sent, one is shown.
    simulator.settings.listed_after = 600
    Others(simulator).act(lambda: simulator.clock.advance(600), "POST", "batchtasks$", skip=1)
    options = json.dumps({**campaign, **FREEZE, "timeout": 30})
    ended = commands.playbook(TWICE.replace("OPTIONS", options), "-i", "a,b,", "-c", "local")
    ids = sorted(simulator.task_ids())
    assert len(ids) == 2, ended.stdout
    assert f"has been created since this run began: {ids[0]}. Each" in " ".join(ended.stdout.split())
    assert "set run_once" in ended.stdout


def test_a_time_that_has_passed_matters_only_for_a_creation(simulator: Simulator, campaign: dict[str, Any]) -> None:
    past = f"{datetime.now(timezone.utc) - timedelta(days=1):%Y%m%dT%H%M%SZ}"
    far = f"{datetime.now(timezone.utc) + timedelta(days=8):%Y-%m-%d}"
    for when, why in ((past, "is in the past"), (far, "is more than 7 days ahead")):
        for check in (True, False):
            ended = create(campaign, schedule_time=when, check=check)
            assert (ended.failed, ended.changed) == (True, False)
            assert f"{why}, and there is no batch task freeze_1 yet" in ended.msg
    assert {entry.method for entry in simulator.journal} == {"GET"}
    create(campaign)
    for check in (True, False):
        ended = create(campaign, schedule_time=past, check=check)
        assert (ended.failed, ended.result["outcome"]) == (False, "exists"), ended.msg
    simulator.journal.clear()
    assert "schedule_time must be a time" in create(campaign, schedule_time="tomorrow").msg
    assert len(simulator.journal) == 0


def test_wait_until_it_has_succeeded(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.waiting_takes = simulator.settings.processing_takes = 0.1
    ended = create(campaign, wait=True)
    assert not ended.failed
    assert ended.result["batch_task"]["status"] == "Success"


def test_wait_reports_what_failed(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.waiting_takes = simulator.settings.processing_takes = 0.05
    simulator.settings.devices = ("meter_1",)
    ended = create(campaign, wait=True)
    assert (ended.failed, ended.changed) == (True, True)
    (task_id,) = simulator.task_ids()
    assert ended.msg.startswith(
        f"Waited for batch task freeze_1 ({task_id}, which this run created): it ended as PartialSuccess, 1 of 2"
    )
    assert "meter_2 (IOTDA.014000: The device does not exist.)" in ended.msg
    (failed,) = ended.result["tasks"][0]["failed_targets"]
    assert (failed["target"], failed["status"]) == ("meter_2", "Fail")
    again = create(campaign, wait=True, accept=["Success", "PartialSuccess"])
    assert (again.failed, again.result["outcome"]) == (False, "exists")
    checked = create(campaign, wait=True, check=True)
    assert checked.msg == create(campaign, wait=True).msg
    assert "which this run created" not in checked.msg


def test_a_cut_list_of_failed_devices_says_so(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.waiting_takes = simulator.settings.processing_takes = 0.05
    simulator.settings.devices = ()
    for name, count, told in (("freeze_50", 50, None), ("freeze_51", 51, 51)):
        ended = create(campaign, task_name=name, targets=[f"meter_{n}" for n in range(count)], wait=True)
        assert len(ended.result["tasks"][0]["failed_targets"]) == 50
        assert ended.result["tasks"][0].get("failed_targets_total") == told


def test_unknown_groups_end_as_a_failed_task(simulator: Simulator, campaign: dict[str, Any]) -> None:
    simulator.settings.waiting_takes = 0.05
    ended = create(campaign, targets=None, group_ids=["nowhere"], wait=True)
    assert "it ended as Fail" in ended.msg
    assert "status_desc is 'The device group does not exist.'" in ended.msg


def test_wait_has_an_end(simulator: Simulator, campaign: dict[str, Any]) -> None:
    ended = create(campaign, **UPGRADE, need_confirm=True, wait=True, wait_timeout=1)
    assert (ended.failed, ended.changed) == (True, True)
    assert "did not finish within 1 s; run it again later" in ended.msg


@pytest.mark.parametrize("check", [False, True])
def test_wait_for_one_that_is_listed_without_a_status(
    simulator: Simulator, campaign: dict[str, Any], check: bool
) -> None:
    simulator.settings.waiting_takes = simulator.settings.processing_takes = 0.05
    task_id = create(campaign).result["batch_task"]["task_id"]
    listed = {"task_id": task_id, "task_name": FREEZE["task_name"], "task_type": FREEZE["task_type"]}
    simulator.fault("GET", "batchtasks$", "json", status=200, json={"batchtasks": [listed], "page": {"count": 1}})
    ended = create(campaign, check=check, wait=True, wait_timeout=2)
    assert (ended.changed, ended.result["outcome"]) == (False, "exists"), ended.text


# --- files


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return write_workbook(tmp_path / "meters.xlsx")


def from_file(campaign: dict[str, Any], src: Path, check: bool = False, **more: Any) -> Ended:
    wish = {"state": "present", "task_name": "meters_1", "task_type": "createDevices", "src": str(src)}
    return run_module("batch_task", {**campaign, **wish, **more}, check=check)


def files(simulator: Simulator) -> int:
    return len(simulator.instance.files().files())


def test_a_file_is_uploaded_when_needed(simulator: Simulator, campaign: dict[str, Any], sheet: Path) -> None:
    assert from_file(campaign, sheet, check=True).result["outcome"] == "created"
    assert posts(simulator, "-files") == 0
    assert from_file(campaign, sheet).result["outcome"] == "created"
    assert (posts(simulator, "-files"), files(simulator)) == (1, 0)
    assert from_file(campaign, sheet).result["outcome"] == "exists"
    assert posts(simulator, "-files") == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_to_an_upload(simulator: Simulator, campaign: dict[str, Any], sheet: Path, when: str) -> None:
    simulator.fault(method="POST", path="-files$", kind="reset", when=when)
    ended = from_file(campaign, sheet)
    assert ended.failed == (when == "before")
    assert (posts(simulator, "-files"), files(simulator)) == (1, 0)
    assert len(simulator.task_ids()) == (when == "after")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_with_a_file(simulator: Simulator, campaign: dict[str, Any], sheet: Path, when: str) -> None:
    simulator.fault(**CREATE, kind="reset", when=when)
    ended = from_file(campaign, sheet)
    assert ended.result["outcome"] == "created"
    assert (posts(simulator, "-files"), files(simulator), len(simulator.task_ids())) == (1, 0, 1)
