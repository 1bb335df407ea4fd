# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting named tasks that have finished: what each answer of the service means, and what is sent for it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

NEVER_THERE = "5c8ba99030344005c02316ad"
FINISHED = ["Success", "Fail", "PartialSuccess", "Stopped"]
ONE_TASK = r"/batchtasks/[0-9a-f]+$"


pytestmark = pytest.mark.usefixtures("in_a_hurry")


def delete(options: dict[str, Any], *task_ids: str, check: bool = False, diff: bool = False, **more: Any) -> Ended:
    return run_module(
        "batch_task", {**options, "task_id": list(task_ids), "state": "absent", **more}, check=check, diff=diff
    )


# What the answers mean


@pytest.mark.parametrize("status", FINISHED)
def test_a_finished_task_is_deleted_by_one_request(simulator: Simulator, options: dict[str, Any], status: str) -> None:
    task_id, other = simulator.add_task(status=status), simulator.add_task()
    ended = delete(options, task_id)
    assert ended.changed
    assert not ended.failed
    (task,) = ended.result["tasks"]
    assert task.pop("request_id")
    assert task == {"task_id": task_id, "outcome": "deleted", "attempts": 1, "http_status": 204}
    assert ended.result["summary"] == {"deleted": 1, "absent": 0, "deleted_unconfirmed": 0, "failed": 0}
    assert simulator.task_ids() == {other}
    assert [(entry.method, entry.path) for entry in simulator.journal] == [
        ("DELETE", f"/v5/iot/{simulator.project_id}/batchtasks/{task_id}")
    ]


def test_missing_task_is_absent_after_one_request(simulator: Simulator, options: dict[str, Any]) -> None:
    ended = delete(options, NEVER_THERE)
    assert not ended.changed
    assert not ended.failed
    assert ended.outcomes == ["absent"]
    assert ended.result["tasks"][0]["http_status"] == 404
    assert ended.result["tasks"][0]["error_code"] == simulator.settings.absent.code
    assert ended.result["summary"] == {"deleted": 0, "absent": 1, "deleted_unconfirmed": 0, "failed": 0}
    assert len(simulator.journal) == 1


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_an_empty_404_means_absent_where_iotda_is(simulator: Simulator, options: dict[str, Any], check: bool) -> None:
    """Who sent it is told by a list, once for all tasks, or by a success before it."""
    simulator.fault(path=ONE_TASK, status=404, kind="empty", times=None)
    ended = delete({**options, "concurrency": 1}, NEVER_THERE, NEVER_THERE[:-1], check=check)
    assert ended.outcomes == ["absent", "absent"]
    assert not ended.changed
    assert [entry.path.endswith("/batchtasks") for entry in simulator.journal] == [False, True, False]


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_a_server_of_empty_404s_is_not_iotda(simulator: Simulator, options: dict[str, Any], check: bool) -> None:
    simulator.fault(status=404, kind="empty", times=None)
    ended = delete({**options, "concurrency": 1}, NEVER_THERE, NEVER_THERE[:-1], check=check)
    assert ended.outcomes == ["failed", "failed"]
    assert not ended.changed
    assert "this 404 was not sent by IoTDA, so it does not show that the task is absent" in ended.msg
    assert len(simulator.journal) == 3


def test_a_wrong_host_never_reads_as_gone(simulator: Simulator, options: dict[str, Any]) -> None:
    ended = delete({**options, "endpoint": f"{simulator.url}/elsewhere"}, NEVER_THERE)
    assert ended.failed
    assert not ended.changed


# Attempts whose fate is unknown

# What else loses an answer is in the matrix of faults.
LOST = {
    "a 503 as a web page": {"kind": "html"},
    "a 503 without a body": {"kind": "empty"},
    "a late answer": {"kind": "latency", "seconds": 2.0},
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_404_after_a_lost_attempt_is_unconfirmed(
    simulator: Simulator, options: dict[str, Any], lost: dict[str, Any]
) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", when="after", **lost)
    ended = delete({**options, "timeout": 0.3, "retry_timeout": 5}, task_id)
    assert not ended.failed
    assert ended.changed
    assert ended.outcomes == ["deleted_unconfirmed"]
    assert ended.result["summary"]["deleted_unconfirmed"] == 1
    assert ended.result["tasks"][0]["attempts"] == 2
    assert task_id in ended.warnings
    assert [entry.method for entry in simulator.journal] == ["DELETE", "DELETE"]


@pytest.mark.parametrize("lost", [{"status": 503}, {"kind": "reset"}], ids=["a 503", "a reset connection"])
def test_204_after_a_failed_attempt_is_unambiguous(
    simulator: Simulator, options: dict[str, Any], lost: dict[str, Any]
) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", **lost)
    ended = delete({**options, "retry_timeout": 5}, task_id)
    assert ended.outcomes == ["deleted"]
    assert ended.result["tasks"][0]["attempts"] == 2
    assert ended.warnings == "[]"


def test_a_throttled_attempt_did_surely_nothing(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.fault("DELETE", status=429, headers={"Retry-After": "0"})
    ended = delete({**options, "retry_timeout": 5}, NEVER_THERE)
    assert ended.outcomes == ["absent"]
    assert not ended.changed
    assert ended.result["tasks"][0]["attempts"] == 2


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_lost_attempt_without_retry_counts_as_change(
    simulator: Simulator, options: dict[str, Any], lost: dict[str, Any]
) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", when="after", **lost)
    ended = delete({**options, "timeout": 0.3}, task_id)
    assert ended.changed
    assert ended.failed
    assert "the task may or may not have been deleted" in ended.msg
    assert len(simulator.journal) == 1


def test_unexpected_success_is_checked_by_reading(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", kind="json", status=200, json={}, when="after")
    ended = delete(options, task_id)
    assert ended.outcomes == ["deleted_unconfirmed"]
    assert ended.changed


@pytest.mark.parametrize("kind", ["html", "redirect", "json"])
def test_success_from_another_server_is_a_failure(simulator: Simulator, options: dict[str, Any], kind: str) -> None:
    task_id = simulator.add_task()
    status = 302 if kind == "redirect" else 200
    simulator.fault(kind=kind, status=status, json={"welcome": "to our portal"}, times=None)
    ended = delete(options, task_id)
    assert ended.failed
    assert ended.outcomes == ["failed"]
    assert str(status) in ended.msg
    assert simulator.task_ids() == {task_id}


# Many tasks


def test_outcomes_come_in_the_order_of_the_ids(simulator: Simulator, options: dict[str, Any]) -> None:
    there = [simulator.add_task() for dummy in range(30)]
    gone = [f"{number:024x}" for number in range(30)]
    asked = [task_id for pair in zip(reversed(there), gone, strict=True) for task_id in pair]
    ended = delete(options, *asked)
    assert [task["task_id"] for task in ended.result["tasks"]] == asked
    assert ended.outcomes == ["deleted", "absent"] * 30
    assert ended.result["summary"] == {"deleted": 30, "absent": 30, "deleted_unconfirmed": 0, "failed": 0}
    assert len(simulator.journal) == 60


@pytest.mark.parametrize("position", [0, 7, 14])
def test_one_failure_does_not_stop_other_deletions(
    simulator: Simulator, options: dict[str, Any], position: int
) -> None:
    task_ids = [simulator.add_task() for dummy in range(15)]
    simulator.fault("DELETE", task_ids[position], status=403)
    ended = delete({**options, "concurrency": 1}, *task_ids)
    assert ended.failed
    assert ended.changed
    assert simulator.task_ids() == {task_ids[position]}
    assert ended.result["summary"] == {"deleted": 14, "absent": 0, "deleted_unconfirmed": 0, "failed": 1}
    (broken,) = [task for task in ended.result["tasks"] if task["outcome"] == "failed"]
    assert broken["task_id"] == task_ids[position]
    assert broken["error_code"] == ended.result["error_code"] == "APIGW.0302"
    assert broken["request_id"] == ended.result["request_id"]
    assert task_ids[position] in ended.msg
    assert "iotda:batchtasks:delete" in ended.result["hint"]
    assert ended.msg.count(". ") == 0


def test_failures_are_counted_and_first_is_reported(simulator: Simulator, options: dict[str, Any]) -> None:
    task_ids = [simulator.add_task() for dummy in range(6)]
    simulator.fault("DELETE", f"({task_ids[2]}|{task_ids[4]})", status=403, times=2)
    ended = delete(options, *task_ids)
    assert "2 of 6" in ended.msg
    assert task_ids[2] in ended.msg
    assert simulator.task_ids() == {task_ids[2], task_ids[4]}


def test_failure_without_deletion_is_no_change(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_task()
    simulator.deny("delete")
    ended = delete(options, *simulator.task_ids())
    assert ended.failed
    assert not ended.changed


def test_an_id_that_is_given_twice_counts_once(simulator: Simulator, options: dict[str, Any]) -> None:
    first, second = simulator.add_task(), simulator.add_task()
    ended = delete(options, first, second, first, first)
    assert [task["task_id"] for task in ended.result["tasks"]] == [first, second]
    assert simulator.journal.count("DELETE") == 2


@pytest.mark.parametrize("concurrency", [1, 3, 10, 64])
def test_so_many_requests_are_under_way_at_once(
    simulator: Simulator, options: dict[str, Any], concurrency: int
) -> None:
    task_ids = simulator.add_tasks(3 if concurrency == 1 else 2 * concurrency)
    simulator.latency(0.3 if concurrency < 64 else 0.8)
    ended = delete({**options, "concurrency": concurrency}, *task_ids)
    assert ended.result["summary"]["deleted"] == len(task_ids)
    assert simulator.journal.peak == concurrency


def test_default_concurrency_is_ten(simulator: Simulator, options: dict[str, Any]) -> None:
    task_ids = simulator.add_tasks(25)
    simulator.latency(0.3)
    delete(options, *task_ids)
    assert simulator.journal.peak == 10


def test_rate_limit_is_respected_until_all_are_deleted(simulator: Simulator, options: dict[str, Any]) -> None:
    task_ids = simulator.add_tasks(40)
    simulator.rate_limit(30)
    ended = delete({**options, "retry_timeout": 30}, *task_ids)
    assert ended.outcomes == ["deleted"] * 40
    # All that are under way may meet the limit, and again when the speed that it allows is searched for.
    throttled = [entry.status for entry in simulator.journal].count(429)
    assert 1 <= throttled <= 20
    assert len(simulator.journal) == 40 + throttled


@pytest.mark.parametrize("status", [429, 503])
def test_the_service_is_not_asked_again_before_it_says(
    simulator: Simulator, options: dict[str, Any], status: int
) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", status=status, headers={"Retry-After": "1"})
    assert delete({**options, "retry_timeout": 10}, task_id).outcomes == ["deleted"]
    first, second = simulator.journal
    assert (second.time - first.time).total_seconds() >= 1.0


BROKEN_COOKIE = (
    "max-age=-1; expires=Mon, 99 Foo 999999999999999 00:00:00 GMT; expires=Wed, 09 Jun 0000 10:18:14 GMT; a=b;;;"
)


@pytest.mark.parametrize("cookie", ["HWWAFSESID=of-a-firewall; Path=/", BROKEN_COOKIE], ids=["whole", "broken"])
def test_cookies_are_not_kept(
    simulator: Simulator, options: dict[str, Any], cookie: str, recwarn: pytest.WarningsRecorder
) -> None:
    cookies = {"Set-Cookie": cookie, "Set-Cookie2": cookie}
    simulator.fault("DELETE", status=503, headers=cookies)
    simulator.fault("DELETE", status=403, headers=cookies)
    task_ids = simulator.add_tasks(3)
    delete({**options, "retry_timeout": 10, "concurrency": 1}, *task_ids)
    assert len(simulator.journal) > 3
    assert [entry for entry in simulator.journal if "cookie" in entry.headers] == []
    assert [str(one.message) for one in recwarn if "cookiejar" in str(one.message)] == []


def test_two_runs_at_once_delete_each_task_once(simulator: Simulator, options: dict[str, Any]) -> None:
    task_ids = simulator.add_tasks(5)
    Others(simulator).act(lambda: Others(simulator).delete(*task_ids[2:]), "DELETE", task_ids[2])
    ended = delete({**options, "concurrency": 1}, *task_ids)
    assert ended.outcomes == ["deleted", "deleted", "absent", "absent", "absent"]
    assert not ended.failed


# Diff mode, and nothing to do


def test_diff_mode_shows_the_tasks_that_go(simulator: Simulator, options: dict[str, Any]) -> None:
    going = simulator.add_task(task_name="freeze_lost_meters")
    running = simulator.add_task(status="Processing")
    real_options = {**options, "task_id": [going, running, NEVER_THERE], "state": "absent"}
    predicted = run_module("batch_task", real_options, check=True, diff=True).result["diff"]
    assert [task["task_id"] for task in predicted["before"]["batch_tasks"]] == [going]
    assert predicted["before"]["batch_tasks"][0]["task_name"] == "freeze_lost_meters"
    assert predicted["after"] == {"batch_tasks": []}
    real = run_module("batch_task", real_options, diff=True).result["diff"]
    assert [task["task_id"] for task in real["before"]["batch_tasks"]] == [going]
    assert real["after"] == {"batch_tasks": []}
    assert "diff" not in run_module("batch_task", real_options).result


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_an_empty_list_is_nothing_to_do(simulator: Simulator, options: dict[str, Any], check: bool) -> None:
    simulator.add_task()
    ended = delete(options, check=check)
    assert not ended.changed
    assert not ended.failed
    assert ended.result["tasks"] == []
    assert set(ended.result["summary"].values()) == {0}
    assert len(simulator.journal) == 0
