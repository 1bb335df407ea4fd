# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What fuzzed tests draw from, and how many times each."""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Response

# "make fuzz" asks for many, and for other ones each time; among the other tests there are a few, always the same.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
FEW = 30
TASK_ID = "5c8ba99030344005c02316ad"

counted: Counter[str] = Counter()


def fuzz(**drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with what is drawn, and count how often."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def once(*args: Any, **kwargs: Any) -> None:
            counted[test.__name__] += 1
            test(*args, **kwargs)

        manner = settings(
            max_examples=EXAMPLES or FEW,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )
        return manner(given(**drawn)(once))

    return decorate


texts = st.text(max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def sometimes(good: Any, other: st.SearchStrategy[Any] = json_values) -> st.SearchStrategy[Any]:
    """Draw ``good``, a value or a strategy, mostly."""
    right = good if isinstance(good, st.SearchStrategy) else st.just(good)
    return st.one_of(right, right, right, other)


def objects(fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an object with some of the ``fields``."""
    return st.fixed_dictionaries({}, optional=dict(fields))


ids = st.one_of(
    st.just(TASK_ID), st.integers(0, 40).map(lambda number: f"{number:024x}"), st.text("0123456789abcdefg", max_size=25)
)
statuses = st.sampled_from(["Success", "Fail", "PartialSuccess", "Stopped", "Processing", "Stopping", "Waitting"])
moments = st.sampled_from(["20190303T084300Z", "20991231T235959Z", "00010101T000000Z", "20190230T000000Z", "now"])
tasks = objects(
    {
        "task_id": sometimes(ids),
        "task_name": sometimes(texts),
        "task_type": sometimes(st.sampled_from(["freezeDevices", "firmwareUpgrade"])),
        "status": sometimes(statuses),
        "create_time": sometimes(moments),
        "task_progress": sometimes(objects({"total": sometimes(3), "success": sometimes(1), "fail": json_values})),
    }
)
pages = objects({"count": sometimes(st.integers(-1, 100)), "marker": sometimes(ids)})
_NESTED_ERRORS = objects({"code": sometimes(401), "message": json_values})
errors = objects(
    {
        "error_code": sometimes(
            st.sampled_from(["IOTDA.014201", "IOTDA.000029", "APIGW.0308", "APIG.0101", "IAM.0066"])
        ),
        "error_msg": sometimes(texts),
        "request_id": json_values,
        "error": sometimes(_NESTED_ERRORS),
    }
)
contents = objects(
    {
        "batchtasks": sometimes(st.lists(sometimes(tasks), max_size=4)),
        "batchtask": sometimes(tasks),
        "task_details": sometimes(st.lists(sometimes(objects({"target": texts, "output": texts})), max_size=3)),
        "page": sometimes(pages),
        "projects": sometimes(st.lists(objects({"id": sometimes(texts), "name": sometimes("cn-north-4")}), max_size=3)),
        "token": sometimes(objects({"project": sometimes(objects({"id": sometimes(texts)}))})),
        "targets": json_values,
        "credential": sometimes(
            objects({name: sometimes("invented") for name in ("access", "secret", "securitytoken")})
        ),
    }
)


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _nested(levels: int, kind: str, name: str) -> bytes:
    """Return an object in which ``name`` leads so many levels down."""
    opening, closing = {"list": ("[", "]"), "object": ('{"a": ', "}"), "both": ('[null, {"a": ', "}]")}[kind]
    return f'{{"{name}": {opening * levels}1{closing * levels}}}'.encode()


names = st.sampled_from(
    ["batchtasks", "batchtask", "page", "task_details", "targets", "error", "error_msg", "credential"]
)
# What is JSON for Python, or nearly: each has an object of the service around it.
_ODD_VALUES = [
    *("NaN", "Infinity", "1e999", "9" * 301, "9" * 5000, "-0", "1E400", "null", "[null]", '{"a": 1, "a": 2}'),
    *('"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\u2028\\u202e"', "[[]]", "{}", '""', "true", '{"": {}}'),
]
odd_bodies = st.one_of(
    st.builds(
        _nested, st.sampled_from([20, 99, 101, 400, 700, 999, 5000]), st.sampled_from(["list", "object", "both"]), names
    ),
    st.builds(lambda name, value: f'{{"{name}": {value}}}'.encode(), names, st.sampled_from(_ODD_VALUES)),
    st.builds(
        lambda name, value: (
            f'{{"batchtasks": [{{"task_id": "{TASK_ID}", "{name}": {value}}}], "page": {{"count": 1}}}}'.encode()
        ),
        st.sampled_from(["task_name", "task_type", "status", "create_time", "task_progress", "targets"]),
        st.sampled_from(_ODD_VALUES),
    ),
    st.builds(
        lambda name, value: (
            f'{{"batchtask": {{"task_id": "{TASK_ID}"}}, "page": {{"count": 1}}, '
            f'"task_details": [{{"{name}": {value}}}], "targets": [{{"{name}": {value}}}]}}'.encode()
        ),
        st.sampled_from(["target", "status", "output", "error", "error_code"]),
        st.sampled_from(_ODD_VALUES),
    ),
    # Bytes that are no text, in the midst of one.
    st.builds(lambda some: b'{"error_code": "IOTDA.1", "error_msg": "' + some + b'"}', st.binary(max_size=6)),
)

_DEEP = b"[" * 100_000
bodies = st.one_of(
    contents.map(_encoded),
    contents.map(_encoded),
    errors.map(_encoded),
    json_values.map(_encoded),
    odd_bodies,
    odd_bodies,
    st.binary(max_size=40),
    st.sampled_from([b"", b"  ", b"<html></html>", b'{"batchtasks": [{', b"\xff\xfe{\x00", b"NaN", b"1e999", _DEEP]),
)
# As http.client hands them over: bytes as Latin-1, no line breaks.
header_texts = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=30)
_numbers = st.integers(-5, 10**25).map(str)
dates = st.one_of(
    st.datetimes().map(lambda moment: f"Mon, {moment.day:02} Jan {moment.year:04} {moment:%H:%M:%S} GMT"),
    st.builds(
        "Mon, {} Jan {} {}:{}:{} {}".format, *[st.integers(-1, 10000)] * 5, st.sampled_from(["GMT", "+2399", "-0000"])
    ),
)
headers = objects(
    {
        "Retry-After": st.one_of(_numbers, dates, header_texts),
        "Date": st.one_of(dates, header_texts),
        "X-Request-Id": header_texts,
        "X-Subject-Token": header_texts,
        "Location": st.one_of(header_texts, st.sampled_from(["http://[", "//x:y", "https://example.test/"])),
        "Content-Type": st.one_of(header_texts, st.sampled_from(["application/json", "text/html;charset=utf-8"])),
    }
)
codes = st.one_of(
    st.sampled_from([200, 201, 202, 204, 301, 400, 401, 403, 404, 408, 429, 500, 503]), st.integers(100, 999)
)
replies = st.builds(Response, codes, headers.map(CaseInsensitiveDict), bodies, st.just(1), st.booleans())
