# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IDs of devices and groups: their form, and once each."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.targets import parse_targets
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


def refused(*values: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_targets("targets", values)
    return str(caught.value)


def test_devices_keep_their_order_without_repeats_and_blanks() -> None:
    assert parse_targets("targets", ["b", " a", "b ", "a\u3000"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\ufeffmeter_0001", r"'\ufeffmeter_0001'"),
        ("meter\u200b_0001", r"'meter\u200b_0001'"),
        ("meter_000\uff11", r"'meter_000\uff11'"),
        ("meter\u00a0_0001", r"'meter\xa0_0001'"),
        ("a\nb", r"'a\nb'"),
        ("x" * 200, f"'{'x' * 60}...'"),
    ],
)
def test_what_cannot_be_seen_is_shown(value: str, shown: str) -> None:
    assert refused("a", value).endswith(f", not {shown}")


def test_three_invalid_ones_are_named_and_the_rest_counted() -> None:
    assert refused("a b", "c d", "e f", "g h", "i j").endswith("not 'a b', 'c d', 'e f' and 2 more")
