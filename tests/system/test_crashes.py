# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is cut short can be run again: a module killed, a service that goes away, two that do the same at once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

MANY, KEPT = 300, 20
PATIENCE = 60.0  # seconds; nothing here takes as long unless it hangs
SCRIPT = """
import json, sys
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module
name, options = json.load(sys.stdin)
print(json.dumps(run_module(name, options).result))
"""

Options = dict[str, Any]


pytestmark = pytest.mark.usefixtures("in_a_hurry")


def start(name: str, options: Options) -> subprocess.Popen[str]:
    """Start a module in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps([name, options]))
    process.stdin.close()
    process.stdin = None
    return process


def result_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    result: dict[str, Any] = json.loads(output)
    return result


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


@contextmanager
def meanwhile(change: Callable[[], None]) -> Iterator[None]:
    """Do something beside what the block does, and wait for it in the end."""
    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def go_away(simulator: Simulator) -> None:
    simulator._loop.close()  # the ports and connections, not what it knows


def come_back(simulator: Simulator) -> None:
    port = urlsplit(simulator.url).port
    assert port is not None
    simulator._start(False, None, port)


def fill(simulator: Simulator) -> tuple[list[str], set[str]]:
    """Add many finished tasks and others, at a service slow enough to be met in the midst of it."""
    others = set(simulator.add_tasks(KEPT, task_type="unfreezeDevices", devices=1))
    others.add(simulator.add_task("firmwareUpgrade", "Processing"))
    simulator.latency(0.01)
    return simulator.add_tasks(MANY, devices=1), others


def by_name(options: Options, ids: list[str]) -> tuple[str, Options]:
    return "batch_task", {**options, "task_id": ids, "state": "absent"}


def by_rule(options: Options, ids: list[str]) -> tuple[str, Options]:
    return "batch_task_prune", {**options, "older_than": "0d", "task_type": ["freezeDevices"]}


both = pytest.mark.parametrize("way", [by_name, by_rule], ids=["batch_task", "batch_task_prune"])


@both
def test_a_run_that_was_killed_can_be_run_again(way: Any, simulator: Simulator, options: Options) -> None:
    ids, others = fill(simulator)
    process = start(*way(options, ids))
    wait_until(lambda: len(simulator.task_ids()) < len(others) + MANY * 3 // 4)
    process.kill()
    process.communicate(timeout=PATIENCE)
    left = simulator.task_ids() - others
    assert 0 < len(left) < MANY
    again = run_module(*way(options, ids))
    assert not again.failed, again.msg
    counts = Counter(again.outcomes)
    # What was on its way when the run was killed may have arrived since.
    assert counts["deleted"] <= len(left)
    assert counts["deleted"] + counts["absent"] == len(again.outcomes) == sum(again.result["summary"].values())
    assert len(again.outcomes) == (MANY if way is by_name else again.result["matched"])
    assert simulator.task_ids() == others
    third = run_module(*way(options, ids))
    assert not third.changed
    assert not third.failed


@both
def test_a_service_that_restarts_delays_and_no_more(way: Any, simulator: Simulator, options: Options) -> None:
    ids, others = fill(simulator)

    def restart() -> None:
        wait_until(lambda: len(simulator.task_ids()) < len(others) + MANY * 3 // 4)
        go_away(simulator)
        time.sleep(0.2)
        come_back(simulator)

    with meanwhile(restart):
        ended = run_module(*way({**options, "retry_timeout": 30}, ids))
    assert not ended.failed, ended.msg
    counts = Counter(ended.outcomes)
    assert counts["deleted"] + counts["deleted_unconfirmed"] == MANY, counts
    assert ended.warnings.count("is not certain") == counts["deleted_unconfirmed"]
    assert simulator.task_ids() == others


@both
def test_a_service_that_is_gone_for_good_ends_the_run(way: Any, simulator: Simulator, options: Options) -> None:
    ids, others = fill(simulator)

    def leave() -> None:
        wait_until(lambda: len(simulator.task_ids()) < len(others) + MANY * 3 // 4)
        go_away(simulator)

    with meanwhile(leave):
        ended = run_module(*way(options, ids))
    assert ended.failed
    assert ended.changed
    assert "connection to" in ended.msg
    counts = Counter(ended.outcomes)
    assert set(counts) == {"deleted", "failed"}
    assert counts.total() == MANY
    gone = {task["task_id"] for task in ended.result["tasks"] if task["outcome"] == "deleted"}
    assert not gone & simulator.task_ids()
    come_back(simulator)
    again = run_module(*way(options, ids))
    assert not again.failed, again.msg
    assert simulator.task_ids() == others


def test_two_prunes_at_once_delete_each_task_once(simulator: Simulator, options: Options) -> None:
    ids, others = fill(simulator)
    wish = {"keep_last": KEPT, "task_type": ["freezeDevices"], "retry_timeout": 10}
    pair = [start("batch_task_prune", {**options, **wish}) for dummy in range(2)]
    results = [result_of(process) for process in pair]
    assert not any(result.get("failed") for result in results), results
    outcomes = [{task["task_id"]: task["outcome"] for task in result["tasks"]} for result in results]
    assert all(set(one.values()) <= {"deleted", "absent"} for one in outcomes)
    deleted = Counter(task_id for one in outcomes for task_id, outcome in one.items() if outcome == "deleted")
    assert len(deleted) == MANY - KEPT
    assert set(deleted.values()) == {1}
    for result, one in zip(results, outcomes, strict=True):
        assert sum(result["summary"].values()) == result["matched"] == len(one)
        assert result["changed"] == ("deleted" in one.values())
    newest = set(sorted(ids)[-KEPT:])
    assert simulator.task_ids() == others | newest
