# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an ID to its outcome: the promises of batch_task, one by one, against a service whose answers are written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import RunOptions
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service, refusal, reply, silence
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.deletions import (
    NO_TASK,
    ONE_BY_ONE,
    STATUSES,
    UNFINISHED,
    Lines,
    done,
    one,
    run,
    running,
)

pytestmark = pytest.mark.usefixtures("clock")


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


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_absent_id_that_may_have_been_cut_gives_a_warning(dry_run: bool) -> None:
    whole, cut = "5c8ba99030344005c02316ad", "5c8ba99030344005c02316a"
    answers = {(verb, task_id): [refusal(404, NO_TASK)] for verb in ("delete", "show") for task_id in (whole, cut)}
    outcomes = run(Service(answers), ONE_BY_ONE._replace(dry_run=dry_run), [whole, cut])
    assert [outcome.outcome for outcome in outcomes] == ["absent", "absent"]
    assert [len(outcome.warnings) for outcome in outcomes] == [0, 1]
    assert (
        f"Batch task {cut} is absent, but IoTDA's IDs have 24 characters, and this one has 23"
        in outcomes[1].warnings[0]
    )


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
        RunOptions(wait=True),
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
    "end", [refusal(400, "IOTDA.0"), refusal(403, "X.1"), refusal(409), refusal(499), refusal(500, "IOTDA.1")], ids=str
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
    assert outcome.message.endswith(", and the task still exists but may still get deleted")


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


def test_each_change_has_a_line_in_the_audit_log() -> None:
    ends = {
        "a": [reply(204, X_Request_Id="r1")],
        "b": [refusal(404, NO_TASK)],
        "c": [refusal(404, NO_TASK, ambiguous=True)],
        "d": [silence()],
        "e": [silence(ambiguous=False)],
    }
    log = Lines()
    run(Service({("delete", task_id): answers for task_id, answers in ends.items()}), ONE_BY_ONE, [*ends], log=log)
    assert log.lines == [
        ("a", "deleted", None, "r1"),
        ("c", "deleted_unconfirmed", None, None),
        ("d", "deleted_unconfirmed", None, None),
    ]


def test_nothing_is_changed_that_the_audit_log_cannot_take() -> None:
    class Full(Lines):
        def record(self, *line: Any) -> None:
            super().record(*line)
            self.failure = "No space left on device"

    service = Service({("delete", "a"): [reply(204)]})
    first, second = run(service, ONE_BY_ONE, ["a", "b"], log=Full())
    assert (first.outcome, second.outcome, second.attempts) == ("deleted", "failed", 0)
    assert second.message == "skipped: audit_log could not be written (No space left on device)"


def test_nothing_is_read_either_once_the_audit_log_has_failed() -> None:
    class Full(Lines):
        failure = "No space left on device"

        def __init__(self) -> None:
            self.lines = []

    service = Service()
    (outcome,) = run(service, ONE_BY_ONE._replace(dry_run=True), ["a"], log=Full())
    assert (outcome.outcome, service.calls) == ("failed", [])
    assert outcome.message == "skipped: audit_log could not be written (No space left on device)"
