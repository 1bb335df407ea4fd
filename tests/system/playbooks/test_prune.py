# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook prune over a few instances: what it deletes, what it reports, and that no failure spreads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import AGES, OLD, Fleet, prune

FOR_REAL = {"prune_older_than": "30d", "prune_dry_run": False}
KEPT, ALL = len(AGES) - OLD, len(AGES)
# Relative paths begin where the run was started.
FILES = {"prune_report": "report.json", "prune_audit_log": "audit.jsonl"}
DRY_RUN = "This was a dry run: nothing was deleted. To delete, set prune_dry_run to false; "


@pytest.fixture
def fleet(simulator: Simulator) -> Fleet:
    return Fleet.of(simulator, 2)


def test_a_first_run_only_lists(commands: Commands, fleet: Fleet) -> None:
    done = prune(commands, fleet, {"prune_older_than": "30d"})
    assert done.code == 0, done.text
    assert fleet.simulator.journal.unsafe() == []
    assert done.lines.pop(1).startswith(DRY_RUN)
    assert done.lines == [
        "2 instances, 0 failed: 6 of 10 batch tasks would be deleted, 4 kept",
        "plant-01: 3 of 5 would be deleted, 2 kept",
        "plant-02: 3 of 5 would be deleted, 2 kept",
    ]
    assert (done.figures["dry_run"], done.figures["deleted"], done.figures["would_delete"]) == (True, 0, 6)


def test_a_real_run_deletes_and_reports(commands: Commands, fleet: Fleet) -> None:
    asked = {**FOR_REAL, **FILES, "prune_status": "Success,Stopped", "awx_job_id": 41}
    done = prune(commands, fleet, asked)
    assert done.code == 0, done.text
    assert fleet.left == {"plant-01": KEPT, "plant-02": KEPT}
    assert done.lines == [
        "2 instances, 0 failed: 6 of 10 batch tasks deleted, 4 kept",
        "Each batch task that a rule selects is listed in report.json",
        "plant-01: 3 of 5 deleted, 2 kept",
        "plant-02: 3 of 5 deleted, 2 kept",
    ]
    expected = {"dry_run": False, "instances": 2, "failed": [], "examined": 10, "deleted": 6, "kept": 4, "causes": []}
    assert {name: done.figures[name] for name in expected} == expected
    assert done.stats["iotda_prune_41"] == done.figures
    assert [(one["instance"], one["deleted"]) for one in done.report["reports"]] == [("plant-01", 3), ("plant-02", 3)]
    # The report is the last thing that a task prints.
    assert "TASK" not in done.text.partition("Show the report]")[2]
    assert len((commands.folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_dry_and_real_run_of_several_rules_name_the_same_tasks(commands: Commands, fleet: Fleet) -> None:
    """Rules that overlap: each task is counted once, and each list read once."""
    old = fleet.simulator.clock.now().replace(year=2020)
    for one in fleet.instances.values():
        one.add_task("createCommands", create_time=old, task_name="audit_2020")
        for status in ("Fail", "Success", "Success"):
            one.add_task("unfreezeDevices", status=status, create_time=old)
        one.add_task(status="Success", create_time=fleet.simulator.clock.now() - timedelta(days=5))
    rules = [{"older_than": "30d"}, {"older_than": "10d", "keep_last": 1}, {"keep_last": 1, "status": ["Success"]}]
    asked = {"prune_rules": rules, "prune_protect": "audit_*, Audit_*", **FILES}
    dry = prune(commands, fleet, asked)
    lists = len(fleet.simulator.journal)
    assert (dry.code, fleet.simulator.journal.unsafe()) == (0, []), dry.text
    before = {name: instance.task_ids() for name, instance in fleet.instances.items()}
    real = prune(commands, fleet, {**asked, "prune_dry_run": False})
    assert real.code == 0, real.text
    lost = {name: before[name] - instance.task_ids() for name, instance in fleet.instances.items()}
    for done in (dry, real):
        tasks = done.report["tasks"]
        named = [(task["instance"], task["task_id"]) for task in tasks if task["outcome"] != "protected"]
        assert [task["task_name"] for task in tasks if task["outcome"] == "protected"] == ["audit_2020"] * 2
        assert "No finished task among those examined matches these entries of prune_protect: Audit_*" in done.lines
        assert sorted(named) == sorted((name, task_id) for name, ids in lost.items() for task_id in ids)
    for names in (("would_delete", "deleted"), ("kept", "kept"), ("examined", "examined"), ("protected", "protected")):
        assert dry.figures[names[0]] == real.figures[names[1]] > 0
    assert {task["rule"] for task in real.report["tasks"]} == {
        "older_than 30d",
        "older_than 10d, keep_last 1",
        "keep_last 1, status Success",
    }
    fleet.simulator.journal.clear()
    prune(commands, fleet, {"prune_older_than": "30d"})
    assert len(fleet.simulator.journal) == lists


def test_failures_do_not_spread(commands: Commands, simulator: Simulator) -> None:
    fleet = Fleet.of(simulator, 4)
    fleet.hosts["plant-01"]["prune_max_deletions"] = OLD - 1
    fleet.hosts["plant-02"]["iotda_project_id"] = "0" * 32
    doomed = min(fleet.instances["plant-03"].task_ids())
    refusal = {"error_code": "IOTDA.000099", "error_msg": "not now, {{ 40 + 2 }} {% raw %}"}
    simulator.fault(method="DELETE", path=doomed, status=400, json=refusal, times=None)
    done = prune(commands, fleet, FOR_REAL)
    assert done.code == 2
    assert fleet.left == {"plant-01": ALL, "plant-02": ALL, "plant-03": KEPT + 1, "plant-04": KEPT}
    assert done.figures["failed"] == ["plant-01", "plant-02", "plant-03"]
    assert (done.figures["deleted"], done.figures["not_deleted"]) == (5, 1)
    assert done.lines[0].startswith("4 instances, 3 failed: 5 of 15 batch tasks deleted")
    assert done.lines[1].startswith("FAILED: plant-01: 3 batch tasks match, more")
    assert done.lines[2].startswith("FAILED: plant-02: Could not read batch tasks")
    assert done.lines[3].startswith("FAILED: plant-03: ")
    assert "not now, {{ 40 + 2 }} {% raw %}" in done.lines[3]
    assert done.lines[-1] == "plant-04: 3 of 5 deleted, 2 kept"


def test_no_user_setting_changes_the_outcome(commands: Commands, simulator: Simulator) -> None:
    fleet = Fleet.of(simulator, 4)
    # The first host is the one that speaks for all: here its connection cannot even be set up.
    fleet.hosts["plant-01"]["ansible_timeout"] = "{{ no_such }}"
    fleet.hosts["plant-02"].update(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)
    fleet.hosts["plant-03"]["ansible_become"] = True
    settings = {
        "ANSIBLE_STRATEGY": "free",
        "ANSIBLE_ANY_ERRORS_FATAL": "true",
        "ANSIBLE_BECOME": "true",
        "ANSIBLE_BECOME_EXE": "/nonexistent",
        "ANSIBLE_DISPLAY_OK_HOSTS": "false",
        # Those of another instance.
        "HUAWEICLOUD_IOTDA_ENDPOINT": fleet.instances["plant-04"].url,
        "HUAWEICLOUD_IOTDA_INSTANCE_ID": fleet.instances["plant-04"].instance_id,
    }
    done = prune(commands, fleet, {**FOR_REAL, "prune_older_than": "0d"}, environ=settings)
    assert (done.code, fleet.left) == (2, {"plant-01": ALL, "plant-02": 0, "plant-03": 0, "plant-04": 0}), done.text
    assert done.figures["failed"] == ["plant-01"]
    assert done.lines[0] == "4 instances, 1 failed: 15 of 15 batch tasks deleted, 0 kept"
    again = prune(commands, fleet, FOR_REAL, "--limit", "plant-04", environ=settings)
    assert again.lines[0] == "1 instance, 0 failed: 0 of 0 batch tasks deleted, 0 kept"
    settings["ANSIBLE_STDOUT_CALLBACK"] = "minimal"
    assert "{" in prune(commands, fleet, FOR_REAL, "--limit", "plant-04", environ=settings).text


def test_an_endpoint_of_the_environment_is_not_used(commands: Commands, fleet: Fleet) -> None:
    del fleet.hosts["plant-01"]["iotda_endpoint"]
    settings = {
        "HUAWEICLOUD_IOTDA_ENDPOINT": fleet.instances["plant-02"].url,
        # Nothing of this may leave the machine.
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    done = prune(commands, fleet, FOR_REAL, "--limit", "plant-01", environ=settings)
    assert (done.code, fleet.left, len(fleet.simulator.journal)) == (2, {"plant-01": ALL, "plant-02": ALL}, 0)


def test_a_second_play_reports_its_own_figures(commands: Commands, fleet: Fleet) -> None:
    fleet.hosts["plant-02"]["prune_max_deletions"] = 0
    plays = "".join(
        f"- import_playbook: huaweicloud.iotda.prune\n  vars: {{prune_older_than: {age}, prune_dry_run: false}}\n"
        for age in ("30d", "30x")
    )
    playbook = commands.folder / "twice.yml"
    playbook.write_text(plays, encoding="utf-8")
    done = prune(commands, fleet, {}, playbook=str(playbook))
    assert (done.code, fleet.left) == (2, {"plant-01": KEPT, "plant-02": ALL})
    assert done.lines[0] == "2 instances, 2 failed: 0 of 0 batch tasks deleted, 0 kept"
    assert done.lines[1].startswith("FAILED: plant-01: ")
    assert "older_than" in done.lines[1]
    # Ansible leaves out of later plays what has failed.
    assert done.lines[2].startswith("FAILED: plant-02: Ansible ended the run for this host before")
