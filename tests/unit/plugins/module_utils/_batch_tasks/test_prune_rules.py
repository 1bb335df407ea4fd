# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tasks a prune takes: nothing that does not match, and of what matches the newest are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.criteria import NamePatterns, Protection
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.listing import Selection
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.prune import EVER, Rule, TaskSummary

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
STATUSES = ["Success", "Fail", "PartialSuccess", "Stopped", "Processing", "Waitting", "Stopping", "Initializing", None]


def make_rule(
    cutoff: datetime = EVER,
    keep_last: int = 0,
    statuses: tuple[str, ...] = tuple(STATUSES[:4]),  # type: ignore[assignment] # these are texts
    task_types: tuple[str, ...] = ("t", "u"),
    names: NamePatterns | None = None,
    protection: Protection | None = None,
) -> Rule:
    return Rule(Selection(task_types, statuses), cutoff, keep_last, names, protection)


ALL = make_rule()


def older_than(age: timedelta) -> Rule:
    return replace(ALL, older_than=age).at(NOON, NOON)


def task(task_id: str, age: int | None = 1, status: str | None = "Success", kind: str | None = "t") -> TaskSummary:
    """Return a task created ``age`` hours before noon."""
    created = None if age is None else (NOON - timedelta(hours=age)).strftime("%Y%m%dT%H%M%SZ")
    return TaskSummary(task_id, f"name of {task_id}", kind, status, created)


def ids(tasks: list[TaskSummary]) -> list[str]:
    return [one.task_id for one in tasks]


def test_what_goes_comes_oldest_first_and_once() -> None:
    tasks = [task("c", 1), task("a", 3), task("b", 2), task("a", 3)]
    assert ids(ALL.expired(tasks)) == ["a", "b", "c"]


def test_smaller_id_is_older_within_the_same_second() -> None:
    assert ids(ALL.expired([task("10"), task("9"), task("f")])) == ["9", "f", "10"]
    assert ids(make_rule(EVER, 1).expired([task("10"), task("9"), task("f")])) == ["9", "f"]


@pytest.mark.parametrize("status", STATUSES)
def test_only_a_finished_task_can_go(status: str | None) -> None:
    everything = tuple(one for one in STATUSES if one)
    goes = ids(make_rule(EVER, 0, everything).expired([task("a", status=status)]))
    assert goes == (["a"] if status in STATUSES[:4] else [])


def test_only_selected_statuses_and_types_expire() -> None:
    tasks = [task("a", status="Fail"), task("b"), task("c", kind="u"), task("d", kind=None)]
    assert ids(make_rule(EVER, 0, ("Fail",)).expired(tasks)) == ["a"]
    assert ids(make_rule(EVER, 0, task_types=("u", "v")).expired(tasks)) == ["c"]


def test_older_is_strictly_older() -> None:
    rule = older_than(timedelta(hours=2))
    assert ids(rule.expired([task("a", 1), task("b", 2), task("c", 3)])) == ["c"]


def test_zero_age_matches_all_including_future_tasks() -> None:
    rule = older_than(timedelta(0))
    assert ids(rule.expired([task("a", 0), task("b", -5)])) == ["a", "b"]


def test_an_age_beyond_all_time_takes_nothing() -> None:
    assert older_than(timedelta.max).expired([task("a", 9999)]) == []


@pytest.mark.parametrize("rule", [ALL, make_rule(keep_last=1)])
def test_a_task_of_unknown_age_is_kept(rule: Rule) -> None:
    tasks = [TaskSummary("a", None, "t", "Success", text) for text in (None, "", "yesterday", "2026-01-01")]
    assert rule.expired(tasks) == []


def test_the_newest_of_each_type_stay() -> None:
    tasks = [task("a", 1), task("b", 2), task("c", 3), task("d", 4, kind="u"), task("e", 5, kind="u")]
    assert ids(make_rule(keep_last=2).expired(tasks)) == ["c"]
    assert ids(make_rule(keep_last=1).expired(tasks)) == ["e", "c", "b"]


def test_keep_last_counts_selected_tasks_of_any_age() -> None:
    tasks = [task("a", 1), task("b", 2), task("c", 30), task("d", 40), task("e", 0, "Processing"), task("f", 0, "Fail")]
    rule = make_rule(NOON - timedelta(hours=10), 3, ("Success",))
    assert ids(rule.expired(tasks)) == ["d"]


def test_what_is_kept_of_a_listed_task_is_text() -> None:
    listed: dict[str, Any] = {"task_id": "a", "task_name": 7, "task_type": "t", "status": None, "targets": ["d"] * 30}
    assert TaskSummary.of(listed) == TaskSummary("a", None, "t", None, None)


def named(task_id: str, name: str, age: int = 1) -> TaskSummary:
    return task(task_id, age)._replace(task_name=name)


def test_only_tasks_with_a_matching_name_go() -> None:
    tasks = [
        named("a", "nightly_1"),
        named("b", "Nightly_1"),
        named("c", "my_nightly_1"),
        task("d")._replace(task_name=None),
    ]
    assert ids(make_rule(EVER, 0, names=NamePatterns(["nightly_*"])).expired(tasks)) == ["a"]


@pytest.mark.parametrize("entry", ["b2", "B2", "keep_*", "keep_me"])
def test_a_protected_task_never_goes(entry: str) -> None:
    tasks = [named("a1", "x", 2), named("b2", "keep_me", 3)]
    rule = make_rule(EVER, 0, protection=Protection([entry]))
    assert ids(rule.expired(tasks)) == ["a1"]
    assert len(rule.protected(tasks)) == 1


def test_a_task_without_a_name_may_be_a_protected_one() -> None:
    tasks = [named("a1", "x", 2), task("b2", 3)._replace(task_name=None)]
    assert ids(make_rule(EVER, 0, protection=Protection(["keep_*"])).expired(tasks)) == ["a1"]
    assert set(ids(ALL.expired(tasks))) == {"a1", "b2"}


def test_what_is_protected_is_not_counted_as_kept() -> None:
    tasks = [named("a", "keep_1", 1), named("b", "x", 2), named("c", "keep_2", 3), named("d", "x", 4)]
    rule = make_rule(EVER, 1, protection=Protection(["keep_*"]))
    assert ids(rule.expired(tasks)) == ["d"]
    assert len(rule.protected(tasks)) == 1


def test_only_what_would_have_gone_counts_as_protected() -> None:
    tasks = [named("a", "keep", 1), named("b", "keep", 9), named("c", "x", 9)]
    rule = make_rule(NOON - timedelta(hours=5), protection=Protection(["keep"]))
    assert len(rule.protected(tasks)) == 1
    assert len(ALL.protected(tasks)) == 0


# The same rule once more, as a simple reference implementation

UNREADABLE = (None, "", "yesterday", "2026-01-01", "20260231T120000Z")


def oracle(tasks: list[TaskSummary], rule: Rule) -> list[str]:
    """Return the IDs of what goes, by asking of each task how many newer ones of its type there are."""
    tasks = [one for one in tasks if not protected(one, rule)]
    goes: list[TaskSummary] = []
    for one in tasks:
        newer = set()
        for other in tasks:
            if counts(other, rule) and other.task_type == one.task_type and position(other) > position(one):
                newer.add(other.task_id)
        early = str(one.create_time) < rule.cutoff.strftime("%Y%m%dT%H%M%SZ")
        if counts(one, rule) and early and len(newer) >= rule.keep_last and one.task_id not in ids(goes):
            goes.append(one)
    return ids(sorted(goes, key=position))


PATTERNS = {"a*": lambda name: name.startswith("a"), "?": lambda name: len(name) == 1, "ab": lambda name: name == "ab"}


def protected(one: TaskSummary, rule: Rule) -> bool:
    entries = PROTECTIONS[rule.protection] if rule.protection else []
    return (bool(entries) and one.task_name is None) or any(
        one.task_id == entry or matches(one.task_name, entry) for entry in entries
    )


def matches(name: str | None, pattern: str) -> bool:
    return name is not None and PATTERNS[pattern](name)


def counts(one: TaskSummary, rule: Rule) -> bool:
    finished = one.status in ("Success", "Fail", "PartialSuccess", "Stopped")
    of_the_types = one.task_type in rule.selection.task_types
    of_the_names = rule.names is None or any(matches(one.task_name, pattern) for pattern in NAMES[rule.names])
    readable = one.create_time not in UNREADABLE
    return finished and one.status in rule.selection.statuses and of_the_types and of_the_names and readable


def position(one: TaskSummary) -> tuple[str, int, str]:
    """Return what is the larger the newer ``one`` is; the API's times sort as text."""
    return str(one.create_time), int(one.task_id, 16), one.task_id


# Most are finished, and of few moments, so that many are of the same.
times = st.sampled_from([*UNREADABLE, *(task("0", age).create_time for age in (-1, 0, 1, 2) * 4)])
statuses = st.sampled_from(STATUSES[:4] * 3 + STATUSES[4:])
ids_ = st.text("0123456789abcdef", min_size=1, max_size=3) | st.text("09af", min_size=22, max_size=24)
kinds = st.sampled_from(["t", "u", None])
names_ = st.none() | st.sampled_from(["a", "ab", "abc", "b", "Ab"])
listed_ = st.builds(TaskSummary, ids_, names_, kinds, statuses, times)


@st.composite
def populations(draw: st.DrawFn) -> list[TaskSummary]:
    """Draw tasks in any order; some are listed again, and may have ended otherwise, or begun anew, in between."""
    found: list[TaskSummary] = draw(st.lists(listed_, max_size=30, unique_by=lambda one: one.task_id))
    if found:
        again = st.tuples(st.sampled_from(found), statuses)
        found += [one._replace(status=status) for one, status in draw(st.lists(again, max_size=5))]
        found += draw(st.lists(st.sampled_from(found), max_size=5))
    return draw(st.permutations(found))


CHOICES = [["a*"], ["?", "ab"], ["ab"]]
NAMES = {NamePatterns(choice): choice for choice in CHOICES}
PROTECTIONS = {Protection(choice): choice for choice in CHOICES}
rules = st.builds(
    make_rule,
    st.sampled_from([EVER, EVER, *(NOON - timedelta(hours=age) for age in (-1, 0, 1, 2))]),
    st.sampled_from([0, 0, 1, 1, 2, 3]),
    st.sampled_from([("Success",), tuple(STATUSES[:4]), tuple(status for status in STATUSES if status)]),
    st.sampled_from([("t",), ("t", "u")]),
    st.sampled_from([None, None, *NAMES]),
    st.sampled_from([None, *PROTECTIONS]),
)


@settings(max_examples=300)
@given(populations(), rules)
def test_exactly_what_the_rule_says_goes_in_order(tasks: list[TaskSummary], rule: Rule) -> None:
    assert ids(rule.expired(tasks)) == oracle(tasks, rule)


@given(populations(), rules)
def test_after_a_prune_there_is_nothing_left_to_prune(tasks: list[TaskSummary], rule: Rule) -> None:
    gone = ids(rule.expired(tasks))
    assert rule.expired([one for one in tasks if one.task_id not in gone]) == []


@given(populations(), rules)
def test_protection_saves_exactly_what_is_counted(tasks: list[TaskSummary], rule: Rule) -> None:
    without = set(oracle(tasks, replace(rule, protection=None)))
    assert set(ids(rule.protected(tasks))) == {one.task_id for one in tasks if protected(one, rule)} & without
