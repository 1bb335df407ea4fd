# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault at a search, a creation and a retry: never two tasks, never silence about what may have been done."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import engine
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.faults.calls import CAMPAIGN_CALLS
from ansible_collections.huaweicloud.iotda.tests.system.faults.kinds import kinds_for
from ansible_collections.huaweicloud.iotda.tests.system.faults.network import Networks
from ansible_collections.huaweicloud.iotda.tests.system.faults.rules import ALWAYS, FIRST
from ansible_collections.huaweicloud.iotda.tests.system.faults.test_matrix import (
    Cell,
    Run,
    _directory,
    _run,
    _set_faults,
)


def _cells() -> Iterator[Cell]:
    for call in CAMPAIGN_CALLS:
        for kind in kinds_for(call):
            for where in (ALWAYS,) if kind.slow else (FIRST, ALWAYS):
                yield Cell(call, kind, where)


def _done(simulator: Simulator, call: str) -> int:
    """Return how many times the service did what was asked for."""
    tasks = simulator.instance.store().tasks()
    return len(tasks) if call != "retry" else sum(task.status != "Fail" for task in tasks)


@pytest.mark.parametrize("cell", list(_cells()), ids=str)
def test_a_change_is_made_once_and_reported(
    cell: Cell, lasting_simulator: Simulator, all_networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SHORTEST_DELAY", 0.02)
    simulator = all_networks.good(cell.kind.network) if cell.kind.network else lasting_simulator
    simulator.reset()
    scenario = cell.call.arrange(simulator)
    if cell.kind.network:
        monkeypatch.setattr(socket, "getaddrinfo", _directory(cell, all_networks, simulator).getaddrinfo)
    _set_faults(cell, simulator)
    run = _run(cell, scenario, simulator)
    done = _done(simulator, cell.call.name)
    ended = run.ended
    assert done <= 1, "done twice"
    assert ended.changed or not done, "done, and nobody was told"
    if cell.call.method == "POST" and cell.kind.acted:
        assert done == 1
        assert run.requests.count("POST") == 1, "what may have acted was sent again"
    if not ended.failed:
        assert (ended.outcomes, done) == ([cell.call.good], 1)
    if ended.changed and not done:
        assert ended.failed, "told as done, and was not"
    _check_words(cell, run)


def _check_words(cell: Cell, run: Run) -> None:
    assert "Traceback" not in run.ended.text
    if run.ended.failed:
        assert re.search(cell.kind.words, run.ended.msg), run.ended.msg
        assert run.ended.msg.endswith(".")
        assert "\n" not in run.ended.msg
    elif cell.call.method == "POST" and cell.kind.acted and not cell.kind.harmless:
        assert "was lost" in run.ended.warnings, "a doubt, and nobody was told"
