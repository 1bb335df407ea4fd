# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user is told of the tasks: results, counts, the sentence of a failure, warnings, the difference."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import (
    ABSENT,
    ALL,
    DELETED,
    FAILED,
    UNCONFIRMED,
    TaskResult,
    build_diff,
    build_result,
    changed,
    error_fields,
    failed_result,
    failure_fields,
    summarize,
    warnings_for,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ErrorDetails
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import refusal, silence

TASK = {"task_id": "a", "task_name": "n", "task_type": "t", "status": "Success", "create_time": "c", "targets": ["d"]}
REFUSED = ErrorDetails(403, "error", "APIGW.0302", "No.", "r1")


def of(outcome: str, task_id: str = "a", **more: Any) -> TaskResult:
    return TaskResult(task_id, outcome, 1, **more)


def test_the_outcomes_are_those_that_are_promised() -> None:
    assert ALL == ("deleted", "absent", "deleted_unconfirmed", "failed")


def test_a_result_leaves_out_what_is_not_known() -> None:
    assert of(DELETED).result() == {"task_id": "a", "outcome": "deleted", "attempts": 1}


def test_a_result_tells_what_the_service_said_and_what_is_known_of_the_task() -> None:
    assert of(ABSENT, details=REFUSED, task=TASK).result() == {
        "task_id": "a",
        "outcome": "absent",
        "attempts": 1,
        "http_status": 403,
        "error_code": "APIGW.0302",
        "error_msg": "No.",
        "request_id": "r1",
        "task_name": "n",
        "task_type": "t",
        "status": "Success",
        "create_time": "c",
    }


@pytest.mark.parametrize(("hint", "msg"), [("do that", "it broke; do that"), (None, "it broke")])
def test_a_failed_result_says_why_and_what_to_do(hint: str | None, msg: str) -> None:
    assert of(FAILED, message="it broke", hint=hint).result()["msg"] == msg


def test_only_a_failed_result_has_a_sentence() -> None:
    assert not [outcome for outcome in ALL if outcome != FAILED and "msg" in of(outcome, message="x").result()]


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        (None, {}),
        (ErrorDetails(404, "empty"), {"http_status": 404}),
        (
            ErrorDetails(401, "error", "C", "m", "r", skew=3.0, retry_after=4.0),
            {"http_status": 401, "error_code": "C", "error_msg": "m", "request_id": "r"},
        ),
    ],
)
def test_error_fields_are_those_that_the_service_gave(details: ErrorDetails | None, fields: dict[str, Any]) -> None:
    assert error_fields(details) == fields


def test_a_failure_carries_answer_hint_and_task() -> None:
    outcome = failed_result("a", refusal(403, "APIGW.0302", attempts=9), 3, "delete", TASK)
    assert (outcome.outcome, outcome.attempts, outcome.task) == (FAILED, 3, TASK)
    assert outcome.details
    assert outcome.details.error_code == "APIGW.0302"
    assert outcome.hint
    assert "iotda:batchtasks:delete" in outcome.hint
    assert outcome.message == "iotda.example answered 403"


@pytest.mark.parametrize(("ambiguous", "words"), [(True, ", and whether it is deleted is not known"), (False, "")])
def test_a_lost_deletion_says_that_its_end_is_not_known_and_may_have_changed_something(
    ambiguous: bool, words: str
) -> None:
    outcome = failed_result("a", silence(ambiguous=True), 1, "delete", {}, ambiguous)
    assert outcome.message == f"iotda.example was silent{words}"
    assert outcome.details is None
    assert changed([outcome]) is ambiguous


def test_the_summary_counts_each_outcome_zeros_included() -> None:
    assert summarize([]) == {"deleted": 0, "absent": 0, "deleted_unconfirmed": 0, "failed": 0}
    assert summarize([of(DELETED), of(DELETED), of(FAILED)]) == {
        "deleted": 2,
        "absent": 0,
        "deleted_unconfirmed": 0,
        "failed": 1,
    }


@pytest.mark.parametrize(
    ("results", "is_changed"),
    [
        ([], False),
        ([of(ABSENT)], False),
        ([of(FAILED)], False),
        ([of(DELETED)], True),
        ([of(UNCONFIRMED)], True),
        ([of(FAILED), of(DELETED)], True),
        ([of(FAILED, stopped=True)], True),
        ([of(ABSENT, stopped=True)], True),
    ],
)
def test_changed(results: list[TaskResult], is_changed: bool) -> None:
    assert changed(results) is is_changed


@pytest.mark.parametrize("outcome", [DELETED, ABSENT, UNCONFIRMED])
def test_without_a_failed_task_there_is_no_failure(outcome: str) -> None:
    assert failure_fields([of(outcome)]) == {}


def test_one_failed_task_is_named_with_its_reason_and_advice() -> None:
    broken = of(FAILED, "b", message="it broke", hint="do that", details=REFUSED)
    assert failure_fields([of(DELETED), broken]) == {
        "failed": True,
        "msg": "Could not delete batch task b: it broke; do that.",
        "hint": "do that",
        "http_status": 403,
        "error_code": "APIGW.0302",
        "error_msg": "No.",
        "request_id": "r1",
    }


def test_several_failed_tasks_are_counted_and_the_first_is_explained() -> None:
    results = [of(DELETED), of(FAILED, "b", message="one"), of(FAILED, "c", message="two", hint="not this")]
    assert failure_fields(results) == {
        "failed": True,
        "msg": "Could not delete 2 of 3 batch tasks, the first of them b: one.",
    }


def test_only_an_unconfirmed_deletion_is_warned_of() -> None:
    warnings = warnings_for([of(DELETED), of(ABSENT), of(FAILED), of(UNCONFIRMED, "b")])
    assert len(warnings) == 1
    assert warnings[0].startswith("Batch task b is gone, but whether this run deleted it is not certain")


def test_the_difference_holds_the_tasks_that_go() -> None:
    results = [of(DELETED, task=TASK, details=REFUSED), of(UNCONFIRMED, "b"), of(ABSENT, "c"), of(FAILED, "d")]
    known = {name: TASK[name] for name in ("task_id", "task_name", "task_type", "status", "create_time")}
    assert build_diff(results) == {"before": {"batch_tasks": [known, {"task_id": "b"}]}, "after": {"batch_tasks": []}}


def test_a_report_is_the_whole_result_in_the_order_of_the_tasks() -> None:
    warnings: list[str] = []
    results = [of(UNCONFIRMED, "b"), of(DELETED, "a"), of(FAILED, "c", message="it broke")]
    result = build_result(results, warnings.append)
    assert result["changed"] is True
    assert [task["task_id"] for task in result["tasks"]] == ["b", "a", "c"]
    assert result["summary"] == summarize(results)
    assert result["diff"] == build_diff(results)
    assert (result["failed"], result["msg"]) == (True, "Could not delete batch task c: it broke.")
    assert warnings == warnings_for(results)


def test_a_report_of_nothing_is_no_change_and_no_failure() -> None:
    result = build_result([], print)
    assert (result["changed"], result["tasks"]) == (False, [])
    assert "failed" not in result
