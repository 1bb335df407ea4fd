# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP helper, as far as no socket is needed: what is sent and how, what is repeated, and when it gives up."""

from __future__ import annotations

import base64
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from urllib3.exceptions import InsecureRequestWarning

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import AccessKey
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import AccessKeyAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.token import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ConfigurationError,
    IamError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import client
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import ClientStats, HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import FilePart, Request, Response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Clock,
    FakeCancellation,
    Wire,
    answer,
    never_connected,
)

URL = "https://iotda.example/v5/iot/p1/batchtasks"
LARGEST = 64 << 20
UNSURE = [408, 500, 502, 503, 504]

Made = Callable[..., tuple[HttpClient, Wire]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give a clock in place of time itself, and take chance out of the waiting: always the longest."""
    clock = Clock()
    monkeypatch.setattr(client, "time", clock.as_time_module())
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    return clock


@pytest.fixture
def make(clock: Clock) -> Made:
    """Give what makes a client whose network has written ends."""

    def made(
        *ends: urllib3.HTTPResponse | Exception, redactor: Redactor | None = None, **settings: Any
    ) -> tuple[HttpClient, Wire]:
        wire = Wire(*ends)
        return HttpClient(HttpConfig(**settings), clock, redactor, wire, FakeCancellation(clock)), wire

    return made


def call(method: str = "GET", **more: Any) -> Request:
    return Request(method, URL, **{"auth": TokenAuth("t1"), **more})


def timed_out() -> requests.ReadTimeout:
    return requests.ReadTimeout("silent")


# --- what is sent, and how


def test_the_defaults_are_those_of_the_options() -> None:
    assert HttpConfig() == HttpConfig(30.0, 120.0, True, 10, True)


def test_an_answer_is_returned_whatever_its_status(make: Made) -> None:
    http, _wire = make(answer(404, b"gone", X_Request_Id="r1"))
    got = http.send(call("DELETE"))
    assert (got.status, got.body, got.attempts, got.ambiguous) == (404, b"gone", 1, False)
    assert got.headers["x-request-id"] == "r1"


def test_headers_of_every_request(make: Made) -> None:
    http, wire = make(answer())
    http.send(call(headers={"Instance-Id": "i1"}))
    sent = wire.sent[0].headers
    assert sent["Accept"] == "application/json"
    assert sent["User-Agent"] == "huaweicloud.iotda (Ansible)"
    assert sent["Instance-Id"] == "i1"
    assert sent["X-Auth-Token"] == "t1"
    assert "Content-Type" not in sent


def test_a_body_is_sent_as_json(make: Made) -> None:
    http, wire = make(answer())
    http.send(call("POST", body={}))
    assert wire.sent[0].body == b"{}"
    assert wire.sent[0].headers["Content-Type"] == "application/json"


def test_a_file_is_sent_as_a_form(make: Made) -> None:
    http, wire = make(answer())
    key = AccessKeyAuth(AccessKey("AK", "SK"))
    http.send(call("POST", auth=key, file=FilePart("meters.xlsx", b"PK\x03\x04")))
    headers, body = wire.sent[0].headers, wire.sent[0].body
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert headers["X-Sdk-Content-Sha256"] == "UNSIGNED-PAYLOAD"
    part = b'Content-Disposition: form-data; name="file"; filename="meters.xlsx"\r\n\r\nPK\x03\x04\r\n'
    assert isinstance(body, bytes)
    assert part in body


def test_a_query_is_sent_sorted_and_wholly_encoded(make: Made) -> None:
    http, wire = make(answer())
    http.send(call(query=[("b", "ä b+/~"), ("a", "2"), ("a", "1"), ("c", "")]))
    assert wire.sent[0].url == URL + "?a=1&a=2&b=%C3%A4%20b%2B%2F~&c="


def test_without_a_query_there_is_no_question_mark(make: Made) -> None:
    http, wire = make(answer())
    http.send(call())
    assert wire.sent[0].url == URL


@pytest.mark.parametrize("location", ["https://elsewhere.example/", "/v5/other", "http://[", "/\xe9"])
def test_a_redirect_is_not_followed(make: Made, location: str) -> None:
    http, wire = make(answer(302, Location=location))
    assert http.send(call()).status == 302
    assert len(wire.sent) == 1


def test_timeout_applies_to_connecting_and_reading(make: Made) -> None:
    http, wire = make(answer(), timeout=2.5)
    http.send(call())
    assert wire.manners[0]["timeout"] == (2.5, 2.5)


def test_an_answer_is_read_piece_by_piece(make: Made) -> None:
    http, wire = make(answer())
    http.send(call())
    assert wire.manners[0]["stream"] is True


def test_netrc_is_not_read(make: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine iotda.example login l password p\n")
    monkeypatch.setenv("NETRC", str(netrc))
    http, wire = make(answer())
    http.send(call())
    assert "Authorization" not in wire.sent[0].headers


def test_a_response_that_is_too_large(make: Made) -> None:
    http, wire = make(answer(200, b"x" * (LARGEST + 1)))
    with pytest.raises(TransportError, match="iotda.example sent a response larger than 64 MiB") as caught:
        http.send(call())
    assert (caught.value.cause, caught.value.ambiguous, len(wire.sent)) == ("size", True, 1)


def test_an_answer_of_the_largest_size_is_read(make: Made) -> None:
    http, _wire = make(answer(200, b"x" * LARGEST))
    assert len(http.send(call()).body) == LARGEST


# --- certificates and proxies


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_text("")
    return str(path)


def verified_with(make: Made, **settings: Any) -> Any:
    http, wire = make(answer(), **settings)
    http.send(call())
    return wire.manners[0]["verify"]


def test_certificates_are_verified(make: Made) -> None:
    assert verified_with(make) is True


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_bundle_of_the_environment_is_used(
    make: Made, monkeypatch: pytest.MonkeyPatch, bundle: str, name: str
) -> None:
    monkeypatch.setenv(name, bundle)
    assert verified_with(make) == bundle


def test_the_bundle_of_requests_comes_first(make: Made, monkeypatch: pytest.MonkeyPatch, bundle: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    monkeypatch.setenv("CURL_CA_BUNDLE", os.devnull)
    assert verified_with(make) == bundle


def test_false_wins_over_the_environment(make: Made, monkeypatch: pytest.MonkeyPatch, bundle: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    assert verified_with(make, verify=False) is False


@pytest.mark.parametrize(("verify", "told"), [(True, True), (False, False)])
def test_no_warning_when_verification_is_turned_off(make: Made, verify: bool, told: bool) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make(verify=verify)
        warnings.warn("of a certificate that was not verified", InsecureRequestWarning, stacklevel=1)
    assert bool(caught) is told


def test_a_path_wins_over_the_environment(make: Made, monkeypatch: pytest.MonkeyPatch, bundle: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.devnull)
    assert verified_with(make, verify=bundle) == bundle


def test_a_bundle_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"^ca_path must name a file of CA certificates, .*: /no/such$"):
        HttpClient(HttpConfig(verify="/no/such"))
    monkeypatch.setenv("CURL_CA_BUNDLE", "/no/such")
    with pytest.raises(ConfigurationError, match="^The environment variable CURL_CA_BUNDLE must name a file"):
        HttpClient(HttpConfig())


@pytest.mark.parametrize(
    ("environ", "proxied", "proxy"),
    [
        ({}, True, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, True, "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "iotda.example"}, True, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, False, None),
    ],
)
def test_proxies_are_those_of_the_environment(
    make: Made, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], proxied: bool, proxy: str | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    http, wire = make(answer(), proxied=proxied)
    http.send(call())
    assert wire.manners[0]["proxies"].get("https") == proxy


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


@pytest.mark.parametrize("status", [429, 503])
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
    http, _wire = make(answer(429), answer(503), answer(204))
    assert http.stats == ClientStats(0, 0)
    http.send(call("DELETE"))
    assert http.stats == ClientStats(throttled=1, retries=2)


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
            raise IamError("login", TransportError("no answer", "timeout"))
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
    failure = IamError("login", TransportError("no", "dns"))
    with pytest.raises(IamError) as caught:
        http.send(call("DELETE", auth=Renewing(failure)))
    assert (caught.value.attempts, caught.value.ambiguous, caught.value.details) == (2, True, failure.details)
    assert (failure.attempts, failure.ambiguous) == (0, False)


# --- what error texts must not contain


def test_a_response_knows_the_secrets_of_the_client(make: Made) -> None:
    redactor = Redactor()
    http, _wire = make(answer(401), redactor=redactor)
    response = http.send(call())
    redactor.add("later")
    assert response.redactor.redact("later") == "***"


def test_the_password_of_the_proxy_is_redacted(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://puser:pr0xy%2FPass@proxy.example:1")
    redactor = Redactor()
    make(redactor=redactor)
    basic = base64.b64encode(b"puser:pr0xy/Pass").decode()
    assert redactor.redact(f"pr0xy%2FPass pr0xy/Pass {basic} puser") == "*** *** *** puser"
