# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done to many tasks is done side by side, at each stage, over connections that are kept."""

from __future__ import annotations

import time
from typing import Any

import pytest
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import KNOWN_TYPES
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.journal import Entry
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module


@pytest.fixture
def slow(simulator: Simulator) -> Simulator:
    """A simulator so slow that what can be asked at once is."""
    simulator.latency(0.2)
    return simulator


def at_once(simulator: Simulator, method: str, path_end: str) -> int:
    """Return the most requests that were under way when one with this method and end of the path came."""
    return max(entry.under_way for entry in _found(simulator, method, path_end))


def _found(simulator: Simulator, method: str, path_end: str) -> list[Entry]:
    return [entry for entry in simulator.journal if entry.method == method and entry.path.endswith(path_end)]


# Connections


def test_connections_are_free_when_they_are_given_back(
    simulator: Simulator, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a thread is held up after that: another one may have taken its connection by then."""
    release = urllib3.HTTPResponse.release_conn

    def release_and_pause(response: urllib3.HTTPResponse) -> None:
        release(response)
        time.sleep(0.01)

    monkeypatch.setattr(urllib3.HTTPResponse, "release_conn", release_and_pause)
    ids = simulator.add_tasks(60)
    listed = run_module("batch_task_info", options)
    assert not listed.failed, listed.msg
    deleted = run_module("batch_task", {**options, "state": "absent", "task_id": ids, "concurrency": 10})
    assert set(deleted.outcomes) == {"deleted"}, deleted.msg


@pytest.mark.parametrize("concurrency", [1, 4, 20])
def test_each_thread_keeps_its_connection(simulator: Simulator, options: dict[str, Any], concurrency: int) -> None:
    task_ids = simulator.add_tasks(200)
    given = {**options, "concurrency": concurrency, "task_id": task_ids, "state": "absent"}
    assert not run_module("batch_task", given).failed
    assert simulator.journal.count("DELETE") == 200
    assert len({entry.port for entry in simulator.journal}) <= concurrency


def test_prune_reuses_list_connections_for_deletions(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_tasks(200)
    assert not run_module("batch_task_prune", {**options, "older_than": "0d", "concurrency": 5}).failed
    assert simulator.task_ids() == set()
    assert len({entry.port for entry in simulator.journal}) <= 5


def test_reading_keeps_its_connections(simulator: Simulator, options: dict[str, Any]) -> None:
    task_ids = simulator.add_tasks(60)
    given = {**options, "task_id": task_ids, "details": True, "concurrency": 5}
    assert run_module("batch_task_info", given).result["count"] == 60
    assert len({entry.port for entry in simulator.journal}) <= 5


# Each stage by itself


def test_check_mode_looks_at_tasks_side_by_side(slow: Simulator, options: dict[str, Any]) -> None:
    given = {**options, "task_id": slow.add_tasks(6), "state": "absent", "concurrency": 3}
    assert run_module("batch_task", given, check=True).outcomes == ["deleted"] * 6
    assert slow.journal.peak == 3


def test_tasks_are_stopped_and_checked_concurrently(slow: Simulator, options: dict[str, Any]) -> None:
    task_ids = [slow.add_task("firmwareUpgrade", "Processing") for _each in range(4)]
    given = {**options, "task_id": task_ids, "state": "absent", "force": True, "wait": True, "wait_delay": 0}
    assert run_module("batch_task", {**given, "wait_timeout": 1, "concurrency": 4}).result["tasks"]
    assert at_once(slow, "POST", "/stop") > 1
    stopped = _found(slow, "POST", "/stop")[-1]
    again = [entry for entry in slow.journal if entry.time > stopped.time and entry.method == "GET"]
    assert max(entry.under_way for entry in again) > 1


def test_the_lists_of_a_prune_are_read_side_by_side(slow: Simulator, options: dict[str, Any]) -> None:
    assert not run_module("batch_task_prune", {**options, "older_than": "0d"}).failed
    assert len(slow.journal) == len(KNOWN_TYPES)
    assert at_once(slow, "GET", "/batchtasks") > 1


def test_subtasks_are_read_concurrently(slow: Simulator, options: dict[str, Any]) -> None:
    task_ids = slow.add_tasks(4)
    assert run_module("batch_task_info", {**options, "details": True}).result["count"] == 4
    assert max(at_once(slow, "GET", f"/{task_id}") for task_id in task_ids) > 1
