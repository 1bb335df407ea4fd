# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ages and moments, as users and the API write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.times import (
    parse_age,
    parse_api_time,
    parse_moment,
    subtract,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("2w", timedelta(days=14)),
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("0d", timedelta(0)),
        (" 7d ", timedelta(days=7)),
        ("999999999w", timedelta.max),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, age: timedelta) -> None:
    assert parse_age(text, "older_than") == age


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "30D", "30s", "30y", "1d12h", "30 days", "P30D"])
def test_anything_else_is_no_age(text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^older_than must be a whole number of w, d, h or m .* not {text!r}$"
    ):
        parse_age(text, "older_than")


@pytest.mark.parametrize(
    "text",
    [
        "20260101T000000Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00",
        "2026-01-01",
        "2026-01-01T08:00:00+08:00",
        "2026-01-01T08:00:00+0800",
        "2025-12-31T19:00:00.000-0500",
        "2025-12-31T19:00:00-05:00",
        " 2026-01-01T00:00:00Z\n",
    ],
)
def test_a_moment_is_read_in_every_form_and_is_utc(text: str) -> None:
    moment = parse_moment(text, "created_before")
    assert moment == NEW_YEAR
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "2026-02-30T00:00:00Z", "01/02/2026", "30d"]
    # What only some versions of Python take.
    + ["20260131", "2026-01-31T00:00:00+08", "2026-W05-1", "2026-01-31+0800"],
)
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ConfigurationError, match="^created_after must be a time such as"):
        parse_moment(text, "created_after")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_no_calendar_holds_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_moment(text, "created_before")


@pytest.mark.parametrize(
    "value",
    [None, 20260101, "", "2026-01-01T00:00Z", "20260101T000000", "20261301T000000Z", "20260101T250000Z", "x" * 16, []],
)
def test_what_the_api_does_not_write_is_no_time(value: Any) -> None:
    assert parse_api_time(value) is None


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1)))
def test_what_the_api_writes_is_read(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone.utc)
    assert parse_api_time(moment.strftime("%Y%m%dT%H%M%SZ")) == moment
    assert parse_moment(moment.isoformat(), "created_before") == moment


def test_before() -> None:
    assert subtract(NEW_YEAR, timedelta(days=1)) == datetime(2025, 12, 31, tzinfo=timezone.utc)
    assert subtract(NEW_YEAR, timedelta.max) == datetime.min.replace(tzinfo=timezone.utc)
