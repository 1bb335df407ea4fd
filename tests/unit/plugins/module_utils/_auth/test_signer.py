# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures: those of the official SDK, kept as vectors, and what is signed of a request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import signer
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import AccessKey
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.refresh import Issued, RefreshableSecret
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import (
    AccessKeyAuth,
    Scope,
    TokenAuth,
    canonical_request,
    derive,
    sign,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Request, Response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer

Vector = dict[str, Any]

DATA = Path(__file__).parents[3] / "data" / "signing_vectors.json"
VECTORS: list[Vector] = json.loads(DATA.read_text(encoding="utf-8"))["vectors"]
KEY = AccessKey("AK1", "sk1")
DATE = "20190303T084300Z"
NOON = datetime(2026, 11, 23, 12, 0, 5, tzinfo=timezone.utc)
URL = "https://iotda.cn-north-4.myhuaweicloud.com/v5/iot/p1/batchtasks"

each_vector = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])


def key_of(vector: Vector) -> AccessKey:
    return AccessKey(vector["ak"], vector["sk"])


def scope_of(vector: Vector) -> Scope | None:
    return Scope(vector["region_id"], vector["derived_service"]) if vector["region_id"] else None


def url_of(vector: Vector) -> str:
    return f"{vector['scheme']}://{vector['host']}{vector['expected']['request_uri']}"


def signed(vector: Vector) -> dict[str, str]:
    headers = {**vector["headers"], "X-Sdk-Date": vector["date"], "Host": vector["host"]}
    return sign(key_of(vector), scope_of(vector), vector["method"], url_of(vector), headers, vector["body"])


def signature(headers: dict[str, str]) -> str:
    return headers["Authorization"].rsplit("Signature=", 1)[1]


def test_all_twenty_vectors_are_there() -> None:
    assert len(VECTORS) == 20
    assert {vector["algorithm"] for vector in VECTORS} == {"SDK-HMAC-SHA256", "V11-HMAC-SHA256"}


@each_vector
def test_authorization_is_that_of_the_official_sdk(vector: Vector) -> None:
    assert signed(vector)["Authorization"] == vector["expected"]["authorization"]


@each_vector
def test_signed_headers_are_named_in_order(vector: Vector) -> None:
    assert f"SignedHeaders={vector['expected']['signed_headers']}," in signed(vector)["Authorization"]


@each_vector
def test_what_is_added_completes_the_headers_as_sent(vector: Vector) -> None:
    given_headers = {**vector["headers"], "X-Sdk-Date": vector["date"], "Host": vector["host"]}
    added = signed(vector)
    del added["Authorization"]
    assert {**given_headers, **added} == vector["expected"]["headers_as_sent"]


@each_vector
def test_canonical_request_is_that_of_the_official_sdk(vector: Vector) -> None:
    expected = vector["expected"]
    headers = {name.lower(): value for name, value in expected["headers_as_sent"].items()}
    names = expected["signed_headers"].split(";")
    made = canonical_request(vector["method"], url_of(vector), headers, names, vector["body"])
    assert made == expected["canonical_request"]


@each_vector
def test_string_to_sign_is_that_of_the_official_sdk(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def new(key: bytes, text: bytes, algorithm: Any) -> hmac.HMAC:
        texts.append(text.decode("latin-1"))
        return hmac.new(key, text, algorithm)

    monkeypatch.setattr(signer, "hmac", SimpleNamespace(new=new))
    signed(vector)
    assert texts[-1] == vector["expected"]["string_to_sign"]


@each_vector
def test_request_is_sent_with_the_signed_uri(vector: Vector) -> None:
    wire = Wire(answer())
    http = HttpClient(HttpConfig(retry_timeout=0), transport=wire)
    query = [(name, spelt) for name, value in vector["query"] for spelt in spellings(value)]
    url = f"{vector['scheme']}://{vector['host']}{vector['resource_path']}"
    http.send(Request(vector["method"], url, AccessKeyAuth(key_of(vector), scope_of(vector)), query))
    assert wire.sent[0].path_url == vector["expected"]["request_uri"]


def spellings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def test_derived_key_is_single_block_hkdf_in_hex() -> None:
    extracted = hmac.new(b"AK1", b"sk1", hashlib.sha256).digest()
    expanded = hmac.new(extracted, b"20190303/cn-north-4/iotdm\x01", hashlib.sha256).hexdigest()
    assert derive(KEY, "20190303/cn-north-4/iotdm") == expanded


def test_scope_is_day_region_and_iotdm() -> None:
    assert Scope("cn-north-4").on(DATE) == "20190303/cn-north-4/iotdm"


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a", "/a/"),
        ("/a/", "/a/"),
        ("/a//b", "/a//b/"),
        ("/a%20b", "/a%20b/"),
        ("/a%2Fb", "/a/b/"),
        ("/~a-b_c.d", "/~a-b_c.d/"),
        ("/%E4%B8%80", "/%E4%B8%80/"),
    ],
)
def test_canonical_path(path: str, canonical: str) -> None:
    text = canonical_request("GET", f"https://host{path}", {}, [], None)
    assert text.split("\n")[1] == canonical


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1", "a=1&a=2"),
        ("a=&b", "a=&b="),
        ("&&a=1&", "a=1"),
        ("a=b=c", "a=b%3Dc"),
        ("a=%7E%2A", "a=~%2A"),
        ("a%21=1&a=2", "a=2&a%21=1"),
    ],
)
def test_canonical_query(query: str, canonical: str) -> None:
    text = canonical_request("GET", f"https://host/?{query}", {}, [], None)
    assert text.split("\n")[2] == canonical


@pytest.mark.parametrize("body", [None, "", b""])
def test_empty_body_is_hashed_even_when_unsigned(body: str | bytes | None) -> None:
    headers = {"x-sdk-content-sha256": "UNSIGNED-PAYLOAD"}
    text = canonical_request("POST", URL, headers, [], body)
    assert text.endswith("\n" + hashlib.sha256(b"").hexdigest())


@pytest.mark.parametrize("body", ["é", "é".encode()])
def test_body_is_hashed_as_bytes(body: str | bytes) -> None:
    assert canonical_request("POST", URL, {}, [], body).endswith("\n" + hashlib.sha256("é".encode()).hexdigest())


@pytest.mark.parametrize(
    ("content_type", "unsigned"),
    [
        ("application/json", False),
        ("application/json; charset=utf-8", False),
        ("application/bson", False),
        ("text/plain", True),
        ("multipart/form-data; boundary=x", True),
    ],
)
def test_only_json_and_bson_payloads_are_signed(content_type: str, unsigned: bool) -> None:
    added = sign(KEY, None, "POST", URL, {"X-Sdk-Date": DATE, "Content-Type": content_type}, "x")
    assert added.get("X-Sdk-Content-Sha256") == ("UNSIGNED-PAYLOAD" if unsigned else None)
    assert ("x-sdk-content-sha256" in added["Authorization"]) is unsigned


def test_token_goes_into_its_header_and_nothing_else() -> None:
    prepared = requests.Request("GET", URL, auth=TokenAuth("t1")).prepare()
    assert prepared.headers["X-Auth-Token"] == "t1"
    assert "Authorization" not in prepared.headers


def test_auth_does_not_request_a_retry_by_default() -> None:
    prepared = requests.Request("GET", URL).prepare()
    response = Response(401, {}, b"")
    assert Auth().on_response(prepared, response) is False
    assert TokenAuth("t1").on_response(prepared, response) is False
    assert AccessKeyAuth(KEY).on_response(prepared, response) is False


@pytest.mark.parametrize(("first", "second"), [("token1", "token2"), ("token2", "token1")])
def test_401_of_the_current_key_leads_to_a_new_one(first: str, second: str) -> None:
    issued = [Issued(AccessKey("AK2", "sk2", second))]
    auth = AccessKeyAuth(RefreshableSecret(issued.pop, Issued(AccessKey("AK1", "sk1", first))))
    sent = requests.Request("GET", URL, auth=auth).prepare()
    for _answer in range(2):
        # The second answer is to the same request, sent before the renewal.
        assert auth.on_response(sent, Response(401, {}, b"")) is True
        assert prepared_with(auth).headers["X-Security-Token"] == second


def prepared_with(auth: AccessKeyAuth, method: str = "GET", url: str = URL, **parts: Any) -> requests.PreparedRequest:
    session = requests.Session()
    session.headers["User-Agent"] = "a proxy may rewrite this"
    return session.prepare_request(requests.Request(method, url, auth=auth, **parts))


def names_signed(prepared: requests.PreparedRequest) -> list[str]:
    listed = str(prepared.headers["Authorization"]).split("SignedHeaders=")[1].split(",")[0]
    return listed.split(";")


def test_plain_request_signs_only_host_and_date() -> None:
    assert names_signed(prepared_with(AccessKeyAuth(KEY))) == ["host", "x-sdk-date"]


def test_whole_request_signs_all_that_means_something() -> None:
    auth = AccessKeyAuth(AccessKey("AK1", "sk1", "st1"), project_id="p1")
    prepared = prepared_with(auth, "POST", json={}, headers={"Instance-Id": "i1"})
    assert names_signed(prepared) == [
        "content-type",
        "host",
        "instance-id",
        "x-project-id",
        "x-sdk-date",
        "x-security-token",
    ]
    assert prepared.headers["X-Project-Id"] == "p1"
    assert prepared.headers["X-Security-Token"] == "st1"


def test_host_is_signed_and_sent_with_its_port() -> None:
    prepared = prepared_with(AccessKeyAuth(KEY), url="http://127.0.0.1:8080/v5")
    assert prepared.headers["Host"] == "127.0.0.1:8080"


def test_the_signature_holds_for_the_headers_as_sent() -> None:
    prepared = prepared_with(AccessKeyAuth(KEY, Scope("cn-north-4"), "p1", lambda: NOON), "POST", json={"a": 1})
    headers = {name: prepared.headers[name] for name in names_signed(prepared)}
    again = sign(KEY, Scope("cn-north-4"), "POST", str(prepared.url), headers, prepared.body)
    assert again["Authorization"] == prepared.headers["Authorization"]


def test_the_date_is_utc_in_the_form_of_the_gateway() -> None:
    assert prepared_with(AccessKeyAuth(KEY, now=lambda: NOON)).headers["X-Sdk-Date"] == "20261123T120005Z"


def test_without_a_clock_the_date_is_now() -> None:
    sent = datetime.strptime(str(prepared_with(AccessKeyAuth(KEY)).headers["X-Sdk-Date"]), "%Y%m%dT%H%M%SZ")
    assert abs((sent.replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)).total_seconds()) < 60


def test_each_attempt_is_signed_afresh() -> None:
    moments = iter([NOON, NOON.replace(minute=1)])
    auth = AccessKeyAuth(KEY, now=lambda: next(moments))
    first, second = prepared_with(auth), prepared_with(auth)
    assert first.headers["X-Sdk-Date"] != second.headers["X-Sdk-Date"]
    assert first.headers["Authorization"] != second.headers["Authorization"]


def test_the_secret_key_is_never_sent() -> None:
    secret = "a-secret-that-nobody-sees"
    prepared = prepared_with(AccessKeyAuth(AccessKey("AK1", secret), Scope("cn-north-4")), "POST", json={})
    sent = f"{prepared.url} {dict(prepared.headers)} {prepared.body!r}"
    assert secret not in sent
    assert base64.b64encode(secret.encode()).decode() not in sent


texts = st.text(st.characters(codec="utf-8"), max_size=12)
pairs = st.lists(st.tuples(texts, texts), max_size=5)


def query_url(query: list[tuple[str, str]]) -> str:
    return URL + "?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_the_query_does_not_matter(query: list[tuple[str, str]], random: Any) -> None:
    shuffled = list(query)
    random.shuffle(shuffled)
    headers = {"X-Sdk-Date": DATE}
    one = sign(KEY, None, "GET", query_url(query), headers, None)
    assert one == sign(KEY, None, "GET", query_url(shuffled), headers, None)


@given(st.dictionaries(st.sampled_from(["Host", "Content-Type", "Instance-Id", "X-Project-Id"]), texts))
def test_the_order_and_case_of_headers_do_not_matter(headers: dict[str, str]) -> None:
    whole = {**headers, "X-Sdk-Date": DATE}
    other = {name.upper(): value for name, value in reversed(whole.items())}
    assert sign(KEY, None, "GET", URL, whole, None) == sign(KEY, None, "GET", URL, other, None)


@given(st.binary(min_size=1), st.binary(min_size=1))
def test_different_bodies_have_different_signatures(one: bytes, other: bytes) -> None:
    headers = {"X-Sdk-Date": DATE}
    first, second = (signature(sign(KEY, None, "POST", URL, headers, body)) for body in (one, other))
    assert (first == second) is (one == other)


@pytest.mark.parametrize(
    "change",
    [
        {"key": AccessKey("AK2", "sk1")},
        {"key": AccessKey("AK1", "sk2")},
        {"scope": Scope("cn-east-3")},
        {"scope": Scope("cn-north-4", "iam")},
        {"method": "DELETE"},
        {"url": URL + "/1"},
        {"url": URL + "?a=1"},
        {"headers": {"X-Sdk-Date": "20190304T084300Z"}},
        {"headers": {"X-Sdk-Date": DATE, "Instance-Id": "i1"}},
        {"body": "{}"},
    ],
    ids=["key", "secret", "region", "service", "method", "path", "query", "date", "header", "body"],
)
def test_every_request_part_changes_derived_signature(change: dict[str, Any]) -> None:
    parts: dict[str, Any] = {
        "key": KEY,
        "scope": Scope("cn-north-4"),
        "method": "GET",
        "url": URL,
        "headers": {"X-Sdk-Date": DATE},
        "body": None,
    }
    assert signature(sign(**parts)) != signature(sign(**{**parts, **change}))
