# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deletions, and predictions of deletions, against a service whose answers are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import Absent, Run, RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service, refusal, shown

ONE_BY_ONE = RunOptions(concurrency=1)
NO_TASK = "IOTDA.014201"
STATUSES = ["Initializing", "Waitting", "Processing", "Stopping"]

UNFINISHED = refusal(403, "IOTDA.014208")


def run(
    service: Service, plan: RunOptions, task_ids: Sequence[str] = ("a",), log: Any = None, known: Any = Outcome
) -> list[Outcome]:
    """Return the outcomes in the order of the tasks."""
    outcomes: dict[int, Outcome] = {}
    Run(service, Absent(), plan, outcomes.__setitem__, log).bring(task_ids, known)  # type: ignore[arg-type] # a fake
    assert sorted(outcomes) == list(range(len(task_ids)))
    return [outcomes[position] for position in sorted(outcomes)]


def predict(service: Service, task_ids: Sequence[str], plan: RunOptions) -> list[Outcome]:
    return run(service, plan._replace(dry_run=True), task_ids)


def one(answers: dict[str, list[Any]], plan: RunOptions = ONE_BY_ONE) -> tuple[Outcome, list[str]]:
    """Return what becomes of the task ``a``, and the verbs that were called."""
    service = Service({(verb, "a"): ends for verb, ends in answers.items()})
    results = run(service, plan)
    assert len(results) == 1
    return results[0], [verb for verb, _task_id in service.calls]


class Lines:
    """In place of an audit log: keeps what is written to it."""

    def __init__(self) -> None:
        self.failure = ""
        self.lines: list[tuple[Any, ...]] = []

    def record(self, *line: Any) -> None:
        self.lines.append(line)

    @property
    def changes(self) -> list[str]:
        return [line[1] for line in self.lines]


def logged(answers: dict[str, list[Any]], plan: RunOptions = ONE_BY_ONE) -> tuple[Outcome, list[str]]:
    """Return what becomes of the task ``a``, and the changes in the audit log."""
    log = Lines()
    (outcome,) = run(Service({(verb, "a"): ends for verb, ends in answers.items()}), plan, log=log)
    return outcome, log.changes


def running(task_type: str = "freezeDevices", status: str = "Processing", **more: Any) -> Any:
    return shown("a", status, task_type, **more)


def done(status: str = "Success") -> Any:
    return shown("a", status)
