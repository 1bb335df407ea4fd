# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for the end of what was begun: what is an end, and what ends the waiting."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import TargetResult
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.wait import await_end
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Clock,
    Service,
    acted,
    page,
    refusal,
    silence,
)
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.transitions import (
    FAILED,
    GONE,
    OPERATIONS,
    RUNS,
    WAIT,
    WAITS,
    Answers,
    one,
    run,
    upgrade,
    waiting,
)

pytestmark = pytest.mark.usefixtures("clock")


def test_an_old_final_status_is_no_end() -> None:
    success = upgrade("Success", success=3)
    as_before = upgrade("PartialSuccess", success=1, fail=2)
    outcome, _log = one("retried", [FAILED, as_before, as_before, success], [acted()], WAIT)
    assert outcome.outcome == "retried"


def test_an_old_final_status_is_told_when_the_time_is_over() -> None:
    outcome, _log = one("retried", [FAILED] * 5, [acted()], WAIT)
    assert (outcome.outcome, outcome.waited, outcome.changed) == ("failed", True, True)
    assert outcome.message == "it is still PartialSuccess, as before; it did not finish within 20 s"


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
    assert outcome.explanation == "it was deleted during the wait"


def test_a_gateway_s_404_while_waiting_is_not_taken_for_that() -> None:
    outcome, _log = one("stopped", [RUNS, refusal(404, "APIGW.0101")], [acted()], WAIT)
    assert "was not sent by IoTDA" in f"{outcome.hint}" or "endpoint" in f"{outcome.hint}"


def test_the_last_read_is_at_the_deadline(clock: Clock) -> None:
    outcome, _log = one("stopped", [RUNS] * 5 + [upgrade("Stopped")], [acted()], WAIT._replace(wait_timeout=22))
    assert (outcome.outcome, clock.slept) == ("stopped", [5, 5, 5, 5, 2])


def test_devices_are_waited_for_until_none_of_them_is_under_way(clock: Clock) -> None:
    acting = acted(TargetResult("d", True), TargetResult("e", True))
    seen = {"d": ["Processing", "Stopped", "Stopped"], "e": ["Processing", "Processing", "Stopped"]}
    outcome, _log = one("stopped", [RUNS] * 3, [acting], WAIT._replace(targets=["d", "e"]), **seen)
    assert (outcome.outcome, outcome.counts["targets_succeeded"], clock.slept) == ("stopped", 2, [5, 5])


def test_cancelling_ends_the_wait(clock: Clock) -> None:
    service = Service({("show", "a"): [RUNS], ("stop", "a"): [acted()]})
    service.cancellation.cancel("SIGINT was received")
    (outcome,), _log = run(service, "stopped", WAIT)
    assert outcome.message == "it is Processing, 0 of 3 devices done; waiting ended early, because SIGINT was received"


# --- where there was nothing to do


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_end_of_a_task_that_was_left_alone_counts(dry_run: bool) -> None:
    options = WAIT._replace(dry_run=dry_run)
    outcome, _log = one("retried", [upgrade("Stopped")], [], options)
    assert (outcome.outcome, outcome.changed, outcome.message) == ("failed", False, "it ended as Stopped")
    assert one("retried", [upgrade("Success")], [], options)[0].outcome == "unchanged"
    assert one("stopped", [upgrade("Fail")], [], options)[0].outcome == "unchanged"


def test_a_task_that_was_left_alone_is_waited_for() -> None:
    runs = waiting("Processing", processing=3)
    outcome, _log = one("confirmed", [runs, runs, upgrade("Success")], [], WAIT)
    assert (outcome.outcome, outcome.changed) == ("unchanged", False)
    predicted, _log = one("confirmed", [runs], [], WAIT._replace(dry_run=True))
    assert predicted.outcome == "unchanged"


# --- what is told of an end that is no success


def ended(failures: Any, **counts: int) -> Outcome:
    """Return what becomes of an upgrade that is confirmed and then fails; ``failures``: its subtasks, as read."""
    answers: Answers = {
        ("show", "a"): [WAITS, upgrade("Fail", **counts)],
        ("confirm", "a"): [acted()],
        ("details", "a"): [failures],
    }
    (outcome,), _log = run(Service(answers), "confirmed", WAIT)
    assert (outcome.outcome, outcome.waited, outcome.changed) == ("failed", True, True)
    return outcome


def failed_devices(count: int) -> Any:
    return page([{"target": f"d{number}", "status": "Fail", "error": {"error_code": "X.1"}} for number in range(count)])


def test_the_first_three_devices_that_failed_are_named() -> None:
    outcome = ended(failed_devices(4), fail=4, success=1)
    named = "the first that failed: d0 (X.1), d1 (X.1), d2 (X.1)"
    assert outcome.message == f"it ended as Fail, 4 of 5 devices failed ({named})"
    assert outcome.hint == "only Success counts as success, see accept"
    assert [target["target"] for target in outcome.failed_targets] == ["d0", "d1", "d2", "d3"]
    assert "failed_targets_total" not in outcome.counts


def test_a_list_of_failed_devices_that_was_cut_says_so() -> None:
    outcome = ended(failed_devices(60), fail=60)
    assert (len(outcome.failed_targets), outcome.counts["failed_targets_total"]) == (50, 60)
    assert ended(failed_devices(1), fail=2).counts["failed_targets_total"] == 2


def test_a_counter_that_lags_behind_the_list_cuts_nothing() -> None:
    outcome = ended(failed_devices(2), fail=1)
    assert (len(outcome.failed_targets), dict(outcome.counts)) == (2, {})


def test_without_a_failed_device_none_is_read() -> None:
    outcome, _log = one("confirmed", [WAITS, upgrade("Stopped", stopped=3, fail=0)], [acted()], WAIT)
    assert outcome.message == "it ended as Stopped"


def test_devices_that_cannot_be_read_do_not_hide_the_failure() -> None:
    outcome = ended(silence(), fail=2)
    assert outcome.message == "it ended as Fail, 2 of 2 devices failed"
    assert (outcome.failed_targets, dict(outcome.counts)) == ([], {})


def test_what_runs_since_a_lost_answer_is_not_as_before() -> None:
    runs = upgrade("Processing", success=1, processing=2)
    outcome, _log = one("retried", [FAILED, runs], [silence()], WAIT._replace(wait_timeout=0))
    assert outcome.message == "it is Processing, 1 of 3 devices done; it did not finish within 0 s"


@pytest.mark.parametrize("known", ["exists", "created"])
def test_an_unforeseen_error_while_waiting_claims_no_creation(known: str) -> None:
    class Faulty(Service):
        def show(self, task_id: str) -> Any:
            raise ValueError("hush")

    outcome = await_end(Faulty(), Outcome("", known, task=RUNS, changed=known == "created"), WAIT)
    assert (outcome.outcome, outcome.changed, outcome.waited, outcome.change) == (
        "failed",
        known == "created",
        True,
        "",
    )
    assert "may or may not" not in outcome.message
