# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning: list, choose, delete; and nothing is deleted where more matches than is allowed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import FINISHED, KNOWN_TYPES
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.prune import parse_rules, prune
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ConfigurationError,
)
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Listed, refusal

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
OPTIONS: dict[str, Any] = {
    "older_than": None,
    "created_before": None,
    "keep_last": None,
    "status": list(FINISHED),
    "task_type": None,
    "task_name": None,
    "protect": None,
    "app_id": None,
    "rules": None,
    "max_deletions": 1000,
    "audit_log": None,
    "tasks_file": None,
    "returned": "all",
    "concurrency": 3,
}


def task(number: int, days: int, status: str = "Success", kind: str = "freezeDevices") -> dict[str, Any]:
    created = (NOON - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ")
    return {
        "task_id": f"{number:x}",
        "task_name": f"n{number}",
        "task_type": kind,
        "status": status,
        "create_time": created,
    }


def pruned(
    client: Listed, check_mode: bool = False, warnings: list[str] | None = None, **options: Any
) -> dict[str, Any]:
    wanted, warn = {**OPTIONS, **options}, ([] if warnings is None else warnings).append
    return prune(client, parse_rules(wanted), wanted, check_mode, True, warn)  # type: ignore[arg-type]


def gone(result: dict[str, Any]) -> list[str]:
    return [one["task_id"] for one in result["tasks"]]


TASKS = [
    task(1, 40),
    task(2, 30),
    task(3, 20, kind="createDevices"),
    task(4, 10, "Fail"),
    task(5, 5, "Processing"),
    task(6, 1),
]


def test_older_tasks_go_oldest_first_and_are_reported() -> None:
    client = Listed(TASKS, now=NOON)
    result = pruned(client, older_than="15d")
    assert gone(result) == ["1", "2", "3"]
    assert sorted(client.deleted) == ["1", "2", "3"]
    assert (result["changed"], result["examined"], result["matched"], result["kept"]) == (True, 5, 3, 2)
    assert result["summary"]["deleted"] == 3
    assert (result["throttled"], result["retries"]) == (2, 3)
    first = result["tasks"][0]
    assert (first["task_name"], first["task_type"], first["status"], first["outcome"]) == (
        "n1",
        "freezeDevices",
        "Success",
        "deleted",
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"older_than": "30d"}, ["1"]),
        ({"older_than": "0d"}, ["1", "2", "3", "4", "6"]),
        ({"created_before": "2026-10-24T12:00:00Z"}, ["1"]),
        ({"keep_last": 1}, ["1", "2", "4"]),
        ({"keep_last": 0, "older_than": "0d"}, ["1", "2", "3", "4", "6"]),
        ({"older_than": "0d", "task_name": ["n[13]", "x"]}, ["1", "3"]),
        ({"older_than": "0d", "protect": ["1", "n3"]}, ["2", "4", "6"]),
        ({"keep_last": 1, "protect": ["6"]}, ["1", "2"]),
        ({"keep_last": 2, "older_than": "35d"}, ["1"]),
        ({"keep_last": 3, "created_before": "2026-11-01T00:00:00Z"}, ["1"]),
        ({"keep_last": 1, "created_before": "2026-10-24T12:00:00Z"}, ["1"]),
        ({"keep_last": 4, "created_before": "2026-11-01T00:00:00Z"}, []),
        ({"older_than": "0d", "status": ["Fail"]}, ["4"]),
        ({"older_than": "0d", "task_type": ["createDevices", "v", "createDevices"]}, ["3"]),
    ],
    ids=str,
)
def test_what_goes(options: dict[str, Any], expected: list[str]) -> None:
    client = Listed(TASKS, now=NOON)
    assert gone(pruned(client, **options)) == expected
    assert sorted(client.deleted) == expected


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("rule", "matched"),
    [
        ({"older_than": "0d"}, 5),
        ({"created_before": "2026-11-01T00:00:00Z"}, 2),
        ({"keep_last": 1}, 3),
        ({"keep_last": 1, "created_before": "2026-11-10T00:00:00Z"}, 2),
        ({"keep_last": 1, "older_than": "15d"}, 2),
    ],
    ids=str,
)
def test_more_matches_than_are_allowed_delete_nothing(rule: dict[str, Any], matched: int, check_mode: bool) -> None:
    client = Listed(TASKS, now=NOON)
    result = pruned(client, check_mode, **rule, max_deletions=matched - 1)
    assert client.deleted == []
    assert (result["failed"], result["changed"], result["matched"]) == (True, False, matched)
    words = f"{matched} batch tasks match, more than max_deletions ({matched - 1}), so nothing was deleted"
    assert result["msg"].startswith(words)
    assert len(gone(pruned(client, check_mode, **rule, max_deletions=matched))) == matched


def test_check_mode_lists_matches_and_deletes_nothing() -> None:
    client = Listed(TASKS, now=NOON)
    result = pruned(client, check_mode=True, older_than="15d")
    assert client.deleted == []
    assert gone(result) == ["1", "2", "3"]
    assert [(one["outcome"], one["attempts"]) for one in result["tasks"]] == [("deleted", 0)] * 3
    assert result["changed"] is True
    assert len(result["diff"]["before"]["batch_tasks"]) == 3


def test_a_second_run_changes_nothing() -> None:
    result = pruned(Listed([task(6, 1)], now=NOON), older_than="15d")
    assert (result["changed"], result["matched"], result["tasks"]) == (False, 0, [])


def test_a_task_without_a_name_is_shown_without_one() -> None:
    bare = {name: value for name, value in task(1, 40).items() if name != "task_name"}
    client = Listed([bare], now=NOON)
    (one,) = pruned(client, older_than="15d", task_type=["freezeDevices"])["tasks"]
    assert "task_name" not in one
    assert one["create_time"] == bare["create_time"]


def test_tasks_of_one_second_are_shown_with_their_time() -> None:
    tasks = [task(1, 40), task(2, 40), task(3, 30), task(4, 20)]
    shown = pruned(Listed(tasks, now=NOON), older_than="0d", task_type=["freezeDevices"])["tasks"]
    assert [one["create_time"] for one in shown] == [one["create_time"] for one in tasks]


def test_a_task_that_does_not_say_its_type_stays() -> None:
    bare = {name: value for name, value in task(1, 40).items() if name != "task_type"}
    assert gone(pruned(Listed([bare], now=NOON), older_than="0d")) == []


def test_kept_is_what_did_not_go() -> None:
    client = Listed(TASKS, now=NOON)
    client.refused["2"] = refusal(401, "APIGW.0301")
    client.refused["1"] = refusal(404, "IOTDA.014201")
    assert pruned(client, older_than="15d")["kept"] == 3
    assert pruned(Listed(TASKS, now=NOON), older_than="0d", max_deletions=1)["kept"] == 5
    assert pruned(Listed(TASKS, now=NOON), check_mode=True, older_than="15d")["kept"] == 2


def test_what_protection_saved_is_counted() -> None:
    result = pruned(Listed(TASKS, now=NOON), older_than="15d", protect=["n*"])
    assert (result["protected"], result["matched"], result["kept"]) == (3, 0, 5)


def test_a_protected_id_that_was_cut_is_told() -> None:
    warnings: list[str] = []
    cut, whole = "6a143b109f3e5b0007a1c01", "6a143b109f3e5b0007a1c018"
    pruned(Listed(TASKS, now=NOON), warnings=warnings, older_than="0d", protect=[f" {cut}", whole, "n1", "cafe_*"])
    (warning,) = warnings
    assert warning.startswith(f"protect contains {cut}, which has 23 characters, but IoTDA's IDs have 24")


def test_an_audit_log_is_not_replaced(tmp_path: Path) -> None:
    log, link = tmp_path / "audit.jsonl", tmp_path / "link"
    log.write_text("kept\n", encoding="utf-8")
    link.symlink_to(log)
    client = Listed(TASKS, now=NOON)
    with pytest.raises(ConfigurationError, match="tasks_file and audit_log are the same file"):
        pruned(client, older_than="0d", tasks_file=str(link), audit_log=str(log))
    assert (log.read_text(encoding="utf-8"), client.deleted) == ("kept\n", [])


@pytest.mark.parametrize("log", [None, "audit.jsonl"])
def test_tasks_go_to_a_file_beside_any_log(tmp_path: Path, log: str | None) -> None:
    file, audit_log = tmp_path / "tasks.jsonl", log and str(tmp_path / log)
    given = {"older_than": "15d", "tasks_file": str(file), "returned": "none", "audit_log": audit_log}
    assert pruned(Listed(TASKS, now=NOON), check_mode=True, **given)["tasks"] == []
    assert [json.loads(line)["task_id"] for line in file.read_text(encoding="utf-8").splitlines()] == ["1", "2", "3"]


def test_type_unknown_to_the_service_is_skipped() -> None:
    client = Listed(TASKS, now=NOON)
    client.unknown = ("deviceJob",)
    result = pruned(client, older_than="15d")
    assert (gone(result), result["skipped_types"]) == (["1", "2", "3"], ["deviceJob"])
    with pytest.raises(ApiError):
        pruned(client, older_than="15d", task_type=["deviceJob", "freezeDevices"])


@pytest.mark.parametrize("offset", [timedelta(days=-20), timedelta(0), timedelta(days=20)])
def test_the_earlier_of_the_two_clocks_counts(offset: timedelta) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    tasks = [{**task(days, 0), "create_time": _written(now - timedelta(days=days))} for days in (5, 15, 25, 35)]
    expected = [
        days
        for days in (35, 25, 15, 5)
        if days > 10 and timedelta(days=days) + min(offset, timedelta(0)) > timedelta(days=10)
    ]
    result = pruned(Listed(tasks, now=now + offset), older_than="10d")
    assert [int(one, 16) for one in gone(result)] == expected


def _written(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


@pytest.mark.parametrize("field", ["status", "task_type"])
def test_an_ignored_filter_deletes_nothing(field: str) -> None:
    client = Listed(TASKS, now=NOON)
    client.ignored = field
    with pytest.raises(ApiError, match=f"an entry whose {field} is not"):
        pruned(client, older_than="0d", status=["Success"])
    assert client.deleted == []


def test_one_failure_does_not_stop_the_others() -> None:
    client = Listed(TASKS, now=NOON)
    client.refused["2"] = refusal(401, "APIGW.0301")
    result = pruned(client, older_than="15d")
    assert [one["outcome"] for one in result["tasks"]] == ["deleted", "failed", "deleted"]
    assert (result["failed"], result["changed"], result["matched"]) == (True, True, 3)


@pytest.mark.parametrize(
    "rule",
    [{"older_than": "0d"}, {"created_before": "2026-10-24"}, {"keep_last": 1}, {"keep_last": 1, "older_than": "9d"}],
)
def test_each_status_and_type_is_listed_in_the_space(rule: dict[str, Any]) -> None:
    client = Listed([], now=NOON)
    pruned(client, **rule, status=["Fail", "Fail", "Success"], task_type=["t", "u", "t"], app_id="a")
    expected = [{"app_id": "a", "task_type": kind, "status": status} for status in ("Fail", "Success") for kind in "tu"]
    assert sorted(client.lists, key=str) == sorted(expected, key=str)


def test_finished_tasks_are_listed_once_per_type() -> None:
    client = Listed(TASKS, now=NOON)
    pruned(client, older_than="0d")
    assert sorted(asked["task_type"] for asked in client.lists) == sorted(KNOWN_TYPES)
    assert {tuple(asked) for asked in client.lists} == {("task_type",)}


def test_without_the_services_time_no_age_is_measured() -> None:
    client = Listed(TASKS)
    with pytest.raises(ConfigurationError, match="no readable Date header; use created_before"):
        pruned(client, older_than="15d")
    assert client.deleted == []


@pytest.mark.parametrize(
    "options", [{"created_before": "2026-10-24T12:00:00Z"}, {"older_than": "0d"}, {"keep_last": 1}]
)
def test_other_rules_work_without_service_clock(options: dict[str, Any]) -> None:
    assert gone(pruned(Listed(TASKS), **options)) == gone(pruned(Listed(TASKS, now=NOON), **options))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"keep_last": 0}, "keep_last: 0 alone selects every finished task; to delete all of them, use older_than: 0d"),
        ({"older_than": "soon"}, "older_than must be"),
        ({"created_before": "soon"}, "created_before must be"),
        ({"keep_last": 1, "task_type": ["a&b"]}, "task_type must name"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_rules({**OPTIONS, **options})
    with pytest.raises(ConfigurationError, match=rf"rules\[2\].{words}"):
        parse_rules({**OPTIONS, "rules": [rule(keep_last=1), rule(**options)]})


# Several rules


def rule(**options: Any) -> dict[str, Any]:
    names = ("older_than", "created_before", "keep_last", "status", "task_type", "task_name", "app_id")
    return {**{name: OPTIONS[name] for name in names}, **options}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule(older_than="35d"), rule(older_than="0d", status=["Fail"])], {"1": 1, "4": 2}),
        ([rule(older_than="0d", status=["Fail"]), rule(older_than="35d")], {"1": 2, "4": 1}),
        ([rule(keep_last=3, task_type=["freezeDevices"]), rule(older_than="15d")], {"1": 1, "2": 2, "3": 2}),
        ([rule(older_than="15d"), rule(keep_last=3, task_type=["freezeDevices"])], {"1": 1, "2": 1, "3": 1}),
        ([rule(keep_last=1, task_name=["n[12]"]), rule(older_than="0d", task_name=["nobody"])], {"1": 1}),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_any_rule_selects_goes_once(
    rules: list[dict[str, Any]], expected: dict[str, int], check_mode: bool
) -> None:
    result = pruned(Listed(TASKS, now=NOON), check_mode, rules=rules)
    assert {one["task_id"]: one["rule"] for one in result["tasks"]} == expected
    assert len(result["tasks"]) == result["matched"] == result["summary"]["deleted"] == len(expected)
    assert gone(result) == sorted(expected)


def test_without_rules_a_task_has_no_rule() -> None:
    assert all("rule" not in one for one in pruned(Listed(TASKS, now=NOON), older_than="0d")["tasks"])


def test_tasks_of_several_rules_are_counted_once() -> None:
    rules = [rule(older_than="15d"), rule(older_than="15d"), rule(older_than="0d", status=["Fail"])]
    result = pruned(Listed(TASKS, now=NOON), rules=rules, protect=["n1", "n4"])
    assert [result[name] for name in ("examined", "matched", "kept", "protected")] == [5, 2, 3, 2]
    assert result["matched_by_rule"] == [2, 0, 0]


def test_tasks_file_has_what_only_protect_keeps_and_the_result_has_not(tmp_path: Path) -> None:
    left, rules = tmp_path / "tasks.jsonl", [rule(older_than="35d"), rule(older_than="0d", status=["Fail"])]
    options = {"rules": rules, "protect": ["n4", "n6"], "tasks_file": str(left)}
    result = pruned(Listed(TASKS, now=NOON), True, **options)
    entries = [json.loads(line) for line in left.read_text(encoding="utf-8").splitlines()]
    assert [(one["task_id"], one["outcome"], one["rule"]) for one in entries] == [
        ("1", "deleted", 1),
        ("4", "protected", 2),
    ]
    assert (entries[1]["task_name"], entries[1]["status"]) == ("n4", "Fail")
    assert gone(result) == ["1"]


def test_entries_that_protect_no_task_are_named() -> None:
    """Neither an ID nor a name, whatever the case of an ID; a name has its case, and a pattern may hold no wildcard."""
    entries = ["n1", "N*", "[n]2", "gone", "4", "n[78]"]
    result = pruned(Listed(TASKS, now=NOON), older_than="15d", protect=entries)
    assert (result["protected"], result["unmatched_protect"]) == (2, ["N*", "gone", "n[78]"])
    assert pruned(Listed(TASKS, now=NOON), older_than="15d")["unmatched_protect"] == []


def test_all_rules_together_may_delete_so_many() -> None:
    client, rules = Listed(TASKS, now=NOON), [rule(older_than="35d"), rule(older_than="0d", status=["Fail"])]
    result = pruned(client, rules=rules, max_deletions=1)
    assert (result["failed"], result["matched"], client.deleted) == (True, 2, [])
    assert pruned(client, rules=rules, max_deletions=2)["matched"] == 2


@pytest.mark.parametrize(
    ("rules", "lists"),
    [
        ([rule(keep_last=1, task_type=["t"]), rule(older_than="0d", task_type=["t"])], [("t", None, None)]),
        (
            [rule(keep_last=1, task_type=["t"]), rule(older_than="0d", task_type=["t", "u"], status=["Fail"])],
            [("t", None, None), ("u", "Fail", None)],
        ),
        (
            [rule(keep_last=1, task_type=["t"], status=[status]) for status in ("Fail", "Success", "Fail")],
            [("t", "Fail", None), ("t", "Success", None)],
        ),
        (
            [rule(keep_last=1, task_type=["t"], status=[status]) for status in FINISHED],
            [("t", None, None)],
        ),
        (
            [rule(keep_last=1, task_type=["t"], app_id=app) for app in ("a", None, "b", "a")],
            [("t", None, "a"), ("t", None, None), ("t", None, "b")],
        ),
    ],
)
def test_each_list_is_read_once(rules: list[dict[str, Any]], lists: list[tuple[str, str, str]]) -> None:
    client = Listed([], now=NOON)
    pruned(client, rules=rules)
    asked = [(one["task_type"], one.get("status"), one.get("app_id")) for one in client.lists]
    assert sorted(asked, key=str) == sorted(lists, key=str)


def test_a_rule_selects_in_its_resource_space_only() -> None:
    client = Listed([{**one, "app_id": "ab"[number % 2]} for number, one in enumerate(TASKS)], now=NOON)
    rules = [rule(older_than="0d", app_id="b", status=["Fail"]), rule(older_than="0d", app_id="a"), rule(keep_last=2)]
    result = pruned(client, rules=rules)
    assert {one["task_id"]: one["rule"] for one in result["tasks"]} == {"1": 2, "2": 3, "3": 2, "4": 1}


def test_a_type_that_one_rule_names_must_be_known() -> None:
    client = Listed(TASKS, now=NOON)
    client.unknown = ("deviceJob",)
    assert pruned(client, rules=[rule(older_than="0d")])["skipped_types"] == ["deviceJob"]
    with pytest.raises(ApiError):
        pruned(client, rules=[rule(older_than="0d"), rule(keep_last=1, task_type=["deviceJob"])])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"status": ["Fail"]}, " needs at least one of older_than, created_before and keep_last"),
        ({"older_than": "1d", "created_before": "2026-01-01"}, r"\.older_than and .* are mutually exclusive"),
    ],
)
def test_each_rule_is_complete(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"rules\[2\]{words}"):
        parse_rules({**OPTIONS, "rules": [rule(keep_last=1), rule(**options)]})
