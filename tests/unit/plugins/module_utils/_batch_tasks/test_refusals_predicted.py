# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode: the outcomes that are predicted are those of the real run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service, refusal, reply, silence
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.deletions import (
    NO_TASK,
    ONE_BY_ONE,
    STATUSES,
    UNFINISHED,
    done,
    one,
    predict,
    run,
    running,
)

pytestmark = pytest.mark.usefixtures("clock")


def predicted(end: Any, plan: RunOptions = ONE_BY_ONE) -> Outcome:
    service = Service({("show", "a"): [end]})
    (outcome,) = predict(service, ["a"], plan)
    assert service.calls == [("show", "a")]
    return outcome


@pytest.mark.parametrize("status", ["Success", "Fail", "PartialSuccess", "Stopped"])
def test_finished_task_is_predicted_as_deleted(status: str) -> None:
    outcome = predicted(done(status))
    assert (outcome.outcome, outcome.attempts) == ("deleted", 0)
    assert outcome.result()["status"] == status


@pytest.mark.parametrize("end", [refusal(404, NO_TASK), refusal(404)], ids=["its code", "no body"])
def test_an_absent_task_is_predicted_to_be_absent(end: Any) -> None:
    outcome = predicted(end)
    assert (outcome.outcome, outcome.attempts) == ("absent", 0)


@pytest.mark.parametrize(
    "end", [refusal(404, "APIGW.0101"), refusal(404, body="other"), refusal(403, "APIGW.0302"), silence()], ids=str
)
def test_a_failure_is_predicted(end: Any) -> None:
    outcome = predicted(end)
    assert (outcome.outcome, outcome.message, outcome.attempts) == ("failed", str(end), 0)


@pytest.mark.parametrize(
    ("task_type", "plan", "outcome"),
    [
        ("freezeDevices", RunOptions(), "failed"),
        ("freezeDevices", RunOptions(force=True), "failed"),
        ("freezeDevices", RunOptions(wait=True), "deleted"),
        ("freezeDevices", RunOptions(wait=True, force=True), "deleted"),
        ("firmwareUpgrade", RunOptions(), "failed"),
        ("firmwareUpgrade", RunOptions(wait=True), "deleted"),
        ("firmwareUpgrade", RunOptions(force=True), "deleted"),
        ("softwareUpgrade", RunOptions(force=True), "deleted"),
    ],
)
@pytest.mark.parametrize("status", STATUSES)
def test_an_unfinished_task_is_predicted_by_the_plan(
    task_type: str, plan: RunOptions, outcome: str, status: str
) -> None:
    assert predicted(running(task_type, status), plan).outcome == outcome


def test_zero_wait_timeout_prediction_has_same_message() -> None:
    plan = RunOptions(wait=True, wait_timeout=0)
    really, _calls = one({"delete": [UNFINISHED], "show": [running()]}, plan)
    foretold = predicted(running(), plan)
    assert (foretold.outcome, foretold.message, foretold.hint) == ("failed", really.message, really.hint)


def test_unfinished_task_prediction_has_same_message() -> None:
    really, _calls = one({"delete": [UNFINISHED], "show": [running()]})
    foretold = predicted(running())
    assert (foretold.message, foretold.hint, foretold.attempts) == (really.message, really.hint, 0)


def test_predictions_are_in_the_order_of_the_ids() -> None:
    service = Service({("show", task_id): [refusal(404)] for task_id in "bca"})
    results = predict(service, ["b", "c", "a"], RunOptions())
    assert [outcome.task_id for outcome in results] == ["b", "c", "a"]


def test_prediction_gives_up_like_the_real_run() -> None:
    task_ids = [f"{number:x}" for number in range(12)]
    service = Service({("show", task_id): [silence()] for task_id in task_ids})
    results = predict(service, task_ids, ONE_BY_ONE)
    assert [outcome.outcome for outcome in results] == ["failed"] * 12
    assert len(service.calls) == 10


FATES: dict[str, dict[str, list[Any]]] = {
    "there": {"delete": [reply(204)], "show": [done()]},
    "absent": {"delete": [refusal(404, NO_TASK)], "show": [refusal(404, NO_TASK)]},
    "wrong host": {"delete": [refusal(404, body="other")], "show": [refusal(404, body="other")]},
    "running": {"delete": [UNFINISHED], "show": [running()]},
}


@given(st.lists(st.sampled_from(sorted(FATES)), max_size=15), st.integers(1, 5))
def test_prediction_agrees_with_the_real_run(fates: list[str], concurrency: int) -> None:
    task_ids = [f"{number:x}" for number in range(len(fates))]
    answers = {(verb, task_ids[n]): ends for n, fate in enumerate(fates) for verb, ends in FATES[fate].items()}
    plan = RunOptions(concurrency=concurrency)
    foretold = predict(Service(answers), task_ids, plan)
    really = run(Service(answers), plan, task_ids)
    assert [outcome.task_id for outcome in really] == task_ids
    assert [outcome.outcome for outcome in foretold] == [outcome.outcome for outcome in really]
