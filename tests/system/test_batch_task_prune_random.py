# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning random fleets by random wishes: what goes is what a simple reference implementation says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import STATUSES
from ansible_collections.huaweicloud.iotda.tests.system.pruning import FINISHED, NOW, aged, frozen, gone, prune

pytestmark = pytest.mark.usefixtures("in_a_hurry")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with frozen() as simulator:
        yield simulator


def _is_a_wish(wish: dict[str, Any]) -> bool:
    """Whether there is a rule, and not two of the same kind, nor one that is refused."""
    rules = {name for name in ("older_than", "created_before", "keep_last") if name in wish}
    alone = rules == {"keep_last"} and wish["keep_last"] == 0
    return bool(rules) and not rules >= {"older_than", "created_before"} and not alone


Drawn = tuple[int, str, str, str, str]
NAMED = {"*": {"a", "b", "bb"}, "a": {"a"}, "?": {"a", "b"}, "b*": {"b", "bb"}, "b?": {"bb"}, "nobody": set()}
FLEETS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(["freezeDevices", "firmwareUpgrade"]),
        st.sampled_from(STATUSES),
        st.sampled_from(["water", "light"]),
        st.sampled_from(["a", "b", "bb"]),
    ),
    min_size=12,
    max_size=30,
)
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "older_than": st.integers(0, 20).map(lambda hours: f"{hours}h"),
        "created_before": st.integers(0, 20).map(lambda hours: (NOW - timedelta(hours=hours)).isoformat()),
        "keep_last": st.integers(0, 4),
        "max_deletions": st.integers(0, 4),
        "status": st.lists(st.sampled_from(FINISHED), min_size=1, unique=True),
        "task_type": st.lists(st.sampled_from(["freezeDevices", "firmwareUpgrade"]), min_size=1, unique=True),
        "task_name": st.lists(st.sampled_from(["a", "?", "b*", "nobody"]), min_size=1, unique=True),
        "protect": st.lists(st.sampled_from(["a", "b?", "nobody"]), min_size=1, unique=True),
        "app_id": st.sampled_from(["water", "light"]),
    },
).filter(_is_a_wish)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FLEETS, WISHES)
def test_what_does_not_match_stays_and_all_else_goes(
    simulator: Simulator, options: dict[str, Any], fleet: list[Drawn], wish: dict[str, Any]
) -> None:
    simulator.clear_tasks()
    ids = {
        aged(simulator, 3600 * age, task_type=kind, status=status, app_id=app, task_name=name): (
            age,
            kind,
            status,
            app,
            name,
        )
        for age, kind, status, app, name in fleet
    }
    expected = _expected(ids, wish)
    if expected is None:
        ended = prune(options, **wish)
        assert (ended.failed, ended.changed) == (True, False)
        assert "max_deletions" in ended.msg
    else:
        assert set(gone(options, **wish)) == expected
    assert simulator.task_ids() == set(ids) - (expected or set())


def _as_rule(wish: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wish.items() if name not in ("protect", "max_deletions")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FLEETS, st.lists(WISHES.map(_as_rule), min_size=1, max_size=4), st.sampled_from([None, ["a"], ["b?", "nobody"]]))
def test_several_rules_delete_what_any_of_them_selects(
    simulator: Simulator,
    options: dict[str, Any],
    fleet: list[Drawn],
    rules: list[dict[str, Any]],
    protect: list[str] | None,
) -> None:
    """A dry run and the run after it name the same tasks, and add up to the same sums."""
    simulator.clear_tasks()
    ids = {aged(simulator, 3600 * age, **_fields(rest)): (age, *rest) for age, *rest in fleet}
    asked = {"rules": rules} if protect is None else {"rules": rules, "protect": protect}
    dry, real = (prune(options, check=check, **asked) for check in (True, False))
    selected, expected, saved = _reference(ids, rules, protect or [])
    for ended in (dry, real):
        assert {one["task_id"]: one["rule"] for one in ended.result["tasks"]} == expected
        assert set(ended.outcomes) <= {"deleted"}
        sums = [ended.result[name] for name in ("examined", "matched", "kept", "protected")]
        assert sums == [len(selected), len(expected), len(selected) - len(expected), len(saved)]
    assert simulator.task_ids() == set(ids) - set(expected)


def _fields(rest: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(("task_type", "status", "app_id", "task_name"), rest, strict=True))


def _reference(
    ids: dict[str, Drawn], rules: list[dict[str, Any]], protect: list[str]
) -> tuple[set[str], dict[str, int], set[str]]:
    """Return what the rules select, what goes by the first rule that says so, and what protection saves."""
    selected: set[str] = set()
    saved: set[str] = set()
    expected: dict[str, int] = {}
    for number, rule in enumerate(rules, 1):
        unlimited = {**rule, "max_deletions": len(ids)}
        everything = {name: value for name, value in unlimited.items() if name in ("status", "task_type", "app_id")}
        everything |= {"task_name": rule.get("task_name", ["*"]), "max_deletions": len(ids)}
        selected |= _expected(ids, everything) or set()
        for task_id in _expected(ids, {**unlimited, "protect": protect}) or set():
            expected.setdefault(task_id, number)
        saved |= {one for one in _expected(ids, unlimited) or set() if _named(ids[one][4], protect)}
    return selected, expected, saved


def _expected(ids: dict[str, Drawn], wish: dict[str, Any]) -> set[str] | None:
    """Return what goes; None where it is more than is allowed, so that nothing goes."""
    selected = defaultdict(list)
    for task_id, (_age, kind, status, app, name) in ids.items():
        if not _named(name, wish.get("task_name", ["*"])) or _named(name, wish.get("protect", [])):
            continue
        asked = (wish.get("status", FINISHED), wish.get("task_type", [kind]), [wish.get("app_id", app)])
        if all(have in want for have, want in zip((status, kind, app), asked, strict=True)):
            selected[kind].append(task_id)
    kept = {task_id for one in selected.values() for task_id in sorted(one, reverse=True)[: wish.get("keep_last", 0)]}
    old = {task_id for task_id, (age, *_rest) in ids.items() if _is_old(age, wish)}
    going = ({task_id for one in selected.values() for task_id in one} & old) - kept
    return going if len(going) <= wish.get("max_deletions", 1000) else None


def _named(name: str, patterns: list[str]) -> bool:
    return any(name in NAMED[pattern] for pattern in patterns)


def _is_old(age: int, wish: dict[str, Any]) -> bool:
    if "created_before" in wish:
        return NOW - timedelta(hours=age) < datetime.fromisoformat(wish["created_before"])
    hours = int(wish.get("older_than", "0h")[:-1])
    return age > hours or hours == 0
