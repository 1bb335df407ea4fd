# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning: what goes by age, by moment and by number, on whose clock, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import STATUSES
from ansible_collections.huaweicloud.iotda.tests.system.pruning import NOW, aged, frozen, gone, prune

LIST = r"/batchtasks$"


pytestmark = pytest.mark.usefixtures("in_a_hurry")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with frozen() as simulator:
        yield simulator


# By age, on the service's clock


@pytest.mark.parametrize(
    ("age", "seconds"), [("90m", 5400), ("12h", 43200), ("30d", 2592000), ("2w", 1209600), (" 1 d ", 86400)]
)
def test_what_is_strictly_older_goes(simulator: Simulator, options: dict[str, Any], age: str, seconds: int) -> None:
    oldest, older = aged(simulator, seconds * 2), aged(simulator, seconds + 1)
    stay = {aged(simulator, seconds), aged(simulator, seconds - 1), aged(simulator, 0)}
    assert gone(options, older_than=age) == [oldest, older]
    assert simulator.task_ids() == stay


@pytest.mark.parametrize("days", [-10, 10])
def test_age_is_measured_on_the_earlier_clock(simulator: Simulator, options: dict[str, Any], days: int) -> None:
    """The service's clock is ten days ahead of this machine's, or behind it."""
    simulator.clock.skew(days * 86400)
    token = {"auth_token": simulator.issue_token(expires_in=8640000)}
    reach = {name: value for name, value in options.items() if name not in ("access_key", "secret_key")}
    own = [aged(simulator, (30 - min(days, 0)) * 86400 + seconds) for seconds in (3600, -3600)]
    assert gone({**reach, **token}, older_than="30d") == own[:1]


def test_service_clock_far_ahead_deletes_no_new_tasks(simulator: Simulator, options: dict[str, Any]) -> None:
    aged(simulator, 60)
    simulator.fault(kind="date", body="Thu, 01 Jan 2099 00:00:00 GMT", times=None)
    assert gone(options, older_than="30d") == []


def test_a_moment_does_not_depend_on_any_clock(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.fault(kind="date", seconds=1e8, times=None)
    going, _staying = aged(simulator, 86401), aged(simulator, 86400)
    moment = (NOW - timedelta(days=1)).strftime("%Y%m%dT%H%M%SZ")
    assert gone(options, created_before=moment) == [going]


def test_earliest_service_clock_is_used(simulator: Simulator, options: dict[str, Any]) -> None:
    aged(simulator, 86400)
    simulator.fault(path=LIST, kind="date", seconds=-1e8, skip=1)
    assert gone(options, older_than="1d") == []


@pytest.mark.parametrize("date", ["", "now", "Mon, 32 Jan 2026 00:00:00 GMT"])
def test_relative_age_requires_service_clock(simulator: Simulator, options: dict[str, Any], date: str) -> None:
    going = aged(simulator, 9999999)
    simulator.fault(kind="date", body=date, times=None)
    ended = prune(options, older_than="1d")
    assert ended.failed
    assert not ended.changed
    assert "created_before" in ended.msg
    assert simulator.journal.unsafe() == []
    assert gone(options, created_before="2020-01-01") == []
    assert gone(options, older_than="0d") == [going]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("20260131T120000Z", 1),
        ("2026-01-31T12:00:00Z", 1),
        ("2026-01-31T12:00:00", 1),
        ("2026-01-31T14:00:00+02:00", 1),
        ("2026-01-31T12:00:01Z", 2),
        ("2026-02-01", 3),
    ],
)
def test_what_was_created_before_a_moment_goes(
    simulator: Simulator, options: dict[str, Any], moment: str, expected: int
) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    tasks = [simulator.add_task(create_time=noon + timedelta(seconds=n)) for n in (-1, 0, 1)]
    assert gone(options, created_before=moment) == tasks[:expected]


# By number


def test_prune_is_limited_to_types_statuses_and_space(simulator: Simulator, options: dict[str, Any]) -> None:
    kinds, apps = ("freezeDevices", "unfreezeDevices", "firmwareUpgrade"), ("water", "light")
    by = {
        (kind, status, app): aged(simulator, 100, task_type=kind, status=status, app_id=app)
        for kind in kinds
        for status in STATUSES
        for app in apps
    }
    wanted = {"task_type": ["freezeDevices", "firmwareUpgrade"], "status": ["Fail", "Stopped"], "app_id": "light"}
    expected = [
        task_id
        for (kind, status, app), task_id in by.items()
        if kind in wanted["task_type"] and status in wanted["status"] and app == "light"
    ]
    assert gone(options, older_than="1m", **wanted) == expected
    assert simulator.task_ids() == set(by.values()) - set(expected)


def test_what_is_protected_stays_and_is_not_counted(simulator: Simulator, options: dict[str, Any]) -> None:
    names = ("keep_a", "b", "keep_c", "d", "e")
    by = {name: aged(simulator, 9 - number, task_name=name) for number, name in enumerate(names)}
    ended = prune(options, keep_last=1, protect=["keep_*", by["d"].upper()])
    assert [task["task_name"] for task in ended.result["tasks"]] == ["b"]
    assert (ended.result["examined"], ended.result["protected"], ended.result["kept"]) == (5, 3, 4)
    ended = prune(options, older_than="0d", protect="*")
    assert (ended.changed, ended.result["protected"], ended.result["matched"]) == (False, 4, 0)


@pytest.mark.parametrize("protect", ["keep, mine", "keep,mine ", ["keep", " mine"], ["keep\n", "mine\u00a0"]])
def test_blanks_around_an_entry_lose_no_protection(
    simulator: Simulator, options: dict[str, Any], protect: str | list[str]
) -> None:
    for name in ("keep", "mine"):
        simulator.add_task(status="Success", task_name=name)
    ended = prune(options, older_than="0d", protect=protect)
    assert (ended.changed, ended.result["protected"], len(simulator.task_ids())) == (False, 2, 2)


@pytest.mark.parametrize("nested", [False, True], ids=["options", "rules"])
def test_blanks_beside_commas_do_not_matter(simulator: Simulator, options: dict[str, Any], nested: bool) -> None:
    going = [aged(simulator, 9, task_name=name, status=status) for name, status in (("a", "Fail"), ("b", "Stopped"))]
    aged(simulator, 9, task_name="a")
    rule = {"task_type": "freezeDevices, createMessages", "status": "Fail , Stopped", "task_name": "a,\nb"}
    asked = {**rule, "older_than": "0d"}
    assert gone(options, **({"rules": [asked]} if nested else asked)) == going


# At most


def test_default_limit_is_a_thousand_deletions(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_tasks(1001, create_time=NOW - timedelta(days=1))
    ended = prune(options, older_than="0d")
    assert ended.failed
    assert "1001" in ended.msg
    assert len(gone(options, older_than="0d", keep_last=1)) == 1000


def test_max_deletions_zero_fails_if_any_task_matches(simulator: Simulator, options: dict[str, Any]) -> None:
    aged(simulator, 100)
    assert not prune(options, older_than="1d", max_deletions=0).failed
    assert prune(options, older_than="1m", max_deletions=0).failed


# Several rules

NAMED_RULES = [{"older_than": "10h", "status": "Fail"}, {"keep_last": 2, "task_type": "freezeDevices, createMessages"}]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([], "rules is an empty list"),
        (None, "rules is null"),
        ([{"keep_last": 1}, {}], "rules[2] needs at least one of"),
        ([{"keep_last": 1}, None], "rules is a list with an empty entry"),
        ([{"keep_last": 1}, {"keep_last": None}], "rules[2].keep_last is null"),
        ([{"keep_last": 1}, {"keep_last": 1, "app_id": " "}], "rules[2].app_id is blank"),
        ([{"keep_last": 1, "task_type": []}], "rules[1].task_type is an empty list"),
        ([{"keep_last": 1, "status": None}], "rules[1].status is null"),
        (["keep_last=1 task_name="], "rules[1].task_name is a list with an empty entry"),
        ([{"keep_last": -1}], "rules[1].keep_last must be from 0 to"),
        ([{"keep_last": True}], "rules[1].keep_last must be a number, not true"),
        ([{"older_than": "1 month"}], "rules[1].older_than must be a whole number"),
        ([{"keep_last": 1, "task_name": [2026]}], "rules[1].task_name contains 2026, which is not text"),
        ([{"keep_last": 1, "app_id": "a b"}], "rules[1].app_id must be"),
        ([{"keep_last": 1, "protect": "a"}], "protect"),
        ({"keep_last": 1}, "rules"),
        ("all", "dictionary requested"),
    ],
    ids=str,
)
def test_a_rule_that_is_wrong_is_named(simulator: Simulator, options: dict[str, Any], rules: Any, words: str) -> None:
    ended = prune(options, rules=rules)
    assert ended.failed
    assert words in ended.msg
    assert len(simulator.journal) == 0


@pytest.mark.parametrize(
    "beside", [{"older_than": "1d"}, {"keep_last": 3}, {"status": "Fail"}, {"app_id": "a"}], ids=str
)
def test_rules_stand_alone(simulator: Simulator, options: dict[str, Any], beside: dict[str, Any]) -> None:
    ended = prune(options, rules=[{"older_than": "9d"}], **beside)
    assert ended.failed
    assert f"rules|{next(iter(beside))}" in ended.msg
    assert len(simulator.journal) == 0


# What is told


def test_the_result_reports_what_was_deleted(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = aged(simulator, 86400, task_name="freeze_lost_meters", status="Fail")
    aged(simulator, 1)
    simulator.latency(0.2)  # of the list, and then of the deletion
    result = prune(options, older_than="1h").result
    (task,) = result["tasks"]
    assert task.pop("request_id")
    shown = {"task_name": "freeze_lost_meters", "task_type": "freezeDevices", "status": "Fail"}
    shown["create_time"] = (NOW - timedelta(days=1)).strftime("%Y%m%dT%H%M%SZ")
    assert task == {"task_id": task_id, "outcome": "deleted", "attempts": 1, "http_status": 204, **shown}
    assert (result["examined"], result["matched"], result["kept"]) == (2, 1, 1)
    assert result["summary"] == {"deleted": 1, "absent": 0, "deleted_unconfirmed": 0, "failed": 0}
    assert (result["throttled"], result["retries"]) == (0, 0)
    assert 0.4 <= result["elapsed"] < 60


def test_throttled_answers_and_retries_are_counted(simulator: Simulator, options: dict[str, Any]) -> None:
    tasks = [aged(simulator, age) for age in (3, 2, 1)]
    simulator.fault("DELETE", status=429, headers={"Retry-After": "0"}, times=2)
    simulator.fault("GET", status=503)
    ended = prune({**options, "retry_timeout": 10}, older_than="0d")
    assert ended.outcomes == ["deleted"] * len(tasks)
    assert (ended.result["throttled"], ended.result["retries"]) == (2, 3)


def test_check_mode_lists_exactly_what_goes(simulator: Simulator, options: dict[str, Any]) -> None:
    for age in range(60):
        aged(simulator, 3600 * age, status=STATUSES[age % len(STATUSES)])
    wanted = {"older_than": "10h", "keep_last": 5}
    predicted = prune(options, check=True, diff=True, **wanted)
    assert simulator.journal.unsafe() == []
    assert predicted.changed
    real = prune(options, diff=True, **wanted)
    assert predicted.outcomes == ["deleted"] * len(predicted.outcomes)
    for name in ("examined", "matched", "kept", "summary", "diff", "changed"):
        assert predicted.result[name] == real.result[name]
    shown = ("task_id", "outcome", "task_name", "task_type", "status", "create_time")
    tasks = [[{name: task[name] for name in shown} for task in ended.result["tasks"]] for ended in (predicted, real)]
    assert tasks[0] == tasks[1]
    assert len(real.result["diff"]["before"]["batch_tasks"]) == real.result["matched"]
    assert real.result["diff"]["after"]["batch_tasks"] == []


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_each_result_tells_its_mode(simulator: Simulator, options: dict[str, Any], check: bool) -> None:
    aged(simulator, 9)
    assert prune(options, older_than="soon", check=check).result["check_mode"] is check
    assert prune(options, older_than="1d", rules=[{"keep_last": 1}], check=check).result["check_mode"] is check
    assert prune(options, older_than="0d", max_deletions=0, check=check).result["check_mode"] is check
    assert prune(options, older_than="0d", check=check).result["check_mode"] is check
    simulator.fault(status=403, times=None)
    assert prune(options, older_than="0d", check=check).result["check_mode"] is check


def test_a_second_run_changes_nothing(simulator: Simulator, options: dict[str, Any]) -> None:
    for age in range(5):
        aged(simulator, age)
    assert len(gone(options, keep_last=2)) == 3
    assert gone(options, keep_last=2) == []


@pytest.mark.parametrize("concurrency", [1, 7])
def test_so_many_requests_are_under_way_at_once(
    simulator: Simulator, options: dict[str, Any], concurrency: int
) -> None:
    simulator.add_tasks(3 * concurrency, create_time=NOW - timedelta(days=1))
    simulator.latency(0.2)
    prune(options, older_than="0d", concurrency=concurrency)
    assert simulator.journal.peak == concurrency
