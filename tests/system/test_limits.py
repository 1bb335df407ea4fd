# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Under each limit of threads and of open files: all is done, or nothing is and a sentence says why."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system import limited

TASKS = 12
LIMITS = range(3, 41)
FEW = (3, 5, 11, 12, 17, 40)
SENTENCES = {
    "files": "This process may open only ",
    "threads": "This user cannot start another thread on this machine",
}


def outcomes(limit: str, module: str, runs: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any] | None]:
    plan = json.dumps({"module": module, "limit": limit, "runs": runs})
    done = subprocess.run(
        [sys.executable, limited.__file__], input=plan, capture_output=True, text=True, timeout=240, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(limit: str, most: int, result: dict[str, Any] | None) -> bool:
    """Check a run that could not be made, and tell whether this is one."""
    if result is None:
        # Ansible itself opens a file to write a result.
        assert (limit, most) == ("files", 3)
    elif "summary" not in result and "count" not in result:
        assert result["msg"].startswith(SENTENCES[limit])
        assert most < 12 if limit == "files" else most == 1
    else:
        return False
    return True


@pytest.mark.parametrize("limit", SENTENCES)
def test_all_is_deleted_or_nothing(limit: str, simulator: Simulator, options: dict[str, Any]) -> None:
    limits = [1, *LIMITS] if limit == "threads" else list(LIMITS)
    tasks = {most: simulator.add_tasks(TASKS, status="Success") for most in limits}
    runs = [(most, {**options, "state": "absent", "task_id": tasks[most]}) for most in limits]
    results = outcomes(limit, "batch_task", runs)
    left = simulator.task_ids()
    for most, result in zip(limits, results, strict=True):
        if refused(limit, most, result):
            assert left.issuperset(tasks[most]), most
        else:
            assert result
            assert [task["outcome"] for task in result["tasks"]] == ["deleted"] * TASKS, most
            assert left.isdisjoint(tasks[most]), most
    assert sum(not refused(limit, *one) for one in zip(limits, results, strict=True)) >= len(limits) - 8


@pytest.mark.parametrize("limit", SENTENCES)
def test_all_is_read_or_nothing(limit: str, simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_tasks(TASKS, status="Success")
    results = outcomes(limit, "batch_task_info", [(most, options) for most in FEW])
    counts = {result["count"] for most, result in zip(FEW, results, strict=True) if not refused(limit, most, result)}
    assert counts == {TASKS}
