# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IDs of tasks, devices and groups: their form, and once each."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    parse_targets,
    parse_task_ids,
    sort_key,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

task_ids = st.text("0123456789abcdef", min_size=1, max_size=24)


@pytest.mark.parametrize(
    ("given_ids", "distinct"),
    [
        ([], []),
        (["5c8ba99030344005c02316ad"], ["5c8ba99030344005c02316ad"]),
        (["0", "f" * 24], ["0", "f" * 24]),
        (["b", "a", "b", "c", "a"], ["b", "a", "c"]),
        ([" a", "a\n", "b "], ["a", "b"]),
    ],
)
def test_ids_keep_their_order_without_repeats(given_ids: list[str], distinct: list[str]) -> None:
    assert parse_task_ids(given_ids) == distinct


@pytest.mark.parametrize(
    "invalid",
    [
        "",
        "g",
        "A",
        "5C8BA99030344005C02316AD",
        "f" * 25,
        "a b",
        "a/../b",
        "a?b",
        "a%2f",
        "٣",
        "é",
        "-1",
        "1.0",
    ],
)
def test_what_is_no_id_is_refused_by_name(invalid: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_task_ids(["a", invalid])
    assert f"not {invalid!a};" in str(caught.value)


def test_what_cannot_be_seen_is_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_task_ids(["\ufeffa1", "a\u200b1", "\uff411"])
    assert r"not '\ufeffa1', 'a\u200b1', '\uff411';" in str(caught.value)


def test_all_invalid_ones_are_named_once_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_task_ids(["x", "a", "y", "x", "b"])
    assert str(caught.value) == (
        "task_id must be 1 to 24 characters from 0-9 and a-f, in lower case, not 'x', 'y'; nothing was sent"
    )


def test_a_name_in_place_of_an_id_is_recognised() -> None:
    with pytest.raises(ConfigurationError, match="not 'freeze_lost'; find the ID of a name with batch_task_info;"):
        parse_task_ids(["freeze_lost"])


@given(task_ids, task_ids)
def test_ids_rank_as_the_numbers_that_they_are(one: str, other: str) -> None:
    assert (sort_key(one) < sort_key(other)) is (int(one, 16) < int(other, 16))


@given(st.lists(task_ids))
def test_each_valid_id_counts_once(given_ids: list[str]) -> None:
    distinct = parse_task_ids(given_ids)
    assert len(distinct) == len(set(distinct))
    assert set(distinct) == set(given_ids)
    assert distinct == sorted(distinct, key=given_ids.index)


@given(st.text(max_size=30))
def test_a_text_is_an_id_exactly_when_it_has_the_form(text: str) -> None:
    if re.fullmatch("[0-9a-f]{1,24}", text):
        assert parse_task_ids([text]) == [text]
    else:
        with pytest.raises(ConfigurationError):
            parse_task_ids([text])


def test_what_is_far_too_long_is_shortened() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_task_ids(["{'task_id': '1', " + "x" * 5000])
    assert 'xxx..."; nothing was sent' in str(caught.value)
    assert len(str(caught.value)) < 200


# Devices and groups


def test_devices_keep_their_order_without_repeats_and_blanks() -> None:
    assert parse_targets("targets", ["b", " a", "b ", "a\u3000"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("invalid", "words"),
    [
        (["a", "meter\u200b_0001"], r"not 'meter\u200b_0001'"),
        (["a\nb"], r"not 'a\nb'"),
        (["x" * 200], f"not '{'x' * 60}...'"),
        (["a b", "c d", "e f"], "not 'a b', 'c d', 'e f'"),
        (["a b", "c d", "e f", "g h", "i j"], "not 'a b', 'c d', 'e f' and 2 more"),
    ],
)
def test_what_is_no_device_is_refused_by_name(invalid: list[str], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_targets("targets", invalid)
    assert str(caught.value).endswith(f", {words}")
