# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From IDs to outcomes: the promises of batch_task, one by one, against a service whose answers are written."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import delete
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.delete import delete_tasks
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.delete_options import DeleteOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.predict import predict_deletions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import TaskResult
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    CancelledError,
    IamError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.tests.unit import fakes
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Clock,
    FakeCancellation,
    Service,
    refusal,
    reply,
    shown,
    silence,
)

ONE_BY_ONE = DeleteOptions(concurrency=1)
NO_TASK = "IOTDA.014201"
UPGRADES = ["firmwareUpgrade", "softwareUpgrade"]
STATUSES = ["Initializing", "Waitting", "Processing", "Stopping"]

UNFINISHED = refusal(403, "IOTDA.014208")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let waiting take no time."""
    clock = Clock()
    monkeypatch.setattr(delete, "time", clock.as_time_module())
    monkeypatch.setattr(fakes, "Cancellation", lambda: FakeCancellation(clock))
    return clock


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


def predicted(end: Any, plan: DeleteOptions = ONE_BY_ONE) -> TaskResult:
    service = Service({("show", "a"): [end]})
    (outcome,) = predict(service, ["a"], plan)
    assert service.calls == [("show", "a")]
    return outcome


def running(task_type: str = "freezeDevices", status: str = "Processing", **more: Any) -> Any:
    return shown("a", status, task_type, **more)


def done(status: str = "Success") -> Any:
    return shown("a", status)


# --- 204 is deleted, IoTDA's 404 is absent, and one ID costs one request


def test_204_is_deleted_in_one_request() -> None:
    outcome, calls = one({"delete": [reply(204, X_Request_Id="r1")]})
    assert (outcome.outcome, outcome.attempts, calls) == ("deleted", 1, ["delete"])
    assert outcome.details
    assert (outcome.details.http_status, outcome.details.request_id) == (204, "r1")


@pytest.mark.parametrize("end", [refusal(404, NO_TASK), refusal(404)], ids=["its code", "no body"])
def test_404_of_iotda_means_absent(end: Any) -> None:
    outcome, calls = one({"delete": [end]})
    assert (outcome.outcome, outcome.attempts, calls) == ("absent", 1, ["delete"])
    assert not outcome.changed


@pytest.mark.parametrize(
    "end",
    [refusal(404, "APIGW.0101"), refusal(404, "APIG.0101"), refusal(404, "IOTDA.000029"), refusal(404, body="other")],
    ids=["gateway", "old gateway", "wrong path", "page"],
)
def test_any_other_404_is_a_failure_naming_its_origin(end: Any) -> None:
    outcome, calls = one({"delete": [end]})
    assert (outcome.outcome, calls) == ("failed", ["delete"])
    assert outcome.message == str(end)
    assert "endpoint" in (outcome.hint or "")


# --- a 404 after an attempt whose fate is unknown


def test_404_after_ambiguity_is_an_unconfirmed_change() -> None:
    outcome, _calls = one({"delete": [refusal(404, NO_TASK, attempts=2, ambiguous=True)]})
    assert (outcome.outcome, outcome.attempts) == ("deleted_unconfirmed", 2)
    assert outcome.changed


def test_a_204_after_an_ambiguous_attempt_is_deleted() -> None:
    assert one({"delete": [reply(204, attempts=2, ambiguous=True)]})[0].outcome == "deleted"


def test_gateway_404_after_a_lost_attempt_is_ambiguous() -> None:
    outcome, _calls = one({"delete": [refusal(404, "APIGW.0101", ambiguous=True)]})
    assert outcome.outcome == "failed"
    assert outcome.message.endswith("and the task may or may not have been deleted")


def test_ambiguity_from_before_a_wait_counts_after_it() -> None:
    outcome, _calls = one(
        {
            "delete": [refusal(403, "IOTDA.014208", attempts=2, ambiguous=True), refusal(404, NO_TASK)],
            "show": [running(), done()],
        },
        DeleteOptions(wait=True),
    )
    assert (outcome.outcome, outcome.attempts) == ("deleted_unconfirmed", 3)


def test_ambiguous_refusal_of_gone_task_is_unconfirmed() -> None:
    outcome, _calls = one(
        {"delete": [refusal(403, "IOTDA.014208", attempts=2, ambiguous=True)], "show": [refusal(404, NO_TASK)]}
    )
    assert outcome.outcome == "deleted_unconfirmed"


def test_a_refusal_whose_task_is_gone_is_absent() -> None:
    outcome, calls = one({"delete": [UNFINISHED], "show": [refusal(404, NO_TASK)]})
    assert (outcome.outcome, calls) == ("absent", ["delete", "show"])


# --- refused because unfinished: decided by showing the task


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    "end", [refusal(400, "IOTDA.0"), refusal(403, "X.1"), refusal(409), refusal(500, "IOTDA.1")], ids=str
)
def test_unfinished_status_is_reported_for_any_code(status: str, end: Any) -> None:
    outcome, calls = one({"delete": [end], "show": [running(status=status)]})
    assert (outcome.outcome, calls) == ("failed", ["delete", "show"])
    assert outcome.message == f"it is {status}, and only a finished task can be deleted"
    assert outcome.details == end.details
    assert outcome.result()["status"] == status


@pytest.mark.parametrize("total", [True, -1, "3", 10**4000, None])
def test_progress_that_is_no_count_is_not_reported(total: Any) -> None:
    task = running(task_progress={"total": total, "success": 10**4000})
    outcome, _calls = one({"delete": [UNFINISHED], "show": [task]})
    assert outcome.message == "it is Processing, and only a finished task can be deleted"


def test_odd_text_of_the_service_is_kept_on_one_line() -> None:
    task = running("freeze\nDevices" + "x" * 1000, "Proc\x1b[31m\nNEXT" + "y" * 1000)
    outcome, _calls = one({"delete": [UNFINISHED], "show": [task]})
    assert outcome.message.startswith("it is Proc [31m ...")
    assert (outcome.message + str(outcome.hint)).isprintable()
    assert len(outcome.message + str(outcome.hint)) < 250


def test_an_unfinished_task_fails_with_its_progress() -> None:
    progress = {"total": 10, "success": 2, "fail": 1, "processing": 7}
    outcome, _calls = one({"delete": [UNFINISHED], "show": [running(task_progress=progress)]})
    assert outcome.message == "it is Processing, 3 of 10 devices done, and only a finished task can be deleted"


@pytest.mark.parametrize(
    ("task_type", "words"),
    [
        ("freezeDevices", "set wait to delete it once it has finished, since a freezeDevices task cannot be stopped"),
        ("moduleUpgrade", "since a moduleUpgrade task cannot be stopped"),
        ("firmwareUpgrade", "or force to stop it first"),
        ("softwareUpgrade", "or force to stop it first"),
    ],
)
def test_an_unfinished_task_fails_with_what_would_help(task_type: str, words: str) -> None:
    outcome, _calls = one({"delete": [UNFINISHED], "show": [running(task_type)]})
    assert words in (outcome.hint or "")


@pytest.mark.parametrize("status", ["Success", "Fail", "PartialSuccess", "Stopped"])
def test_task_that_finished_meanwhile_is_deleted(status: str) -> None:
    outcome, calls = one({"delete": [UNFINISHED, reply(204)], "show": [done(status)]})
    assert (outcome.outcome, outcome.attempts, calls) == ("deleted", 2, ["delete", "show", "delete"])


def test_finished_task_refused_twice_reports_refusal() -> None:
    no = refusal(403, "IOTDA.000022")
    outcome, calls = one({"delete": [no, no], "show": [done(), done()]})
    assert (outcome.outcome, outcome.attempts) == ("failed", 2)
    assert calls == ["delete", "show", "delete", "show"]
    assert "iotda:batchtasks:delete" in (outcome.hint or "")
    assert outcome.result()["status"] == "Success"


@pytest.mark.parametrize("status", [500, 503])
def test_no_second_deletion_after_an_ambiguous_refusal(status: int) -> None:
    outcome, calls = one({"delete": [refusal(status, "IOTDA.000020", ambiguous=True)], "show": [done()]})
    assert (outcome.outcome, calls) == ("failed", ["delete", "show"])


@pytest.mark.parametrize("status", [200, 202, 299])
def test_unexpected_success_is_checked_by_reading(status: int) -> None:
    other = refusal(status, body="empty", ambiguous=True)
    absent_result, calls = one({"delete": [other], "show": [refusal(404, NO_TASK)]})
    assert (absent_result.outcome, calls) == ("deleted_unconfirmed", ["delete", "show"])
    there, calls = one({"delete": [other], "show": [done()]})
    assert (there.outcome, calls) == ("failed", ["delete", "show"])


@pytest.mark.parametrize("status", [200, 202, 299])
def test_success_page_of_a_proxy_is_checked(status: int) -> None:
    page = refusal(status, body="other")
    absent_result, calls = one({"delete": [page], "show": [refusal(404, NO_TASK)]})
    assert (absent_result.outcome, calls) == ("deleted_unconfirmed", ["delete", "show"])
    unread, calls = one({"delete": [page], "show": [page]})
    assert (unread.outcome, unread.ambiguous, calls) == ("failed", False, ["delete", "show"])


def test_refusal_is_reported_if_task_cannot_be_read() -> None:
    outcome, _calls = one({"delete": [UNFINISHED], "show": [silence()]})
    assert outcome.outcome == "failed"
    assert outcome.details == UNFINISHED.details


@pytest.mark.parametrize(
    "end",
    [
        refusal(401, "APIGW.0301"),
        refusal(407),
        refusal(408),
        refusal(429, "APIGW.0308"),
        refusal(503),
        refusal(300),
        refusal(399),
    ]
    + [refusal(500, "APIGW.0201"), refusal(403, "APIGW.0302"), silence()],
    ids=str,
)
def test_failure_unrelated_to_task_causes_no_read(end: Any) -> None:
    outcome, calls = one({"delete": [end]})
    assert (outcome.outcome, calls) == ("failed", ["delete"])


# --- wait


def test_wait_polls_until_finished_and_then_deletes(clock: Clock) -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running(status="Waitting"), running(), running(), done("PartialSuccess")],
    }
    outcome, calls = one(answers, DeleteOptions(wait=True, wait_delay=7))
    assert (outcome.outcome, outcome.attempts) == ("deleted", 2)
    assert calls == ["delete", "show", "show", "show", "show", "delete"]
    assert clock.slept == [7, 7, 7]
    assert outcome.result()["status"] == "PartialSuccess"


def test_wait_ends_after_its_timeout(clock: Clock) -> None:
    outcome, _calls = one(
        {"delete": [UNFINISHED], "show": [running()] * 6}, DeleteOptions(wait=True, wait_timeout=22, wait_delay=5)
    )
    assert (outcome.outcome, sum(clock.slept), clock.slept[-1]) == ("failed", 22, 2)
    assert outcome.message.endswith("only a finished task can be deleted; it did not finish within 22 s")
    assert outcome.hint == "run it again later, or raise wait_timeout"


def test_wait_timeout_is_shared_by_all_tasks(clock: Clock) -> None:
    answers: dict[tuple[str, str], list[Any]] = {}
    for task_id in ("a", "b", "c"):
        answers["delete", task_id] = [UNFINISHED]
        answers["show", task_id] = [shown(task_id, "Processing")] * 3
    results = run(Service(answers), DeleteOptions(wait=True, wait_timeout=10, wait_delay=5), ["a", "b", "c"])
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
    (outcome,) = run(service, DeleteOptions(wait=True, wait_timeout=10, wait_delay=1))
    assert (outcome.outcome, clock.slept) == ("failed", [1])


def test_last_polling_round_ends_soon_after_timeout(clock: Clock) -> None:
    answers: dict[tuple[str, str], list[Any]] = {("delete", task_id): [UNFINISHED] for task_id in "abcdef"}
    answers.update({("show", task_id): [shown(task_id, "Processing")] * 2 for task_id in "abcdef"})
    service = SlowToShow(clock, 3, answers)
    results = run(service, DeleteOptions(wait=True, wait_timeout=30, wait_delay=30, concurrency=1), list("abcdef"))
    assert [outcome.outcome for outcome in results] == ["failed"] * 6
    assert service.calls[-1] == ("show", "a")


def test_without_a_delay_it_does_not_flood_the_service(clock: Clock) -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running(), running(), done()]}
    one(answers, DeleteOptions(wait=True, wait_delay=0))
    assert clock.slept == [0.5, 0.5]


def test_a_wait_of_no_time_does_not_look_again(clock: Clock) -> None:
    outcome, calls = one({"delete": [UNFINISHED], "show": [running()]}, DeleteOptions(wait=True, wait_timeout=0))
    assert (outcome.outcome, calls, clock.slept) == ("failed", ["delete", "show"], [])


def test_without_wait_there_is_no_waiting(clock: Clock) -> None:
    one({"delete": [UNFINISHED], "show": [running()]})
    assert clock.slept == []


def test_a_task_that_vanishes_while_waiting_is_absent() -> None:
    outcome, _calls = one(
        {"delete": [UNFINISHED], "show": [running(), refusal(404, NO_TASK)]}, DeleteOptions(wait=True)
    )
    assert (outcome.outcome, outcome.attempts) == ("absent", 1)


def test_a_look_that_fails_while_waiting_is_a_failure() -> None:
    outcome, _calls = one({"delete": [UNFINISHED], "show": [running(), silence()]}, DeleteOptions(wait=True))
    assert (outcome.outcome, outcome.message) == ("failed", "iotda.example was silent")


def test_ambiguity_remains_if_read_fails_while_waiting() -> None:
    outcome, _calls = one(
        {"delete": [refusal(403, "IOTDA.014208", ambiguous=True)], "show": [running(), silence()]},
        DeleteOptions(wait=True),
    )
    assert outcome.outcome == "failed"
    assert outcome.message.endswith("and the task may or may not have been deleted")
    assert outcome.changed


def test_a_task_that_runs_again_is_waited_for_again() -> None:
    answers = {"delete": [UNFINISHED, UNFINISHED, reply(204)], "show": [running(), done(), running(), done()]}
    outcome, _calls = one(answers, DeleteOptions(wait=True))
    assert (outcome.outcome, outcome.attempts) == ("deleted", 3)


# --- force


@pytest.mark.parametrize("task_type", UPGRADES)
def test_force_stops_an_upgrade_then_waits_and_deletes(task_type: str) -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running(task_type), running(task_type, "Stopping"), shown("a", "Stopped", task_type)],
        "stop": [reply(200)],
    }
    outcome, calls = one(answers, DeleteOptions(force=True))
    assert (outcome.outcome, outcome.stopped) == ("deleted", True)
    assert calls == ["delete", "show", "stop", "show", "show", "delete"]


def test_force_does_not_touch_a_finished_task() -> None:
    assert one({"delete": [reply(204)]}, DeleteOptions(force=True))[1] == ["delete"]


@pytest.mark.parametrize("task_type", ["freezeDevices", "moduleUpgrade", "createCommands"])
def test_force_fails_for_a_type_that_cannot_be_stopped(task_type: str) -> None:
    outcome, calls = one({"delete": [UNFINISHED], "show": [running(task_type)]}, DeleteOptions(force=True))
    assert (outcome.outcome, calls) == ("failed", ["delete", "show"])
    assert f"a {task_type} task cannot be stopped" in (outcome.hint or "")


def test_force_with_wait_awaits_an_unstoppable_type() -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running(), done()]}
    outcome, calls = one(answers, DeleteOptions(force=True, wait=True))
    assert (outcome.outcome, "stop" in calls) == ("deleted", False)


def test_wait_without_force_stops_nothing() -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running("firmwareUpgrade"), done()]}
    assert "stop" not in one(answers, DeleteOptions(wait=True))[1]


def test_stopping_task_is_not_stopped_again() -> None:
    answers = {"delete": [UNFINISHED, reply(204)], "show": [running("firmwareUpgrade", "Stopping"), done("Stopped")]}
    outcome, calls = one(answers, DeleteOptions(force=True))
    assert (outcome.outcome, outcome.stopped, "stop" in calls) == ("deleted", False, False)


def test_task_finished_before_its_stop_is_deleted() -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running("firmwareUpgrade"), done(), done()],
        "stop": [refusal(403, "IOTDA.014218")],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True))
    assert (outcome.outcome, outcome.stopped) == ("deleted", False)


def test_a_stop_of_a_task_that_is_gone_is_absent() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), refusal(404, NO_TASK)],
        "stop": [refusal(404, NO_TASK)],
    }
    assert one(answers, DeleteOptions(force=True))[0].outcome == "absent"


@pytest.mark.parametrize("ambiguous", [True, False])
def test_ambiguous_stop_of_absent_task_is_a_change(ambiguous: bool) -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), refusal(404, NO_TASK)],
        "stop": [silence(ambiguous=ambiguous)],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True))
    assert outcome.outcome == "absent"
    assert outcome.changed is ambiguous


def test_refused_stop_names_the_missing_permission() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade")] * 2,
        "stop": [refusal(403, "APIGW.0302")],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True))
    assert (outcome.outcome, outcome.stopped) == ("failed", False)
    assert outcome.message == "it could not be stopped: iotda.example answered 403"
    assert "iotda:batchtasks:stop" in (outcome.hint or "")


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "Stopping"])
def test_failed_stop_is_a_failure_for_any_task_status(status: str) -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), running("firmwareUpgrade", status)],
        "stop": [refusal(500, "IOTDA.000020")],
    }
    assert one(answers, DeleteOptions(force=True))[0].outcome == "failed"


@pytest.mark.parametrize("ambiguous", [True, False])
def test_ambiguous_stop_of_running_task_is_a_change(ambiguous: bool) -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade")] * 2,
        "stop": [silence(ambiguous=ambiguous)],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True))
    assert outcome.outcome == "failed"
    assert outcome.changed is ambiguous


def test_ambiguous_stop_that_took_effect_is_a_stop() -> None:
    answers = {
        "delete": [UNFINISHED, reply(204)],
        "show": [running("firmwareUpgrade"), running("firmwareUpgrade", "Stopping"), done("Stopped")],
        "stop": [silence()],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True))
    assert (outcome.outcome, outcome.stopped) == ("deleted", True)


def test_stopped_task_with_wait_timeout_is_a_change() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade")] + [running("firmwareUpgrade", "Stopping")] * 3,
        "stop": [reply(200)],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True, wait_timeout=10, wait_delay=5))
    assert outcome.outcome == "failed"
    assert outcome.changed


def test_stopped_task_with_failed_deletion_is_a_change() -> None:
    answers = {
        "delete": [UNFINISHED, refusal(401)],
        "show": [running("firmwareUpgrade"), done("Stopped")],
        "stop": [reply(200)],
    }
    outcome, _calls = one(answers, DeleteOptions(force=True))
    assert (outcome.outcome, outcome.stopped, outcome.changed) == ("failed", True, True)


def test_stopped_task_with_failed_read_is_a_change() -> None:
    answers = {
        "delete": [UNFINISHED],
        "show": [running("firmwareUpgrade"), silence()],
        "stop": [reply(200)],
    }
    assert one(answers, DeleteOptions(force=True))[0].changed


# --- many


def test_outcomes_are_in_the_order_of_the_ids() -> None:
    answers: dict[tuple[str, str], list[Any]] = {
        ("delete", "b"): [UNFINISHED, reply(204)],
        ("show", "b"): [shown("b", "Processing"), shown("b", "Success")],
        ("delete", "a"): [refusal(404, NO_TASK)],
        ("delete", "c"): [reply(204)],
    }
    results = run(Service(answers), DeleteOptions(wait=True), ["b", "a", "c"])
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
    assert run(service, DeleteOptions(), []) == []
    assert predict(service, [], DeleteOptions()) == []
    assert service.calls == []


def test_outcome_includes_known_task_properties() -> None:
    known = {"task_name": "n", "status": "Success"}
    (outcome,) = run(Service({("delete", "a"): [reply(204)]}), DeleteOptions(), known=lambda _position: known)
    assert outcome.result()["task_name"] == "n"


@pytest.mark.parametrize(("chosen", "now"), [("Success", "Fail"), ("Fail", "Success")])
def test_task_that_ran_again_since_selection_is_kept(chosen: str, now: str) -> None:
    service = Service({("delete", "a"): [UNFINISHED], ("show", "a"): [done(now)]})
    (outcome,) = run(service, DeleteOptions(), known=lambda _position: {"status": chosen})
    assert (outcome.outcome, outcome.message) == ("failed", f"it was {chosen} when it was selected, and is {now} now")


def test_task_unchanged_since_selection_is_deleted() -> None:
    status = "".join(["Suc", "cess"])  # another object than that of the answer, as in reality
    service = Service({("delete", "a"): [UNFINISHED, reply(204)], ("show", "a"): [done()]})
    (outcome,) = run(service, DeleteOptions(), known=lambda _position: {"status": status})
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
    run(crowd, DeleteOptions(concurrency=concurrency), [f"{number:x}" for number in range(12)])
    assert crowd.most == expected


def test_default_delete_options() -> None:
    assert (DeleteOptions().concurrency, DeleteOptions().wait, DeleteOptions().force) == (10, False, False)
    assert (DeleteOptions().wait_timeout, DeleteOptions().wait_delay) == (600, 5)


# --- a service that cannot be reached at all


@pytest.mark.parametrize(
    "end",
    [silence(), refusal(401, "APIGW.0301"), refusal(407), refusal(429), refusal(500), refusal(503)]
    + [IamError("login", TransportError("no", "dns"))],
    ids=str,
)
def test_rest_is_skipped_after_ten_failures_in_a_row(end: Any) -> None:
    task_ids = [f"{number:x}" for number in range(12)]
    service = Service({("delete", task_id): [end] for task_id in task_ids})
    results = run(service, ONE_BY_ONE, task_ids)
    assert [outcome.outcome for outcome in results] == ["failed"] * 12
    assert [outcome.attempts for outcome in results[10:]] == [0, 0]
    assert results[11].message == (
        "skipped: the previous 10 tasks failed because of the connection, credentials or service"
    )
    assert len(service.calls) == 10


@pytest.mark.parametrize(
    "end", [reply(204), refusal(404, NO_TASK), refusal(403, "APIGW.0302"), refusal(408, "APIGW.0101")], ids=str
)
def test_any_other_answer_starts_the_count_anew(end: Any) -> None:
    task_ids = [f"{number:x}" for number in range(19)]
    service = Service({("delete", task_id): [silence()] for task_id in task_ids})
    service._answers["delete", "9"] = [end]
    run(service, ONE_BY_ONE, task_ids)
    assert len(service.calls) == 19


def test_prediction_gives_up_like_the_real_run() -> None:
    task_ids = [f"{number:x}" for number in range(12)]
    service = Service({("show", task_id): [silence()] for task_id in task_ids})
    results = predict(service, task_ids, ONE_BY_ONE)
    assert [outcome.outcome for outcome in results] == ["failed"] * 12
    assert len(service.calls) == 10


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

    results = run(Faulty({("delete", task_id): [reply(204)] for task_id in "ac"}), DeleteOptions(), ["a", "b", "c"])
    assert [outcome.outcome for outcome in results] == ["deleted", "failed", "deleted"]
    assert re.fullmatch(
        r"an unexpected RuntimeError occurred \(test_delete.py, line \d+\), "
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
    results = run(BrokenLater(answers), DeleteOptions(wait=True), ["a", "b"])
    assert [outcome.outcome for outcome in results] == ["deleted", "failed"]


class BrokenLater(Service):
    """Breaks, otherwise than by an answer, when the task ``b`` is shown for the second time."""

    def show(self, task_id: str) -> Any:
        if ("show", "b") in self.calls and task_id == "b":
            raise ValueError("hush")
        return super().show(task_id)


# --- check mode


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
        ("freezeDevices", DeleteOptions(), "failed"),
        ("freezeDevices", DeleteOptions(force=True), "failed"),
        ("freezeDevices", DeleteOptions(wait=True), "deleted"),
        ("freezeDevices", DeleteOptions(wait=True, force=True), "deleted"),
        ("firmwareUpgrade", DeleteOptions(), "failed"),
        ("firmwareUpgrade", DeleteOptions(wait=True), "deleted"),
        ("firmwareUpgrade", DeleteOptions(force=True), "deleted"),
        ("softwareUpgrade", DeleteOptions(force=True), "deleted"),
    ],
)
@pytest.mark.parametrize("status", STATUSES)
def test_an_unfinished_task_is_predicted_by_the_plan(
    task_type: str, plan: DeleteOptions, outcome: str, status: str
) -> None:
    assert predicted(running(task_type, status), plan).outcome == outcome


def test_zero_wait_timeout_prediction_has_same_message() -> None:
    plan = DeleteOptions(wait=True, wait_timeout=0)
    really, _calls = one({"delete": [UNFINISHED], "show": [running()]}, plan)
    foretold = predicted(running(), plan)
    assert (foretold.outcome, foretold.message, foretold.hint) == ("failed", really.message, really.hint)


def test_unfinished_task_prediction_has_same_message() -> None:
    really, _calls = one({"delete": [UNFINISHED], "show": [running()]})
    foretold = predicted(running())
    assert (foretold.message, foretold.hint, foretold.attempts) == (really.message, really.hint, 0)


def test_predictions_are_in_the_order_of_the_ids() -> None:
    service = Service({("show", task_id): [refusal(404)] for task_id in "bca"})
    results = predict(service, ["b", "c", "a"], DeleteOptions())
    assert [outcome.task_id for outcome in results] == ["b", "c", "a"]


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
    plan = DeleteOptions(concurrency=concurrency)
    foretold = predict(Service(answers), task_ids, plan)
    really = run(Service(answers), plan, task_ids)
    assert [outcome.task_id for outcome in really] == task_ids
    assert [outcome.outcome for outcome in foretold] == [outcome.outcome for outcome in really]


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
    (result,) = run(service, DeleteOptions(wait=True, wait_timeout=600))
    assert result.outcome == "failed"
    assert result.message.endswith("; waiting ended early, because SIGINT was received")
    assert clock.slept == []
