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
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands, write_workbook

MODULES = {"batch_task": batch_task, "batch_task_info": batch_task_info, "batch_task_prune": batch_task_prune}

# The ID that the examples name.
TASK = "5c8ba99030344005c02316ad"
LAST_YEAR = datetime(2025, 6, 1, tzinfo=timezone.utc)
NOW = datetime.now(timezone.utc)


@dataclass(frozen=True)
class Case:
    """Examples, run one after the other: which of the tasks that are there they delete, what they print or add."""

    names: tuple[str, ...]
    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    goes: set[str] = field(default_factory=set)
    prints: tuple[str, ...] = ()
    adds: bool = False


def case(*names: str, **expected: Any) -> Case:
    return Case(names, **expected)


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
UPGRADES = {f"{number:024x}": _task("softwareUpgrade", days=number) for number in range(12)}
FAILED = {"b" * 24: _task(days=91, status="Fail"), "c" * 24: _task(days=91)}
AUDITED = {"d" * 24: _task(days=91, status="Fail", task_name="audit_1")}
MANY = {f"{number:024x}": _task(days=100 + number) for number in range(21)}

# A task is done before a wait of one second is over.
TIMES = {"stopping_takes": 0.1, "processing_takes": 0.1, "waiting_takes": 0.1}
GROUPS = {"first_wave": ("meter_0001", "meter_0002")}

CASES = {
    "batch_task": [
        case(
            "Delete one finished batch task, with credentials from the environment", there={TASK: _task()}, goes={TASK}
        ),
        case(
            "Delete many tasks, with the connection set once for all modules of the collection",
            there={TASK: _task(), "b" * 24: _task()},
            goes={TASK, "b" * 24},
            prints=('"deleted": 2',),
        ),
        case("Wait up to an hour for a task that is still running, then delete it", there={TASK: _task()}, goes={TASK}),
        case(
            "Stop a firmware upgrade in progress, then delete it",
            there={TASK: _task("firmwareUpgrade", "Processing")},
            goes={TASK},
        ),
        case("Freeze two devices, and wait until the task has finished", adds=True),
        case("Freeze the devices in a spreadsheet, which is based on BatchFreezeDevices_Template.xlsx", adds=True),
        case(
            "Create a firmware upgrade of a device group, which waits to be confirmed",
            "Confirm the upgrade, so that it starts",
            "Retry the upgrade on the failed devices",
            "Stop the upgrade on two devices only",
            adds=True,
        ),
    ],
    "batch_task_info": [
        case(
            "Read the ten newest firmware upgrades that failed, at least in part",
            there={TASK: _task("firmwareUpgrade")},
        ),
        case(
            "Show which devices failed in one of them, and why",
            there={TASK: _task("firmwareUpgrade", "PartialSuccess")},
        ),
        case("Delete the finished batch tasks with certain names", there=NAMED, goes={"b" * 24}),
    ],
    "batch_task_prune": [
        case(
            "Delete finished batch tasks older than 30 days, but keep the 20 newest of each type",
            there=MANY,
            goes={f"{20:024x}"},
        ),
        case(
            "Delete successful freeze and unfreeze tasks created before 2026, but none if more than 100 match",
            there=LAST_YEARS,
            goes={"1" * 24},
        ),
        case(
            "Delete old tasks of nightly jobs, except one customer's tasks and a task under investigation",
            there=NIGHTLY,
            goes={"1" * 24},
        ),
        case(
            "Delete failed tasks after 90 days, and all upgrades except the 10 newest of each type",
            there={**UPGRADES, **FAILED, **AUDITED},
            goes={"b" * 24, f"{10:024x}", f"{11:024x}"},
        ),
        case(
            "Delete very many tasks, with a line for each in a log and only the failures in the result",
            there=MANY,
            goes=set(MANY),
        ),
        case(
            "List the tasks that would be deleted, and delete nothing",
            "Show their names",
            there=OLD,
            prints=("three_weeks_ago",),
        ),
    ],
}
EXAMPLES = {(name, task["name"]): task for name, module in MODULES.items() for task in yaml.safe_load(module.EXAMPLES)}


@pytest.mark.parametrize("module", MODULES)
def test_every_example_is_tested_here(module: str) -> None:
    assert [name for case in CASES[module] for name in case.names] == [name for of, name in EXAMPLES if of == module]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_do_what_they_say(module: str, commands: Commands) -> None:
    """All of them in one run of Ansible, which costs a second to start; each has a simulator of its own."""
    write_workbook(commands.folder / "lost_meters.xlsx")
    with ExitStack() as stack:
        plays = [Play(case, stack.enter_context(Simulator(groups=GROUPS, **TIMES))) for case in CASES[module]]
        ended = commands.playbook(yaml.safe_dump([play.written(module) for play in plays], sort_keys=False))
        assert ended.returncode == 0, ended.stdout
        for play in plays:
            assert play.gone() == play.case.goes, play.case.names
            assert play.added() == play.case.adds, play.case.names
        assert not [words for play in plays for words in play.case.prints if words not in ended.stdout]


@dataclass(frozen=True)
class Play:
    """The play of one case, and the simulator to which its environment leads."""

    case: Case
    simulator: Simulator

    def __post_init__(self) -> None:
        for task_id, task in {**OTHER, **self.case.there}.items():
            self.simulator.add_task(task_id=task_id, **task)

    def written(self, module: str) -> dict[str, Any]:
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
            "tasks": [EXAMPLES[module, name] for name in self.case.names],
        }

    def gone(self) -> set[str]:
        return {*OTHER, *self.case.there} - self.simulator.task_ids()

    def added(self) -> int:
        return len(self.simulator.task_ids() - {*OTHER, *self.case.there})
