# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation of the modules: Ansible runs each of them, and it does what its name says."""

from __future__ import annotations

import json
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
    """An example by its name: which of the tasks that are there it deletes, and what it prints."""

    name: str
    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    goes: set[str] = field(default_factory=set)
    prints: tuple[str, ...] = ()
    prepared_by: str | None = None


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
MANY = {f"{number:024x}": _task(days=100 + number) for number in range(21)}

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
    ],
    "batch_task_info": [
        Case("Read the ten newest firmware upgrades that failed, at least in part", {TASK: _task("firmwareUpgrade")}),
        Case("Show which devices failed in one of them, and why", {TASK: _task("firmwareUpgrade", "PartialSuccess")}),
        Case("Delete the batch tasks of one name", NAMED, {"b" * 24}),
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
        Case("List what would go, and delete nothing", OLD),
        Case(
            "Show their names", OLD, prints=("three_weeks_ago",), prepared_by="List what would go, and delete nothing"
        ),
    ],
}
EXAMPLES = {(name, task["name"]): task for name, module in MODULES.items() for task in yaml.safe_load(module.EXAMPLES)}
PAIRS = [pytest.param(name, case, id=f"{name}: {case.name}") for name, cases in CASES.items() for case in cases]


@pytest.mark.parametrize("module", MODULES)
def test_every_example_is_tested_here(module: str) -> None:
    assert [case.name for case in CASES[module]] == [name for of, name in EXAMPLES if of == module]


@pytest.mark.parametrize(("module", "case"), PAIRS)
def test_an_example_does_what_its_name_says(module: str, case: Case, commands: Commands) -> None:
    with Simulator(stopping_takes=0.1) as simulator:
        for task_id, task in {**OTHER, **case.there}.items():
            simulator.add_task(task_id=task_id, **task)
        names = [name for name in (case.prepared_by, case.name) if name]
        ended = commands.playbook(
            _playbook([EXAMPLES[module, name] for name in names]),
            "-e",
            json.dumps(_variables(simulator, sorted(case.there))),
            environ=simulator.environ(),
        )
        assert ended.returncode == 0, ended.stdout
        assert {*OTHER, *case.there} - simulator.task_ids() == case.goes
        assert not [words for words in case.prints if words not in ended.stdout]


def _playbook(tasks: list[dict[str, Any]]) -> str:
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        # Where an example leaves it to the default, nobody has to wait for as long.
        "module_defaults": {"huaweicloud.iotda.batch_task": {"wait_delay": 1}},
        "tasks": tasks,
    }
    return yaml.safe_dump([play], sort_keys=False)


def _variables(simulator: Simulator, task_ids: list[str]) -> dict[str, Any]:
    return {
        "iotda_endpoint": simulator.url,
        "iotda_project_id": simulator.project_id,
        "iotda_token": simulator.auth_token,
        "finished_task_ids": task_ids,
    }
