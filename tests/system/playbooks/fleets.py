# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several IoTDA instances in one simulator, the inventory that names them, and runs of the playbook over it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Instance, Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

PLAYBOOK = "huaweicloud.iotda.prune"
AGES = (1, 20, 40, 60, 80)  # days; three are older than 30
OLD = 3


@dataclass
class Fleet:
    """Instances with batch tasks of known ages, by the names of their hosts."""

    simulator: Simulator
    instances: dict[str, Instance] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, simulator: Simulator, count: int) -> Fleet:
        fleet = cls(simulator)
        for number in range(1, count + 1):
            fleet.add(f"plant-{number:02}")
        return fleet

    def add(self, name: str) -> None:
        instance = self.simulator.add_instance()
        for days in AGES:
            instance.add_task(create_time=self.simulator.clock.now() - timedelta(days=days))
        self.instances[name] = instance
        self.hosts[name] = {
            "iotda_endpoint": instance.url,
            "iotda_region": self.simulator.region,
            "iotda_project_id": self.simulator.project_id,
            "iotda_instance_id": instance.instance_id,
            "iotda_signing": "derived",
            "iotda_retry_timeout": 0,
        }

    @property
    def left(self) -> dict[str, int]:
        """How many tasks each instance has."""
        return {name: len(instance.task_ids()) for name, instance in self.instances.items()}

    @property
    def environ(self) -> dict[str, str]:
        """The credentials, as a user exports them."""
        return {"HW_ACCESS_KEY": self.simulator.access_key, "HW_SECRET_KEY": self.simulator.secret_key}

    def slice(self, number: int, count: int) -> list[str]:
        """Return the hosts of one slice, as AWX deals them: in order of their names, one after another."""
        return sorted(self.hosts)[number - 1 :: count]


@dataclass(frozen=True)
class Pruned:
    """How a run ended: its code, all it printed, the figures it handed on, the lines and the file of its report."""

    code: int
    text: str
    stats: dict[str, Any]
    lines: list[str]
    report: dict[str, Any]

    @property
    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = self.stats["iotda_prune"]
        return figures

    @property
    def causes(self) -> dict[str, str]:
        """Why each instance failed that did."""
        return {one["instance"]: one["error"] for one in self.report["reports"] if one["error"]}


def prune(
    commands: Commands,
    fleet: Fleet,
    variables: Mapping[str, Any],
    *options: str,
    playbook: str = PLAYBOOK,
    environ: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Pruned:
    """Run the playbook over all instances of the fleet, and read the report if ``variables`` ask for report.json."""
    inventory = commands.folder / "instances.json"
    inventory.write_text(json.dumps({"all": {"hosts": fleet.hosts}}), encoding="utf-8")
    command = ["ansible-playbook", playbook, "-i", str(inventory), "-e", json.dumps(dict(variables)), *options]
    ended = commands.run(command, {**fleet.environ, "ANSIBLE_SHOW_CUSTOM_STATS": "true", **(environ or {})}, timeout)
    return read(ended, commands.folder / "report.json")


def read(ended: subprocess.CompletedProcess[str], report: Path) -> Pruned:
    """Return what a run that has ended reported; where there are several reports, the last of them."""
    stats = re.search(r"CUSTOM STATS: \*+\s*RUN: (\{.*\})", ended.stdout, re.DOTALL)
    lines = re.findall(r'Show the report\] .*?"msg": (\[.*?\n    \])', ended.stdout, re.DOTALL)
    written = report.read_text(encoding="utf-8") if report.exists() else ""
    return Pruned(
        ended.returncode,
        ended.stdout,
        json.loads(stats.group(1)) if stats else {},
        json.loads(lines[-1]) if lines else [],
        json.loads(written) if written.startswith("{") else {},
    )
