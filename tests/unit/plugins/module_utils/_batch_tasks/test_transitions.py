# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stop, retry and confirm: what shows after a lost answer that it was done, and what ends a wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import Run, RunOptions, verb_of
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import TargetResult
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import CancelledError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Clock,
    Service,
    acted,
    page,
    refusal,
    shown,
    silence,
)
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.deletions import NO_TASK, Lines

OPERATIONS = {"stopped": "stop", "retried": "retry", "confirmed": "confirm"}
ONE_BY_ONE = RunOptions(concurrency=1)
WAIT = RunOptions(concurrency=1, wait=True, wait_timeout=20, wait_delay=5)
GONE = refusal(404, NO_TASK)

Answers = Mapping[tuple[str, str], list[Any]]

pytestmark = pytest.mark.usefixtures("clock")


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


# --- what shows, after a lost answer, that a task was stopped, retried or confirmed

RUNS = upgrade("Processing", processing=3)
FAILED = upgrade("PartialSuccess", success=1, fail=2)
WAITS = waiting(waitting=3)
SHOWN = {
    "it stops": ("stopped", RUNS, upgrade("Stopping", processing=3)),
    "it has stopped": ("stopped", RUNS, upgrade("Stopped", stopped=3)),
    "it runs again": ("retried", FAILED, upgrade("Processing", success=1, processing=2)),
    "it waits to run again": ("retried", FAILED, upgrade("Waitting", success=1, waitting=2)),
    "it has run again": ("retried", FAILED, upgrade("PartialSuccess", success=2, fail=1)),
    "it has begun": ("confirmed", WAITS, waiting("Processing", processing=3)),
    "a part has begun": ("confirmed", WAITS, waiting("Processing", waitting=1, success=1, processing=1)),
}
NOT_SHOWN = {
    "nothing happened": ("stopped", RUNS, RUNS),
    "it can no longer be read": ("stopped", RUNS, silence()),
    "it was deleted": ("stopped", RUNS, GONE),
    "it failed again": ("retried", FAILED, FAILED),
    "a device was removed": ("retried", FAILED, upgrade("PartialSuccess", success=1, fail=1, removed=1)),
    "a failed device is gone": ("retried", FAILED, upgrade("PartialSuccess", success=1, fail=1)),
    "IoTDA itself retried": (
        "retried",
        upgrade("Processing", processing=1, fail=1, fail_wait_retry=2),
        upgrade("Processing", processing=3, fail=1),
    ),
    "what ran has failed": (
        "retried",
        upgrade("Processing", processing=1, fail=1),
        upgrade("PartialSuccess", success=1, fail=1),
    ),
    "what ran has succeeded": (
        "retried",
        upgrade("Processing", processing=1, fail=1),
        upgrade("Processing", success=1, fail=1),
    ),
    "nobody began": ("confirmed", WAITS, WAITS),
    "a waiting device was removed": ("confirmed", WAITS, waiting(waitting=2, removed=1)),
    "a waiting device was stopped": ("confirmed", WAITS, waiting(waitting=2, stopped=1)),
    "a waiting device has failed": ("confirmed", WAITS, waiting(waitting=2, fail=1)),
    "it was stopped": ("confirmed", WAITS, waiting("Stopped", stopped=3)),
    "one began, one was removed": ("confirmed", WAITS, waiting("Processing", waitting=1, removed=1, processing=1)),
    "its turn has come": (
        "confirmed",
        shown("a", "Waitting", "firmwareUpgrade", task_progress={"total": 3, "waitting": 3}),
        shown("a", "Processing", "firmwareUpgrade", task_progress={"total": 3, "processing": 3}),
    ),
    "no count is told": (
        "confirmed",
        shown("a", "Waitting", "firmwareUpgrade", need_confirm=True),
        shown("a", "Processing", "firmwareUpgrade", need_confirm=True),
    ),
}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("error", [silence(), refusal(504, ambiguous=True), refusal(200, body="other")], ids=str)
def test_what_only_the_request_can_have_caused_shows_it(name: str, error: Any) -> None:
    state, before, after = SHOWN[name]
    outcome, log = one(state, [before, after], [error])
    assert (outcome.outcome, outcome.changed, log.changes) == (state, True, [state])
    assert "the task shows that it was done" in outcome.warnings[0]


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_anything_else_leaves_a_doubt(name: str) -> None:
    state, before, after = NOT_SHOWN[name]
    outcome, log = one(state, [before, after, after], [silence()])
    assert (outcome.outcome, outcome.changed) == ("failed", True)
    assert log.changes == [f"{state}_unconfirmed"]
    assert "the task does not show whether it was done" in outcome.warnings[0]


@pytest.mark.parametrize("status", ["Success", "Fail", "PartialSuccess"])
def test_a_task_that_finishes_was_not_surely_stopped(status: str) -> None:
    outcome, log = one("stopped", [RUNS, upgrade(status, success=3)], [silence()])
    assert (outcome.outcome, outcome.changed, log.changes) == ("unchanged", True, ["stopped_unconfirmed"])
    assert f"the task has finished as {status}, and may or may not have been changed by it" in outcome.warnings[0]


def test_an_effect_may_be_seen_late(clock: Clock) -> None:
    outcome, _log = one("stopped", [RUNS, RUNS, upgrade("Stopping")], [silence()])
    assert (outcome.outcome, clock.slept) == ("stopped", [5])


@pytest.mark.parametrize("error", [refusal(403, "IOTDA.014218"), silence(ambiguous=False)], ids=str)
def test_what_surely_was_not_done_is_no_change(error: Any) -> None:
    outcome, log = one("stopped", [RUNS, RUNS], [error])
    assert (outcome.outcome, outcome.changed, log.changes) == ("failed", False, [])


def test_a_refusal_of_what_has_ended_since_is_no_failure() -> None:
    outcome, log = one("stopped", [RUNS, upgrade("Success", success=3)], [refusal(403, "IOTDA.014218")])
    assert (outcome.outcome, outcome.changed, log.changes) == ("unchanged", False, [])
    outcome, _log = one("retried", [FAILED, upgrade("Stopped")], [refusal(403, "IOTDA.014218")])
    assert outcome.outcome == "unchanged"
    assert "is Stopped and cannot be retried" in outcome.warnings[0]


# --- the same for single devices

DEVICES = {
    "stopped": ("stopped", RUNS, "Processing", "Stopped", True),
    "it had finished meanwhile": ("stopped", RUNS, "Processing", "Success", False),
    "it failed meanwhile": ("stopped", RUNS, "Processing", "Fail", False),
    "it was removed": ("stopped", RUNS, "Processing", "Removed", False),
    "it still runs": ("stopped", RUNS, "Processing", "Processing", False),
    "it runs again": ("retried", FAILED, "Fail", "Processing", True),
    "it ran again": ("retried", FAILED, "Stopped", "Success", True),
    "IoTDA itself retried it": (
        "retried",
        upgrade("Processing", fail_wait_retry=1),
        "FailWaitRetry",
        "Processing",
        False,
    ),
    "it failed again": ("retried", FAILED, "Fail", "Fail", False),
    "it is in the task no longer": ("retried", FAILED, "Fail", None, False),
    "it has begun": ("confirmed", WAITS, "Waitting", "Processing", True),
    "it was stopped": ("confirmed", WAITS, "Waitting", "Stopped", False),
    "its turn has come": ("confirmed", shown("a", "Waitting", "firmwareUpgrade"), "Waitting", "Processing", False),
}


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_shows_whether_it_was_done(name: str) -> None:
    state, task, before, after, is_shown = DEVICES[name]
    options = ONE_BY_ONE._replace(targets=["d"])
    outcome, log = one(state, [task], [silence()], options, d=[before, after])
    assert outcome.outcome == (state if is_shown else "failed")
    assert outcome.changed
    assert log.changes == [state if is_shown else f"{state}_unconfirmed"]
    assert bool(outcome.warnings) is not is_shown


def test_each_call_has_a_line_of_its_own() -> None:
    """Many devices are named in several calls, and the run can end between two of them."""
    targets = [f"d{number}" for number in range(150)]
    service = Service(
        {
            ("show", "a"): [WAITS],
            ("details", "a"): [page([{"target": one, "status": "Waitting"} for one in targets]), silence()],
            ("confirm", "a"): [acted(*(TargetResult(one, True) for one in targets[:100])), silence()],
        }
    )
    (outcome,), log = run(service, "confirmed", ONE_BY_ONE._replace(targets=targets))
    assert log.changes == ["confirmed", "confirmed_unconfirmed"]
    assert (outcome.outcome, outcome.changed, outcome.counts) == (
        "failed",
        True,
        {"targets_succeeded": 100, "targets_failed": 50},
    )


# --- waiting


def test_an_old_final_status_is_no_end() -> None:
    success = upgrade("Success", success=3)
    outcome, _log = one("retried", [FAILED, FAILED, FAILED, success], [acted()], WAIT)
    assert outcome.outcome == "retried"


def test_an_old_final_status_is_told_when_the_time_is_over() -> None:
    outcome, _log = one("retried", [FAILED] * 5, [acted()], WAIT)
    assert (outcome.outcome, outcome.waited, outcome.changed) == ("failed", True, True)
    assert outcome.message == "it still is PartialSuccess, as before; it did not finish within 20 s"


def test_the_same_status_with_other_devices_is_a_new_end() -> None:
    answers: Answers = {
        ("show", "a"): [FAILED, upgrade("PartialSuccess", success=2, fail=1)],
        ("retry", "a"): [acted()],
        ("details", "a"): [page([{"target": "d", "status": "Fail"}])],
    }
    (outcome,), _log = run(Service(answers), "retried", WAIT)
    assert outcome.message.startswith("it ended as PartialSuccess, 1 of 3 devices failed (the first that failed: d)")


def test_what_runs_and_fails_as_before_has_ended() -> None:
    answers: Answers = {
        ("show", "a"): [FAILED, upgrade("Processing", success=1, processing=2), FAILED],
        ("retry", "a"): [acted()],
        ("details", "a"): [page([])],
    }
    (outcome,), _log = run(Service(answers), "retried", WAIT)
    assert outcome.message.startswith("it ended as PartialSuccess")


@pytest.mark.parametrize("state", OPERATIONS)
def test_a_task_deleted_while_it_is_waited_for(state: str) -> None:
    before = {"stopped": RUNS, "retried": FAILED, "confirmed": WAITS}[state]
    outcome, _log = one(state, [before, GONE], [acted()], WAIT)
    assert (outcome.outcome, outcome.waited, outcome.changed) == ("failed", True, True)
    assert outcome.explanation == "it was deleted while it was waited for"


def test_a_gateway_s_404_while_waiting_is_not_taken_for_that() -> None:
    outcome, _log = one("stopped", [RUNS, refusal(404, "APIGW.0101")], [acted()], WAIT)
    assert "was not sent by IoTDA" in f"{outcome.hint}" or "endpoint" in f"{outcome.hint}"


def test_the_last_read_is_at_the_deadline(clock: Clock) -> None:
    outcome, _log = one("stopped", [RUNS] * 5 + [upgrade("Stopped")], [acted()], WAIT._replace(wait_timeout=22))
    assert (outcome.outcome, clock.slept) == ("stopped", [5, 5, 5, 5, 2])


def test_cancelling_ends_the_wait(clock: Clock) -> None:
    service = Service({("show", "a"): [RUNS], ("stop", "a"): [acted()]})
    service.cancellation.cancel("SIGINT was received")
    (outcome,), _log = run(service, "stopped", WAIT)
    assert outcome.message == "it is Processing, 0 of 3 devices done; waiting ended early, because SIGINT was received"


# --- many tasks

IDS = [f"{number:x}" for number in range(12)]


def test_ten_requests_in_a_row_are_enough() -> None:
    answers = {("show", one): [upgrade("Processing", one)] * 2 for one in IDS}
    service = Service({**answers, **{("stop", one): [refusal(500)] for one in IDS}})
    outcomes, _log = run(service, "stopped", task_ids=IDS)
    assert [verb for verb, _task_id in service.calls].count("stop") == 10
    assert [outcome.attempts for outcome in outcomes] == [1] * 10 + [0] * 2
    assert outcomes[-1].message == (
        "skipped: the previous 10 requests to stop failed because of the connection, the credentials or the service"
    )


def test_an_unforeseen_error_costs_no_other_outcome() -> None:
    class Faulty(Service):
        def act(self, action: str, task_id: str, targets: Sequence[str] = ()) -> Any:
            if task_id == "1":
                raise ValueError("hush")
            return super().act(action, task_id, targets)

    answers = {("show", one): [upgrade("Processing", one)] for one in IDS[:3]}
    service = Faulty({**answers, **{("stop", one): [acted()] for one in IDS[:3]}})
    outcomes, log = run(service, "stopped", task_ids=IDS[:3])
    assert [outcome.outcome for outcome in outcomes] == ["stopped", "failed", "stopped"]
    assert "an unexpected ValueError occurred" in outcomes[1].message
    assert outcomes[1].message.endswith("and the task may or may not have been stopped")
    assert log.changes == ["stopped", "stopped_unconfirmed", "stopped"]


def test_an_unforeseen_error_while_waiting_is_no_doubt_about_the_change() -> None:
    class Faulty(Service):
        def show(self, task_id: str) -> Any:
            if ("stop", "a") in self.calls:
                raise ValueError("hush")
            return super().show(task_id)

    (outcome,), log = run(Faulty({("show", "a"): [RUNS], ("stop", "a"): [acted()]}), "stopped", WAIT)
    assert (outcome.outcome, outcome.changed, outcome.waited) == ("failed", True, True)
    assert "may or may not" not in outcome.message
    assert log.changes == ["stopped"]


def test_a_dry_run_that_breaks_has_changed_nothing() -> None:
    class Faulty(Service):
        def show(self, task_id: str) -> Any:
            raise ValueError("hush")

    for state in (*OPERATIONS, "absent"):
        (outcome,), _log = run(Faulty(), state, ONE_BY_ONE._replace(dry_run=True))
        assert (outcome.outcome, outcome.changed, outcome.change) == ("failed", False, "")


def test_a_cancelled_run_sends_nothing_more() -> None:
    service = Service({("show", "a"): [CancelledError("SIGTERM was received")]})
    (outcome,), _log = run(service, "stopped")
    assert (outcome.outcome, outcome.changed) == ("failed", False)
