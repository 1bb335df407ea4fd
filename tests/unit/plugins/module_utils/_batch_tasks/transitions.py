# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping, retrying and confirming against a service whose answers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import Run, RunOptions, verb_of
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Service,
    refusal,
    shown,
)
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.deletions import NO_TASK, Lines

OPERATIONS = {"stopped": "stop", "retried": "retry", "confirmed": "confirm"}
ONE_BY_ONE = RunOptions(concurrency=1)
WAIT = RunOptions(concurrency=1, wait=True, wait_timeout=20, wait_delay=5)
GONE = refusal(404, NO_TASK)

Answers = Mapping[tuple[str, str], list[Any]]


def run(
    service: Service, state: str, options: RunOptions = ONE_BY_ONE, task_ids: Sequence[str] = ("a",)
) -> tuple[list[Outcome], Lines]:
    """Return the outcomes in the order of the tasks, and the audit log."""
    outcomes: dict[int, Outcome] = {}
    log = Lines()
    Run(service, verb_of(state), options, outcomes.__setitem__, log).bring(task_ids)  # type: ignore[arg-type] # a fake
    return [outcomes[position] for position in sorted(outcomes)], log


def one(
    state: str, shows: list[Any], sent: list[Any], options: RunOptions = ONE_BY_ONE, **details: list[Any]
) -> tuple[Outcome, Lines]:
    """Return what becomes of the task ``a``; ``details`` are the statuses of the subtasks of devices, as they come."""
    answers: dict[tuple[str, str], list[Any]] = {("show", "a"): shows, (OPERATIONS[state], "a"): sent}
    answers.update({("details", target): states for target, states in details.items()})
    (outcome,), log = run(Service(answers), state, options)
    return outcome, log


def upgrade(status: str, task_id: str = "a", need_confirm: bool = False, **counts: int) -> Any:
    """Return an upgrade; ``counts`` is how many devices are in each state."""
    progress = {"total": sum(counts.values()), **counts}
    return shown(task_id, status, "firmwareUpgrade", task_progress=progress, need_confirm=need_confirm)


def waiting(status: str = "Waitting", **counts: int) -> Any:
    return upgrade(status, need_confirm=True, **counts)


RUNS = upgrade("Processing", processing=3)
FAILED = upgrade("PartialSuccess", success=1, fail=2)
WAITS = waiting(waitting=3)
