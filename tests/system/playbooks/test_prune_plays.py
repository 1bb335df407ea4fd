# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role prune in plays of somebody's own: the report is what the instances lost, or nothing is deleted.

Each case is a play over three instances. What its report says is held against what the simulators really lost. With
EVERY_PLAY set in the environment all cases run; otherwise one of each kind.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import AGES, OLD, Fleet, prune

ROLE = "huaweicloud.iotda.prune"
FOR_REAL = {"prune_older_than": "30d", "prune_dry_run": False}
ALL = len(AGES)
FIRST, SECOND = "inventory_hostname is search('-1$')", "inventory_hostname is search('-2$')"
LINEAR = "This role needs strategy=linear in its play"
BATCHES = "needs all hosts of its play together"
BEGIN = "did not run from its first task for this host"
# The first one begins the run; two are blocks.
TASKS = re.findall(
    r"- name: (.*)\n +(?:ansible|huaweicloud)\.", (ROOT / "roles/prune/tasks/main.yml").read_text(encoding="utf-8")
)[1:]
AFTER_THE_FILE = "Pass the figures on to the next node of a workflow"


def _include(**keywords: Any) -> dict[str, Any]:
    return {"tasks": [{"ansible.builtin.include_role": {"name": ROLE, **keywords.pop("options", {})}, **keywords}]}


def _import(**keywords: Any) -> dict[str, Any]:
    return {"tasks": [{"ansible.builtin.import_role": {"name": ROLE}, **keywords}]}


def _roles(**keywords: Any) -> dict[str, Any]:
    return {"roles": [{"role": ROLE, **keywords}]}


class Case(NamedTuple):
    """A play, and what is to become of the hosts -1, -2 and -3 in it; those in none of the lists are left out."""

    play: dict[str, Any]
    deleted: str = "123"
    listed: str = ""
    failed: str = ""
    variables: Mapping[str, Any] = FOR_REAL


# Those that end well: they can share one run of Ansible.
GOOD = {
    "roles": Case(_roles()),
    "import": Case(_import()),
    "include": Case(_include()),
    "all-in-one-batch": Case({**_include(), "serial": "100%"}),
    "include-without-first": Case(_include(when=f"not {FIRST}"), "23"),
    "include-without-second": Case(_include(when=f"not {SECOND}"), "13"),
    "import-without-second": Case(_import(when=f"not {SECOND}"), "13"),
    "roles-without-second": Case(_roles(when=f"not {SECOND}"), "13"),
    "fatal-errors": Case({**_import(), "any_errors_fatal": True}),
    "no-failures": Case({**_include(), "max_fail_percentage": 0}),
    "play-in-check-mode": Case({**_import(), "check_mode": True}, "", "123"),
    "role-in-check-mode": Case(_roles(check_mode=True), "", "123"),
    "apply-check-mode": Case(_include(options={"apply": {"check_mode": True}}), "", "123"),
    "block-in-check-mode": Case({"tasks": [{"block": _import()["tasks"], "check_mode": True}]}, "", "123"),
    "import-once": Case(_import(run_once=True), "1"),
    "include-once": Case(_include(run_once=True), "1"),
    "defaults-of-the-play": Case(
        {**_import(), "module_defaults": {"huaweicloud.iotda.batch_task_prune": {"max_deletions": 900}}}
    ),
    "second-call": Case({"tasks": [*_include()["tasks"], *_include(when=f"not {FIRST}")["tasks"]]}, "23"),
}
# One host's variables are wrong. The other instances are pruned, and the run fails.
ONE_FAILS = {
    "one-fails": Case(_import(), "23", "", "1"),
    "one-fails-fatal": Case({**_include(), "any_errors_fatal": True}, "23", "", "1"),
    "one-fails-percentage": Case({**_import(), "max_fail_percentage": 0}, "23", "", "1"),
}
REFUSED = {
    "serial": (Case({**_import(), "serial": 1}, "", "", "1"), BATCHES),
    "serial-percentage": (Case({**_include(), "serial": "40%"}, "", "", "1"), BATCHES),
    "serial-list": (Case({**_roles(), "serial": [2, 1]}, "", "", "12"), BATCHES),
    "free": (Case({**_import(), "strategy": "free"}), LINEAR),
    "host-pinned": (Case({**_include(), "strategy": "host_pinned"}), LINEAR),
    "import-without-first": (Case(_import(when=f"not {FIRST}")), BEGIN),
    "roles-without-first": (Case(_roles(when=f"not {FIRST}")), BEGIN),
}


# One of each kind.
FEW = {
    *("include-without-first", "roles-without-second", "fatal-errors", "play-in-check-mode", "import-once"),
    *("second-call", "one-fails-percentage", "serial-list", "free", "import-without-first"),
    *("Check the variables", "Delete the batch tasks", "Add up the figures", "Show the report"),
}


def _chosen(names: Iterable[str]) -> list[str]:
    return [name for name in names if name in FEW or "EVERY_PLAY" in os.environ]


class Ran(NamedTuple):
    code: int
    text: str
    reports: dict[str, dict[str, Any]]


def _run(
    commands: Commands, simulator: Simulator, cases: Mapping[str, Case], *options: str, report: bool = True
) -> tuple[Ran, Fleet]:
    """Run a playbook with a play for each case, in one run, and return it with the reports of the cases."""
    fleet, plays = Fleet(simulator), []
    for name, case in cases.items():
        for number in "123":
            fleet.add(f"{name}-{number}")
        if "1" in case.failed and case.deleted:
            fleet.hosts[f"{name}-1"]["prune_task_type"] = []
        variables = dict(case.variables)
        if report:
            variables["prune_report"] = str(commands.folder / f"{name}.json")
        plays.append({"hosts": f"{name}-?", "gather_facts": False, "vars": variables, **case.play})
    playbook = commands.folder / "own.yml"
    playbook.write_text(yaml.safe_dump(plays), encoding="utf-8")
    done = prune(commands, fleet, {}, *options, playbook=str(playbook), timeout=280)
    files = {name: commands.folder / f"{name}.json" for name in cases}
    reports = {name: _read(path) for name, path in files.items() if path.exists()}
    return Ran(done.code, done.text, reports), fleet


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _check(name: str, case: Case, report: Mapping[str, Any], fleet: Fleet) -> None:
    """Hold a report against what the instances lost."""
    lost = {host: ALL - fleet.left[host] for host in _names(name, "123")}
    by_host = {one["instance"]: one for one in report["reports"]}
    assert {host: one["deleted"] for host, one in by_host.items()} == lost
    deleted = [task["instance"] for task in report["tasks"] if task["outcome"] == "deleted"]
    assert {host: deleted.count(host) for host in lost} == lost
    expected = {
        number: "failed" if number in case.failed else "deleted" if number in case.deleted else "left out"
        for number in "123"
    }
    expected.update(dict.fromkeys(case.listed, "listed"))
    assert {host[-1]: one["state"] for host, one in by_host.items()} == expected
    assert report["dry_run"] is bool(case.listed)
    assert report["check_mode"] is bool(case.listed)
    assert report["instances"] == sum(state != "left out" for state in expected.values())
    assert report["deleted"] == sum(lost.values()) == OLD * len(case.deleted)
    assert report["would_delete"] == OLD * len(case.listed)
    assert report["failed"] == _names(name, case.failed)
    assert report["left_out"] == [host for host in by_host if expected[host[-1]] == "left out"]


def _names(name: str, numbers: Iterable[str]) -> list[str]:
    return [f"{name}-{number}" for number in numbers]


def _parts(names: list[str]) -> list[list[str]]:
    """Return ``names`` in parts that one run of Ansible can do in time."""
    return [names[start : start + 6] for start in range(0, len(names), 6)]


@pytest.mark.parametrize("names", _parts(_chosen(GOOD)), ids=lambda names: names[0])
def test_plays_that_end_well_report_what_they_did(commands: Commands, simulator: Simulator, names: list[str]) -> None:
    cases = {name: GOOD[name] for name in names}
    ran, fleet = _run(commands, simulator, cases)
    assert ran.code == 0, ran.text
    for name, case in cases.items():
        if name != "second-call":
            _check(name, case, ran.reports[name], fleet)
    if "second-call" in cases:
        # Each call has a report of its own: the second one lists what is left, and counts nothing of the first.
        second = ran.reports["second-call"]
        assert fleet.left["second-call-1"] == fleet.left["second-call-2"] == ALL - OLD
        assert (second["deleted"], second["examined"], second["left_out"]) == (0, 2 * (ALL - OLD), ["second-call-1"])


@pytest.mark.parametrize("name", _chosen(ONE_FAILS))
def test_one_failure_stops_no_other_instance(commands: Commands, simulator: Simulator, name: str) -> None:
    ran, fleet = _run(commands, simulator, {name: ONE_FAILS[name]})
    assert ran.code == 2, ran.text
    _check(name, ONE_FAILS[name], ran.reports[name], fleet)


@pytest.mark.parametrize("name", _chosen(REFUSED))
def test_plays_that_cannot_be_reported_are_refused(commands: Commands, simulator: Simulator, name: str) -> None:
    case, words = REFUSED[name]
    ran, fleet = _run(commands, simulator, {name: case})
    # Ansible itself ends a run over a strategy.
    assert (ran.code, len(simulator.journal)) == (1 if words == LINEAR else 2, 0), ran.text
    assert words in " ".join(ran.text.split())
    assert set(fleet.left.values()) == {ALL}


@pytest.mark.parametrize("task", _chosen(TASKS))
def test_no_task_can_be_skipped(commands: Commands, simulator: Simulator, task: str) -> None:
    late = {"late": Case(_import())}
    ran, fleet = _run(commands, simulator, late, "--start-at-task", f"{ROLE} : {task}")
    assert (ran.code, len(simulator.journal)) == (2, 0), ran.text
    assert BEGIN in " ".join(ran.text.split())
    # The last tasks come after the file: then there is none, and the printed report names none.
    assert ("is listed in" in ran.text) == bool(ran.reports) == (TASKS.index(task) < TASKS.index(AFTER_THE_FILE))
    assert all(report["failed"] == list(fleet.hosts) for report in ran.reports.values())
