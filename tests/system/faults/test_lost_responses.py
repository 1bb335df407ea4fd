# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that ends at any byte of request or response, by FIN or RST, with and without each kind of proxy.

The rule: whatever may have been sent is ambiguous, so a 404 after it is no proof that the task was absent before, and
a POST is not sent again.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient, InstanceTarget
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import Absent, Run, RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import Outcome
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Request
from ansible_collections.huaweicloud.iotda.tests.raw_network import ENDS, Authority, read_request
from ansible_collections.huaweicloud.iotda.tests.system.faults.ways import WAYS, Route, Way, route_to

TASK = "5c8ba99030344005c02316ad"
DELETED = b"HTTP/1.1 204 No Content\r\nDate: Thu, 26 Nov 2026 08:00:00 GMT\r\nX-Request-Id: r1\r\n\r\n"
GONE = b'{"error_code":"IOTDA.014201","error_msg":"The task does not exist."}'
ABSENT = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(GONE), GONE)
CHUNKED = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(GONE), GONE)
# Where each connection costs more, fewer bytes are tried; the primes make it other ones each time.
STEP = {"plain": 1, "forwarded": 2, "forwarded, TLS proxy": 61}
OTHER_STEP = 29


class Cuts:
    """A server that ends the first connection of each pair as ``cut`` does, and answers the second one with a 404."""

    def __init__(self) -> None:
        self.cut: Callable[[socket.socket], None] = lambda connection: None
        self.is_first = True
        self.posts = 0

    def __call__(self, connection: socket.socket, number: int) -> None:
        if self.is_first:
            self.is_first = False
            self.cut(connection)
            return
        self.posts += read_request(connection).startswith(b"POST")
        connection.sendall(ABSENT)

    def set(self, cut: Callable[[socket.socket], None]) -> None:
        self.is_first, self.posts, self.cut = True, 0, cut


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture(autouse=True)
def no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)


@pytest.fixture
def cuts() -> Cuts:
    return Cuts()


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def route(cuts: Cuts, way: Way, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Route]:
    with route_to(cuts, way, authority, monkeypatch) as route:
        yield route


def http_client(route: Route, retry_timeout: float) -> HttpClient:
    verify = route.ca_file if route.url.startswith("https:") else False
    return HttpClient(HttpConfig(timeout=5.0, retry_timeout=retry_timeout, verify=verify, connections=1))


def delete(route: Route, retry_timeout: float) -> Outcome:
    client = BatchTaskClient(http_client(route, retry_timeout), InstanceTarget(route.url, "p1"), TokenAuth("t1"))
    outcomes: dict[int, Outcome] = {}
    Run(client, Absent(), RunOptions(concurrency=1), outcomes.__setitem__).bring([TASK])
    return outcomes[0]


def answers(response: bytes, size: int, end: str) -> Callable[[socket.socket], None]:
    def cut(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(response[:size])
        ENDS[end](connection)

    return cut


@pytest.mark.parametrize("end", ENDS)
def test_a_response_cut_at_any_byte_is_ambiguous(route: Route, cuts: Cuts, way: Way, end: str) -> None:
    for response in (DELETED, ABSENT, CHUNKED):
        for size in range(0, len(response), STEP.get(way.name, OTHER_STEP)):
            cuts.set(answers(response, size, end))
            result = delete(route, 5.0)
            assert (result.outcome, result.attempts) == ("deleted_unconfirmed", 2), (response[:size], result)


def test_a_whole_response_counts_once(route: Route, cuts: Cuts) -> None:
    for response, outcome in ((DELETED, "deleted"), (ABSENT, "absent"), (CHUNKED, "absent")):
        cuts.set(answers(response, len(response), "FIN"))
        result = delete(route, 5.0)
        assert (result.outcome, result.attempts) == (outcome, 1)


@pytest.mark.parametrize("end", ENDS)
def test_a_request_cut_at_any_byte_is_ambiguous(route: Route, cuts: Cuts, way: Way, end: str) -> None:
    # With no byte read, a connection may even be reset before it is used.
    for size in range(1, 200, STEP.get(way.name, OTHER_STEP) * 4):

        def cut(connection: socket.socket, size: int = size) -> None:
            read_request(connection, size)
            ENDS[end](connection)

        cuts.set(cut)
        result = delete(route, 5.0)
        assert (result.outcome, result.attempts) == ("deleted_unconfirmed", 2), (size, result)


@pytest.mark.parametrize("end", ENDS)
def test_a_post_is_sent_once(route: Route, cuts: Cuts, way: Way, end: str) -> None:
    for size in range(0, len(ABSENT), STEP.get(way.name, OTHER_STEP) * 5):
        cuts.set(answers(ABSENT, size, end))
        with pytest.raises(TransportError) as caught:
            http_client(route, 5.0).send(Request("POST", f"{route.url}/stop", TokenAuth("t1"), body={}))
        assert (caught.value.attempts, caught.value.ambiguous, cuts.posts) == (1, True, 0)


def test_each_way_is_what_it_says(way: Way, cuts: Cuts, route: Route) -> None:
    cuts.set(answers(DELETED, len(DELETED), "FIN"))
    assert delete(route, 0.0).outcome == "deleted"
    seen = route.proxy.requests[0].split(b" ")[0] if route.proxy else None
    expected = {"http": b"CONNECT" if way.tls else b"DELETE", "socks5h": b"SOCKS"}
    assert seen == (expected[way.proxy.replace("https", "http")] if way.proxy else None)


def test_the_ways_and_ends_are_all_of_them() -> None:
    assert {(way.tls, way.proxy) for way in WAYS} == set(product((False, True), (None, "http", "https", "socks5h")))
