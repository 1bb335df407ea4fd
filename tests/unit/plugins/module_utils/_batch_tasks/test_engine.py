# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tasks in one run: order, concurrency, and what ends it early: an outage, an error, a cancellation.

The engine is the same for all states; here it deletes.
"""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTask
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import RunOptions, open_log
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    CancelledError,
    ConfigurationError,
    IamError,
    IamOperation,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, Service, refusal, reply, shown, silence
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.deletions import (
    NO_TASK,
    ONE_BY_ONE,
    UNFINISHED,
    done,
    predict,
    run,
    running,
)

pytestmark = pytest.mark.usefixtures("clock")


# --- many


def test_outcomes_are_in_the_order_of_the_ids() -> None:
    answers: dict[tuple[str, str], list[Any]] = {
        ("delete", "b"): [UNFINISHED, reply(204)],
        ("show", "b"): [shown("b", "Processing"), shown("b", "Success")],
        ("delete", "a"): [refusal(404, NO_TASK)],
        ("delete", "c"): [reply(204)],
    }
    results = run(Service(answers), RunOptions(wait=True), ["b", "a", "c"])
    assert [(outcome.task_id, outcome.outcome) for outcome in results] == [
        ("b", "deleted"),
        ("a", "absent"),
        ("c", "deleted"),
    ]


def test_one_failure_does_not_stop_the_others() -> None:
    ends = {"a": silence(), "b": reply(204), "c": refusal(401), "d": reply(204)}
    answers = {("delete", task_id): [end] for task_id, end in ends.items()}
    results = run(Service(answers), ONE_BY_ONE, ["a", "b", "c", "d"])
    assert [outcome.outcome for outcome in results] == ["failed", "deleted", "failed", "deleted"]


def test_no_ids_are_nothing_to_do() -> None:
    service = Service()
    assert run(service, RunOptions(), []) == []
    assert predict(service, [], RunOptions()) == []
    assert service.calls == []


def test_outcome_includes_known_task_properties() -> None:
    known = BatchTask({"task_name": "n", "status": "Success"})
    (outcome,) = run(Service({("delete", "a"): [reply(204)]}), RunOptions(), known=lambda one: Outcome(one, task=known))
    assert outcome.result()["task_name"] == "n"


@pytest.mark.parametrize(("chosen", "now"), [("Success", "Fail"), ("Fail", "Success")])
def test_task_that_ran_again_since_selection_is_kept(chosen: str, now: str) -> None:
    service = Service({("delete", "a"): [UNFINISHED], ("show", "a"): [done(now)]})
    (outcome,) = run(service, RunOptions(), known=lambda one: Outcome(one, task=BatchTask({"status": chosen})))
    assert (outcome.outcome, outcome.message) == ("failed", f"it was {chosen} when it was selected, and is {now} now")


def test_task_unchanged_since_selection_is_deleted() -> None:
    status = "".join(["Suc", "cess"])  # another object than that of the answer, as in reality
    service = Service({("delete", "a"): [UNFINISHED, reply(204)], ("show", "a"): [done()]})
    (outcome,) = run(service, RunOptions(), known=lambda one: Outcome(one, task=BatchTask({"status": status})))
    assert outcome.outcome == "deleted"


class Crowd(Service):
    """Deletes only when as many requests as are expected have come together, and keeps how many there were at most."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.now = self.most = 0
        self._counting = threading.Lock()
        self._together = threading.Barrier(expected, timeout=30)

    def delete(self, task_id: str) -> Any:
        with self._counting:
            self.now += 1
            self.most = max(self.most, self.now)
        self._together.wait()
        with self._counting:
            self.now -= 1
        return reply(204)


@pytest.mark.parametrize(("concurrency", "expected"), [(1, 1), (4, 4), (64, 12)])
def test_as_many_requests_are_under_way_as_are_allowed(concurrency: int, expected: int) -> None:
    crowd = Crowd(expected)
    run(crowd, RunOptions(concurrency=concurrency), [f"{number:x}" for number in range(12)])
    assert crowd.most == expected


def test_default_delete_options() -> None:
    assert (RunOptions().concurrency, RunOptions().wait, RunOptions().force) == (10, False, False)
    assert (RunOptions().wait_timeout, RunOptions().wait_delay) == (600, 5)


# --- a service that cannot be reached at all


@pytest.mark.parametrize(
    "end",
    [silence(), refusal(401, "APIGW.0301"), refusal(407), refusal(429), refusal(500), refusal(503)]
    + [IamError(IamOperation.LOGIN, TransportError("no", "dns"))],
    ids=str,
)
def test_rest_is_skipped_after_ten_failures_in_a_row(end: Any) -> None:
    task_ids = [f"{number:x}" for number in range(12)]
    service = Service({("delete", task_id): [end] for task_id in task_ids})
    results = run(service, ONE_BY_ONE, task_ids)
    assert [outcome.outcome for outcome in results] == ["failed"] * 12
    assert [outcome.attempts for outcome in results[10:]] == [0, 0]
    assert results[11].message == (
        "skipped: the previous 10 requests to delete failed because of the connection, the credentials or the service"
    )
    assert len(service.calls) == 10


@pytest.mark.parametrize(
    "end",
    [
        reply(204),
        refusal(404, NO_TASK),
        refusal(403, "APIGW.0302"),
        refusal(408, "APIGW.0101"),
        refusal(499, "APIGW.0101"),
    ],
    ids=str,
)
def test_any_other_answer_starts_the_count_anew(end: Any) -> None:
    task_ids = [f"{number:x}" for number in range(19)]
    service = Service({("delete", task_id): [silence()] for task_id in task_ids})
    service._answers["delete", "9"] = [end]
    run(service, ONE_BY_ONE, task_ids)
    assert len(service.calls) == 19


def test_success_resets_the_count_of_failures_in_a_row() -> None:
    task_ids = [f"{number:x}" for number in range(14)]
    service = Service({("delete", task_id): [silence()] for task_id in task_ids})
    service._answers["delete", "1"] = [reply(204)]
    results = run(service, ONE_BY_ONE, task_ids)
    assert [outcome.attempts for outcome in results] == [1] * 12 + [0, 0]


# --- errors that nobody foresaw


def test_an_unforeseen_error_costs_no_other_outcome() -> None:
    class Faulty(Service):
        def delete(self, task_id: str) -> Any:
            if task_id == "b":
                raise RuntimeError("hush")
            return super().delete(task_id)

    results = run(Faulty({("delete", task_id): [reply(204)] for task_id in "ac"}), RunOptions(), ["a", "b", "c"])
    assert [outcome.outcome for outcome in results] == ["deleted", "failed", "deleted"]
    assert re.fullmatch(
        r"an unexpected RuntimeError occurred \(test_engine.py, line \d+\), "
        r"and the task may or may not have been deleted",
        results[1].message,
    )
    assert results[1].changed


def test_unexpected_error_in_wait_keeps_other_outcomes() -> None:
    answers: dict[tuple[str, str], list[Any]] = {
        ("delete", "a"): [UNFINISHED, reply(204)],
        ("delete", "b"): [UNFINISHED],
    }
    answers["show", "a"] = [running(), done()]
    answers["show", "b"] = [shown("b", "Processing")]
    results = run(BrokenLater(answers), RunOptions(wait=True), ["a", "b"])
    assert [outcome.outcome for outcome in results] == ["deleted", "failed"]


class BrokenLater(Service):
    """Breaks, otherwise than by an answer, when the task ``b`` is shown for the second time."""

    def show(self, task_id: str) -> Any:
        if ("show", "b") in self.calls and task_id == "b":
            raise ValueError("hush")
        return super().show(task_id)


# --- a cancelled run


def test_a_cancelled_run_deletes_nothing_more() -> None:
    service = Service({("delete", "a"): [reply(204)], ("delete", "b"): [CancelledError("SIGTERM was received")]})
    results = run(service, ONE_BY_ONE, ["a", "b"])
    assert [outcome.outcome for outcome in results] == ["deleted", "failed"]
    assert results[1].attempts == 0
    assert results[1].message == "not started, because SIGTERM was received"
    assert not results[1].changed


def test_cancelling_ends_the_wait(clock: Clock) -> None:
    service = Service({("delete", "a"): [UNFINISHED], ("show", "a"): [running()]})
    service.cancellation.cancel("SIGINT was received")
    (result,) = run(service, RunOptions(wait=True, wait_timeout=600))
    assert result.outcome == "failed"
    assert result.message.endswith("; waiting ended early, because SIGINT was received")
    assert clock.slept == []


# --- the audit log


@pytest.mark.parametrize("dry_run", [False, True])
def test_no_log_is_wanted(dry_run: bool) -> None:
    with open_log(None, Service(), "absent", dry_run) as log:
        assert log is None


def test_a_log_says_where_and_to_what_state_tasks_were_brought(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with open_log(str(path), Service(), "absent", False) as log:
        assert log
        log.record("a", "deleted")
    line = json.loads(path.read_text(encoding="utf-8"))
    assert (line["endpoint"], line["state"], line["task_id"]) == ("https://iotda.example", "absent", "a")


def test_a_dry_run_only_checks_the_path(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with open_log(str(path), Service(), "absent", True) as log:
        assert log is None
    assert not path.exists()
    with pytest.raises(ConfigurationError, match="audit_log cannot be written"):
        open_log(str(tmp_path / "nowhere" / "audit.jsonl"), Service(), "absent", True)
