# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to go wrong goes wrong, so that a client meets on the wire what it will meet in a bad hour."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

BROKEN = ("reset", "close", "hang", "cut_body", "bad_chunking")


def test_status(sim: Simulator, api: Callable[..., Any]) -> None:
    task_id = sim.add_task()
    sim.fault(status=502, headers={"Retry-After": "3"})
    reply = api("DELETE", f"/{task_id}")
    assert (reply.status_code, reply.headers["Retry-After"]) == (502, "3")
    assert reply.json()["error_code"] == "APIGW.0201"
    assert reply.json()["request_id"] == reply.headers["X-Request-Id"]
    assert sim.task_ids() == {task_id}
    assert api("DELETE", f"/{task_id}").status_code == 204


def test_altered(sim: Simulator, api: Callable[..., Any]) -> None:
    first, second = sim.add_task(), sim.add_task()
    sim.fault(kind="altered", json={"batchtasks": {"task_progress": {"total": "2"}}, "page": {"count": "2"}})
    altered, true = api("GET").json(), api("GET").json()
    assert [task["task_id"] for task in altered["batchtasks"]] == [second, first]
    assert [task["task_progress"].pop("total") for task in altered["batchtasks"]] == ["2", "2"]
    assert altered["page"].pop("count") == "2"
    assert [task["task_progress"].pop("total") for task in true["batchtasks"]] == [2, 2]
    assert true["page"].pop("count") == 2
    assert altered == true


@pytest.mark.parametrize("kind", ["status", *BROKEN, "drip", "wrong_length", "html", "redirect"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_request_takes_effect_or_not(sim: Simulator, api: Callable[..., Any], kind: str, when: str) -> None:
    task_id = sim.add_task()
    sim.fault(kind=kind, when=when, seconds=0.001)
    try:
        api("DELETE", f"/{task_id}")
    except requests.RequestException:
        assert kind in BROKEN
    else:
        assert kind not in BROKEN
    assert sim.task_ids() == ({task_id} if when == "before" else set())
    assert sim.journal[-1].fault == kind
    assert api("GET").status_code == 200


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("reset", "reset by peer", None),
        ("close", "RemoteDisconnected", None),
        ("hang", "RemoteDisconnected", None),
        ("cut_body", "IncompleteRead", 200),
        ("bad_chunking", "InvalidChunkLength", 200),
    ],
)
def test_broken_connections(sim: Simulator, api: Callable[..., Any], kind: str, error: str, status: int | None) -> None:
    sim.add_task()
    sim.fault(kind=kind, seconds=0.1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError), match=error):
        api("GET")
    assert sim.journal[-1].status == status


def test_hang_outlasts_the_clients_timeout(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="hang", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        api("GET", timeout=0.2)


def test_late_request_takes_effect(sim: Simulator, api: Callable[..., Any]) -> None:
    task_id = sim.add_task()
    sim.fault(kind="latency", seconds=10, when="after")
    with pytest.raises(requests.ReadTimeout):
        api("DELETE", f"/{task_id}", timeout=0.2)
    assert sim.task_ids() == set()
    sim.fault(kind="latency", seconds=0.2)
    began = time.monotonic()
    assert api("GET").status_code == 200
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("kind", ["html", "empty", "invalid_json"])
def test_unreadable_answers(api: Callable[..., Any], sim: Simulator, kind: str) -> None:
    sim.fault(kind=kind, status=404)
    reply = api("GET")
    assert reply.status_code == 404
    with pytest.raises(ValueError, match="Expecting|Unterminated"):
        json.loads(reply.text)
    assert reply.headers.get("Content-Type", "").startswith("text/html") == (kind == "html")


def test_json(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="json", json={"batchtasks": None})
    assert api("GET").json() == {"batchtasks": None}
    sim.fault(kind="json", json=[1], status=404)
    reply = api("GET")
    assert (reply.status_code, reply.json()) == (404, [1])


def test_body_in_place_of_the_usual_one(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(status=404, body='{"error_code": "IOTDA.1"}')
    assert api("GET").json() == {"error_code": "IOTDA.1"}
    sim.fault(status=429, json={"error_code": "APIGW.0308"})
    assert api("GET").json() == {"error_code": "APIGW.0308"}


def test_redirect(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="redirect", headers={"Location": "https://elsewhere.example.test/"}, status=307)
    reply = api("GET")
    assert (reply.status_code, reply.headers["Location"]) == (307, "https://elsewhere.example.test/")


def test_huge(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="huge", size=3_000_000)
    reply = api("GET")
    assert len(reply.content) == 3_000_000
    assert set(reply.json()) == {"padding"}


def test_drip(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="drip", seconds=0.01, body="0123456789")
    began = time.monotonic()
    assert api("GET").text == "0123456789"
    assert time.monotonic() - began >= 0.09


def test_wrong_length(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="wrong_length", body="0123456789", status=201)
    reply = api("GET")
    assert (reply.status_code, reply.text) == (201, "01234")


def test_date(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(kind="date", seconds=-7200)
    reply = api("GET")
    late = sim.clock.now() - parsedate_to_datetime(reply.headers["Date"])
    assert (reply.status_code, round(late.total_seconds() / 60)) == (200, 120)
    sim.fault(kind="date", body="yesterday")
    assert api("GET").headers["Date"] == "yesterday"
    assert parsedate_to_datetime(api("GET").headers["Date"]).tzinfo is not None


def test_which_and_how_often(sim: Simulator, api: Callable[..., Any]) -> None:
    task_id = sim.add_task()
    sim.fault(method="delete", path=rf"/{task_id}$", status=500, skip=1, times=2)
    sim.fault(method="GET", status=503, times=None)
    absent = "/5c8ba99030344005c02316ad"
    assert [api("DELETE", absent).status_code for dummy in range(2)] == [404, 404]
    sim.fault(method="DELETE", path=absent, status=504)
    sent = [api("DELETE", f"/{task_id}").status_code for dummy in range(4)]
    assert sent == [204, 500, 500, 404]
    assert {api("GET").status_code for dummy in range(3)} == {503}
    assert len(sim.faults.pending()) == 2
    sim.clear_faults()
    assert api("GET").status_code == 200


def test_first_fault_hits_alone(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.fault(status=500)
    sim.fault(status=502)
    assert [api("GET").status_code for dummy in range(3)] == [500, 502, 200]


def test_invalid_faults_are_refused(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        sim.fault(kind="earthquake")
    with pytest.raises(ValueError, match="before or after"):
        sim.fault(when="never")
    with pytest.raises(ValueError, match="times must be at least 1"):
        sim.fault(times=0)
    assert sim.faults.pending() == []


def test_faults_reach_iam_too(sim: Simulator) -> None:
    sim.fault(path="^/v3/", status=503)
    assert requests.get(f"{sim.url}/v3/projects", timeout=10).status_code == 503
    assert requests.get(f"{sim.url}/v3/projects", timeout=10).status_code == 401
