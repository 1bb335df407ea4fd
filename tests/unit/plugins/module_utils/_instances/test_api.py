# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of instances: all pages, each instance once, or a failure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Request, Response
from ansible_collections.huaweicloud.iotda.plugins.module_utils._instances.api import LARGEST_PAGE, InstanceClient
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import reply


def item(number: int) -> dict[str, Any]:
    return {"instance_id": f"{number:08x}", "name": f"n{number}", "instance_type": "standard", "status": "ACTIVE"}


def items(start: int, stop: int) -> list[dict[str, Any]]:
    return [item(number) for number in range(start, stop)]


class Http:
    """In place of the HTTP client: gives the written bodies in their order."""

    def __init__(self, *bodies: Any) -> None:
        self.bodies = list(bodies)
        self.sent: list[Request] = []

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        return reply(200, json.dumps(self.bodies.pop(0)).encode())


def client(http: Http) -> InstanceClient:
    return InstanceClient(http, "https://mgmt.example", "p1", Auth())  # type: ignore[arg-type]


def page(found: Sequence[Any], count: Any, marker: Any = "") -> dict[str, Any]:
    return {"instances": found, "count": count, "marker": marker}


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param([page(items(0, 3), 3)], id="one page"),
        pytest.param([page([], 0)], id="none"),
        pytest.param([page(items(0, LARGEST_PAGE), LARGEST_PAGE)], id="one full page"),
        pytest.param([page(items(0, 3), 5, "m1"), page(items(3, 5), 5, "m2")], id="short pages"),
        pytest.param([page(items(0, 3), None, "m1"), page([], None)], id="no count"),
        pytest.param(
            [
                page(items(0, LARGEST_PAGE), 2 * LARGEST_PAGE + 1, "m1"),
                page(items(LARGEST_PAGE, 2 * LARGEST_PAGE), LARGEST_PAGE + 1, "m2"),
                page(items(2 * LARGEST_PAGE, 2 * LARGEST_PAGE + 1), 1, "m3"),
            ],
            id="count of the rest",
        ),
    ],
)
def test_a_list_is_read_to_its_end(bodies: list[dict[str, Any]]) -> None:
    http = Http(*bodies)
    assert client(http).list() == [found for body in bodies for found in body["instances"]]
    assert not http.bodies
    assert [dict(sent.query).get("marker") for sent in http.sent] == [None, *(body["marker"] for body in bodies[:-1])]


@pytest.mark.parametrize(
    ("bodies", "message"),
    [
        pytest.param([page([item(1), item(1)], 2)], "repeats the instance 00000001", id="twice on a page"),
        pytest.param([page([item(1)], 9, "m"), page([item(1)], 9, "n")], "repeats the instance", id="on two pages"),
        pytest.param([page([item(1)], 9)], "without a usable marker", id="no marker"),
        pytest.param([page([item(1)], 9, 7)], "without a usable marker", id="a marker that is no text"),
        pytest.param([page([item(1)], 9, "m"), page([item(2)], 9, "m")], "usable marker", id="a marker again"),
        pytest.param([{"count": 1}], "no list of instances", id="no list"),
        pytest.param([page(["x"], 1)], "no list of instances", id="an entry that is no object"),
        pytest.param([page([{**item(1), "instance_id": "../x"}], 1)], "no list of instances", id="an ID for a path"),
        pytest.param([page([{**item(1), "name": None}], 1)], "no list of instances", id="no name"),
        pytest.param([["x"]], "something other than a JSON object", id="no object"),
    ],
)
def test_a_list_that_is_malformed_is_a_failure(bodies: list[Any], message: str) -> None:
    with pytest.raises(ApiError, match=message):
        client(Http(*bodies)).list()


def test_a_list_without_end_is_a_failure() -> None:
    class Endless(Http):
        def send(self, request: Request) -> Response:
            number = len(self.sent)
            self.bodies = [page([item(number)], 10**6, f"m{number}")]
            return super().send(request)

    http = Endless()
    with pytest.raises(ApiError, match="with more than 1000 pages"):
        client(http).list()
    assert len(http.sent) == 1001


@pytest.mark.parametrize("body", [item(2), {**item(1), "status": 7}, {}])
def test_an_instance_must_be_the_one_asked_for(body: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="no instance 00000001 in it"):
        client(Http(body)).show("00000001")
