# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation of the modules: Ansible runs each of them, and it does what its name says."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task, batch_task_info, batch_task_prune
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

MODULES = {"batch_task": batch_task, "batch_task_info": batch_task_info, "batch_task_prune": batch_task_prune}

# The ID that the examples name.
TASK = "5c8ba99030344005c02316ad"
LAST_YEAR = datetime(2025, 6, 1, tzinfo=timezone.utc)
NOW = datetime.now(timezone.utc)


@dataclass(frozen=True)
class Case:
    """An example by its name: which of the tasks that are there it deletes, what it prints, and if it adds one."""

    name: str
    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    goes: set[str] = field(default_factory=set)
    prints: tuple[str, ...] = ()
    prepared_by: str | None = None
    adds: bool = False


def _task(task_type: str = "freezeDevices", status: str = "Success", days: float = 1, **more: Any) -> dict[str, Any]:
    return {"task_type": task_type, "status": status, "create_time": NOW - timedelta(days=days), **more}


OTHER = {"a" * 24: _task("createMessages")}
NAMED = {"b" * 24: _task(task_name="freeze_lost_meters", status="Fail"), "c" * 24: _task(task_name="other")}
OLD = {"d" * 24: _task(days=20, task_name="three_weeks_ago"), "e" * 24: _task(days=1, task_name="yesterday")}
LAST_YEARS = {
    "1" * 24: {"create_time": LAST_YEAR, "task_type": "unfreezeDevices"},
    "2" * 24: {"create_time": LAST_YEAR, "task_type": "freezeDevices", "status": "Fail"},
    "3" * 24: {"create_time": LAST_YEAR, "task_type": "createCommands"},
}
NIGHTLY = {
    "1" * 24: _task(days=40, task_name="nightly_meters"),
    "2" * 24: _task(days=40, task_name="nightly_acme_1"),
    "3" * 24: _task(days=1, task_name="nightly_meters"),
    "4" * 24: _task(days=40, task_name="weekly"),
    TASK: _task(days=40, task_name="nightly_meters"),
}
PREDICTION = "List what would be deleted, and delete nothing"
MANY = {f"{number:024x}": _task(days=100 + number) for number in range(21)}

UPGRADING = "Upgrade a group of devices, in which nothing starts before it is confirmed"
# A task is done before a wait of one second is over.
TIMES = {"stopping_takes": 0.1, "processing_takes": 0.1, "waiting_takes": 0.1}
GROUPS = {"first_wave": ("meter_0001", "meter_0002")}

CASES = {
    "batch_task": [
        Case("Delete one finished batch task, with credentials from the environment", {TASK: _task()}, {TASK}),
        Case(
            "Delete many, with the connection given once for all modules of the collection",
            {TASK: _task(), "b" * 24: _task()},
            {TASK, "b" * 24},
            ('"deleted": 2',),
        ),
        Case("Wait up to an hour for a task that is still running, then delete it", {TASK: _task()}, {TASK}),
        Case(
            "Stop a firmware upgrade that is under way, and delete it",
            {TASK: _task("firmwareUpgrade", "Processing")},
            {TASK},
        ),
        Case("Freeze two devices, and wait until it is done", adds=True),
        Case(UPGRADING, adds=True),
        Case("Let it start", adds=True, prepared_by=UPGRADING),
        Case("Try the devices that failed again", adds=True, prepared_by=UPGRADING),
        Case("Stop it on two devices only", adds=True, prepared_by=UPGRADING),
    ],
    "batch_task_info": [
        Case("Read the ten newest firmware upgrades that failed, at least in part", {TASK: _task("firmwareUpgrade")}),
        Case("Show which devices failed in one of them, and why", {TASK: _task("firmwareUpgrade", "PartialSuccess")}),
        Case("Delete the batch tasks of some names", NAMED, {"b" * 24}),
    ],
    "batch_task_prune": [
        Case(
            "Delete finished batch tasks older than 30 days, but keep the 20 newest of each type", MANY, {f"{20:024x}"}
        ),
        Case(
            "Delete successful freeze and unfreeze tasks from before this year, but none if more than 100 match",
            LAST_YEARS,
            {"1" * 24},
        ),
        Case(
            "Delete tasks of nightly jobs, except those of one customer and one that is under investigation",
            NIGHTLY,
            {"1" * 24},
        ),
        Case("Delete very many, with a line for each in a log and only the failures in the result", MANY, set(MANY)),
        Case("List what would be deleted, and delete nothing", OLD),
        Case("Show their names", OLD, prints=("three_weeks_ago",), prepared_by=PREDICTION),
    ],
}
EXAMPLES = {(name, task["name"]): task for name, module in MODULES.items() for task in yaml.safe_load(module.EXAMPLES)}


@pytest.mark.parametrize("module", MODULES)
def test_every_example_is_tested_here(module: str) -> None:
    assert [case.name for case in CASES[module]] == [name for of, name in EXAMPLES if of == module]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_do_what_they_say(module: str, commands: Commands) -> None:
    """All of them in one run of Ansible, which costs a second to start; each has a simulator of its own."""
    with ExitStack() as stack:
        plays = [Play(case, stack.enter_context(Simulator(groups=GROUPS, **TIMES))) for case in CASES[module]]
        ended = commands.playbook(yaml.safe_dump([play.written(module) for play in plays], sort_keys=False))
        assert ended.returncode == 0, ended.stdout
        for play in plays:
            assert play.gone() == play.case.goes, play.case.name
            assert play.added() == play.case.adds, play.case.name
        assert not [words for play in plays for words in play.case.prints if words not in ended.stdout]


@dataclass(frozen=True)
class Play:
    """The play of one example, and the simulator to which its environment leads."""

    case: Case
    simulator: Simulator

    def __post_init__(self) -> None:
        for task_id, task in {**OTHER, **self.case.there}.items():
            self.simulator.add_task(task_id=task_id, **task)

    def written(self, module: str) -> dict[str, Any]:
        names = [name for name in (self.case.prepared_by, self.case.name) if name]
        return {
            "hosts": "localhost",
            "gather_facts": False,
            "environment": self.simulator.environ(),
            # Where an example leaves it to the default, nobody has to wait for as long.
            "module_defaults": {"huaweicloud.iotda.batch_task": {"wait_delay": 1}},
            "vars": {
                "iotda_endpoint": self.simulator.url,
                "iotda_project_id": self.simulator.project_id,
                "iotda_token": self.simulator.auth_token,
                "finished_task_ids": sorted(self.case.there),
            },
            "tasks": [EXAMPLES[module, name] for name in names],
        }

    def gone(self) -> set[str]:
        return {*OTHER, *self.case.there} - self.simulator.task_ids()

    def added(self) -> int:
        return len(self.simulator.task_ids() - {*OTHER, *self.case.there})
