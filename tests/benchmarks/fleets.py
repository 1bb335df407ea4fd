# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role prune: over many instances, compared with a play that only runs the module, and with several rules."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .lists import LATENCY
from .measuring import BEFORE, PRUNE, Bench, in_turn
from .plays import Plays
from .table import Quantity, Row, at_most

FORKS = 20
ROLE = "huaweicloud.iotda.prune"
RULE: Mapping[str, Any] = MappingProxyType({"prune_older_than": "30d"})
RULES: list[dict[str, Any]] = [{"older_than": "60d"}, {"older_than": "30d", "keep_last": 10}, {"keep_last": 100}]
# The most that the role may take of the time of the play, by how many instances there are.
_MOST = {60: 1.15, 200: 1.2}
_MOST_OF_RULES = 0.4
_OPTIONS = {"region": "{{ iotda_region }}", "endpoint": "{{ iotda_endpoint }}", "older_than": "30d"}


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    bench.service.fresh()
    with tempfile.TemporaryDirectory(prefix="iotda-fleet-") as folder:
        found = [_compared(bench, Path(folder), number) for number in bench.size.fleets]
        return [*found, *_several_rules(bench, Path(folder), bench.size.lists[0])]


def _write_inventory(bench: Bench, folder: Path, number: int) -> None:
    host = {"iotda_endpoint": bench.service.url, "iotda_region": "cn-north-4"}
    inventory = {"all": {"hosts": {f"instance-{index:04}": host for index in range(number)}}}
    (folder / "instances.json").write_text(json.dumps(inventory), encoding="utf-8")


def _compared(bench: Bench, folder: Path, number: int) -> Row:
    bench.say(f"a fleet of {number} instances")
    _write_inventory(bench, folder, number)
    local = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    task = {"name": "List what would be deleted", PRUNE: _OPTIONS, "check_mode": True}
    bare: list[dict[str, Any]] = [
        {"name": "Bare", "hosts": "all", "connection": "local", "gather_facts": False, "vars": local, "tasks": [task]}
    ]
    (folder / "bare.json").write_text(json.dumps(bare), encoding="utf-8")
    role, module = in_turn(
        1, partial(_seconds, bench.plays, folder, ROLE), partial(_seconds, bench.plays, folder, "bare.json")
    )
    return Row(
        f"Role over {number:,} instances, {FORKS} forks, dry run",
        Quantity(role, "s"),
        "a play that only runs the module",
        Quantity(module, "s"),
        tuple(at_most(most, role / module) for size, most in _MOST.items() if size == number),
    )


def _several_rules(bench: Bench, folder: Path, tasks: int) -> list[Row]:
    """Measure one instance. All its rules are one run of the module, which reads each list once."""
    bench.say(f"{len(RULES)} rules over {tasks} tasks")
    _write_inventory(bench, folder, 1)
    bench.service.fresh(LATENCY)
    bench.service.add(tasks, age_days=100)

    def seconds(plays: Plays, rules: list[dict[str, Any]]) -> float:
        return _seconds(plays, folder, ROLE, {"prune_rules": rules, "prune_max_deletions": tasks})

    what = f"Role, {len(RULES)} rules over {tasks:,} tasks of one instance, {LATENCY * 1000:.0f} ms, dry run"
    measured = Quantity(seconds(bench.plays, RULES), "s")
    found = [Row(what, measured, "one rule", Quantity(seconds(bench.plays, RULES[:1]), "s"))]
    if bench.plays_before:
        bench.say(f"the same by {BEFORE}")
        before = seconds(bench.plays_before, RULES)
        goal = at_most(_MOST_OF_RULES, measured.value / before)
        found.append(Row(what, measured, BEFORE, Quantity(before, "s"), (goal,)))
    return found


def _seconds(plays: Plays, folder: Path, playbook: str, variables: Mapping[str, Any] = RULE) -> float:
    options = ("-i", "instances.json", "--forks", str(FORKS), "-e", json.dumps(dict(variables)))
    return plays.command("ansible-playbook", playbook, *options, folder=folder)[0]
