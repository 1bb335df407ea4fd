# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP helper, as far as no socket is needed: what is sent and how, by which certificates and proxies."""

from __future__ import annotations

import base64
import os
import warnings
from pathlib import Path
from typing import Any

import pytest
import requests
from urllib3.exceptions import InsecureRequestWarning

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import AccessKey
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import AccessKeyAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError, TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, answer
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._http.client_calls import URL, Made, call

LARGEST = 64 << 20


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
    http.send(call("POST", auth=key, file=("meters.xlsx", b"PK\x03\x04")))
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


# --- what is told of attempts


def test_each_attempt_is_told(make: Made, clock: Clock) -> None:
    refused = answer(503, b'{"error_code": "APIGW.0201", "request_id": "r1"}')
    lost = requests.ConnectionError(ConnectionResetError(104, "reset"))
    http, _wire = make(lost, refused, answer(200, b"{}", X_Request_Id="r2"), retry_timeout=60.0)
    http.send(call(query=[("task_type", "freezeDevices"), ("app_id", "a b")]))
    path = "/v5/iot/p1/batchtasks?app_id=a%20b&task_type=freezeDevices"
    assert http.attempts() == [
        {"method": "GET", "path": path, "cause": "broken", "attempt": 1, "ms": 0},
        {"method": "GET", "path": path, "status": 503, "attempt": 2, "request_id": "r1", "ms": 0},
        {"method": "GET", "path": path, "status": 200, "attempt": 3, "request_id": "r2", "ms": 0},
    ]


def test_the_time_of_an_attempt_is_in_milliseconds(make: Made, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    http, wire = make(answer(204))
    sent = wire.send

    def late(request: requests.PreparedRequest, **manners: Any) -> Any:
        clock.now += 1.25
        return sent(request, **manners)

    monkeypatch.setattr(wire, "send", late)
    http.send(call())
    assert [attempt["ms"] for attempt in http.attempts()] == [1250]


def test_only_the_last_attempts_are_told(make: Made) -> None:
    http, _wire = make(*(answer(404 if number else 500) for number in range(150)), retry_timeout=0.0)
    for _number in range(150):
        http.send(call("POST", body={"a": "b"}))
    assert [attempt["status"] for attempt in http.attempts()] == [404] * 100


def test_what_is_told_holds_no_secret(make: Made) -> None:
    redactor = Redactor()
    redactor.add("h/ush")
    refused = answer(400, b'{"error_code": "A.1", "request_id": "h/ush"}')
    http, _wire = make(refused, answer(X_Request_Id="h/ush"), redactor=redactor)
    http.send(call(query=[("name", "h/ush")]))
    http.send(call("DELETE"))
    told = [(attempt["path"].partition("?")[2], attempt["request_id"]) for attempt in http.attempts()]
    assert told == [("name=***", "***"), ("", "***")]


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
