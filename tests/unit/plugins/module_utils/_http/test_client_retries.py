# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP helper, as far as no socket is needed: what is repeated, and when it gives up."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    CancelledError,
    IamError,
    IamOperation,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import ClientStats
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, answer, never_connected
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._http.client_calls import Made, call

UNSURE = [408, 500, 502, 503, 504]


def timed_out() -> requests.ReadTimeout:
    return requests.ReadTimeout("silent")


# --- what is repeated


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("status", [*UNSURE, 429])
def test_get_and_delete_are_repeated_after_an_error(make: Made, method: str, status: int) -> None:
    http, wire = make(answer(status), answer(204))
    got = http.send(call(method))
    assert (got.status, got.attempts) == (204, 2)
    assert len(wire.sent) == 2


@pytest.mark.parametrize("status", [200, 201, 204, 301, 400, 401, 403, 404, 409, 410, 501, 505])
def test_a_final_answer_is_not_repeated(make: Made, status: int) -> None:
    http, _wire = make(answer(status))
    assert http.send(call("DELETE")).attempts == 1


@pytest.mark.parametrize("status", UNSURE)
def test_a_post_that_may_have_acted_is_not_repeated(make: Made, status: int) -> None:
    http, _wire = make(answer(status))
    assert http.send(call("POST", body={})).attempts == 1


@pytest.mark.parametrize("end", [answer(429), never_connected()], ids=["throttled", "never connected"])
def test_a_post_that_was_not_sent_is_repeated(make: Made, end: Any) -> None:
    http, _wire = make(end, answer(200))
    assert http.send(call("POST", body={})).attempts == 2


def test_a_cancelled_run_keeps_what_it_knows(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    http, wire = make(answer(503), answer(204))
    send = wire.send

    def send_and_be_cancelled(*args: Any, **options: Any) -> Any:
        http.cancellation.cancel("SIGTERM was received")
        return send(*args, **options)

    monkeypatch.setattr(wire, "send", send_and_be_cancelled)
    got = http.send(call("DELETE"))
    assert (got.status, got.attempts) == (503, 1)
    with pytest.raises(CancelledError, match="SIGTERM was received"):
        http.send(call("DELETE"))
    assert len(wire.sent) == 1


def test_a_post_is_not_repeated_after_a_read_timeout(make: Made) -> None:
    http, _wire = make(timed_out())
    with pytest.raises(TransportError) as caught:
        http.send(call("POST", body={}))
    assert (caught.value.cause, caught.value.attempts, caught.value.ambiguous) == ("timeout", 1, True)


@pytest.mark.parametrize(
    "end", [never_connected(), timed_out(), requests.ConnectionError("reset"), ValueError("unforeseen")], ids=repr
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_get_and_delete_are_repeated_when_cut_off(make: Made, method: str, end: Exception) -> None:
    http, _wire = make(end, answer(204))
    assert http.send(call(method)).attempts == 2


@pytest.mark.parametrize("end", [requests.exceptions.InvalidURL("x"), OSError("no such file")], ids=repr)
def test_an_exception_never_comes_through(make: Made, end: Exception) -> None:
    http, _wire = make(end, retry_timeout=0)
    with pytest.raises(TransportError):
        http.send(call())


def test_an_unusable_address_is_not_tried_again(make: Made) -> None:
    http, wire = make(requests.exceptions.InvalidURL("x"))
    with pytest.raises(TransportError):
        http.send(call())
    assert len(wire.sent) == 1


# --- what may have been carried out


@pytest.mark.parametrize("status", UNSURE)
def test_an_answer_after_an_unsure_attempt_is_marked(make: Made, status: int) -> None:
    http, _wire = make(answer(status), answer(404))
    assert http.send(call("DELETE")).ambiguous is True


@pytest.mark.parametrize("end", [timed_out(), requests.ConnectionError("reset")], ids=repr)
def test_an_answer_after_a_lost_one_is_marked(make: Made, end: Exception) -> None:
    http, _wire = make(end, answer(404))
    assert http.send(call("DELETE")).ambiguous is True


@pytest.mark.parametrize("end", [answer(429), never_connected()], ids=["throttled", "never connected"])
def test_attempts_that_did_nothing_are_unambiguous(make: Made, end: Any) -> None:
    http, _wire = make(end, answer(404))
    assert http.send(call("DELETE")).ambiguous is False


def test_the_mark_stays_through_later_attempts(make: Made) -> None:
    http, _wire = make(answer(503), never_connected(), answer(429), answer(404))
    got = http.send(call("DELETE"))
    assert (got.attempts, got.ambiguous) == (4, True)


def test_final_connect_failure_keeps_earlier_ambiguity(make: Made) -> None:
    http, _wire = make(answer(503), never_connected(), retry_timeout=1.2)
    with pytest.raises(TransportError) as caught:
        http.send(call("DELETE"))
    assert (caught.value.cause, caught.value.attempts, caught.value.ambiguous) == ("connect", 2, True)


# --- how long it goes on


def test_the_wait_doubles_up_to_ten_seconds(make: Made, clock: Clock) -> None:
    http, _wire = make(*[answer(503) for _each in range(7)], answer(204))
    http.send(call("DELETE"))
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_the_wait_has_a_share_of_chance(make: Made, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: low)
    http, _wire = make(answer(503), answer(204))
    http.send(call("DELETE"))
    assert clock.slept == [0.25]


def test_with_no_retry_timeout_there_is_one_attempt(make: Made, clock: Clock) -> None:
    http, wire = make(answer(503), retry_timeout=0)
    assert http.send(call("DELETE")).status == 503
    assert (len(wire.sent), clock.slept) == (1, [])


@pytest.mark.parametrize("end", [answer(429, Retry_After="61"), answer(503, Retry_After="61")], ids=["429", "503"])
def test_a_wait_beyond_the_retry_timeout_is_not_begun(make: Made, clock: Clock, end: urllib3.HTTPResponse) -> None:
    http, wire = make(end, retry_timeout=60)
    assert http.send(call("DELETE")).status == end.status
    assert (len(wire.sent), clock.slept) == (1, [])


@pytest.mark.parametrize("status", [408, 429, 503])
def test_what_the_service_asks_for_is_waited(make: Made, clock: Clock, status: int) -> None:
    http, _wire = make(answer(status, Retry_After="30"), answer(204))
    http.send(call("DELETE"))
    assert sum(clock.slept) == 30.0


def test_a_retry_after_of_0_is_not_taken_literally(make: Made, clock: Clock) -> None:
    http, _wire = make(answer(503, Retry_After="0"), answer(204))
    http.send(call("DELETE"))
    assert clock.slept == [0.5]


@pytest.mark.parametrize("status", [429, 503])
def test_it_never_goes_on_beyond_the_retry_timeout(make: Made, clock: Clock, status: int) -> None:
    http, _wire = make(*[answer(status) for _each in range(100)], retry_timeout=20)
    assert http.send(call("DELETE")).status == status
    assert clock.now <= 1020.0


def test_a_throttle_holds_the_next_request_too(make: Made, clock: Clock) -> None:
    http, _wire = make(answer(429, Retry_After="5"), answer(204), answer(204))
    http.send(call("DELETE"))
    assert clock.now == 1005.0
    http.send(call("DELETE"))
    assert clock.now == 1006.0  # nothing was accepted before the 429: the slowest pace there is


def test_counters_tell_throttles_and_retries(make: Made) -> None:
    http, _wire = make(answer(429), answer(429), answer(503), answer(204))
    assert http.stats == ClientStats(0, 0)
    http.send(call("DELETE"))
    assert http.stats == ClientStats(throttled=2, retries=3)


# --- a secret that is renewed


class Renewing(Auth):
    """Says who it is by a number that grows with each 401."""

    def __init__(self, failure: IamError | None = None) -> None:
        self.number = 1
        self.failure = failure

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-Auth-Token"] = str(self.number)
        return request

    def on_response(self, request: requests.PreparedRequest, response: Response) -> bool:
        if response.status == 401 and self.failure:
            raise self.failure
        self.number += response.status == 401
        return response.status == 401


class Expiring(Renewing):
    """Cannot be renewed before the second attempt."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self.number += 1
        if self.number > 2:
            raise IamError(IamOperation.LOGIN, TransportError("no answer", "timeout"))
        return super().__call__(request)


def test_an_attempt_counts_though_a_renewal_then_fails(make: Made) -> None:
    """It may have deleted the task."""
    http, wire = make(requests.ReadTimeout("x"))
    with pytest.raises(IamError) as caught:
        http.send(call("DELETE", auth=Expiring()))
    assert (caught.value.attempts, caught.value.ambiguous, len(wire.sent)) == (1, True, 1)


def test_a_renewed_secret_is_sent_at_once(make: Made, clock: Clock) -> None:
    http, wire = make(answer(401), answer(204))
    got = http.send(call("POST", auth=Renewing()))
    assert (got.status, got.attempts) == (204, 2)
    assert [request.headers["X-Auth-Token"] for request in wire.sent] == ["1", "2"]
    assert clock.slept == []


def test_a_secret_is_renewed_only_once(make: Made) -> None:
    http, wire = make(answer(401), answer(401))
    assert http.send(call(auth=Renewing())).status == 401
    assert len(wire.sent) == 2


def test_a_failed_renewal_ends_the_request(make: Made) -> None:
    http, _wire = make(answer(503), answer(401))
    failure = IamError(IamOperation.LOGIN, TransportError("no", "dns"))
    with pytest.raises(IamError) as caught:
        http.send(call("DELETE", auth=Renewing(failure)))
    assert (caught.value.attempts, caught.value.ambiguous, caught.value.details) == (2, True, failure.details)
    assert (failure.attempts, failure.ambiguous) == (0, False)
