# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twenty instances: one after another, side by side, and in slices as AWX deals them, always with the same result."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import Fleet, Pruned, prune

INSTANCES = 20
SLICES = 4
ASKED = {"iotda_older_than": "30d", "iotda_dry_run": False}
COUNTS = ("instances", "examined", "matched", "kept", "deleted", "deleted_unconfirmed", "absent", "not_deleted")


@pytest.fixture
def fleet(simulator: Simulator) -> Fleet:
    """Twenty instances, two of which cannot be pruned."""
    fleet = Fleet.of(simulator, INSTANCES)
    fleet.hosts["plant-07"]["iotda_max_deletions"] = 0
    fleet.hosts["plant-12"]["iotda_project_id"] = "0" * 32
    return fleet


def _expected(fleet: Fleet) -> dict[str, int]:
    return {name: 5 if name in ("plant-07", "plant-12") else 2 for name in fleet.hosts}


def _right(figures: dict[str, Any]) -> bool:
    counts = {name: figures[name] for name in ("instances", "examined", "kept", "deleted", "failed")}
    return counts == {
        "instances": INSTANCES,
        "examined": 95,
        "kept": 38,
        "deleted": 54,
        "failed": ["plant-07", "plant-12"],
    }


@pytest.mark.parametrize("forks", [1, 10])
def test_twenty_instances(
    commands: Commands, fleet: Fleet, forks: int, record_property: Callable[[str, object], None]
) -> None:
    started = time.monotonic()
    done = prune(commands, fleet, ASKED, "--forks", str(forks))
    record_property("seconds", round(time.monotonic() - started, 1))
    assert done.code == 2, done.text
    assert fleet.left == _expected(fleet)
    assert _right(done.figures), done.figures


def test_four_slices_are_one_run(commands: Commands, fleet: Fleet) -> None:
    slices = [_slice(commands, fleet, number) for number in range(1, SLICES + 1)]
    assert fleet.left == _expected(fleet)
    assert sorted(done.code for done in slices) == [0, 0, 2, 2]
    # AWX merges what the jobs of a workflow hand on name by name, the later job over the earlier.
    handed_on = {name: value for done in slices for name, value in done.stats.items()}
    figures = [value for name, value in handed_on.items() if name.startswith("iotda_prune_")]
    assert len(figures) == SLICES
    total: dict[str, Any] = {name: sum(one[name] for one in figures) for name in COUNTS}
    total["failed"] = sorted(name for one in figures for name in one["failed"])
    assert _right(total), total
    reports = sorted(report["instance"] for one in figures for report in one["reports"])
    assert reports == sorted(fleet.hosts)


def _slice(commands: Commands, fleet: Fleet, number: int) -> Pruned:
    asked = {**ASKED, "awx_job_id": 100 + number}
    return prune(commands, fleet, asked, "--forks", "10", hosts=fleet.slice(number, SLICES))
