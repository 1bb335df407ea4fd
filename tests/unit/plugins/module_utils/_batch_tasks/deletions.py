# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deletions, and predictions of deletions, against a service whose answers are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.delete import delete_tasks
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.delete_options import DeleteOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.predict import predict_deletions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import TaskResult
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service, refusal, shown

ONE_BY_ONE = DeleteOptions(concurrency=1)
NO_TASK = "IOTDA.014201"
STATUSES = ["Initializing", "Waitting", "Processing", "Stopping"]

UNFINISHED = refusal(403, "IOTDA.014208")


def run(service: Service, plan: DeleteOptions, task_ids: Sequence[str] = ("a",), **more: Any) -> list[TaskResult]:
    return collect(lambda collector: delete_tasks(service, task_ids, plan, collector, **more))  # type: ignore[arg-type]


def predict(service: Service, task_ids: Sequence[str], plan: DeleteOptions) -> list[TaskResult]:
    return collect(lambda collector: predict_deletions(service, task_ids, plan, collector))  # type: ignore[arg-type]


def collect(work: Callable[[Any], None]) -> list[TaskResult]:
    """Return the results that ``work`` gives to a collector, in the order of their positions."""
    results: dict[int, TaskResult] = {}
    work(SimpleNamespace(add=results.__setitem__))
    assert sorted(results) == list(range(len(results)))
    return [results[position] for position in sorted(results)]


def one(answers: dict[str, list[Any]], plan: DeleteOptions = ONE_BY_ONE) -> tuple[TaskResult, list[str]]:
    """Return what becomes of the task ``a``, and the verbs that were called."""
    service = Service({(verb, "a"): ends for verb, ends in answers.items()})
    results = run(service, plan)
    assert len(results) == 1
    return results[0], [verb for verb, _task_id in service.calls]


def running(task_type: str = "freezeDevices", status: str = "Processing", **more: Any) -> Any:
    return shown("a", status, task_type, **more)


def done(status: str = "Success") -> Any:
    return shown("a", status)
