# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading tasks: by ID or by filter, newest first, and their subtasks without secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import KNOWN_TYPES
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.create import find_tasks
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.definition import TaskDefinition
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.read import (
    parse_read_options,
    read_tasks,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ConfigurationError,
    RequestError,
)
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Listed, refusal, silence

NOTHING: dict[str, Any] = dict.fromkeys(
    ["task_id", "app_id", "task_type", "status", "task_name", "created_before", "created_after", "limit"]
)
NOTHING.update(concurrency=2, details=False, detail_status=None, include_output=False)


def task(number: int, status: str = "Success", hour: int = 0, **more: Any) -> dict[str, Any]:
    """Return a task whose ID and time grow with its number, unless ``hour`` says otherwise."""
    created = f"20260101T{hour or number:02}0000Z"
    return {"task_id": f"{number:024x}", "status": status, "create_time": created, "task_type": "freezeDevices", **more}


def found(client: Listed, **options: Any) -> list[dict[str, Any]]:
    return read(client, **options)[0]


def read(client: Listed, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    return read_tasks(client, parse_read_options({**NOTHING, **options}))  # type: ignore[arg-type]


def numbers(tasks: Sequence[Mapping[str, Any]]) -> list[int]:
    return [int(one["task_id"], 16) for one in tasks]


FIVE = [task(number) for number in range(1, 6)]


def test_all_tasks_are_listed_newest_first_by_default() -> None:
    client = Listed([task(number, hour=1) for number in range(1, 121)])
    assert numbers(found(client)) == list(range(120, 0, -1))
    assert len(client.pages) == len(KNOWN_TYPES) + 2


def test_tasks_by_id_are_newest_first_and_omit_absent() -> None:
    ids = [FIVE[0]["task_id"], "abc", FIVE[3]["task_id"], FIVE[0]["task_id"]]
    assert numbers(found(Listed(FIVE), task_id=ids)) == [4, 1]


def test_404_of_another_server_does_not_omit_a_task() -> None:
    client = Listed()
    client.show = lambda task_id: raises(refusal(404, "APIGW.0101"))  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(ApiError) as caught:
        found(client, task_id=["a"])
    assert (caught.value.subject, caught.value.action) == ("batch task a", "show")


def raises(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"task_name": ["n"]}, [3]),
        ({"task_name": ["N", "m"]}, []),
        ({"task_name": ["x", "?"]}, [3]),
        ({"task_type": ["createDevices"]}, [2]),
        ({"task_type": ["createDevices", "freezeDevices"]}, [5, 4, 3, 2, 1]),
        ({"status": ["Fail"]}, [4]),
        ({"status": ["Fail", "Success"]}, [5, 4, 3, 2, 1]),
        ({"created_before": "2026-01-01T03:00:00Z"}, [2, 1]),
        ({"created_after": "20260101T030000Z"}, [5, 4, 3]),
        ({"created_after": "2026-01-01T02:00:00Z", "created_before": "2026-01-01T04:00:00Z"}, [3, 2]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 1, "created_before": "2026-01-01T03:00:00Z"}, [2]),
    ],
    ids=str,
)
def test_filters(options: dict[str, Any], expected: list[int]) -> None:
    tasks = [task(1), task(2, task_type="createDevices"), task(3, task_name="n"), task(4, "Fail"), task(5)]
    assert numbers(found(Listed(tasks), **options)) == expected


def test_what_the_service_can_filter_it_is_asked_to() -> None:
    client = Listed(FIVE)
    found(client, app_id="a", task_type=["t"], status=["Fail", "Fail"])
    assert client.pages == [({"app_id": "a", "task_type": "t", "status": "Fail"}, 50)]


def test_no_more_is_asked_for_than_is_wanted() -> None:
    client = Listed(FIVE)
    found(client, limit=2)
    assert [limit for _filters, limit in client.pages] == [2] * len(KNOWN_TYPES)


def test_a_limit_reads_on_only_where_it_must() -> None:
    kinds = ["freezeDevices"] * 130 + ["createDevices"] * 130
    client = Listed([task(number, hour=1, task_type=kind) for number, kind in enumerate(kinds, 1)])
    assert numbers(found(client, limit=120)) == list(range(260, 140, -1))
    assert len(client.pages) == len(KNOWN_TYPES) + 2


def test_the_tasks_of_all_types_are_merged() -> None:
    kinds = ("freezeDevices", "createMessages", "deviceJob")
    tasks = [task(number, task_type=kinds[number % 3]) for number in range(1, 13)]
    assert numbers(found(Listed(tasks))) == list(range(12, 0, -1))
    assert numbers(found(Listed(tasks), limit=5)) == [12, 11, 10, 9, 8]


def test_a_type_that_was_not_requested_may_be_refused() -> None:
    client = Listed([task(1), task(2, task_type="createMessages")])
    client.unknown = ("deviceJob", "sendSmss")
    tasks, skipped_types = read(client)
    assert (numbers(tasks), skipped_types) == ([2, 1], ["sendSmss", "deviceJob"])


def test_a_named_type_must_not_be_refused() -> None:
    client = Listed(FIVE)
    client.unknown = ("deviceJob",)
    with pytest.raises(ApiError) as caught:
        found(client, task_type=["freezeDevices", "deviceJob"])
    assert (caught.value.subject, caught.value.action) == ("batch tasks of type deviceJob", "list")


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("freezeDevice", "batch tasks of type freezeDevice (did you mean freezeDevices?)"),
        ("fridge", "batch tasks of type fridge"),
        ("deviceJob", "batch tasks of type deviceJob"),
    ],
)
def test_what_a_refused_type_may_mean_is_asked(written: str, subject: str) -> None:
    client = Listed(FIVE)
    client.unknown = (written,)
    with pytest.raises(ApiError) as caught:
        found(client, task_type=[written])
    assert caught.value.subject == subject
    with pytest.raises(ApiError) as caught:
        find_tasks(client, TaskDefinition("n", written, None, {}), 2)  # type: ignore[arg-type]
    assert caught.value.subject == subject


def test_not_all_types_may_be_refused() -> None:
    client = Listed(FIVE)
    client.unknown = KNOWN_TYPES
    with pytest.raises(ApiError, match="answered 400"):
        found(client)


@pytest.mark.parametrize(
    "error",
    [refusal(403, "IOTDA.000022"), refusal(400, "APIGW.0201"), refusal(400), refusal(404, "IOTDA.1"), silence()],
)
def test_only_invalid_input_makes_a_type_skipped(error: RequestError) -> None:
    client, page = Listed(FIVE), Listed(FIVE).page
    client.page = lambda filters, *more: raises(error) if "deviceJob" in str(filters) else page(filters, *more)  # type: ignore
    with pytest.raises(RequestError):
        found(client)


def test_a_refusal_in_the_middle_of_a_list_is_an_error() -> None:
    client = Listed([task(number, hour=1) for number in range(1, 121)])
    page = client.page
    client.page = lambda filters, marker, *more: (
        raises(refusal(400, "IOTDA.000006")) if marker else page(filters, marker, *more)
    )  # type: ignore
    with pytest.raises(ApiError):
        found(client)


def test_type_refused_for_only_one_status_is_an_error() -> None:
    client = Listed(FIVE)
    page = client.page
    client.page = lambda filters, *more: (
        raises(refusal(400, "IOTDA.000006"))
        if ("status", "Fail") in filters and ("task_type", "deviceJob") in filters
        else page(filters, *more)
    )  # type: ignore
    with pytest.raises(ApiError):
        found(client, status=["Success", "Fail"])


def test_task_without_time_fails_time_filter() -> None:
    tasks = [task(1), {**task(2), "create_time": None}]
    assert numbers(found(Listed(tasks), created_before="2027-01-01")) == [1]
    assert numbers(found(Listed(tasks))) == [2, 1]


def test_reading_ends_where_only_older_tasks_follow() -> None:
    client = Listed([task(number, hour=1 if number < 100 else 9) for number in range(1, 151)] + [task(1000, hour=9)])
    assert len(found(client, created_after="2026-01-01T05:00:00Z", task_type=["freezeDevices"])) == 52
    assert len(client.pages) == 3
    client.pages.clear()
    client.tasks += [task(0, hour=1)] * 200
    found(client, created_after="2026-01-01T05:00:00Z", task_type=["freezeDevices"])
    assert len(client.pages) == 3


def test_one_out_of_order_time_does_not_end_reading() -> None:
    tasks = [task(number, hour=9) for number in range(1, 120)]
    tasks[100]["create_time"] = "20000101T000000Z"
    assert len(found(Listed(tasks), created_after="2026-01-01T05:00:00Z")) == 118


def test_task_slightly_out_of_order_is_not_missed() -> None:
    tasks = [task(1, hour=6), task(2, hour=5), task(3, hour=6)]
    assert numbers(found(Listed(tasks), created_after="2026-01-01T06:00:00Z")) == [3, 1]


@pytest.mark.parametrize("where", ["output", "Output"])
def test_no_output_slips_through_at_another_place(where: str) -> None:
    inner = [{"target": "d", "error": {where: "hush"}}]
    client = Listed([{**task(1), "document": {"paras": {"output": "on"}}, "task_details": inner}], [inner, inner])
    (listed,) = found(client)
    (detailed,) = found(client, details=True)
    assert listed["task_details"] == detailed["task_details"] == [{"target": "d", "error": {}}]
    assert listed["document"] == {"paras": {"output": "on"}}
    (whole,) = found(client, details=True, include_output=True)
    assert whole["task_details"] == inner


def test_subtasks_come_without_their_output() -> None:
    client = Listed([task(1)], [[{"target": "d", "status": "Success", "output": "hush"}]])
    (one,) = found(client, details=True)
    assert one["task_details"] == [{"target": "d", "status": "Success"}]


def test_subtask_output_is_included_on_request() -> None:
    client = Listed([task(1)], [[{"target": "d", "output": "o"}]])
    (one,) = found(client, details=True, include_output=True, detail_status="Fail")
    assert one["task_details"] == [{"target": "d", "output": "o"}]
    assert client.detail_statuses == ["Fail"]


def test_task_deleted_before_subtask_read_is_omitted() -> None:
    assert found(Listed([task(1)], [refusal(404, "IOTDA.014201")]), details=True) == []


def test_failed_subtask_read_names_the_task() -> None:
    with pytest.raises(RequestError) as caught:
        found(Listed([task(1)], [silence()]), details=True)
    assert caught.value.subject == f"batch task {1:024x}"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"task_id": ["a"], "status": ["Fail"], "limit": 1}, "task_id cannot be combined with status, limit"),
        ({"task_id": ["x"]}, "not 'x'; nothing was sent"),
        ({"task_type": ["a&b"]}, "task_type must name task types such as freezeDevices, not 'a&b'"),
        ({"created_after": "soon"}, "created_after must be a time"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_read_options({**NOTHING, **options})


@pytest.mark.parametrize("options", [{"detail_status": "Fail"}, {"include_output": True}])
def test_options_about_subtasks_need_subtasks(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="only with details: true"):
        parse_read_options({**NOTHING, **options})


def test_an_empty_list_of_ids_is_no_wish_for_all() -> None:
    assert parse_read_options({**NOTHING, "task_id": []}).task_ids == []
