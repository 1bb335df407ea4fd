# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet of demonstrations is what the guides say it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Clock, Simulator, fleet


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(clock=Clock(frozen=True), fill=fleet.fill) as simulator:
        yield simulator


def test_order_of_ids_is_that_of_age(sim: Simulator) -> None:
    tasks = sim.tasks()
    assert [task["task_id"] for task in tasks] == [sample.task_id for sample in reversed(fleet.SAMPLES)]
    created = [task["create_time"] for task in tasks]
    assert created == sorted(created, reverse=True)
    assert sim.add_task() > tasks[0]["task_id"]


def test_two_are_running_and_one_of_them_ends(sim: Simulator) -> None:
    def running() -> set[str]:
        return {task["task_id"] for task in sim.tasks() if task["status"] == "Processing"}

    assert running() == {fleet.RUNNING_FREEZE, fleet.RUNNING_UPGRADE}
    sim.clock.advance(8)
    assert running() == {fleet.RUNNING_UPGRADE}
    sim.clock.advance(86400)
    assert running() == {fleet.RUNNING_UPGRADE}
