# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook huaweicloud.iotda.prune over a few instances: safe, plain about mistakes, and no failure spreads."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.argument_spec import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.modules.batch_task_prune import ARGUMENT_SPEC
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import AGES, OLD, Fleet, prune

MODULE = "huaweicloud.iotda.batch_task_prune"
FOR_REAL = {"iotda_older_than": "30d", "iotda_dry_run": False}


@pytest.fixture
def fleet(simulator: Simulator) -> Fleet:
    return Fleet.of(simulator, 2)


def test_a_first_run_only_looks(commands: Commands, fleet: Fleet) -> None:
    done = prune(commands, fleet, {"iotda_older_than": "30d"})
    assert done.code == 0, done.text
    assert fleet.simulator.journal.unsafe() == []
    assert done.lines == [
        "plant-01: 3 of 5 batch tasks would be deleted, 2 kept",
        "plant-02: 3 of 5 batch tasks would be deleted, 2 kept",
        "2 instances, 0 failed: 6 of 10 batch tasks would be deleted, 4 kept",
        "This was a dry run, nothing was deleted. To delete, set iotda_dry_run to false.",
    ]
    assert done.figures["dry_run"] is True


def test_a_run_for_real_deletes_and_tells_what(commands: Commands, fleet: Fleet) -> None:
    done = prune(commands, fleet, FOR_REAL)
    assert done.code == 0, done.text
    assert fleet.left == {"plant-01": 2, "plant-02": 2}
    assert done.lines[-1] == "2 instances, 0 failed: 6 of 10 batch tasks deleted, 4 kept"
    figures = {name: done.figures[name] for name in ("dry_run", "instances", "failed", "examined", "deleted", "kept")}
    assert figures == {"dry_run": False, "instances": 2, "failed": [], "examined": 10, "deleted": 6, "kept": 4}
    assert [(one["instance"], one["deleted"]) for one in done.figures["reports"]] == [("plant-01", 3), ("plant-02", 3)]


def test_check_mode_wins_over_a_run_for_real(commands: Commands, fleet: Fleet) -> None:
    done = prune(commands, fleet, FOR_REAL, "--check")
    assert (done.code, done.figures["dry_run"], fleet.simulator.journal.unsafe()) == (0, True, [])
    assert done.lines[-1].endswith("To delete, run it without --check, and with iotda_dry_run set to false.")


def test_one_instance_may_stay_in_a_dry_run(commands: Commands, fleet: Fleet) -> None:
    fleet.hosts["plant-01"]["iotda_dry_run"] = "yes"
    fleet.hosts["plant-02"]["iotda_dry_run"] = "no"
    done = prune(commands, fleet, {"iotda_older_than": "30d"})
    assert fleet.left == {"plant-01": 5, "plant-02": 2}
    assert (done.figures["deleted"], done.figures["dry_run"]) == (3, False)
    assert done.lines[-1].startswith("This was a dry run for plant-01, nothing was deleted there.")


def test_options_of_the_module_are_variables(commands: Commands, fleet: Fleet) -> None:
    one = fleet.instances["plant-01"]
    one.clear()
    kept = {one.add_task("unfreezeDevices"), one.add_task(status="Fail"), one.add_task(app_id="other")}
    gone = one.add_task(status="Stopped", app_id="mine")
    limits = {"iotda_task_type": ["freezeDevices"], "iotda_status": "Stopped,Success", "iotda_app_id": "mine"}
    done = prune(commands, fleet, {**FOR_REAL, **limits, "iotda_older_than": "0d"}, "--limit", "plant-01")
    assert done.code == 0, done.text
    assert gone not in one.task_ids()
    assert one.task_ids() == kept
    assert fleet.left["plant-02"] == len(AGES)


def test_keep_last_alone_is_enough(commands: Commands, fleet: Fleet) -> None:
    done = prune(commands, fleet, {"iotda_keep_last": 4, "iotda_dry_run": False})
    assert (done.code, fleet.left) == (0, {"plant-01": 4, "plant-02": 4})


def test_mistakes_are_all_named_before_anything_is_sent(commands: Commands, fleet: Fleet) -> None:
    del fleet.hosts["plant-02"]["iotda_endpoint"], fleet.hosts["plant-02"]["iotda_region"]
    wrong = {
        "iotda_older_than": "a month",
        "iotda_created_before": "2026-01-01T00:00:00Z",
        "iotda_keep_last": "few",
        "iotda_max_deletions": "",
        "iotda_dry_run": "perhaps",
    }
    done = prune(commands, fleet, wrong)
    assert done.code == 2
    assert len(fleet.simulator.journal) == 0
    for words in (
        "iotda_older_than and iotda_created_before exclude each other",
        "iotda_older_than must be a whole number of weeks, days, hours or minutes, such as 2w, 30d, 12h or 90m, not",
        "iotda_keep_last must be a whole number, not",
        "iotda_max_deletions must be a whole number, not",
        "iotda_dry_run must be true or false, not",
        "plant-02 has neither iotda_endpoint nor iotda_region",
    ):
        assert words in done.lines[1], words
    assert "iotda_region" not in done.lines[0]


def test_a_misspelt_variable_is_told_before_anything_is_sent(commands: Commands, fleet: Fleet) -> None:
    fleet.hosts["plant-01"]["iotda_keep_lst"] = 20
    done = prune(commands, fleet, {**FOR_REAL, "iotda_task_types": "freezeDevices", "iotda_awx_forks": 2})
    assert (done.code, len(fleet.simulator.journal)) == (2, 0)
    assert "iotda_keep_lst and iotda_task_types are no variables of this playbook: check the spelling" in done.lines[0]
    assert "iotda_task_types is no variable of this playbook: check the spelling" in done.lines[1]


def test_the_figures_of_an_earlier_node_of_a_workflow_do_not_disturb(commands: Commands, fleet: Fleet) -> None:
    done = prune(commands, fleet, {**FOR_REAL, "iotda_prune": {"deleted": 1}, "iotda_prune_17": {"deleted": 1}})
    assert (done.code, done.figures["deleted"]) == (0, 6), done.text


def test_every_option_of_the_module_is_a_variable() -> None:
    play = yaml.safe_load((ROOT / "playbooks/prune.yml").read_text(encoding="utf-8"))[0]
    (block,) = (task["block"] for task in play["tasks"] if "block" in task)
    (given,) = (task[MODULE] for task in block if MODULE in task)
    assert set(given) == {*CONNECTION_OPTIONS, *ARGUMENT_SPEC}
    assert [name for name, value in given.items() if f"iotda_{name}" not in value] == []
    values = yaml.safe_load((ROOT / "playbooks/vars/prune.yml").read_text(encoding="utf-8"))
    known = {*values["iotda_options"], *values["iotda_secret_options"]}
    assert known == {*CONNECTION_OPTIONS, *ARGUMENT_SPEC, "hosts", "dry_run"}


@pytest.mark.parametrize("asked", [{}, {"iotda_older_than": "", "iotda_keep_last": 0}])
def test_something_must_say_what_to_delete(commands: Commands, fleet: Fleet, asked: dict[str, Any]) -> None:
    done = prune(commands, fleet, {**asked, "iotda_dry_run": False})
    assert done.code == 2
    assert len(fleet.simulator.journal) == 0
    assert "nothing says which batch tasks to delete: set iotda_older_than (30d, for example)" in done.lines[0]


def test_failures_do_not_spread(commands: Commands, simulator: Simulator) -> None:
    fleet = Fleet.of(simulator, 4)
    fleet.hosts["plant-01"]["iotda_max_deletions"] = OLD - 1
    fleet.hosts["plant-02"]["iotda_project_id"] = "0" * 32
    doomed = min(fleet.instances["plant-03"].task_ids())
    refusal = {"error_code": "IOTDA.000099", "error_msg": "not now, {{ 40 + 2 }} {% raw %}"}
    simulator.fault(method="DELETE", path=doomed, status=400, json=refusal, times=None)
    done = prune(commands, fleet, FOR_REAL)
    assert done.code == 2
    assert fleet.left == {"plant-01": 5, "plant-02": 5, "plant-03": 3, "plant-04": 2}
    assert done.figures["failed"] == ["plant-01", "plant-02", "plant-03"]
    assert (done.figures["deleted"], done.figures["not_deleted"]) == (5, 1)
    assert done.lines[0].startswith("plant-01: FAILED, 0 of 5 batch tasks deleted, 2 kept: 3 batch tasks match, more")
    assert done.lines[1].startswith("plant-02: FAILED: Could not read batch tasks:")
    assert done.lines[2].startswith("plant-03: FAILED, 2 of 5 batch tasks deleted, 2 kept, 1 not deleted: ")
    assert "not now, {{ 40 + 2 }} {% raw %}" in done.lines[2]
    assert done.lines[3:5] == [
        "plant-04: 3 of 5 batch tasks deleted, 2 kept",
        "4 instances, 3 failed: 5 of 15 batch tasks deleted, 6 kept",
    ]
    assert done.lines[5] == "Failed: plant-01, plant-02, plant-03"
    for name in done.figures["failed"]:
        assert f"{name} could not be pruned: " in done.text


def test_hosts_that_are_no_instances_can_be_left_out(commands: Commands, fleet: Fleet) -> None:
    fleet.hosts["web-server"] = {"ansible_connection": "ssh"}
    done = prune(commands, fleet, {**FOR_REAL, "iotda_hosts": "plant-*"})
    assert (done.code, done.figures["instances"]) == (0, 2), done.text


def test_secrets_are_not_shown(commands: Commands, fleet: Fleet) -> None:
    secrets = {"iotda_access_key": fleet.simulator.access_key, "iotda_secret_key": fleet.simulator.secret_key}
    fleet.hosts["plant-01"].update(secrets)
    fleet.hosts["plant-02"].update(secrets, iotda_project_id="0" * 32)
    done = prune(commands, fleet, FOR_REAL, "-vvvv")
    assert (done.code, done.figures["failed"]) == (2, ["plant-02"])
    assert fleet.simulator.secret_key not in done.text
