# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for the end of what was begun: what is an end, and what ends the waiting."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Clock,
    Service,
    acted,
    page,
    refusal,
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
)

pytestmark = pytest.mark.usefixtures("clock")


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
