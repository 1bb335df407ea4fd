# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting an unfinished task: waiting until it has finished, and stopping it first."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import TargetResult
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, Service, acted, refusal, reply, shown, silence
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.deletions import (
    NO_TASK,
    STATUSES,
    UNFINISHED,
    done,
    logged,
    one,
    run,
    running,
)

UPGRADES = ["firmwareUpgrade", "softwareUpgrade"]

pytestmark = pytest.mark.usefixtures("clock")


# --- wait


def test_wait_polls_until_finished_and_then_deletes(clock: Clock) -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running(status="Waitting"), running(), running(), done("PartialSuccess")],
    }
    outcome, calls = one(answers, RunOptions(wait=True, wait_delay=7))
    assert (outcome.outcome, outcome.attempts) == ("deleted", 2)
    assert calls == ["delete", "show", "show", "show", "show", "delete"]
    assert clock.slept == [7, 7, 7]
    assert outcome.result()["status"] == "PartialSuccess"


def test_wait_ends_after_its_timeout(clock: Clock) -> None:
    outcome, _calls = one(
        {"delete": [UNFINISHED], "show": [running()] * 6}, RunOptions(wait=True, wait_timeout=22, wait_delay=5)
    )
    assert (outcome.outcome, sum(clock.slept), clock.slept[-1]) == ("failed", 22, 2)
    assert outcome.message.endswith("only a finished task can be deleted; it did not finish within 22 s")
    assert outcome.hint == "run it again later, or raise wait_timeout"


@pytest.mark.parametrize(("seconds", "reads"), [(0.4, 3), (0.6, 2), (1.0, 2), (1.1, 1)])
def test_last_round_of_reads_takes_one_second(clock: Clock, seconds: float, reads: int) -> None:
    """After ``wait_timeout``, no read begins more than a second late, however many tasks are left."""
    ids = ("a", "b", "c")
    service = Service({("delete", one): [UNFINISHED] for one in ids})
    shows: list[str] = []

    def show(task_id: str) -> Any:
        shows.append(task_id)
        if len(shows) > len(ids):
            clock.now += seconds
        return shown(task_id, "Processing")

    service.show = show  # type: ignore[method-assign]
    run(service, RunOptions(concurrency=1, wait=True, wait_timeout=10, wait_delay=10), ids)
    assert len(shows) == len(ids) + reads


def test_wait_timeout_is_shared_by_all_tasks(clock: Clock) -> None:
    answers: dict[tuple[str, str], list[Any]] = {}
    for task_id in ("a", "b", "c"):
        answers["delete", task_id] = [UNFINISHED]
        answers["show", task_id] = [shown(task_id, "Processing")] * 3
    results = run(Service(answers), RunOptions(wait=True, wait_timeout=10, wait_delay=5), ["a", "b", "c"])
    assert [outcome.outcome for outcome in results] == ["failed"] * 3
    assert sum(clock.slept) == 10


class SlowToShow(Service):
    """Lets time pass whenever a task is shown."""

    def __init__(self, clock: Clock, seconds: float, answers: dict[tuple[str, str], list[Any]]) -> None:
        super().__init__(answers)
        self._clock = clock
        self._seconds = seconds

    def show(self, task_id: str) -> Any:
        self._clock.now += self._seconds
        return super().show(task_id)


def test_wait_ends_if_a_read_outlasts_the_timeout(clock: Clock) -> None:
    service = SlowToShow(clock, 30, {("delete", "a"): [UNFINISHED], ("show", "a"): [running()] * 2})
    (outcome,) = run(service, RunOptions(wait=True, wait_timeout=10, wait_delay=1))
    assert (outcome.outcome, clock.slept) == ("failed", [1])


def test_last_polling_round_ends_soon_after_timeout(clock: Clock) -> None:
    answers: dict[tuple[str, str], list[Any]] = {("delete", task_id): [UNFINISHED] for task_id in "abcdef"}
    answers.update({("show", task_id): [shown(task_id, "Processing")] * 2 for task_id in "abcdef"})
    service = SlowToShow(clock, 3, answers)
    results = run(service, RunOptions(wait=True, wait_timeout=30, wait_delay=30, concurrency=1), list("abcdef"))
    assert [outcome.outcome for outcome in results] == ["failed"] * 6
    assert service.calls[-1] == ("show", "a")


def test_without_a_delay_it_does_not_flood_the_service(clock: Clock) -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running(), running(), done()]}
    one(answers, RunOptions(wait=True, wait_delay=0))
    assert clock.slept == [0.5, 0.5]


def test_a_wait_of_no_time_does_not_look_again(clock: Clock) -> None:
    outcome, calls = one({"delete": [UNFINISHED], "show": [running()]}, RunOptions(wait=True, wait_timeout=0))
    assert (outcome.outcome, calls, clock.slept) == ("failed", ["delete", "show"], [])


def test_without_wait_there_is_no_waiting(clock: Clock) -> None:
    one({"delete": [UNFINISHED], "show": [running()]})
    assert clock.slept == []


def test_a_task_that_vanishes_while_waiting_is_absent() -> None:
    outcome, _calls = one({"delete": [UNFINISHED], "show": [running(), refusal(404, NO_TASK)]}, RunOptions(wait=True))
    assert (outcome.outcome, outcome.attempts) == ("absent", 1)


def test_a_look_that_fails_while_waiting_is_a_failure() -> None:
    outcome, _calls = one({"delete": [UNFINISHED], "show": [running(), silence()]}, RunOptions(wait=True))
    assert (outcome.outcome, outcome.message) == ("failed", "iotda.example was silent")


def test_ambiguity_remains_if_read_fails_while_waiting() -> None:
    outcome, _calls = one(
        {"delete": [refusal(403, "IOTDA.014208", ambiguous=True)], "show": [running(), silence()]},
        RunOptions(wait=True),
    )
    assert outcome.outcome == "failed"
    assert outcome.message.endswith("and the task may or may not have been deleted")
    assert outcome.changed


def test_a_task_that_runs_again_is_waited_for_again() -> None:
    answers = {"delete": [UNFINISHED, UNFINISHED, reply(204)], "show": [running(), done(), running(), done()]}
    outcome, _calls = one(answers, RunOptions(wait=True))
    assert (outcome.outcome, outcome.attempts) == ("deleted", 3)


# --- force


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "Stopping"])
@pytest.mark.parametrize("task_type", UPGRADES)
def test_force_stops_an_upgrade_then_waits_and_deletes(task_type: str, status: str) -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running(task_type, status), running(task_type, "Stopping"), shown("a", "Stopped", task_type)],
        "stop": [acted()],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes) == ("deleted", ["stopped", "deleted"])
    assert one(answers, RunOptions(force=True))[1] == ["delete", "show", "stop", "show", "show", "delete"]


def test_force_does_not_touch_a_finished_task() -> None:
    assert one({"delete": [reply(204)]}, RunOptions(force=True))[1] == ["delete"]


@pytest.mark.parametrize("task_type", ["freezeDevices", "moduleUpgrade", "createCommands"])
def test_force_fails_for_a_type_that_cannot_be_stopped(task_type: str) -> None:
    outcome, calls = one({"delete": [UNFINISHED], "show": [running(task_type)]}, RunOptions(force=True))
    assert (outcome.outcome, calls) == ("failed", ["delete", "show"])
    assert f"a {task_type} task cannot be stopped" in (outcome.hint or "")


def test_force_with_wait_awaits_an_unstoppable_type() -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running(), done()]}
    outcome, calls = one(answers, RunOptions(force=True, wait=True))
    assert (outcome.outcome, "stop" in calls) == ("deleted", False)


def test_wait_without_force_stops_nothing() -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running("firmwareUpgrade"), done()]}
    assert "stop" not in one(answers, RunOptions(wait=True))[1]


def test_stopping_task_is_not_stopped_again() -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running("firmwareUpgrade", "Stopping"), done("Stopped")]}
    outcome, calls = one(answers, RunOptions(force=True))
    assert (outcome.outcome, "stop" in calls) == ("deleted", False)


def test_task_finished_before_its_stop_is_deleted() -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running("firmwareUpgrade"), done(), done()],
        "stop": [refusal(403, "IOTDA.014218")],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes) == ("deleted", ["deleted"])


def test_a_stop_of_a_task_that_is_gone_is_absent() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), refusal(404, NO_TASK)],
        "stop": [refusal(404, NO_TASK)],
    }
    assert one(answers, RunOptions(force=True))[0].outcome == "absent"


@pytest.mark.parametrize("ambiguous", [True, False])
@pytest.mark.parametrize(
    ("then", "expected"), [(refusal(404, NO_TASK), "absent"), (running("firmwareUpgrade"), "failed")]
)
def test_only_an_ambiguous_stop_is_a_change(then: Any, expected: str, ambiguous: bool) -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), then],
        "stop": [silence(ambiguous=ambiguous)],
    }
    outcome, _calls = one(answers, RunOptions(force=True))
    assert (outcome.outcome, outcome.changed) == (expected, ambiguous)


def test_refused_stop_names_the_missing_permission() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade")] * 2,
        "stop": [refusal(403, "APIGW.0302")],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes) == ("failed", [])
    assert outcome.message == "it could not be stopped: iotda.example answered 403"
    assert "iotda:batchtasks:stop" in (outcome.hint or "")


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "Stopping"])
def test_failed_stop_is_a_failure_for_any_task_status(status: str) -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), running("firmwareUpgrade", status)],
        "stop": [refusal(500, "IOTDA.000020")],
    }
    outcome, _calls = one(answers, RunOptions(force=True))
    assert (outcome.outcome, outcome.message) == ("failed", "it could not be stopped: iotda.example answered 500")


def test_ambiguous_stop_that_took_effect_is_a_stop() -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running("firmwareUpgrade"), running("firmwareUpgrade", "Stopping"), done("Stopped")],
        "stop": [silence()],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes) == ("deleted", ["stopped", "deleted"])


def test_stopped_task_with_wait_timeout_is_a_change() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade")] + [running("firmwareUpgrade", "Stopping")] * 3,
        "stop": [acted()],
    }
    outcome, _calls = one(answers, RunOptions(force=True, wait_timeout=10, wait_delay=5))
    assert outcome.outcome == "failed"
    assert outcome.changed


def test_stopped_task_with_failed_deletion_is_a_change() -> None:
    answers = {
        "delete": [UNFINISHED, refusal(401)],
        "show": [running("firmwareUpgrade"), done("Stopped")],
        "stop": [acted()],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes, outcome.changed) == ("failed", ["stopped"], True)


def test_stopped_task_with_failed_read_is_a_change() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), silence()],
        "stop": [acted()],
    }
    assert one(answers, RunOptions(force=True))[0].changed


# --- what the audit log says of a stop


def test_a_stop_that_never_acted_is_a_doubt() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), running("firmwareUpgrade"), running("firmwareUpgrade", "Waitting")],
        "stop": [refusal(504, ambiguous=True)],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, outcome.changed, changes) == ("failed", True, ["stopped_unconfirmed"])
    assert outcome.result()["status"] == "Waitting"


@pytest.mark.parametrize("first", [running("firmwareUpgrade"), silence()], ids=["it still runs", "it cannot be read"])
def test_the_effect_of_a_lost_stop_may_be_seen_late(clock: Clock, first: Any) -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running("firmwareUpgrade"), first, running("firmwareUpgrade", "Stopping"), done("Stopped")],
        "stop": [silence()],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes, clock.slept) == ("deleted", ["stopped", "deleted"], [5, 5])


def test_a_task_whose_stop_was_lost_is_waited_for_if_that_is_asked_for() -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [*[running("firmwareUpgrade")] * 4, done()],
        "stop": [silence()],
    }
    outcome, changes = logged(answers, RunOptions(force=True, wait=True))
    assert (outcome.outcome, changes) == ("deleted", ["stopped_unconfirmed", "deleted"])


def test_a_task_whose_stop_was_lost_and_that_cannot_be_read_fails_by_the_stop() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), silence(), silence()],
        "stop": [silence()],
    }
    outcome, changes = logged(answers, RunOptions(force=True, wait=True))
    assert (outcome.outcome, outcome.changed, changes) == ("failed", True, ["stopped_unconfirmed"])
    assert outcome.message == "it could not be stopped: iotda.example was silent"


def test_a_task_that_finished_meanwhile_was_not_surely_stopped() -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running("firmwareUpgrade"), done(), done()],
        "stop": [silence()],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, changes) == ("deleted", ["stopped_unconfirmed", "deleted"])


def test_a_lost_stop_of_a_task_that_is_gone_is_a_doubt() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), refusal(404, NO_TASK)],
        "stop": [silence()],
    }
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, outcome.changed, changes) == ("absent", True, ["stopped_unconfirmed"])


def test_a_stop_that_no_device_follows_is_no_stop() -> None:
    ends = [TargetResult("d1", False, "IOTDA.014219", "No."), TargetResult("d2", False)]
    answers = {"delete": [UNFINISHED], "show": [running("firmwareUpgrade")], "stop": [acted(*ends)]}
    outcome, changes = logged(answers, RunOptions(force=True))
    assert (outcome.outcome, outcome.changed, changes) == ("failed", False, [])
    assert outcome.message == (
        "it could not be stopped: 2 of 2 devices failed, the first of them d1 (IOTDA.014219: No.)"
    )


def test_a_task_that_was_started_again_is_not_stopped_twice() -> None:
    upgrade = running("firmwareUpgrade")
    answers = {
        "delete": [UNFINISHED, UNFINISHED, reply(204)],
        "show": [upgrade, done("Stopped"), upgrade, done()],
        "stop": [acted()],
    }
    outcome, calls = one(answers, RunOptions(force=True))
    assert (outcome.outcome, calls.count("stop")) == ("deleted", 1)


def test_ten_failed_stops_in_a_row_are_enough() -> None:
    ids = [f"{number:x}" for number in range(30)]
    answers: dict[tuple[str, str], list[Any]] = {}
    for task_id in ids:
        answers["delete", task_id] = [UNFINISHED]
        answers["show", task_id] = [shown(task_id, "Processing", "firmwareUpgrade")] * 2
        answers["stop", task_id] = [refusal(500)]
    service = Service(answers)
    results = run(service, RunOptions(force=True, concurrency=1), ids)
    assert [verb for verb, _task_id in service.calls].count("stop") == 10
    assert [outcome.outcome for outcome in results] == ["failed"] * 30
    assert "skipped: the previous 10 requests to stop" in results[-1].message
