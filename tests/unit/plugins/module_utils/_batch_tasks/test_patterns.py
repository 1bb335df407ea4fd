# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns of names: what can match none is refused, and said so that it can be seen."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.patterns import (
    NamePatterns,
    Protection,
    parse_patterns,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


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
    assert str(refused.value).startswith(f"{option} contains '{shown}', which no task name and no ID can match")


def test_protection_by_name_or_id() -> None:
    protection = Protection(["keep_*", "5C8BA99030344005C02316AD"])
    assert protection.covers("a1", "keep_1")
    assert protection.covers("5c8ba99030344005c02316ad", "x")
    assert protection.covers("a1", None)
    assert not protection.covers("a1", "x")
