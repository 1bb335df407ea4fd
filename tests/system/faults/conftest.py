# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cells of the matrix share: one simulator for each process, and runs that do not dawdle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import client, rate_limiter
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.faults.network import Networks, networks

_SETTINGS = {"stopping_takes": 0.05}


@pytest.fixture(scope="session")
def lasting_simulator() -> Iterator[Simulator]:
    with Simulator(**_SETTINGS) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def all_networks() -> Iterator[Networks]:
    with networks(**_SETTINGS) as found:
        yield found


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses between attempts, which say nothing about how a run ends, by a factor of twenty."""
    monkeypatch.setattr(client, "_FIRST_DELAY", client._FIRST_DELAY / 20)
    monkeypatch.setattr(rate_limiter, "_FIRST_PAUSE", rate_limiter._FIRST_PAUSE / 20)
    monkeypatch.setattr(rate_limiter, "_SLOWEST", rate_limiter._SLOWEST * 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cells of the matrix ended by their rule."""
    passed = [report for report in terminalreporter.stats.get("passed", ()) if "test_every_fault_ends" in report.nodeid]
    terminalreporter.write_line(f"{len(passed)} cells of the fault matrix ended by their rule")
