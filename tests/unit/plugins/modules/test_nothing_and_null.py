# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An option that selects, named with nothing in it, is an error: it must never count as left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Request, Response
from ansible_collections.huaweicloud.iotda.tests.unit import in_process
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import reply

REACH = {"endpoint": "https://127.0.0.1:9", "project_id": "p1", "auth_token": "a-token"}
INFO = (
    "app_id",
    "task_type",
    "task_name",
    "status",
    "created_before",
    "created_after",
    "limit",
    "detail_status",
    "task_id",
)
UPGRADE = {
    "state": "present",
    "task_name": "upgrade",
    "task_type": "firmwareUpgrade",
    "targets": ["a"],
    "document": {"package_id": "p"},
}
# Left out, an upgrade would begin at once, or on other devices.
PRESENT = ("task_name", "task_type", "app_id", "targets", "schedule_time", "need_confirm")
PRUNE = ("app_id", "task_type", "task_name", "status", "created_before", "older_than", "keep_last", "protect")
OPTIONS = [
    *(("batch_task_info", name, {"details": True} if name == "detail_status" else {}) for name in INFO),
    ("batch_task_info", "task_ids", {}),
    *(("batch_task_prune", name, {} if name == "older_than" else {"older_than": "0d"}) for name in PRUNE),
    ("batch_task_prune", "older_than", {"keep_last": 1}),
    ("batch_task", "task_id", {"state": "absent"}),
    ("batch_task", "task_ids", {"state": "absent"}),
    *(("batch_task", name, UPGRADE) for name in PRESENT),
    ("batch_task", "group_ids", {name: value for name, value in UPGRADE.items() if name != "targets"}),
    *(("batch_task", "targets", {"state": state, "task_id": ["a"]}) for state in ("stopped", "retried", "confirmed")),
    # Without a log, nothing would show what was deleted.
    ("batch_task", "audit_log", {"state": "absent", "task_id": ["a"]}),
    ("batch_task_prune", "audit_log", {"older_than": "0d"}),
]
NOTHING: dict[str, Any] = {
    "null": None,
    "empty": "",
    "blank": "  ",
    "newline": "\n",
    "empty list": [],
    "list of empty": [""],
    "list of blank": ["  "],
    "list of null": [None],
}


class Sent:
    """In place of the network: a service without tasks, and what was sent to it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        return reply(200, b'{"batchtasks": [], "page": {"count": 0}}')


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Give what is sent."""
    sent = Sent()
    monkeypatch.setattr(HttpClient, "send", lambda _client, request: sent.send(request))
    return sent


def run(module: str, **options: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(in_process.run(module, {**REACH, **options}).strip().splitlines()[-1])
    return result


CASES = [
    pytest.param(*option, nothing, id=f"{option[0]}-{option[1]}-{number}-{how}")
    for number, option in enumerate(OPTIONS)
    for how, nothing in NOTHING.items()
    if nothing != [] or not option[1].startswith("task_id")
]


@pytest.mark.parametrize(("module", "name", "rest", "nothing"), CASES)
def test_nothing_is_an_error_and_nothing_is_sent(sent: Sent, module: str, name: str, rest: Any, nothing: Any) -> None:
    result = run(module, **{**rest, name: nothing})
    assert result["failed"]
    assert name.replace("ids", "id") in result["msg"]
    assert sent.requests == []


@pytest.mark.parametrize(("module", "rest"), [("batch_task", {"state": "absent"}), ("batch_task_info", {})])
@pytest.mark.parametrize("name", ["task_id", "task_ids"])
def test_an_empty_list_of_ids_is_no_task(sent: Sent, module: str, rest: Any, name: str) -> None:
    result = run(module, **rest, **{name: []})
    assert (result.get("failed", False), result["changed"], sent.requests) == (False, False, [])


@pytest.mark.parametrize("name", ["task_type", "task_name", "status", "protect"])
def test_a_list_written_as_commas_is_an_error(sent: Sent, name: str) -> None:
    result = run("batch_task_prune", **{"older_than": "0d", name: "a,,b" if name != "status" else ","})
    assert (result["failed"], sent.requests) == (True, [])
    assert name in result["msg"]


def test_what_is_absent_is_no_error(sent: Sent) -> None:
    assert not run("batch_task_prune", older_than="0d").get("failed")
    assert not run("batch_task_info").get("failed")
    assert sent.requests


NUMBERS = {"octal": 0o17, "zero": 0, "float": 1e22, "bool": False, "long": 10**24}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("as_list", [False, True], ids=["alone", "list"])
@pytest.mark.parametrize(
    ("module", "name", "rest"),
    [
        ("batch_task", "task_id", {"state": "absent"}),
        ("batch_task", "task_ids", {"state": "absent"}),
        ("batch_task_info", "task_id", {}),
        ("batch_task_prune", "protect", {"older_than": "0d"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_id_read_as_a_number_is_refused(
    sent: Sent, module: str, name: str, rest: Any, number: Any, as_list: bool
) -> None:
    result = run(module, **rest, **{name: [number] if as_list else number})
    assert result["failed"]
    assert f"{name} contains {number}" in result["msg"]
    assert "put IDs and names in quotes" in result["msg"]
    assert sent.requests == []


def test_a_number_of_24_digits_is_an_id(sent: Sent) -> None:
    run("batch_task", task_id=512345678901234567890123, state="absent")
    assert sent.requests[0].url.endswith("/batchtasks/512345678901234567890123")


def test_a_whole_task_is_no_id(sent: Sent) -> None:
    result = run("batch_task", task_id=[{"task_id": "a"}], state="absent")
    assert (result["failed"], sent.requests) == (True, [])
    assert "task_id contains a dict, which is not text" in result["msg"]


@pytest.mark.parametrize(
    ("module", "name", "rest"),
    [
        *(("batch_task_prune", name, {"older_than": "0d"}) for name in ("app_id", "task_name")),
        *(("batch_task", name, UPGRADE) for name in ("app_id", "task_name", "targets", "group_ids")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_number_for_a_text_is_refused(sent: Sent, module: str, name: str, rest: Any) -> None:
    result = run(module, **{**rest, name: 7})
    assert (result["failed"], sent.requests) == (True, [])
    assert f"{name} contains 7, which is not text" in result["msg"]
