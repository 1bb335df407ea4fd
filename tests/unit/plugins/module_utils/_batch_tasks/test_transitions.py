# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stop, retry and confirm: what shows after a lost answer that it was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import TargetResult
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
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.transitions import (
    FAILED,
    GONE,
    ONE_BY_ONE,
    OPERATIONS,
    RUNS,
    WAIT,
    WAITS,
    one,
    run,
    upgrade,
    waiting,
)

pytestmark = pytest.mark.usefixtures("clock")


# --- when there is something to do

STATUSES = ("Initializing", "Waitting", "Processing", "Stopping", "Success", "Fail", "PartialSuccess", "Stopped")
THROUGH = ("Success", "Fail", "PartialSuccess", "Stopped", "Stopping")
LEFT_ALONE = {
    "stopped": THROUGH,
    "retried": ("Initializing", "Waitting", "Success", "Stopped", "Stopping"),
    "confirmed": ("Initializing", *THROUGH),
}
WARNED_OF = [("retried", "Stopped"), ("retried", "Stopping"), ("confirmed", "Initializing")]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("state", LEFT_ALONE)
@pytest.mark.parametrize("dry_run", [False, True])
def test_the_status_tells_if_there_is_something_to_do(state: str, status: str, dry_run: bool) -> None:
    task = waiting(status, waitting=1, fail=1, success=1)
    alone = status in LEFT_ALONE[state]
    outcome, _log = one(state, [task], [] if alone or dry_run else [acted()], ONE_BY_ONE._replace(dry_run=dry_run))
    assert (outcome.outcome, outcome.changed) == (("unchanged", False) if alone else (state, True))
    assert bool(outcome.warnings) == ((state, status) in WARNED_OF)


def test_a_task_without_such_devices_is_left_alone() -> None:
    outcome, _log = one("retried", [upgrade("PartialSuccess", success=2, removed=1)], [])
    assert (outcome.outcome, outcome.warnings) == ("unchanged", ())
    outcome, _log = one("retried", [upgrade("Fail", success=0)], [])
    assert "failed as a whole, and has no device to retry" in outcome.warnings[0]
    assert one("confirmed", [waiting("Processing", processing=3)], [])[0].outcome == "unchanged"
    assert one("confirmed", [upgrade("Processing", waitting=3)], [])[0].outcome == "unchanged"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("stopped", "only firmwareUpgrade, softwareUpgrade can be stopped; wait until it has finished"),
        ("retried", "only firmwareUpgrade, softwareUpgrade can be retried; create a new task for the devices that"),
        ("confirmed", "only firmwareUpgrade, softwareUpgrade, moduleUpgrade can be confirmed; it starts without"),
    ],
)
def test_a_task_of_another_type_is_refused(state: str, words: str) -> None:
    task = shown("a", "Processing", "createCommands", task_progress={"total": 3, "fail": 1})
    outcome, _log = one(state, [task], [])
    assert (outcome.outcome, outcome.changed) == ("failed", False)
    assert outcome.explanation.startswith(f"it is a createCommands task (Processing, 1 of 3 devices done), and {words}")


@pytest.mark.parametrize("state", OPERATIONS)
def test_a_task_that_does_not_exist_fails(state: str) -> None:
    assert one(state, [GONE], [])[0].explanation == "it does not exist; check task_id"
    outcome, _log = one(state, [silence()], [])
    assert (outcome.outcome, outcome.message) == ("failed", "iotda.example was silent")


# --- what shows, after a lost answer, that a task was stopped, retried or confirmed

SHOWN = {
    "it stops": ("stopped", RUNS, upgrade("Stopping", processing=3)),
    "it has stopped": ("stopped", RUNS, upgrade("Stopped", stopped=3)),
    "it runs again": ("retried", FAILED, upgrade("Processing", success=1, processing=2)),
    "it waits to run again": ("retried", FAILED, upgrade("Waitting", success=1, waitting=2)),
    "it has run again": ("retried", FAILED, upgrade("PartialSuccess", success=2, fail=1)),
    "it has begun": ("confirmed", WAITS, waiting("Processing", processing=3)),
    "one has begun": ("confirmed", WAITS, waiting("Processing", waitting=2, processing=1)),
    "one has begun, and IoTDA retried another": (
        "confirmed",
        waiting(waitting=3, fail=1),
        waiting("Processing", waitting=2, processing=2),
    ),
    "three have begun beside two that ran": (
        "confirmed",
        waiting(waitting=5, processing=2),
        waiting("Processing", waitting=2, processing=5),
    ),
    "a part has begun": ("confirmed", WAITS, waiting("Processing", waitting=1, success=1, processing=1)),
}
NOT_SHOWN = {
    "nothing happened": ("stopped", RUNS, RUNS),
    "it can no longer be read": ("stopped", RUNS, silence()),
    "it was deleted": ("stopped", RUNS, GONE),
    "it failed again": ("retried", FAILED, FAILED),
    "a device was removed": ("retried", FAILED, upgrade("PartialSuccess", success=1, fail=1, removed=1)),
    "a device that had succeeded is gone": ("retried", FAILED, upgrade("PartialSuccess", success=0, fail=2)),
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
    "more of them wait": ("confirmed", waiting(waitting=1, fail=2), waiting(waitting=3)),
    "no count is told any more": ("confirmed", WAITS, shown("a", "Processing", "firmwareUpgrade", need_confirm=True)),
    "no count was told": (
        "confirmed",
        shown("a", "Waitting", "firmwareUpgrade", need_confirm=True),
        waiting("Processing", processing=3),
    ),
    "it was stopped": ("confirmed", WAITS, waiting("Stopped", stopped=3)),
    "one began, one was removed": ("confirmed", WAITS, waiting("Processing", waitting=1, removed=1, processing=1)),
    "one began beside one that ran, one was removed": (
        "confirmed",
        waiting(waitting=3, processing=1),
        waiting(waitting=1, removed=1, processing=2),
    ),
    "one ran already, one was stopped": (
        "confirmed",
        waiting(waitting=3, processing=1),
        waiting(waitting=2, stopped=1, processing=1),
    ),
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
    assert (outcome.outcome, outcome.changed, log.changes) == (
        "stopped_unconfirmed",
        True,
        ["stopped_unconfirmed"],
    )
    assert f"the task has finished as {status}, and may or may not have been changed by it" in outcome.warnings[0]


def test_an_effect_may_be_seen_late(clock: Clock) -> None:
    outcome, _log = one("stopped", [RUNS, RUNS, upgrade("Stopping")], [silence()])
    assert (outcome.outcome, clock.slept) == ("stopped", [5])


def test_a_task_that_cannot_be_read_is_read_again() -> None:
    outcome, _log = one("stopped", [RUNS, silence(), upgrade("Stopping")], [silence()])
    assert outcome.outcome == "stopped"


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
    "stopped": ("stopped", RUNS, "Processing", "Stopped", "stopped"),
    "it had finished meanwhile": ("stopped", RUNS, "Processing", "Success", "stopped_unconfirmed"),
    "it failed meanwhile": ("stopped", RUNS, "Processing", "Fail", "stopped_unconfirmed"),
    "it was removed": ("stopped", RUNS, "Processing", "Removed", "stopped_unconfirmed"),
    "it still runs": ("stopped", RUNS, "Processing", "Processing", "failed"),
    "it runs, by a word of the API description": ("stopped", RUNS, "DeviceInProgress", "DeviceInProgress", "failed"),
    "its status is unknown": ("stopped", RUNS, "Processing", "Unheard", "failed"),
    "it runs again": ("retried", FAILED, "Fail", "Processing", "retried"),
    "it ran again": ("retried", FAILED, "Stopped", "Success", "retried"),
    "it runs again in a task that failed": ("retried", upgrade("Fail", fail=2), "Fail", "Processing", "retried"),
    "IoTDA itself retried it": (
        "retried",
        upgrade("Processing", fail_wait_retry=1),
        "FailWaitRetry",
        "Processing",
        "failed",
    ),
    "it failed again": ("retried", FAILED, "Fail", "Fail", "failed"),
    "it is in the task no longer": ("retried", FAILED, "Fail", None, "failed"),
    "it has begun": ("confirmed", WAITS, "Waitting", "Processing", "confirmed"),
    "it was stopped": ("confirmed", WAITS, "Waitting", "Stopped", "failed"),
    "its turn has come": ("confirmed", shown("a", "Waitting", "firmwareUpgrade"), "Waitting", "Processing", "failed"),
    "it has come into the task": ("confirmed", WAITS, None, "Processing", "failed"),
}


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("error", [silence(), acted()], ids=["no answer", "an answer that does not mention it"])
def test_a_device_shows_whether_it_was_done(name: str, error: Any) -> None:
    state, task, before, after, end = DEVICES[name]
    options = ONE_BY_ONE._replace(targets=["d"])
    reads = [before, after, after] if end == "failed" else [before, after]
    outcome, log = one(state, [task], [error], options, d=reads)
    assert (outcome.outcome, outcome.changed) == (end, True)
    assert log.changes == [state if end == state else f"{state}_unconfirmed"]
    assert bool(outcome.warnings) is (end != state)


def test_the_effect_on_a_device_may_be_seen_late(clock: Clock) -> None:
    options = ONE_BY_ONE._replace(targets=["d", "e"])
    seen = {"d": ["Processing", "Stopped"], "e": ["Processing", "Processing", "Stopped"]}
    outcome, log = one("stopped", [RUNS], [silence()], options, **seen)
    assert (outcome.outcome, clock.slept, log.changes) == ("stopped", [5], ["stopped"])
    options = ONE_BY_ONE._replace(targets=["d"])
    assert one("stopped", [RUNS], [silence()], options, d=["Processing", silence(), "Stopped"])[0].outcome == "stopped"


def test_a_device_that_finishes_was_not_surely_stopped() -> None:
    options = ONE_BY_ONE._replace(targets=["d", "e"])
    seen = {"d": ["Processing", "Success"], "e": ["Processing", "Stopped"]}
    outcome, log = one("stopped", [RUNS], [silence()], options, **seen)
    assert (outcome.outcome, outcome.counts) == ("stopped_unconfirmed", {"targets_succeeded": 1, "targets_failed": 0})
    assert log.changes == ["stopped", "stopped_unconfirmed"]
    assert outcome.warnings == (
        "The answer to the stop of batch task a was lost (iotda.example was silent); 1 devices have finished, and may "
        "or may not have been stopped by it.",
    )
    seen["e"] = ["Processing", "Processing", "Processing"]
    outcome, log = one("stopped", [RUNS], [silence()], options, **seen)
    assert (outcome.outcome, outcome.counts) == ("failed", {"targets_succeeded": 0, "targets_failed": 1})
    assert (len(outcome.warnings), log.changes) == (2, ["stopped_unconfirmed"])


def test_devices_of_which_nothing_is_known_are_counted() -> None:
    options = ONE_BY_ONE._replace(targets=["d", "e", "f"])
    running = {name: ["Processing"] * 3 for name in "ef"}
    outcome, log = one("stopped", [RUNS], [silence()], options, d=["Processing", "Stopped"], **running)
    assert (outcome.outcome, outcome.counts, log.changes) == (
        "failed",
        {"targets_succeeded": 1, "targets_failed": 2},
        ["stopped", "stopped_unconfirmed"],
    )
    assert "for 2 devices, the task does not show whether it was done" in outcome.warnings[0]


def test_devices_that_are_refused_are_no_change() -> None:
    options = ONE_BY_ONE._replace(targets=["d"])
    outcome, log = one("stopped", [RUNS], [refusal(403, "IOTDA.000022")], options, d=["Processing"])
    assert (outcome.outcome, outcome.changed, outcome.warnings, log.changes) == ("failed", False, (), [])
    assert outcome.failed_targets == [
        {"target": "d", "error_code": "IOTDA.000022", "error_msg": "iotda.example answered 403"}
    ]


def test_an_answer_that_holds_only_failures_is_no_change() -> None:
    options = ONE_BY_ONE._replace(targets=["d", "e"])
    failed = acted(TargetResult("d", False, "IOTDA.014219", "Not so."), TargetResult("e", False))
    outcome, log = one("stopped", [RUNS], [failed], options, d=["Processing"], e=["Processing"])
    assert (outcome.outcome, outcome.changed, outcome.warnings, log.changes) == ("failed", False, (), [])
    assert outcome.message == "2 of 2 devices failed, the first of them d (IOTDA.014219: Not so.)"


def test_an_answer_that_does_not_mention_a_device_leaves_a_doubt() -> None:
    options = ONE_BY_ONE._replace(targets=["d", "e"])
    failed = acted(TargetResult("d", False, "IOTDA.014219", "Not so."))
    outcome, log = one("stopped", [RUNS], [failed], options, d=["Processing"], e=["Processing"] * 3)
    assert (outcome.outcome, outcome.changed, log.changes) == ("failed", True, ["stopped_unconfirmed"])
    assert outcome.failed_targets[1] == {"target": "e", "error_msg": "the answer does not mention this device"}
    assert outcome.warnings == (
        "The answer to the stop of batch task a does not mention each device; for 1 devices, the task does not show "
        "whether it was done.",
    )


def test_a_dry_run_knows_which_devices_are_in_the_task() -> None:
    options = ONE_BY_ONE._replace(targets=["d", "e", "f"], dry_run=True)
    outcome, _log = one("stopped", [RUNS], [], options, d=["Processing"], e=[None], f=["Success"])
    assert outcome.counts == {"targets_succeeded": 1, "targets_failed": 1}
    assert outcome.failed_targets == [{"target": "e", "error_msg": "the device is not in the task"}]
    initializing, _log = one("stopped", [upgrade("Initializing")], [], options)
    assert (initializing.outcome, initializing.counts["targets_succeeded"]) == ("stopped", 3)


def test_each_call_has_a_line_of_its_own() -> None:
    """Many devices are named in several calls, and the run can end between two of them."""
    targets = [f"d{number}" for number in range(150)]
    service = Service(
        {
            ("show", "a"): [WAITS],
            ("details", "a"): [page([{"target": one, "status": "Waitting"} for one in targets]), *[silence()] * 2],
            ("confirm", "a"): [acted(*(TargetResult(one, True) for one in targets[:100])), silence()],
        }
    )
    (outcome,), log = run(service, "confirmed", ONE_BY_ONE._replace(targets=targets))
    assert service.named == [targets[:100], targets[100:]]
    assert log.changes == ["confirmed", "confirmed_unconfirmed"]
    assert (outcome.outcome, outcome.changed, outcome.counts) == (
        "failed",
        True,
        {"targets_succeeded": 100, "targets_failed": 50},
    )


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


def test_an_unforeseen_error_where_nothing_was_sent_is_no_doubt() -> None:
    class Faulty(Service):
        def show(self, task_id: str) -> Any:
            if len(self.calls) == 1:
                raise ValueError("hush")
            return super().show(task_id)

    (outcome,), log = run(Faulty({("show", "a"): [upgrade("Stopping")]}), "stopped", WAIT)
    assert (outcome.outcome, outcome.changed, outcome.waited, log.changes) == ("failed", False, True, [])
    assert "an unexpected ValueError occurred" in outcome.message
    assert "may or may not" not in outcome.message


def test_a_refusal_is_reported_with_the_status_that_was_read_after_it() -> None:
    outcome, _log = one("confirmed", [WAITS, waiting("Processing", waitting=1)], [refusal(403, "IOTDA.014218")])
    assert (outcome.outcome, outcome.result()["status"]) == ("failed", "Processing")


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
