# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading answers: the three forms of an error, what is none of them, and what must not be repeated."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, ErrorDetails
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.answers import (
    error_code,
    error_from_response,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import reply

URL = "https://iotda.example:8443/v5/iot/p1/batchtasks"


def error(status: int, content: Any, **headers: Any) -> ApiError:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return error_from_response(reply(status, body, **headers), URL)


@pytest.mark.parametrize(
    "content",
    [
        {"error_code": "C.1", "error_msg": "Oh no."},
        {"error_code": "C.1", "error_msg": "Oh no.", "request_id": "r1"},
        {"errorCode": "C.1", "errorMsg": "Oh no."},
        {"code": "C.1", "message": "Oh no."},
        {"error": {"code": "C.1", "message": "Oh no.", "title": "Unauthorized"}},
        {"error": {"error_code": "C.1", "error_msg": "Oh no."}},
        {"error_code": "C.1", "error_msg": "Oh no.", "code": "other", "message": "other"},
    ],
)
def test_every_form_of_an_error_is_read(content: dict[str, Any]) -> None:
    details = error(400, content).details
    assert (details.body, details.error_code, details.error_msg) == ("error", "C.1", "Oh no.")


def test_a_code_without_a_text_is_a_code() -> None:
    details = error(404, {"error_code": "C.1", "error_msg": None}).details
    assert (details.body, details.error_code, details.error_msg) == ("error", "C.1", None)
    assert error(404, {"error_code": "C.1"}).details == details


def test_what_could_steer_a_terminal_is_taken_out() -> None:
    details = error(400, {"error_code": "C\x1b[1m", "error_msg": "a\x1b[2Jb\x00c"}, X_Request_Id="r\x1b1").details
    assert (details.error_code, details.error_msg, details.request_id) == ("C [1m", "a [2Jb c", "r 1")


ENCODED = "HY0L8G1lOe3rcfgxfKVP+AK+S33eYp/rHQ4I0kJed9=="


@pytest.mark.parametrize("text", [ENCODED, ENCODED.translate(str.maketrans("+/", "-_")), "x" * 10_240])
def test_what_encodes_a_denial_is_kept_whole(text: str) -> None:
    flat = {"error_code": "C", "error_msg": "m", "encoded_authorization_message": text}
    assert error(403, flat).details.encoded_authorization_message == text
    assert error(403, {"error": flat}).details.encoded_authorization_message == text


@pytest.mark.parametrize(
    "text", [None, "", 7, ["x"], {"x": "y"}, "x" * 10_241, "x\n", "a b", "\x1b[1m", "***", "0a" * 32]
)
def test_what_sts_could_not_decode_is_left_out(text: Any) -> None:
    flat = {"error_code": "C", "error_msg": "m", "encoded_authorization_message": text}
    assert error(403, flat).details.encoded_authorization_message is None
    assert error(403, {"error": flat}).details.encoded_authorization_message is None


def test_a_number_is_a_code_too() -> None:
    assert error(401, {"error": {"code": 401, "message": "no"}}).details.error_code == "401"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'{"a": "\ud83d"}', "\ufffd"),
        (rb'{"a": "x\uDC00\ud800y"}', "x\ufffd\ufffdy"),
        (rb'{"a": "\ud83d\ude00"}', "\U0001f600"),
    ],
)
def test_a_lone_surrogate_is_replaced(body: bytes, text: str) -> None:
    got = reply(200, body).json_object(URL, (200,))
    assert got == {"a": text}
    assert got["a"].encode()


def test_no_body_is_empty_and_white_space_is_a_body() -> None:
    assert error(404, b"").details.body == "empty"
    assert error(404, b"  \n").details.body == "other"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>404</html>",
        b"{",
        b"{}",
        b"null",
        b"[]",
        b'"IOTDA.000001"',
        b'["error_code"]',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"error_code": null, "error_msg": "x"}',
        b'{"error_code": ["IOTDA.1"], "error_msg": "x"}',
        b'{"error": "IOTDA.1"}',
        b'{"error": null}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_anything_else_is_other_and_has_no_code(body: bytes) -> None:
    details = error(404, body).details
    assert (details.body, details.error_code, details.error_msg) == ("other", None, None)


def test_the_clause_names_host_status_code_and_text() -> None:
    assert str(error(403, {"error_code": "APIGW.0302", "error_msg": "No."})) == (
        "iotda.example:8443 answered 403 APIGW.0302 (No.)"
    )


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (500, b"", {}, "answered 500 (an empty body)"),
        (404, b"<html>", {"Content_Type": "text/html; charset=utf-8"}, "answered 404 (a body of type text/html)"),
        (404, b"what", {}, "answered 404 (a body of no stated type)"),
        (404, b"what", {"Content-Type": "text/\x1b[2J"}, "answered 404 (a body of no stated type)"),
        (302, b"", {"Location": "https://login.example/x"}, "a redirect to login.example, which is not followed"),
        (302, b"", {"Location": "/x"}, "answered 302, a redirect, which is not followed"),
        (304, b"", {}, "answered 304 (an empty body)"),
        (302, b"", {"Location": "http://["}, "answered 302, a redirect, which is not followed"),
    ],
)
def test_the_clause_says_what_was_met(status: int, body: bytes, headers: dict[str, str], words: str) -> None:
    assert str(error(status, body, **headers)).endswith(words)


def test_a_long_text_is_cut() -> None:
    details = error(400, {"error_code": "C " * 1000, "error_msg": "m " * 1000}, X_Request_Id="r " * 1000).details
    assert details.error_code == "C " * 150 + "..."
    assert details.error_msg == "m " * 150 + "..."
    assert details.request_id == "r " * 150 + "..."


@pytest.mark.parametrize("before", ["", "the token ", "\u4ee4\u724c"])
def test_no_part_of_a_word_is_left(before: str) -> None:
    """Ansible takes out a secret that it knows, but not the beginning of one."""
    assert error(401, {"error_code": "C", "error_msg": f"{before}{'hush' * 100}"}).details.error_msg == f"{before}..."


@pytest.mark.parametrize("echo", ["Signature=", "signature: ", '"Signature":"'])
def test_a_signature_is_left_out(echo: str) -> None:
    text = error(401, {"error_code": "C", "error_msg": f"got {echo}{'0a' * 32}, and so on"}).details.error_msg
    assert text == f"got {echo}***, and so on"


SIGNATURE = "0a" * 32


@pytest.mark.parametrize("text", ["bad value {}", "the signature is {}", "{}", "Signature    {}"])
def test_a_signature_is_masked_wherever_it_stands(text: str) -> None:
    told = text.format(SIGNATURE)
    body = json.dumps({"error_code": "C", "error_msg": told}).encode()
    met = error_from_response(reply(401, body, X_Request_Id=told), URL)
    assert SIGNATURE not in str(met)
    assert met.details.error_msg == met.details.request_id == text.replace("    ", " ").format("***")


def known(secret: str) -> Redactor:
    secrets = Redactor()
    secrets.add(secret)
    return secrets


def with_secret(secret: str, status: int, text: str, **headers: str) -> ApiError:
    body = json.dumps({"error_code": text, "error_msg": text, "request_id": text}).encode()
    return error_from_response(reply(status, body, **headers)._replace(redactor=known(secret)), URL)


@pytest.mark.parametrize(
    ("secret", "text", "told"),
    [
        ("hunTer2,", "bad password: hunTer2,", "bad password: ***"),
        ("hunTer2 ", "bad hunTer2 ", "bad ***"),
        ("hun  Ter2", "bad hun  Ter2 x", "bad *** x"),
        (
            "\u043f\u0430\u0440\u043e\u043b\u044c",
            "x " * 148 + "\u043f\u0430\u0440\u043e\u043b\u044c",
            "x " * 148 + "***",
        ),
        ("correct horse battery staple", "x " * 141 + "correct horse battery staple", "x " * 141 + "***"),
        ("canonicalRequest1", "is canonicalRequest1 or", "is *** or"),
        ("a&b<c>'d\"", "bad a&amp;b&lt;c&gt;&#39;d&quot;!", "bad ***!"),
        ("hunTer2", "bad &#104;un&#x54;er2!", "bad ***!"),
        ("a&b", "bad a&amp;amp;b!", "bad ***!"),
        ("hunTer2", "bad HUNTER2!", "bad ***!"),
    ],
)
def test_a_secret_is_masked_before_the_text_is_cut(secret: str, text: str, told: str) -> None:
    details = with_secret(secret, 401, text).details
    assert (details.error_code, details.error_msg, details.request_id) == (told, told, told)


def test_a_secret_is_left_out_of_headers() -> None:
    assert with_secret("HunTer2", 401, "x", X_Request_Id="HunTer2").details.request_id == "***"
    assert str(
        error_from_response(reply(302, Location="https://HunTer2.example/")._replace(redactor=known("HunTer2")), URL)
    ).endswith("a redirect to ***.example, which is not followed")
    met = error_from_response(reply(404, b"x", Content_Type="text/HunTer2")._replace(redactor=known("HunTer2")), URL)
    assert str(met).endswith("(a body of type text/***)")


def test_an_endless_content_type_is_left_out() -> None:
    met = str(error(404, b"x", Content_Type="text/" + "hush" * 20))
    assert met.endswith("answered 404 (a body of no stated type)")


def test_a_text_of_the_greatest_length_is_whole() -> None:
    assert error(400, {"error_code": "C", "error_msg": "m" * 300}).details.error_msg == "m" * 300


def test_a_text_becomes_one_line() -> None:
    assert error(400, {"error_code": "C", "error_msg": " a\n\tb  c "}).details.error_msg == "a b c"


def test_the_echo_of_the_request_is_cut_off() -> None:
    echo = "verify aksk signature fail, canonicalRequest:GET|/v5|x-security-token:hush|"
    met = error(401, {"error_code": "APIGW.0301", "error_msg": f"Incorrect IAM authentication information: {echo}"})
    assert met.details.error_msg == "Incorrect IAM authentication information: verify aksk signature fail"
    assert "hush" not in str(met)


@pytest.mark.parametrize(
    ("headers", "content", "request_id"),
    [
        ({"X_Request_Id": "of the header"}, {"request_id": "of the body"}, "of the header"),
        ({}, {"request_id": "of the body"}, "of the body"),
        ({"X_Request_Id": " "}, {"request_id": "of the body"}, "of the body"),
        ({"X_Request_Id": " "}, {"request_id": " "}, None),
        ({}, {"request_id": 7}, None),
        ({}, {}, None),
    ],
)
def test_request_id(headers: dict[str, str], content: dict[str, Any], request_id: str | None) -> None:
    assert error(400, content, **headers).details.request_id == request_id


@pytest.mark.parametrize(("status", "waits"), [(429, 7.0), (503, None), (403, None)])
def test_only_a_throttle_carries_how_long_to_wait(status: int, waits: float | None) -> None:
    assert error(status, {}, Retry_After="7").details.retry_after == waits


def test_skew_of_the_service_clock_is_reported() -> None:
    ahead = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    skew = error(401, {}, Date=ahead).details.skew
    assert skew is not None
    assert abs(skew - 3600) < 60
    assert error(401, {}).details.skew is None


@pytest.mark.parametrize(
    ("status", "earlier", "ambiguous"),
    [(403, False, False), (403, True, True), (404, False, False), (429, False, False)]
    + [(status, False, True) for status in (408, 500, 502, 503, 504)],
)
def test_what_may_have_been_carried_out_is_uncertain(status: int, earlier: bool, ambiguous: bool) -> None:
    met = error_from_response(reply(status, b"", 3, earlier), URL)
    assert met.ambiguous is ambiguous
    assert met.attempts == 3


@pytest.mark.parametrize(
    ("status", "body", "ambiguous"),
    [
        (200, b"", True),
        (202, b"{}", True),
        (200, b'{"cut', True),
        (200, b"[]", True),
        (200, b" <html>", False),
        (302, b"", False),
    ],
)
def test_another_success_is_ambiguous(status: int, body: bytes, ambiguous: bool) -> None:
    assert error_from_response(reply(status, body), URL).ambiguous is ambiguous


def test_an_expected_status_passes() -> None:
    got = reply(204)
    assert got.expect(URL, (200, 204)) is got


def test_an_unexpected_success_is_a_failure() -> None:
    with pytest.raises(ApiError, match="answered 200"):
        reply(200).expect(URL, (204,))


@pytest.mark.parametrize(("body", "ambiguous"), [(b"", True), (b"{}", True), (b"<html>", False)])
def test_a_web_page_is_no_success_of_another_kind(body: bytes, ambiguous: bool) -> None:
    assert error(200, body).ambiguous is ambiguous


def test_an_object_is_returned() -> None:
    assert reply(200, b'{"a": 1}').json_object(URL, (200,)) == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"null", b"<html>", b'{"a":', b"\xff"])
def test_a_success_that_is_no_object_is_a_failure(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        reply(200, body, 2, True).json_object(URL, (200,))
    assert "iotda.example:8443 answered 200 with something other than a JSON object" in str(caught.value)
    assert (caught.value.details.http_status, caught.value.details.body) == (200, "other")
    assert (caught.value.attempts, caught.value.ambiguous) == (2, True)


@pytest.mark.parametrize(
    ("headers", "body", "kind"),
    [
        ({"Content-Length": "0"}, b"", "empty"),
        ({}, b"", "other"),
        ({"Content-Length": "20", "Content-Encoding": "gzip"}, b"", "other"),
        ({"Transfer-Encoding": "chunked"}, b"", "other"),
        ({"Transfer-Encoding": "chunked", "Content-Length": "0"}, b"", "other"),
    ],
)
def test_only_a_length_of_0_is_surely_no_body(headers: dict[str, str], body: bytes, kind: str) -> None:
    assert error_from_response(Response(404, CaseInsensitiveDict(headers), body), URL).details.body == kind


@pytest.mark.parametrize(
    ("content", "code"),
    [({"error_code": "APIGW.0307"}, "APIGW.0307"), ({"error": {"code": 401, "message": "x"}}, "401"), ({}, None)],
)
def test_the_error_code_of_a_response(content: dict[str, Any], code: str | None) -> None:
    assert error_code(reply(401, json.dumps(content).encode())) == code


def test_a_huge_error_is_not_parsed() -> None:
    body = json.dumps({"error_code": "IOTDA.014201", "error_msg": "x" * (1 << 20)}).encode()
    assert error(404, body).details == ErrorDetails(404, "other")


def test_a_long_text_is_cut_before_it_is_redacted() -> None:
    began = time.process_time()
    error(404, {"error_code": "C", "error_msg": "&amp;" * 200_000}, X_Request_Id="\u0430" * 10_000_000)
    assert time.process_time() - began < 1.0


def test_an_object_with_a_wrong_status_is_a_failure() -> None:
    with pytest.raises(ApiError):
        reply(201, b"{}").json_object(URL, (200,))


def test_malformed_response_names_what_was_received() -> None:
    met = reply(200, b"x", Content_Type="text/html", X_Request_Id="r1").malformed(URL, "no task in it")
    assert str(met) == "iotda.example:8443 answered 200 with no task in it (a body of type text/html)"
    assert met.details.request_id == "r1"


def test_success_details_have_status_and_request_id() -> None:
    assert reply(204, X_Request_Id="r1").details == ErrorDetails(204, "empty", request_id="r1")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "code", "message", "error_code", "error_msg", "encoded_authorization_message", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.one_of(json_values, st.binary(max_size=40)), st.integers(200, 599))
def test_any_server_error_is_reported_in_one_line(content: Any, status: int) -> None:
    met = error(status, content)
    assert "\n" not in str(met)
    assert met.details.body in ("error", "empty", "other")
    assert (met.details.error_code is not None) or met.details.body != "error"


@pytest.mark.parametrize(
    "body",
    [
        b"<center>The plain HTTP request was sent to HTTPS port</center>",
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"Bad Request\nThis combination of host and port requires TLS.",
    ],
    ids=["nginx", "Go", "Tomcat"],
)
def test_a_port_that_speaks_tls_is_named(body: bytes) -> None:
    told = error_from_response(reply(400, body), "http://iotda.example:8443")
    assert told.details.body == "tls"
    assert str(told) == (
        "iotda.example:8443 answered 400, since its port speaks TLS, but the address begins with http://"
    )
    assert error_from_response(reply(400, body), URL).details.body == "other"
    assert error_from_response(reply(400, b"<p>Bad request</p>"), "http://iotda.example").details.body == "other"


def nested(levels: int, opening: bytes, closing: bytes) -> bytes:
    return b'{"a": ' + opening * (levels - 1) + b"1" + closing * (levels - 1) + b"}"


@pytest.mark.parametrize(
    "brackets", [(b"[", b"]"), (b'{"b": ', b"}"), (b'[1, {"b": ', b"}]")], ids=["list", "object", "both"]
)
@pytest.mark.parametrize("levels", [300, 700, 5000, 100_000])
def test_a_nesting_that_cannot_be_masked_is_no_object(brackets: tuple[bytes, bytes], levels: int) -> None:
    with pytest.raises(ApiError, match="answered 200 with something other than a JSON object"):
        reply(200, nested(levels, *brackets)).json_object(URL, (200,))


def test_brackets_in_texts_are_no_nesting() -> None:
    body = json.dumps({"a": "[{" * 5000, "b": ["{"]}).encode()
    assert reply(200, body).json_object(URL, (200,)) == json.loads(body)


def test_digits_in_texts_are_no_number() -> None:
    body = json.dumps({"a": "1" * 5000, "b": ["9" * 5000, 1, True, None]}).encode()
    assert reply(200, body).json_object(URL, (200,)) == json.loads(body)


def test_a_nesting_as_a_document_may_have_is_an_object() -> None:
    assert reply(200, nested(100, b"[", b"]")).json_object(URL, (200,))


@pytest.mark.parametrize(
    "value",
    [
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1e400",
        b"1" * 301,
        b"9" * 5000,
        b"-" + b"9" * 4300,
        b'{"b": 1, "b": 2}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"a\nb"',
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_only_python_takes_for_json_is_no_object(value: bytes) -> None:
    with pytest.raises(ApiError, match="something other than a JSON object"):
        reply(200, b'{"a": ' + value + b"}").json_object(URL, (200,))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_another_encoding_is_no_object(encoding: str) -> None:
    with pytest.raises(ApiError, match="something other than a JSON object"):
        reply(200, json.dumps({"a": 1}).encode(encoding)).json_object(URL, (200,))


def test_large_numbers_that_can_be_read_are_kept() -> None:
    body = json.dumps({"a": [10**299, -(10**20), 1e300, 0.1]}).encode()
    assert reply(200, body).json_object(URL, (200,)) == json.loads(body)
