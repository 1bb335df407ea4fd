# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""state: present beside the creation itself: tasks that exist, waiting for either, and predictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.create import ensure_present, run_present
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.definition import TaskDefinition
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import (
    CREATED,
    EXISTS,
    FAILED,
    Outcome,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError, RequestError
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.service_model import (
    UNREADABLE,
    Change,
    ServiceModel,
)

BODY: dict[str, Any] = {"task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["a", "b"]}
WISH = TaskDefinition("freeze_1", "freezeDevices", None, BODY)
PATIENT = RunOptions(wait=True, wait_timeout=100.0, wait_delay=5.0)


@pytest.fixture
def service() -> ServiceModel:
    return ServiceModel(Clock())


def ensure(service: ServiceModel, options: RunOptions = PATIENT, wish: TaskDefinition = WISH) -> Outcome:
    return ensure_present(service, wish, options, 0.0)


def predict(service: ServiceModel, options: RunOptions = PATIENT, wish: TaskDefinition = WISH) -> Outcome:
    return ensure(service, options._replace(dry_run=True), wish)


def test_a_new_task_is_waited_for(service: ServiceModel) -> None:
    service.statuses = ["Processing", "Success"]
    result = ensure(service)
    assert (result.outcome, result.changed, result.task.status) == (CREATED, True, "Success")
    assert [call for call, _when in service.made] == ["GET", "POST", "GET", "show", "show"]


def test_a_new_task_may_be_shown_late(service: ServiceModel) -> None:
    service.statuses = ["404", "404", "Processing", "Success"]
    assert ensure(service).task.status == "Success"


@pytest.mark.parametrize("statuses", [["Processing", "404"], ["404"]])
def test_a_task_that_was_shown_and_is_gone_was_deleted(service: ServiceModel, statuses: list[str]) -> None:
    if len(statuses) == 1:
        service.add(BODY)
    service.statuses = statuses
    result = ensure(service)
    assert (result.outcome, result.message) == (FAILED, "it was deleted during the wait")


def test_one_that_exists_is_waited_for(service: ServiceModel) -> None:
    service.add(BODY)
    service.statuses = ["Success"]
    result = ensure(service)
    assert (result.outcome, result.changed, result.task.status) == (EXISTS, False, "Success")


def test_nothing_is_waited_for_unless_asked(service: ServiceModel) -> None:
    assert ensure(service, RunOptions()).task.status == "Initializing"
    assert ensure(service, RunOptions()).outcome == EXISTS
    assert [call for call, _when in service.made] == ["GET", "POST", "GET", "GET"]


@pytest.mark.parametrize("there", [False, True])
def test_an_end_that_is_not_accepted_is_a_failure(service: ServiceModel, there: bool) -> None:
    if there:
        service.add(BODY)
    service.statuses = ["PartialSuccess"]
    result = ensure(service)
    assert (result.outcome, result.changed, result.waited) == (FAILED, not there, True)
    assert "it ended as PartialSuccess" in result.message
    assert [target["target"] for target in result.failed_targets] == ["b"]
    again = PATIENT._replace(accept=("Success", "PartialSuccess"))
    service.statuses = ["PartialSuccess"]
    assert ensure(service, again).outcome == EXISTS


def test_a_task_that_does_not_finish_in_time_is_a_failure(service: ServiceModel) -> None:
    service.statuses = ["Processing"] * 3
    result = ensure(service, RunOptions(wait=True, wait_timeout=0.0, wait_delay=5.0))
    assert (result.outcome, result.changed) == (FAILED, True)
    assert "did not finish within 0 s" in result.message
    assert result.task.task_id


def test_a_look_that_fails_is_a_failure_of_the_wait(service: ServiceModel) -> None:
    service.statuses = ["503"]
    result = ensure(service)
    assert (result.outcome, result.changed, result.waited) == (FAILED, True, True)
    assert result.details is not None
    assert result.details.http_status == 503


def test_a_failed_creation_is_not_waited_for(service: ServiceModel) -> None:
    service.pick = lambda position, options: options[-1]
    service.options = {"list again": list(UNREADABLE)}
    service.create = _silent  # type: ignore[method-assign] # of this one service
    assert ensure(service).outcome == FAILED


def _silent(body: Any) -> Any:
    raise UNREADABLE["timeout"]()


def test_differences_and_others_of_the_name_are_told(service: ServiceModel) -> None:
    for targets in (["a", "b"], ["b", "a"], ["c"]):
        service.add({**BODY, "targets": targets})
    for result in (ensure(service, RunOptions()), predict(service, RunOptions())):
        assert (result.outcome, result.changed, result.task.task_id) == (EXISTS, False, f"{3:024x}")
        assert result.warnings == (
            f"Batch task {3:024x} has the name freeze_1 and was not changed, although these fields differ from the "
            "options: targets.",
            "Several batch tasks of the type freezeDevices have the name freeze_1; the newest, "
            "000000000000000000000003, is returned.",
        )


@pytest.mark.parametrize("between", [0, 60])
def test_two_of_a_name_are_told(service: ServiceModel, between: int) -> None:
    service.add(BODY)
    for number in range(between):
        service.add({**BODY, "task_name": f"other_{number}"})
    service.add(BODY)
    (warning,) = ensure(service, RunOptions()).warnings
    assert warning.startswith("Several batch tasks of the type freezeDevices have the name freeze_1")


def test_no_more_is_read_than_shows_that_there_are_several(service: ServiceModel) -> None:
    for number in range(120):
        service.add({**BODY, "task_name": f"other_{number}"})
    service.add(BODY)
    service.add(BODY)
    assert ensure(service, RunOptions()).outcome == EXISTS
    assert len(service.made) == 1


def test_one_of_the_name_is_no_reason_for_a_warning(service: ServiceModel) -> None:
    service.add(BODY)
    assert ensure(service, RunOptions()).warnings == ()


def test_a_creation_is_predicted_by_reading(service: ServiceModel) -> None:
    result = predict(service)
    assert (result.outcome, result.changed, result.task.data, result.attempts) == (CREATED, True, BODY, 0)
    assert [call for call, _when in service.made] == ["GET"]


@pytest.mark.parametrize(
    ("status", "options", "outcome"),
    [
        ("Success", PATIENT, EXISTS),
        ("Fail", PATIENT, FAILED),
        ("Fail", RunOptions(), EXISTS),
        ("Processing", PATIENT, EXISTS),
    ],
)
def test_the_end_of_one_that_exists_is_predicted(
    service: ServiceModel, status: str, options: RunOptions, outcome: str
) -> None:
    service.add(BODY)["status"] = status
    result = predict(service, options)
    assert (result.outcome, result.changed) == (outcome, False)


def test_what_only_a_creation_needs_is_checked_only_before_one(service: ServiceModel) -> None:
    late = replace(WISH, begins=datetime.now(timezone.utc) - timedelta(hours=1))
    for run in (ensure, predict):
        with pytest.raises(ConfigurationError, match="is in the past"):
            run(service, RunOptions(), late)
    assert {call for call, _when in service.made} == {"GET"}
    service.add(BODY)
    for run in (ensure, predict):
        assert run(service, RunOptions(), late).outcome == EXISTS


def test_lists_that_cannot_be_read_at_first_are_an_error(service: ServiceModel) -> None:
    service.options = {"list": ["503"]}
    for run in (ensure, predict):
        with pytest.raises(RequestError):
            run(service)


# The module's result


def present(service: ServiceModel, dry_run: bool = False, **more: Any) -> dict[str, Any]:
    unset: dict[str, Any] = {name: option.get("default") for name, option in batch_task.ARGUMENT_SPEC.items()}
    options = {**unset, **BODY, "retry_timeout": 0.0, **more}
    return run_present(lambda: service, options, RunOptions(dry_run=dry_run), [].append)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_creation_is_shown_with_what_comes(service: ServiceModel, dry_run: bool) -> None:
    result = present(service, dry_run)
    assert (result["outcome"], result["changed"]) == (CREATED, True)
    assert result["diff"] == {"before": {}, "after": {"batch_task": BODY}}
    assert result["batch_task"] == (BODY if dry_run else {**BODY, "task_id": f"{1:024x}", "status": "Initializing"})


def test_a_task_that_exists_is_shown_and_makes_no_difference(service: ServiceModel) -> None:
    task = service.add(BODY)
    result = present(service)
    assert (result["outcome"], result["changed"], result["batch_task"]) == (EXISTS, False, task)
    assert result["diff"] == {"before": {}, "after": {}}


@pytest.mark.parametrize(("answer", "doubt"), [("timeout", True), ("403", False)])
def test_what_may_have_been_created_may_make_a_difference(service: ServiceModel, answer: str, doubt: bool) -> None:
    service.options = {"POST": [Change(acts=False, answer=answer)], "list again": ["503"]}
    result = present(service)
    assert (result["outcome"], result["failed"], result["changed"]) == (FAILED, True, doubt)
    assert "batch_task" not in result
    assert result["diff"]["after"] == ({"batch_task": BODY} if doubt else {})
