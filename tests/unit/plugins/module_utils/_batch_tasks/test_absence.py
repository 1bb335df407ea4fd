# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A 404 means absent only if IoTDA said it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import confirms_absence
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.error_responses import error_from_response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import refusal, reply, silence


def answered(status: int, content: Any) -> RequestError:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return error_from_response(reply(status, body), "https://iotda.example")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        {"error_code": "IOTDA.014201", "error_msg": "The task does not exist."},
        {"error_code": "IOTDA.000001", "error_msg": ""},
        {"error_code": "IOTDA.", "error_msg": "x"},
    ],
)
def test_iotda_says_it_by_its_own_code_or_by_no_body(content: Any) -> None:
    assert confirms_absence(answered(404, content))


@pytest.mark.parametrize(
    "content",
    [
        {"error_code": "IOTDA.000029", "error_msg": "wrong path"},
        {"error_code": "APIGW.0101", "error_msg": "x"},
        {"error_code": "APIG.0101", "error_msg": "x"},
        {"error_code": "IAM.0004", "error_msg": "x"},
        {"error_code": "iotda.014201", "error_msg": "x"},
        {"error_code": "IOTDAX", "error_msg": "x"},
        {"error_code": "XIOTDA.014201", "error_msg": "x"},
        {"error": {"code": 404, "message": "x"}},
        {"message": "no Route matched"},
        {},
        None,
        [],
        "IOTDA.014201",
        b"<html>IOTDA.014201</html>",
        b"404 page not found",
        b"\x00",
        b'{"error_code": "IOTDA.014201", "error_msg": "cut',
    ],
    ids=str,
)
def test_nobody_else_can_say_it(content: Any) -> None:
    assert not confirms_absence(answered(404, content))


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 410, 429, 500, 503])
@pytest.mark.parametrize("code", [None, "IOTDA.014201"])
def test_no_other_status_says_it(status: int, code: str | None) -> None:
    assert not confirms_absence(refusal(status, code))


def test_silence_says_nothing() -> None:
    assert not confirms_absence(silence())
    assert not confirms_absence(RequestError("x", 1, False))
