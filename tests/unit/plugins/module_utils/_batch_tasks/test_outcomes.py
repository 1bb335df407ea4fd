# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a module that deletes: tasks, counts, the failure message, warnings, diff."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import REPORTING
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTask
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.audit_log import AuditLog
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import (
    ABSENT,
    DELETED,
    FAILED,
    OUTCOMES,
    UNCONFIRMED,
    Collector,
    Outcome,
    error_fields,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ErrorDetails

TASK = {"task_id": "a", "task_name": "n", "task_type": "t", "status": "Success", "create_time": "c", "targets": ["d"]}
REFUSED = ErrorDetails(403, "error", "APIGW.0302", "No.", "r1")


def of(outcome: str, task_id: str = "a", **more: Any) -> Outcome:
    return Outcome(task_id, outcome, 1, **more)


def test_the_outcomes_are_those_that_are_promised() -> None:
    assert OUTCOMES["absent"] == ("deleted", "absent", "deleted_unconfirmed", "failed")


def test_a_result_leaves_out_what_is_not_known() -> None:
    assert of(DELETED).result() == {"task_id": "a", "outcome": "deleted", "attempts": 1}


def test_result_includes_service_error_and_known_task() -> None:
    assert of(ABSENT, details=REFUSED, task=BatchTask(TASK)).result() == {
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
    told = [outcome for outcome in OUTCOMES["absent"] if "msg" in of(outcome, message="x").result()]
    assert told == [FAILED]


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        (None, {}),
        (ErrorDetails(404, "empty"), {"http_status": 404}),
        (
            ErrorDetails(401, "error", "C", "m", "r", skew=3.0, retry_after=4.0),
            {"http_status": 401, "error_code": "C", "error_msg": "m", "request_id": "r"},
        ),
        (
            ErrorDetails(403, "error", encoded_authorization_message="e"),
            {"http_status": 403, "encoded_authorization_message": "e"},
        ),
    ],
)
def test_error_fields_are_those_that_the_service_gave(details: ErrorDetails | None, fields: dict[str, Any]) -> None:
    assert error_fields(details) == fields


def collected(results: list[Outcome], log: AuditLog | None = None, **more: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the result of a module and its warnings, whatever the order in which the tasks ended."""
    warnings: list[str] = []
    collector = Collector("absent", **more)
    for position, result in reversed(list(enumerate(results))):
        collector.add(position, result)
    return collector.build(warnings.append, log), warnings


def test_the_summary_counts_each_outcome() -> None:
    assert collected([])[0]["summary"] == {"deleted": 0, "absent": 0, "deleted_unconfirmed": 0, "failed": 0}
    result, _warnings = collected([of(DELETED), of(DELETED), of(FAILED)])
    assert result["summary"] == {"deleted": 2, "absent": 0, "deleted_unconfirmed": 0, "failed": 1}


@pytest.mark.parametrize(
    ("results", "is_changed"),
    [
        ([], False),
        ([of(ABSENT)], False),
        ([of(FAILED)], False),
        ([of(FAILED, changed=True)], True),
        ([of(FAILED), of(DELETED).changed_to(DELETED)], True),
        ([of(ABSENT, changed=True), of(FAILED)], True),
    ],
)
def test_changed_if_anything_was(results: list[Outcome], is_changed: bool) -> None:
    assert collected(results)[0]["changed"] is is_changed


@pytest.mark.parametrize("outcome", [DELETED, ABSENT, UNCONFIRMED])
def test_without_a_failed_task_there_is_no_failure(outcome: str) -> None:
    assert not {"failed", "msg"} & set(collected([of(outcome)])[0])


def test_one_failed_task_is_named_with_its_reason() -> None:
    broken = of(FAILED, "b", message="it broke", hint="do that", details=REFUSED)
    result, _warnings = collected([of(DELETED), broken])
    assert {name: result[name] for name in ("failed", "msg", "hint", "http_status", "error_code", "request_id")} == {
        "failed": True,
        "msg": "Could not delete batch task b: it broke; do that.",
        "hint": "do that",
        "http_status": 403,
        "error_code": "APIGW.0302",
        "request_id": "r1",
    }


def test_message_explains_first_of_several_failures() -> None:
    results = [of(DELETED), of(FAILED, "b", message="one"), of(FAILED, "c", message="two", hint="not this")]
    result, _warnings = collected(results)
    assert result["msg"] == "Could not delete 2 of 3 batch tasks, the first of them b: one."
    assert "hint" not in result


def test_warnings_are_in_the_order_of_the_tasks() -> None:
    results = [of(DELETED), of(ABSENT).warned("one", "two"), of(FAILED), of(UNCONFIRMED).warned("three")]
    assert collected(results)[1] == ["one", "two", "three"]


def test_warnings_are_limited() -> None:
    _result, warnings = collected([of(UNCONFIRMED).warned(f"{number:02}") for number in range(25)])
    assert warnings[:-1] == [f"{number:02}" for number in range(10)]
    assert warnings[-1] == "There are similar warnings about 15 more batch tasks."


def test_diff_mode_shows_what_was_deleted() -> None:
    results = [
        of(DELETED, task=BatchTask(TASK), details=REFUSED),
        of(UNCONFIRMED, "b"),
        of(ABSENT, "c"),
        of(FAILED, "d"),
    ]
    known = {name: TASK[name] for name in ("task_id", "task_name", "task_type", "status", "create_time")}
    diff = {"before": {"batch_tasks": [known, {"task_id": "b"}]}, "after": {"batch_tasks": []}}
    assert collected(results, diff=True, returned="none")[0]["diff"] == diff
    assert "diff" not in collected(results)[0]


@pytest.mark.parametrize(("returned", "ids"), [("all", "abcd"), ("failed", "cd"), ("none", "")])
def test_returned_lists_the_tasks_that_are_wanted(returned: str, ids: str) -> None:
    results = [of(UNCONFIRMED, "a"), of(DELETED, "b"), of(FAILED, "c", message="x"), of(FAILED, "d", message="y")]
    result, _warnings = collected(results, returned=returned)
    assert "".join(task["task_id"] for task in result["tasks"]) == ids
    assert result["summary"] == {"deleted": 1, "absent": 0, "deleted_unconfirmed": 1, "failed": 2}
    assert result["msg"] == "Could not delete 2 of 4 batch tasks, the first of them c: x."


def test_every_choice_of_returned_is_tested() -> None:
    assert REPORTING["returned"].spec["choices"] == ["all", "failed", "none"]


def test_what_is_gone_is_counted() -> None:
    collector = Collector("absent")
    for position, outcome in enumerate([DELETED, ABSENT, UNCONFIRMED, FAILED, FAILED]):
        collector.add(position, of(outcome))
    assert collector.gone == 3
