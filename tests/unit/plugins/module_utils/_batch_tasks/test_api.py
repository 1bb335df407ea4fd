# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of batch tasks: what is sent for each verb, and what of the answers is believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    BatchTask,
    BatchTaskClient,
    InstanceTarget,
    may_have_acted,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer

PATH = "/v5/iot/p1/batchtasks"
TASK = {"task_id": "a1", "status": "Success", "task_type": "freezeDevices"}
LISTED = {"batchtasks": [TASK], "page": {"count": 1, "marker": "f" * 24}}


def make_client(*ends: Any, project_id: str = "p1", instance_id: str | None = None) -> tuple[BatchTaskClient, Wire]:
    wire = Wire(*ends)
    http = HttpClient(HttpConfig(retry_timeout=0), transport=wire)
    return BatchTaskClient(
        http, InstanceTarget("https://iotda.example", project_id, instance_id), TokenAuth("t1")
    ), wire


def test_delete() -> None:
    client, wire = make_client(answer(204))
    assert client.delete("a1").status == 204
    assert (wire.sent[0].method, wire.sent[0].path_url, wire.sent[0].body) == ("DELETE", f"{PATH}/a1", None)


def test_show() -> None:
    client, wire = make_client(answer(200, {"batchtask": TASK, "task_details": [{"output": "hush"}]}))
    shown = client.show("a1")
    assert (shown.data, shown.attempts) == (TASK, 1)
    assert (wire.sent[0].method, wire.sent[0].path_url) == ("GET", f"{PATH}/a1?limit=1")


def test_stop() -> None:
    client, wire = make_client(answer(200, {"targets": []}))
    client.act("stop", "a1")
    assert (wire.sent[0].method, wire.sent[0].path_url, wire.sent[0].body) == ("POST", f"{PATH}/a1/stop", b"{}")


@pytest.mark.parametrize("status", ["accepted", "Success", "", None])
def test_a_device_without_a_clear_end_leaves_a_doubt(status: str | None) -> None:
    """It may have been stopped: it must not count as a failure that changed nothing."""
    client, _wire = make_client(answer(200, {"targets": [{"target": "d1", "status": status}]}))
    with pytest.raises(ApiError) as raised:
        client.act("stop", "a1")
    assert may_have_acted(raised.value)


@pytest.mark.parametrize(
    ("filters", "marker", "query"),
    [
        ([], None, "limit=50"),
        ([("status", "Fail"), ("app_id", "a b")], "0" * 24, f"app_id=a%20b&limit=50&marker={'0' * 24}&status=Fail"),
    ],
)
def test_a_page_is_asked_for(filters: list[tuple[str, str]], marker: str | None, query: str) -> None:
    client, wire = make_client(answer(200, LISTED, Date="Mon, 23 Nov 2026 12:00:00 GMT"))
    page = client.page(filters, marker, 50)
    assert wire.sent[0].path_url == f"{PATH}?{query}"
    assert (page.items, page.total, page.marker) == ([TASK], 1, "f" * 24)
    assert page.service_now
    assert page.service_now.isoformat() == "2026-11-23T12:00:00+00:00"


@pytest.mark.parametrize(("status", "query"), [(None, "limit=50"), ("Fail", "limit=50&task_detail_status=Fail")])
def test_a_page_of_subtasks_is_asked_for(status: str | None, query: str) -> None:
    client, wire = make_client(
        answer(200, {"batchtask": TASK, "task_details": [{"target": "d"}], "page": {"count": 1}})
    )
    assert client.detail_page("a1", status, None, 50).items == [{"target": "d"}]
    assert wire.sent[0].path_url == f"{PATH}/a1?{query}"


def test_the_instance_is_named_in_a_header() -> None:
    client, wire = make_client(answer(204), answer(204), instance_id="i1")
    client.delete("a1")
    assert wire.sent[0].headers["Instance-Id"] == "i1"


def test_without_an_instance_there_is_no_header() -> None:
    client, wire = make_client(answer(204))
    client.delete("a1")
    assert "Instance-Id" not in wire.sent[0].headers


def test_a_project_cannot_leave_its_place_in_the_path() -> None:
    client, wire = make_client(answer(204), project_id="a/../b")
    client.delete("a1")
    assert wire.sent[0].path_url == "/v5/iot/a%2F..%2Fb/batchtasks/a1"


Verb = Callable[[BatchTaskClient], Any]
VERBS: dict[str, Verb] = {
    "delete": lambda client: client.delete("a1"),
    "show": lambda client: client.show("a1"),
    "stop": lambda client: client.act("stop", "a1"),
    "page": lambda client: client.page([], None, 50),
    "detail_page": lambda client: client.detail_page("a1", None, None, 50),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("status", [202, 302, 400, 404, 500])
def test_each_verb_accepts_only_its_own_success_status(verb: Verb, status: int) -> None:
    with pytest.raises(ApiError) as caught:
        verb(make_client(answer(status, LISTED))[0])
    assert caught.value.details.http_status == status


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_read_timeout_is_a_failed_request(verb: Verb) -> None:
    with pytest.raises(RequestError):
        verb(make_client(requests.ReadTimeout("x"))[0])


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"batchtask": None},
        {"batchtask": []},
        {"batchtask": {**TASK, "task_id": "a2"}},
        {"batchtask": {"status": "Success"}},
        {"batchtask": {"task_id": "a1"}},
        {"batchtask": {"task_id": "a1", "status": None}},
        [],
    ],
    ids=json.dumps,
)
def test_response_without_requested_task_is_rejected(content: Any) -> None:
    with pytest.raises(ApiError) as caught:
        make_client(answer(200, content))[0].show("a1")
    assert caught.value.details.body == "other"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"batchtasks": [TASK]},
        {"batchtasks": [TASK], "page": []},
        {"batchtasks": None, "page": {}},
        {"batchtasks": {}, "page": {}},
        {"batchtasks": [None], "page": {}},
        {"batchtasks": [{"task_id": "../a"}], "page": {}},
        {"batchtasks": [{"task_id": 7}], "page": {}},
        {"batchtasks": [TASK, {"status": "Success"}], "page": {}},
    ],
    ids=json.dumps,
)
def test_a_list_that_is_none_is_not_believed(content: Any) -> None:
    with pytest.raises(ApiError, match="answered 200 with a list"):
        make_client(answer(200, content))[0].page([], None, 50)


@pytest.mark.parametrize(("count", "known"), [(0, 0), (7, 7), (None, None), ("7", None), (1.5, None)])
def test_a_count_is_a_number_or_not_known(count: Any, known: int | None) -> None:
    page = make_client(answer(200, {"batchtasks": [], "page": {"count": count}}))[0].page([], None, 50)
    assert page.total == known


@pytest.mark.parametrize("marker", [None, 7, "", "f" * 23, "F" * 24, "f" * 25, "ffffffffffffffffffff&x=1"])
def test_a_marker_that_is_none_is_not_followed(marker: Any) -> None:
    page = make_client(answer(200, {"batchtasks": [], "page": {"marker": marker}}))[0].page([], None, 50)
    with pytest.raises(ApiError, match="a page without a usable marker"):
        page.next_marker(None)


@pytest.mark.parametrize(("before", "follows"), [(None, True), ("6" * 24, True), ("5" * 24, False), ("4" * 24, False)])
def test_a_marker_lies_beyond_the_last_one(before: str | None, follows: bool) -> None:
    page = make_client(answer(200, {"batchtasks": [], "page": {"marker": "5" * 24}}))[0].page([], None, 50)
    if follows:
        assert page.next_marker(before) == "5" * 24
    else:
        with pytest.raises(ApiError, match="which is not smaller than the previous page's"):
            page.next_marker(before)


def test_counters_are_those_of_the_client() -> None:
    client, _wire = make_client(answer(429))
    with pytest.raises(ApiError):
        client.delete("a1")
    assert (client.stats.throttled, client.stats.retries) == (1, 0)


@pytest.mark.parametrize(
    ("status", "finished"),
    [(status, True) for status in ("Success", "Fail", "PartialSuccess", "Stopped")]
    + [(status, False) for status in ("Initializing", "Waitting", "Processing", "Stopping", "success", "Unheard")],
)
def test_finished(status: str, finished: bool) -> None:
    assert BatchTask({"status": status}, 1).finished is finished


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        ({"total": 10, "success": 1, "fail": 2, "stopped": 3, "removed": 1, "processing": 3}, "7 of 10 devices done"),
        ({"total": 2}, "0 of 2 devices done"),
        ({"total": 2, "success": None, "fail": "1"}, "0 of 2 devices done"),
        ({"success": 1}, ""),
        ({"total": "10"}, ""),
        (None, ""),
        ("all", ""),
    ],
)
def test_progress(progress: Any, text: str) -> None:
    assert BatchTask({"status": "Processing", "task_progress": progress}, 1).progress == text
