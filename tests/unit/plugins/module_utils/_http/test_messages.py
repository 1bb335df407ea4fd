# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reply tells besides its content: how long to wait, and what time it is where it comes from."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Request, Response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import reply


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("9" * 40, 999999999.0),
        ("", None),
        ("1.5", None),
        ("-1", None),
        ("\xb2", None),
        ("soon", None),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 12:01:30 -0000", 90.0),
        ("Monday, 23-Nov-26 12:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 13:01:30 +0100", 90.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 99 Nov 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    got = reply(429, Date="Mon, 23 Nov 2026 12:00:00 GMT", Retry_After=text)
    assert got.retry_after() == seconds


@pytest.mark.parametrize("date", [{}, {"Date": "unreadable"}])
def test_a_retry_after_date_without_date_header(date: dict[str, Any]) -> None:
    later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=100), usegmt=True)
    seconds = reply(429, Retry_After=later, **date).retry_after()
    assert seconds is not None
    assert 90 < seconds < 101


def test_no_retry_after() -> None:
    assert reply(429).retry_after() is None


@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
def test_skew_is_the_services_clock_less_the_local_one(ahead: int) -> None:
    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=ahead), usegmt=True)
    skew = reply(200, Date=date).skew()
    assert skew is not None
    assert abs(skew - ahead) < 30


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Mon, 23 Nov 2026"}])
def test_no_skew_without_a_readable_date(headers: dict[str, Any]) -> None:
    assert reply(200, **headers).skew() is None


def test_repr_holds_no_content() -> None:
    assert "hush" not in repr(Request("POST", "https://x", TokenAuth("hush"), body={"a": "hush"}))
    assert "hush" not in repr(reply(200, b"hush"))


def test_a_blank_request_id_is_none() -> None:
    assert reply(204, X_Request_Id="  ").request_id is None


def test_a_response_is_one_attempt_by_default() -> None:
    assert Response(204, {}, b"") == Response(204, {}, b"", 1, False)


def test_the_services_time() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
    assert reply(200, Date="Mon, 23 Nov 2026 12:00:00 GMT").service_now() == noon
    assert reply(200).service_now() is None
