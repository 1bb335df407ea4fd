# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every cell of the matrix: a module runs in this process, over real sockets, and must end by the rule, in time."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests import raw_network
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.faults.calls import CALLS, Call, Scenario
from ansible_collections.huaweicloud.iotda.tests.system.faults.kinds import Kind, kinds_for
from ansible_collections.huaweicloud.iotda.tests.system.faults.network import HOST, Directory, Networks, address_of
from ansible_collections.huaweicloud.iotda.tests.system.faults.rules import (
    ALWAYS,
    FIRST,
    LATER,
    WHERE,
    End,
    end_of,
    seconds_allowed,
)
from ansible_collections.huaweicloud.iotda.tests.system.faults.ways import WAYS, Way, set_proxy
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

PATIENT, HASTY = 3.0, 0.3  # seconds for all attempts together: where one of them can succeed, and where none can
SLACK = 5.0  # seconds that a busy machine may take on top
UTMOST = 15.0  # seconds after which a run hangs
DIRECT = Way("direct", tls=False)
PROXIES = tuple(way for way in WAYS if way.proxy == "http")
LOSES_RESPONSES = ("hang", "reset", "close")  # of which a proxy leaves even less to be seen


@dataclass(frozen=True)
class Cell:
    """A fault of some ``kind`` that hits ``call``, on its ``way``, at the attempts that ``where`` names."""

    call: Call
    kind: Kind
    where: str
    way: Way = DIRECT

    def __str__(self) -> str:
        return f"{self.call.name}, {self.kind.title}, {self.where}" + (f", {self.way}" if self.way.proxy else "")

    @property
    def retry_timeout(self) -> float:
        return HASTY if self.where == ALWAYS or self.kind.slow else PATIENT

    @property
    def end(self) -> End:
        return end_of(self.kind, self.call, self.where)


def _cells() -> Iterator[Cell]:
    for call in CALLS:
        for kind in kinds_for(call):
            for where in (ALWAYS,) if kind.slow else WHERE:
                yield Cell(call, kind, where)
                if kind.fault.get("kind") in LOSES_RESPONSES and where != LATER:
                    yield from (Cell(call, kind, where, way) for way in PROXIES)


@dataclass(frozen=True)
class Run:
    """One run and all that can be seen of it from outside."""

    ended: Ended
    seconds: float
    left: frozenset[str]
    requests: list[str]


@pytest.mark.parametrize("cell", list(_cells()), ids=str)
def test_every_fault_ends_by_its_rule(
    cell: Cell, lasting_simulator: Simulator, all_networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = _simulator(cell, lasting_simulator, all_networks)
    simulator.reset()
    if cell.way.proxy:
        set_proxy(monkeypatch, cell.way, all_networks.proxy(cell.way.tls).address)
    scenario = cell.call.arrange(simulator)
    there = frozenset(simulator.task_ids())
    if cell.kind.network:
        monkeypatch.setattr(socket, "getaddrinfo", _directory(cell, all_networks, simulator).getaddrinfo)
    _set_faults(cell, simulator)
    run = _run(cell, scenario, simulator)
    _check_end(cell, run, scenario)
    _check_what_never_may_be(cell, run, scenario, there)
    for secret in (simulator.secret_key, simulator.password, simulator.auth_token):
        assert secret not in run.ended.text


def _simulator(cell: Cell, lasting: Simulator, found: Networks) -> Simulator:
    if cell.way.proxy:
        return found.secure if cell.way.tls else found.plain
    return found.good(cell.kind.network) if cell.kind.network else lasting


def _directory(cell: Cell, found: Networks, simulator: Simulator) -> Directory:
    hit = cell.call.before + (2 if cell.where == LATER else 1)
    return Directory(
        address_of(simulator),
        found.bad[cell.kind.network],
        lambda number: number >= hit if cell.where == ALWAYS else number == hit,
    )


def _set_faults(cell: Cell, simulator: Simulator) -> None:
    hits = {"method": cell.call.method, "path": cell.call.path, "query": cell.call.query}
    if cell.where == LATER:
        simulator.fault(**hits, status=429)
    if not cell.kind.network:
        simulator.fault(**hits, **{**cell.kind.fault, "times": None if cell.where == ALWAYS else 1})


def _run(cell: Cell, scenario: Scenario, simulator: Simulator) -> Run:
    options = {**_connection(cell, simulator), **scenario.options}
    began = time.monotonic()
    with _watchdog(UTMOST):
        ended = run_module(cell.call.module, options, check=cell.call.check)
    took = time.monotonic() - began
    requests = [entry.method for entry in simulator.journal if re.search(cell.call.path, entry.path)]
    return Run(ended, took, frozenset(simulator.task_ids()), requests)


def _connection(cell: Cell, simulator: Simulator) -> dict[str, Any]:
    named = simulator.url.replace("127.0.0.1", HOST) if cell.kind.network else simulator.url
    direct = simulator.url
    if cell.way.proxy:
        # Plain http to this machine would not go by the proxy.
        named = direct = simulator.url if cell.way.tls else f"http://{raw_network.HOST}"
    return {
        "endpoint": direct if cell.call.at_iam else named,
        "iam_endpoint": named if cell.call.at_iam else direct,
        "ca_path": simulator.ca_file,
        "validate_certs": cell.way.tls or not cell.way.proxy,
        "region": simulator.region,
        "project_id": simulator.project_id,
        "access_key": simulator.access_key,
        "secret_key": simulator.secret_key,
        "timeout": cell.kind.timeout,
        "retry_timeout": cell.retry_timeout,
    }


@contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    """Raise in the midst of what takes longer, again and again, so that a hang is a failure with a stack."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"it hangs: no end after {seconds:g} s")

    earlier = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def _check_end(cell: Cell, run: Run, scenario: Scenario) -> None:
    ended, end = run.ended, cell.end
    assert ended.failed == end.failed, ended.result
    assert ended.changed == end.changed, ended.result
    if end.words is not None:
        assert re.search(end.words, ended.msg), ended.msg
        assert ended.msg.endswith(".")
        assert "\n" not in ended.msg
    if end.outcome is None:
        assert "tasks" not in ended.result
    else:
        assert ended.outcomes == [end.outcome] * len(scenario.goes), ended.result
        assert sum(ended.result["summary"].values()) == len(scenario.goes)
    if cell.call.good is None and not end.failed:
        assert ended.result["count"] == 1


def _check_what_never_may_be(cell: Cell, run: Run, scenario: Scenario, there: frozenset[str]) -> None:
    gone = there - run.left
    assert "Traceback" not in run.ended.text
    assert run.seconds <= seconds_allowed(cell.call, cell.kind.timeout, cell.retry_timeout) + SLACK
    assert gone <= scenario.goes, "something went that nobody asked for"
    assert run.ended.changed or not gone, "something went, and nobody was told"
    for task in run.ended.result.get("tasks", []):
        if not cell.call.check and task["outcome"] != "failed":
            assert task["task_id"] in gone, "called gone, and is there"
    if cell.call.method == "POST" and cell.kind.acted:
        assert len(run.requests) == (2 if cell.where == LATER else 1), "what may have acted was sent again"


def test_the_matrix_has_a_cell_for_each_of_them() -> None:
    cells = list(_cells())
    assert len({str(cell) for cell in cells}) == len(cells)
    assert {cell.where for cell in cells} == {FIRST, LATER, ALWAYS}
    assert {cell.end.outcome for cell in cells} == {None, "deleted", "deleted_unconfirmed", "failed"}
