# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading tasks: by ID, by filters, page by page while others work, and with their subtasks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import KNOWN_TYPES
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import DEVICE_SECRET, TASK_TYPES
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

NEVER_THERE = "5c8ba99030344005c02316ad"
NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
LIST = r"/batchtasks$"


@pytest.fixture
def others(simulator: Simulator) -> Others:
    return Others(simulator)


def read(options: dict[str, Any], **more: Any) -> Ended:
    return run_module("batch_task_info", {**options, **more})


def found(options: dict[str, Any], **more: Any) -> list[str]:
    """Return the IDs that are found, in their order, after a look at what every result must be."""
    ended = read(options, **more)
    assert not ended.failed, ended.msg
    assert not ended.changed
    tasks = ended.result["batch_tasks"]
    assert ended.result["count"] == len(tasks)
    return [task["task_id"] for task in tasks]


@pytest.fixture
def in_shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's time is eight hours ahead of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CST-8")
        time.tzset()
        yield
    time.tzset()


def newest_first(task_ids: list[str]) -> list[str]:
    return sorted(task_ids, reverse=True)


# By ID


def test_just_the_tasks_with_these_ids_are_shown(simulator: Simulator, options: dict[str, Any]) -> None:
    first, dummy, third = (simulator.add_task(task_name=name) for name in ("first", "second", "third"))
    ended = read(options, task_id=[first, NEVER_THERE, third, first])
    assert not ended.failed
    assert ended.result["batch_tasks"] == [simulator.task(third), simulator.task(first)]
    assert ended.result["count"] == 2
    assert simulator.journal.count("GET", LIST) == 0
    assert len(simulator.journal) == 3


def test_no_ids_are_no_tasks(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_task()
    assert found(options, task_id=[]) == []
    assert len(simulator.journal) == 0


def test_tasks_are_shown_side_by_side(simulator: Simulator, options: dict[str, Any]) -> None:
    task_ids = simulator.add_tasks(30)
    simulator.latency(0.3)
    assert found(options, task_id=task_ids, concurrency=15) == newest_first(task_ids)
    assert simulator.journal.peak == 15


@pytest.mark.parametrize("answer", [{"kind": "status"}, {"kind": "html"}, {"json": {"error_code": "IOTDA.000029"}}])
def test_a_404_that_is_not_iotdas_is_a_failure(
    simulator: Simulator, options: dict[str, Any], answer: dict[str, Any]
) -> None:
    task_ids = [simulator.add_task(), NEVER_THERE]
    simulator.fault(path=NEVER_THERE, status=404, **answer)
    ended = read(options, task_id=task_ids)
    assert ended.failed
    assert NEVER_THERE in ended.msg
    assert ended.result["http_status"] == 404


# By filters


def test_the_tasks_of_all_types_are_merged(simulator: Simulator, options: dict[str, Any]) -> None:
    ids = newest_first([simulator.add_task(kind) for dummy in range(6) for kind in TASK_TYPES])
    ended = read(options)
    assert [task["task_id"] for task in ended.result["batch_tasks"]] == ids
    assert ended.result["skipped_types"] == [kind for kind in KNOWN_TYPES if kind not in TASK_TYPES]
    assert found(options, limit=20) == ids[:20]


def test_the_lists_of_types_are_read_side_by_side(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.latency(0.2)
    assert found(options, concurrency=9) == []
    assert simulator.journal.peak == 9


REFUSED = {"error_code": "IOTDA.000006", "error_msg": "Invalid input data."}


def test_a_named_type_that_is_refused_is_an_error(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_task()
    simulator.fault(path=LIST, kind="json", status=400, json=REFUSED, skip=1)
    ended = read(options, task_type=["freezeDevices", "changeGateway"], concurrency=1)
    assert ended.failed
    assert ended.msg.startswith("Could not read batch tasks of type changeGateway: ")
    assert "; check task_type" in ended.msg
    assert ended.result["error_code"] == "IOTDA.000006"


def test_a_failure_that_is_not_of_one_type_names_none(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.deny("list")
    assert read(options).msg.startswith("Could not read batch tasks: ")
    assert read(options, task_type="freezeDevices").msg.startswith("Could not read batch tasks of type freezeDevices: ")


@pytest.mark.parametrize("state", ["DeviceInProgress", "Rejected", "Unheard"])
def test_states_that_are_not_known_are_data(simulator: Simulator, options: dict[str, Any], state: str) -> None:
    task = simulator.task(simulator.add_task()) or {}
    content = {"batchtask": {**task, "status": state}, "task_details": [{"target": "d", "status": state}]}
    simulator.fault(path=task["task_id"], kind="json", json={**content, "page": {"count": 1}}, times=None)
    (shown,) = read(options, task_id=[task["task_id"]], details=True).result["batch_tasks"]
    assert (shown["status"], shown["task_details"]) == (state, [{"target": "d", "status": state}])


@pytest.mark.parametrize("n", [0, 50, 101])
def test_every_page_is_read(simulator: Simulator, options: dict[str, Any], n: int) -> None:
    expected = newest_first(simulator.add_tasks(n))
    assert found(options) == expected


def test_fields_and_values_are_those_of_the_api(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_task("firmwareUpgrade", "PartialSuccess", devices=7)
    assert read(options).result["batch_tasks"] == simulator.tasks()


def test_each_filter_narrows(simulator: Simulator, options: dict[str, Any]) -> None:
    by = {
        (app, kind, status): simulator.add_task(kind, status, app_id=app, task_name=f"{app}_{kind}")
        for app in ("water", "light")
        for kind in ("freezeDevices", "firmwareUpgrade")
        for status in ("Success", "Fail", "Processing")
    }

    def those(app: str = "", kind: str = "", status: str = "") -> list[str]:
        return newest_first(
            [
                task_id
                for key, task_id in by.items()
                if all(not want or have in want.split() for want, have in zip((app, kind, status), key, strict=True))
            ]
        )

    assert found(options, app_id="water") == those("water")
    assert found(options, task_type="freezeDevices") == those(kind="freezeDevices")
    assert found(options, status="Fail") == those(status="Fail")
    assert found(options, status=["Success", "Processing"]) == those(status="Success Processing")
    assert found(options, status=["Stopped"]) == []
    assert found(options, app_id="light", task_type="firmwareUpgrade", status=["Fail"]) == those(
        "light", "firmwareUpgrade", "Fail"
    )
    assert found(options, task_name="water_f*ezeDevices") == those("water", "freezeDevices")


@pytest.mark.parametrize(
    "moment",
    [
        "20260131T120000Z",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31T20:00:00+08:00",
        "2026-01-31 12:00",
    ],
)
@pytest.mark.usefixtures("in_shanghai")
def test_moments_can_be_written_in_several_ways(simulator: Simulator, options: dict[str, Any], moment: str) -> None:
    before, then, after = (simulator.add_task(create_time=NOON + timedelta(seconds=n)) for n in (-1, 0, 1))
    assert found(options, created_before=moment) == [before]
    assert found(options, created_after=moment) == [after, then]


@pytest.mark.parametrize("limit", [1, 51, 500])
def test_limit_returns_newest_and_reads_no_extra_pages(
    simulator: Simulator, options: dict[str, Any], limit: int
) -> None:
    ids = newest_first(simulator.add_tasks(160))
    assert found(options, limit=limit) == ids[:limit]
    assert simulator.journal.count("GET") <= len(KNOWN_TYPES) - 1 - (-min(limit, 160) // 50)
    assert {entry.query["limit"] for entry in simulator.journal} == {str(min(limit, 50))}


def test_limit_applies_to_newest_across_statuses(simulator: Simulator, options: dict[str, Any]) -> None:
    ids = [simulator.add_task(status=status) for dummy in range(40) for status in ("Success", "Fail", "Stopped")]
    wanted = newest_first([task_id for n, task_id in enumerate(ids) if n % 3 != 1])
    assert found(options, status=["Stopped", "Success"], limit=70) == wanted[:70]


# While others work


def test_a_task_that_changes_its_status_comes_once(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    ids = [simulator.add_task(status=status) for status in ("Processing", "Success", "Processing")]
    others.act(lambda: others.change(ids[0], "Success"), path=LIST, skip=1)
    wanted = {"task_type": "freezeDevices", "status": ["Processing", "Success"], "concurrency": 1}
    assert found(options, **wanted) == newest_first(ids)


# With subtasks


@pytest.mark.parametrize("n", [0, 51])
def test_all_pages_of_subtasks_are_read(simulator: Simulator, options: dict[str, Any], n: int) -> None:
    task_id = simulator.add_task(devices=n)
    (task,) = read(options, task_id=[task_id], details=True).result["batch_tasks"]
    assert sorted(detail["target"] for detail in task["task_details"]) == [f"meter_{n + 1:04d}" for n in range(n)]
    assert task == {**(simulator.task(task_id) or {}), "task_details": task["task_details"], "failed_targets": []}


def test_subtasks_are_read_only_when_they_are_wanted(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task()
    assert "task_details" not in read(options, task_id=[task_id]).result["batch_tasks"][0]
    assert "task_details" not in read(options).result["batch_tasks"][0]


def test_subtasks_of_one_status(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_task("createCommands", "PartialSuccess", devices=130)
    (task,) = read(options, details=True, detail_status="Fail").result["batch_tasks"]
    assert len(task["task_details"]) == 65
    for detail in task["task_details"]:
        assert detail["status"] == "Fail"
        assert detail["error"]["error_code"] == "IOTDA.014016"


@pytest.mark.parametrize("by_id", [False, True], ids=["by filter", "by ID"])
def test_subtask_output_is_omitted_unless_requested(simulator: Simulator, options: dict[str, Any], by_id: bool) -> None:
    task_id = simulator.add_task("createDevices", devices=60)
    which = {"task_id": [task_id]} if by_id else {}
    assert DEVICE_SECRET not in read(options, **which, details=True).text
    assert DEVICE_SECRET not in read(options, **which).text
    (task,) = read(options, **which, details=True, include_output=True).result["batch_tasks"]
    assert len(task["task_details"]) == 60
    assert all(DEVICE_SECRET in detail["output"] for detail in task["task_details"])


def test_check_mode_reads_the_same(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_tasks(60)
    real, checked = (
        run_module("batch_task_info", {**options, "details": True}, check=check) for check in (False, True)
    )
    assert real.result["batch_tasks"] == checked.result["batch_tasks"]
    assert simulator.journal.unsafe() == []
