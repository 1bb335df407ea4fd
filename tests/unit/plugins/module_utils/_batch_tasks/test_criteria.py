# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ages, moments and patterns of names: what each accepts, and that what can select nothing is refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.criteria import (
    NamePatterns,
    Protection,
    parse_age,
    parse_api_time,
    parse_moment,
    parse_patterns,
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


# Patterns of names


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("nightly_*", "nightly_1"),
        ("冻结_?", "冻结_1"),
        ("[ab]x", "bx"),
        ("[!a]x", "bx"),
        ("[]a]x", "ax"),
        ("[!]]x", "ax"),
        ("[-a]x", "ax"),
        ("[/-9]x", "7x"),
        ("5C8BA99030344005C02316AD", "5C8BA99030344005C02316AD"),
        ("?" * 128, "x" * 128),
        ("*" * 200, "x"),
    ],
)
def test_an_entry_that_a_name_can_match(entry: str, name: str) -> None:
    assert parse_patterns("protect", [f" {entry}\t"]) == [entry]
    assert NamePatterns([entry]).matches(name)


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("freeze_*\uff0cfirmware_*", r"freeze_*\uff0cfirmware_*"),
        ("\uff46reeze_*", r"\uff46reeze_*"),
        ("freeze_\uff0a", r"freeze_\uff0a"),
        ("\ufefffreeze_1", r"\ufefffreeze_1"),
        ("冻结\u200b_*", r"冻结\u200b_*"),
        ("caf\u00e9", r"caf\xe9"),
        ("a-b", "a-b"),
        ("a.b", "a.b"),
        ("a b", "a b"),
        ("a;b", "a;b"),
        ("a\nb", r"a\nb"),
        ("'a'", "'a'"),
        ("[-.]x", "[-.]x"),
        ("[abc", "[abc"),
        ("[]]", "[]]"),
        ("x" * 129, "x" * 60),
        ("?" * 129 + "*", "?" * 60),
    ],
)
@pytest.mark.parametrize("option", ["protect", "task_name"])
def test_an_entry_that_no_name_can_match_is_refused(option: str, entry: str, shown: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_patterns(option, ["freeze_1", entry])
    assert str(refused.value).startswith(f"{option} contains '{shown}', which cannot match any task name or ID: ")


def test_protection_by_name_or_id() -> None:
    protection = Protection(["keep_*", "5C8BA99030344005C02316AD"])
    assert protection.covers("a1", "keep_1")
    assert protection.covers("5c8ba99030344005c02316ad", "x")
    assert protection.covers("a1", None)
    assert not protection.covers("a1", "x")
