# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prune the tasks of a simulator whose time stands still, and check what is counted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Clock, Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

FINISHED = ["Success", "Fail", "PartialSuccess", "Stopped"]
NOW = datetime.now(timezone.utc).replace(microsecond=0)


def frozen() -> Simulator:
    """Return a simulator whose time stands still, so that a second more or less can be told apart."""
    return Simulator(clock=Clock(NOW, frozen=True))


def prune(options: dict[str, Any], check: bool = False, diff: bool = False, **more: Any) -> Ended:
    ended = run_module("batch_task_prune", {**options, **more}, check=check, diff=diff)
    if "kept" in ended.result:
        summary = ended.result.get("summary", {})
        went = sum(summary.get(outcome, 0) for outcome in ("deleted", "absent", "deleted_unconfirmed"))
        assert ended.result["examined"] == ended.result["kept"] + went
    return ended


def gone(options: dict[str, Any], **more: Any) -> list[str]:
    """Prune, and return the IDs of what went, in the order in which it is told."""
    ended = prune(options, **more)
    assert not ended.failed, ended.msg
    assert set(ended.outcomes) <= {"deleted"}
    assert ended.changed == bool(ended.outcomes)
    return [task["task_id"] for task in ended.result["tasks"]]


def aged(simulator: Simulator, seconds: float, **options: Any) -> str:
    return simulator.add_task(create_time=NOW - timedelta(seconds=seconds), **options)
