# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role prune over many instances, compared with a play that only runs the module."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from .measuring import PRUNE, Bench, in_turn
from .table import Quantity, Row, at_most

FORKS = 20
ROLE = "huaweicloud.iotda.prune"
_OPTIONS = {"region": "{{ iotda_region }}", "endpoint": "{{ iotda_endpoint }}", "older_than": "30d"}


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    bench.service.fresh()
    with tempfile.TemporaryDirectory(prefix="iotda-fleet-") as folder:
        return [_compared(bench, Path(folder), number) for number in bench.size.fleets]


def _compared(bench: Bench, folder: Path, number: int) -> Row:
    bench.say(f"a fleet of {number} instances")
    host = {"iotda_endpoint": bench.service.url, "iotda_region": "cn-north-4"}
    inventory = {"all": {"hosts": {f"instance-{index:04}": host for index in range(number)}}}
    (folder / "instances.json").write_text(json.dumps(inventory), encoding="utf-8")
    local = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    task = {"name": "List what would be deleted", PRUNE: _OPTIONS, "check_mode": True}
    bare: list[dict[str, Any]] = [
        {"name": "Bare", "hosts": "all", "connection": "local", "gather_facts": False, "vars": local, "tasks": [task]}
    ]
    (folder / "bare.json").write_text(json.dumps(bare), encoding="utf-8")
    role, module = in_turn(1, partial(_seconds, bench, folder, ROLE), partial(_seconds, bench, folder, "bare.json"))
    return Row(
        f"Role over {number:,} instances, {FORKS} forks, dry run",
        Quantity(role, "s"),
        "a play that only runs the module",
        Quantity(module, "s"),
        (at_most(1.25, role / module),),
    )


def _seconds(bench: Bench, folder: Path, playbook: str) -> float:
    options = ("-i", "instances.json", "--forks", str(FORKS), "-e", "prune_older_than=30d")
    return bench.plays.command("ansible-playbook", playbook, *options, folder=folder)[0]
