# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting tasks that have not finished: what is told, waiting, stopping, and the end of patience."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Clock, Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.settings import Refusal
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import STOPPABLE_TYPES, TASK_TYPES
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

UNFINISHED = ["Initializing", "Waitting", "Processing", "Stopping"]
NOT_STOPPABLE = [kind for kind in TASK_TYPES if kind not in STOPPABLE_TYPES]


pytestmark = pytest.mark.usefixtures("in_a_hurry")


def delete(options: dict[str, Any], *task_ids: str, check: bool = False, **more: Any) -> Ended:
    arguments = {**options, "task_id": list(task_ids), "state": "absent", "wait_delay": 0, **more}
    return run_module("batch_task", arguments, check=check)


def sent(simulator: Simulator) -> list[str]:
    """Return the methods of all requests, without those of looking on while nothing changes."""
    methods = [entry.method for entry in simulator.journal]
    return [method for index, method in enumerate(methods) if [method] != methods[max(0, index - 1) : index]]


# Without wait and force


@pytest.mark.parametrize("status", UNFINISHED)
def test_an_unfinished_task_is_refused_with_its_status(
    simulator: Simulator, options: dict[str, Any], status: str
) -> None:
    task_id = simulator.add_task("createCommands", status)
    ended = delete(options, task_id)
    assert ended.failed
    assert not ended.changed
    (task,) = ended.result["tasks"]
    assert (task["outcome"], task["status"], task["attempts"]) == ("failed", status, 1)
    assert f"it is {status}" in ended.msg
    assert task_id in ended.msg
    assert sent(simulator) == ["DELETE", "GET"]
    assert simulator.task_ids() == {task_id}


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
@pytest.mark.parametrize("number", ["3", -1, 0.5, None, int("9" * 300)], ids=["text", "-1", "0.5", "null", "huge"])
def test_odd_numbers_of_progress_cause_no_traceback(
    simulator: Simulator, options: dict[str, Any], number: Any, check: bool
) -> None:
    """A number of more digits makes the answer malformed."""
    task_id = simulator.add_task("createCommands", "Processing")
    progress = dict.fromkeys(("total", "success", "fail"), number)
    simulator.fault("GET", kind="altered", json={"batchtask": {"task_progress": progress}})
    ended = delete(options, task_id, check=check)
    assert ended.outcomes == ["failed"]
    assert "it is Processing" in ended.msg
    assert "Traceback" not in ended.text


def test_the_refusal_reports_the_progress(simulator: Simulator, options: dict[str, Any]) -> None:
    ended = delete(options, simulator.add_task("createCommands", "Processing", devices=9))
    assert "3 of 9 devices done" in ended.msg


@pytest.mark.parametrize("task_type", STOPPABLE_TYPES)
def test_for_an_upgrade_wait_and_force_would_help(
    simulator: Simulator, options: dict[str, Any], task_type: str
) -> None:
    ended = delete(options, simulator.add_task(task_type, "Processing"))
    assert "wait" in ended.result["hint"]
    assert "force" in ended.result["hint"]
    assert ended.result["hint"] in ended.msg


@pytest.mark.parametrize("task_type", NOT_STOPPABLE)
def test_for_any_other_type_only_wait_would_help(simulator: Simulator, options: dict[str, Any], task_type: str) -> None:
    ended = delete(options, simulator.add_task(task_type, "Processing"))
    assert "wait" in ended.result["hint"]
    assert f"{task_type} task cannot be stopped" in ended.result["hint"]
    assert "force" not in ended.result["hint"]


@pytest.mark.parametrize("status", [400, 403, 405, 409, 422, 500])
def test_refusal_is_explained_by_task_status_not_code(
    simulator: Simulator, options: dict[str, Any], status: int
) -> None:
    simulator.settings.unfinished = Refusal(status, "IOTDA.000022", "Something else entirely.")
    ended = delete(options, simulator.add_task(status="Processing"))
    assert "it is Processing" in ended.msg
    assert ended.result["error_code"] == "IOTDA.000022"


def test_refusal_for_another_reason_keeps_its_reason(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task()
    simulator.deny("delete", "IOTDA.000022")
    ended = delete(options, task_id)
    assert "IOTDA.000022" in ended.msg
    assert "iotda:batchtasks:delete" in ended.result["hint"]
    assert "finished" not in ended.msg


def test_task_finishing_after_refusal_is_deleted(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    task_id = simulator.add_task(status="Processing")
    others.act(lambda: others.change(task_id, "Success"))
    ended = delete(options, task_id)
    assert ended.outcomes == ["deleted"]
    assert ended.result["tasks"][0]["attempts"] == 2


def test_task_removed_after_refusal_is_absent(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    task_id = simulator.add_task(status="Processing")
    others.act(lambda: others.delete(task_id))
    ended = delete(options, task_id)
    assert ended.outcomes == ["absent"]
    assert not ended.changed


# Wait


@pytest.mark.parametrize("status", UNFINISHED)
@pytest.mark.parametrize("end", ["Success", "Fail", "PartialSuccess", "Stopped"])
def test_wait_deletes_a_task_once_it_has_finished(
    simulator: Simulator, options: dict[str, Any], others: Others, status: str, end: str
) -> None:
    task_id = simulator.add_task(status=status)
    others.act(lambda: others.change(task_id, end), skip=3)
    ended = delete(options, task_id, wait=True)
    assert ended.outcomes == ["deleted"]
    assert ended.result["tasks"][0]["attempts"] == 2
    assert sent(simulator) == ["DELETE", "GET", "DELETE"]
    assert simulator.task_ids() == set()


def test_waiting_follows_the_clock(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    """A task that runs for an hour is waited for until the service's hour is over, and no longer."""
    task_id = simulator.add_task(status="Processing", finishes_in=3600)
    others.act(lambda: simulator.clock.advance(3570 - simulator.clock.elapsed()), skip=2)
    others.act(lambda: simulator.clock.advance(31), skip=5)
    ended = delete(options, task_id, wait=True)
    assert ended.outcomes == ["deleted"]
    assert simulator.journal.count("GET") == 6


def test_between_two_looks_the_delay_passes(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task(status="Processing")
    delete(options, task_id, wait=True, wait_timeout=2, wait_delay=1)
    looks = [entry.time for entry in simulator.journal if entry.method == "GET"]
    assert len(looks) in (2, 3)
    assert (looks[1] - looks[0]).total_seconds() >= 0.99


def test_waiting_ends_after_its_timeout(simulator: Simulator, options: dict[str, Any]) -> None:
    upgrade, other = simulator.add_task("firmwareUpgrade", "Processing"), simulator.add_task()
    ended = delete(options, upgrade, other, wait=True, wait_timeout=1, wait_delay=1)
    assert ended.failed
    assert ended.changed
    assert ended.outcomes == ["failed", "deleted"]
    assert "did not finish within 1 s" in ended.msg
    assert "wait_timeout" in ended.result["hint"]
    assert simulator.journal.count("POST") == 0


def test_the_others_do_not_wait_for_the_unfinished(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    running, rest = simulator.add_task(status="Processing"), [simulator.add_task() for dummy in range(5)]

    def finish_if_the_others_are_gone() -> None:
        assert simulator.task_ids() == {running}
        others.change(running, "Success")

    others.act(finish_if_the_others_are_gone, skip=2)
    ended = delete({**options, "concurrency": 1}, running, *rest, wait=True)
    assert ended.outcomes == ["deleted"] * 6


def test_task_removed_while_waiting_is_absent(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    task_id = simulator.add_task(status="Processing")
    others.act(lambda: others.delete(task_id), skip=2)
    ended = delete(options, task_id, wait=True)
    assert ended.outcomes == ["absent"]
    assert not ended.changed


def test_task_retried_before_deletion_is_awaited_again(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    task_id = simulator.add_task("firmwareUpgrade", "Processing")
    others.act(lambda: others.change(task_id, "Fail"), skip=1)
    others.act(lambda: others.change(task_id, "Processing"), "DELETE", skip=1)
    others.act(lambda: others.change(task_id, "Success"), skip=4)
    ended = delete(options, task_id, wait=True)
    assert ended.outcomes == ["deleted"]
    assert ended.result["tasks"][0]["attempts"] == 3


def test_ambiguity_outlasts_the_waiting(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    """The first DELETE is lost, and may be carried out late: whoever deleted the task is not certain."""
    task_id = simulator.add_task(status="Processing")
    simulator.fault("DELETE", status=504)
    others.act(lambda: others.delete(task_id), skip=2)
    ended = delete({**options, "retry_timeout": 5}, task_id, wait=True)
    assert ended.outcomes == ["deleted_unconfirmed"]
    assert ended.changed


# Force


@pytest.mark.parametrize("task_type", STOPPABLE_TYPES)
@pytest.mark.parametrize("status", ["Waitting", "Processing"])
def test_force_stops_an_upgrade_waits_and_deletes_it(
    simulator: Simulator, options: dict[str, Any], others: Others, task_type: str, status: str
) -> None:
    task_id = simulator.add_task(task_type, status, devices=5)
    others.act(lambda: simulator.clock.advance(60), skip=3)
    ended = delete(options, task_id, force=True)
    assert ended.outcomes == ["deleted"]
    assert ended.changed
    assert sent(simulator) == ["DELETE", "GET", "POST", "GET", "DELETE"]
    (stop,) = [entry for entry in simulator.journal if entry.method == "POST"]
    assert stop.path.endswith(f"/{task_id}/stop")


@pytest.mark.parametrize("task_type", NOT_STOPPABLE)
def test_force_cannot_stop_any_other_type(simulator: Simulator, options: dict[str, Any], task_type: str) -> None:
    task_id = simulator.add_task(task_type, "Processing", finishes_in=30)
    ended = delete(options, task_id, force=True)
    assert ended.failed
    assert not ended.changed
    assert f"{task_type} task cannot be stopped" in ended.msg
    assert simulator.journal.count("POST") == 0


@pytest.mark.parametrize("task_type", NOT_STOPPABLE)
def test_force_with_wait_waits_for_any_other_type(
    simulator: Simulator, options: dict[str, Any], others: Others, task_type: str
) -> None:
    task_id = simulator.add_task(task_type, "Processing")
    others.act(lambda: others.change(task_id, "Success"), skip=2)
    ended = delete(options, task_id, force=True, wait=True)
    assert ended.outcomes == ["deleted"]
    assert simulator.journal.count("POST") == 0


def test_force_leaves_finished_tasks_to_one_request(simulator: Simulator, options: dict[str, Any]) -> None:
    ended = delete(options, simulator.add_task("firmwareUpgrade"), force=True, wait=True)
    assert ended.outcomes == ["deleted"]
    assert len(simulator.journal) == 1


def test_stopping_task_is_awaited_without_another_stop(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    task_id = simulator.add_task("firmwareUpgrade", "Stopping")
    others.act(lambda: others.change(task_id, "Stopped"), skip=2)
    ended = delete(options, task_id, force=True)
    assert ended.outcomes == ["deleted"]
    assert simulator.journal.count("POST") == 0


def test_a_stop_without_permission_names_it(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task("firmwareUpgrade", "Processing")
    simulator.deny("stop")
    ended = delete(options, task_id, force=True)
    assert ended.failed
    assert not ended.changed
    assert "could not be stopped" in ended.msg
    assert "iotda:batchtasks:stop" in ended.result["hint"]


@pytest.mark.parametrize("kind", ["reset", "status"])
def test_a_stop_whose_answer_is_lost_is_not_sent_again(
    simulator: Simulator, options: dict[str, Any], others: Others, kind: str
) -> None:
    task_id = simulator.add_task("firmwareUpgrade", "Processing")
    simulator.fault("POST", kind=kind, when="after")
    others.act(lambda: simulator.clock.advance(60), skip=3)
    ended = delete({**options, "retry_timeout": 5}, task_id, force=True)
    assert ended.outcomes == ["deleted"]
    assert simulator.journal.count("POST") == 1


def test_stopped_task_that_does_not_end_is_a_change(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.settings.stopping_takes = 3600
    task_id = simulator.add_task("softwareUpgrade", "Processing")
    ended = delete(options, task_id, force=True, wait_timeout=1, wait_delay=1)
    assert ended.failed
    assert ended.changed
    assert ended.result["tasks"][0]["status"] == "Stopping"


def test_a_hundred_upgrades_are_stopped_side_by_side(options: dict[str, Any]) -> None:
    with Simulator(clock=Clock(frozen=True)) as simulator:
        reach = {name: getattr(simulator, name) for name in ("project_id", "access_key", "secret_key")}
        task_ids = simulator.add_tasks(100, task_type="firmwareUpgrade", status="Processing")
        Others(simulator).act(lambda: simulator.clock.advance(60), skip=150)
        ended = delete({**options, **reach, "endpoint": simulator.url}, *task_ids, force=True)
        assert ended.outcomes == ["deleted"] * 100
        assert simulator.journal.count("POST") == 100
        assert simulator.journal.count("DELETE") == 200
