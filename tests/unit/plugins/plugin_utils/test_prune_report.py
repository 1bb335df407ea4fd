# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report from what was registered and left in files: figures, lines and files agree, hostile text stays text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from ansible_collections.huaweicloud.iotda.plugins.filter.prune import NOT_YET, prune
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.figures import COUNTS, figures_of
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.files import COLUMNS, tasks_file
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.hosts import NOT_CHECKED
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import Request, told

FORBIDDEN = "Could not read batch tasks: answered 403 IOTDA.000022 (The user is not authorized); grant the IAM action"
RULE = {"older_than": "30d", "status": ["Fail", "Stopped"]}
HOSTILE = ["{{ lookup('pipe', 'id') }}", "<script>alert(1)</script>", "=cmd()", "\uff1d1", "plant \U0001f600", 'a,b"c']
PLACE = {"endpoint": "https://iotda.example.com", "project_id": "p1"}
DELETES, DRY_RUN, PROTECTED = "", "dry run", "iotda_protected"


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a run, whose files are in a folder of the test."""
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path))
    return f"{tmp_path}/iotda_prune_1_"


def _result(gone: int, examined: int = 10, **more: Any) -> dict[str, Any]:
    summary = {"deleted": gone, "absent": 0, "deleted_unconfirmed": 0, "failed": 0, **more.pop("summary", {})}
    counts = {"examined": examined, "matched": gone, "kept": examined - gone, "throttled": 1, "elapsed": 0.25}
    return {**counts, "summary": summary, **PLACE, "check_mode": False, **more}


def _host(because: str, result: dict[str, Any]) -> dict[str, Any]:
    """What the role registers for a host: why it only lists, and the module's result."""
    name = "__prune_listed" if because else "__prune_deleted"
    result = {**result, "check_mode": True} if because else result
    other = {"__prune_listed", "__prune_deleted"} - {name}
    return {"because": because, name: result, other.pop(): {"skipped": True}}


def _deleted(result: dict[str, Any]) -> dict[str, Any]:
    return _host(DELETES, result)


def _listed(result: dict[str, Any]) -> dict[str, Any]:
    return _host(DRY_RUN, result)


def _failing(message: str) -> dict[str, Any]:
    return _deleted({"failed": True, "msg": message, "check_mode": False})


def _figures(hosts: Mapping[str, dict[str, Any]], run: str, **variables: Any) -> dict[str, Any]:
    """Return the figures of hosts whose variables were checked, but for those that have a result of that check."""
    hostvars = {}
    for name, registered in hosts.items():
        request = Request([], {"region": "cn-north-4", "rules": [RULE]}, registered.get("because", ""))
        checked = {"failed": False, "msg": told(name, request)}
        hostvars[name] = {"__prune_run": run, "__prune_checked": checked, **registered}
    known = {
        "hostvars": hostvars,
        "ansible_play_hosts_all": list(hosts),
        "ansible_play_hosts": list(hosts),
        "ansible_check_mode": False,
        "prune_dry_run": False,
        "__prune_run": run,
        **variables,
    }
    return figures_of(known.get)


def _report(figures: Mapping[str, Any], step: str = "lines", **variables: Any) -> Any:
    """Return the report in a form, as a file if that is its name."""
    if "." in step:
        step, variables = "file", {"prune_report": step}
    return prune(Environment().from_string("").new_context(variables), figures, step)


def _leave(run: str, host: str, *tasks: dict[str, Any]) -> None:
    lines = "".join(f"{json.dumps({'attempts': 1, **task})}\n" for task in tasks)
    Path(tasks_file(run, host)).write_text(lines, encoding="utf-8")


def test_totals_are_the_sums_of_the_instances(run: str) -> None:
    summary = {"deleted_unconfirmed": 1, "absent": 2, "failed": 3}
    hosts = {
        "b": _deleted(_result(4)),
        "a": _deleted(_result(4, summary=summary, failed=True, msg="3 could not be deleted")),
        "c": _listed(_result(5, protected=2)),
        "d": {"__prune_checked": {"failed": True, "msg": "wrong"}},
    }
    figures = _figures(hosts, run)
    assert [report["instance"] for report in figures["reports"]] == ["a", "d", "b", "c"]
    expected = {"examined": 30, "deleted": 8, "would_delete": 5, "kept": 17, "not_deleted": 3, "protected": 2}
    assert {name: figures[name] for name in expected} == expected
    assert (figures["instances"], figures["failed"], figures["dry_run"]) == (4, ["a", "d"], False)
    for name in COUNTS:
        assert figures[name] == sum(report[name] for report in figures["reports"])


@pytest.mark.parametrize("variables", [{"ansible_check_mode": True}, {}])
def test_check_mode_deletes_nothing(run: str, variables: dict[str, Any]) -> None:
    """Only the module knows the check mode of a play."""
    figures = _figures({"a": _deleted(_result(4, check_mode=True))}, run, **variables)
    assert (figures["deleted"], figures["would_delete"]) == (0, 4)
    assert (figures["dry_run"], figures["check_mode"]) == (True, True)
    assert _report(figures)[1].startswith("This was check mode: nothing was deleted. To delete, leave out --check")


def test_a_protected_instance_is_called_protected(run: str) -> None:
    protected = _host(PROTECTED, _result(5))
    lines = _report(_figures({"a": _deleted(_result(4)), "b": protected, "c": _listed(_result(1))}, run))
    assert lines == [
        "3 instances, 0 failed: 4 of 30 batch tasks deleted, 6 would be deleted in instances that were only listed, "
        "20 kept",
        "The same instance under 3 names, so its tasks may be counted more than once: a, b, c",
        "a: 4 of 10 deleted, 6 kept",
        "b: 5 of 10 would be deleted (iotda_protected), 5 kept",
        "c: 1 of 10 would be deleted (dry run), 9 kept",
    ]
    page = _report(_figures({"a": _deleted(_result(4)), "b": protected}, run), "r.html")
    assert re.findall(r"(?s)<th>(\w)<small>(.*?)</small>.*?<td class=.number.>(\d+)</td>", page)[:2] == [
        ("a", "iotda.example.com · cn-north-4 · p1", "4"),
        ("b", "iotda.example.com · cn-north-4 · p1 · 5 would be deleted (iotda_protected)", "0"),
    ]
    assert page.count('class="would" style="width:50.0%"') == 1
    only = _figures({"b": protected}, run)
    assert _report(only)[1] == "Nothing was deleted: instances with iotda_protected are only listed."
    assert only["dry_run"]
    assert "iotda_protected" in _report(only, "r.html")


def test_a_dry_run_does_not_promise_what_a_protected_instance_keeps(run: str) -> None:
    hosts = {
        "a": _host(PROTECTED, _result(5)),
        "b": _listed(_result(1)),
        "c": _host("iotda_protected as a", _result(2)),
    }
    for name in hosts:
        _leave(run, name, {"task_id": "1", "outcome": "deleted"})
    figures = _figures(hosts, run, prune_dry_run=True)
    assert _report(figures)[0] == (
        "3 instances, 0 failed: 1 of 30 batch tasks would be deleted, 7 would be deleted in instances that are only "
        "listed, 22 kept"
    )
    assert "c: 2 of 10 would be deleted (iotda_protected as a), 8 kept" in _report(figures)
    written = json.loads(_report(figures, "r.json"))
    assert (written["would_delete"], written["only_listed"]) == (1, 7)
    outcomes = {task["instance"]: task["outcome"] for task in written["tasks"]}
    assert outcomes == {"a": "only_listed", "b": "would_delete", "c": "only_listed"}
    page = _report(figures, "r.html")
    assert "<b>7</b>would be deleted, only listed" in page
    assert "· 5 would be deleted (iotda_protected)" in page
    assert "· 2 would be deleted (iotda_protected as a)" in page


def test_a_failed_instance_has_its_request_id(run: str) -> None:
    """The cause can be one of many instances; the request is one of each."""
    answer = {"http_status": 403, "error_code": "IOTDA.000022"}
    hosts = {
        name: _deleted({"failed": True, "msg": FORBIDDEN, "check_mode": False, **answer, "request_id": f"id-of-{name}"})
        for name in ("a", "b")
    }
    figures = _figures({**hosts, "c": _deleted(_result(1))}, run)
    reports = json.loads(_report(figures, "r.json"))["reports"]
    assert [(one["http_status"], one["error_code"], one["request_id"]) for one in reports] == [
        (403, "IOTDA.000022", "id-of-a"),
        (403, "IOTDA.000022", "id-of-b"),
        (None, None, None),
    ]
    page = _Page()
    page.feed(_report(figures, "r.html"))
    assert "a: request ID id-of-a" in page.text
    assert "b: request ID id-of-b" in page.text


def test_a_run_that_reads_nothing_gives_no_advice(run: str) -> None:
    wrong = {"a": {"__prune_checked": {"failed": True, "msg": "wrong"}}}
    assert _report(_figures(wrong, run)) == [
        "1 instance, 1 failed: nothing was deleted",
        "FAILED: a: wrong",
        "a: FAILED: wrong",
    ]
    assert [_figures(wrong, run, prune_dry_run=dry_run)["dry_run"] for dry_run in (True, False)] == [True, False]
    assert _figures(wrong, run, ansible_check_mode=True)["dry_run"]


def test_a_run_without_instances_names_none(run: str) -> None:
    class ImplicitLocalhost(dict[str, Any]):
        """As hostvars: a host that is in no inventory can be read, but is not in the list."""

        def __missing__(self, name: str) -> dict[str, Any]:
            return {"__prune_ready": {"failed": True, "msg": "too few"}, "__prune_run": run}

    names = ["localhost"]
    hosts = {"hostvars": ImplicitLocalhost(), "ansible_play_hosts_all": names, "ansible_play_hosts": names}
    figures = _figures({}, run, **hosts)
    assert (figures["instances"], figures["failed"]) == (0, ["no instance"])
    assert _report(figures) == ["No instance, so nothing was deleted", "FAILED: no instance: too few"]


def test_an_instance_that_was_not_reached_has_not_failed(run: str) -> None:
    """A condition left out b. c is of an earlier call. With run_once, d has the results of a. e was lost before."""
    once = {"__prune_checked": {"msg": told("a", Request([], {}, DELETES))}}
    hosts = {
        "a": _deleted(_result(4)),
        "b": {"__prune_checked": {"skipped": True}},
        "c": {**_deleted(_result(3)), "__prune_run": f"{run}0"},
        "d": {**_deleted(_result(4)), **once},
        "e": {"__prune_checked": {}},
    }
    figures = _figures(hosts, run, ansible_play_hosts=["a", "b", "c", "d"])
    assert (figures["failed"], figures["left_out"], figures["instances"]) == (["e"], ["b", "c", "d"], 2)
    assert figures["deleted"] == 4
    assert _report(figures) == [
        "2 instances, 1 failed: 4 of 10 batch tasks deleted, 6 kept, 3 left out by the play",
        "FAILED: e: Ansible ended the run for this host before its batch tasks were read; see its error above",
        "e: FAILED: Ansible ended the run for this host before its batch tasks were read; see its error above",
        "a: 4 of 10 deleted, 6 kept",
        *(f"{name}: left out by the play" for name in "bcd"),
    ]


@pytest.mark.parametrize("name", ["", "/elsewhere/iotda_prune_1_"])
def test_a_run_that_began_in_the_middle_has_failed(name: str) -> None:
    figures = _figures({"a": _deleted(_result(4))}, name)
    assert (figures["failed"], figures["deleted"], figures["begun"]) == (["a"], 0, False)
    assert figures["reports"][0]["error"] == NOT_CHECKED


@pytest.mark.parametrize(
    ("registered", "cause"),
    [
        ({"__prune_ready": {"failed": True, "msg": "too few"}, **_deleted(_result(1))}, "too few"),
        ({"__prune_begun": {"failed": True, "msg": "no folder"}}, "prune_report cannot be written: no folder"),
        (_failing(FORBIDDEN), FORBIDDEN),
        (_failing("two\n lines"), "two lines"),
        (_listed({"failed": True, "msg": "template"}), "template"),
        (_listed({"unreachable": True, "msg": "no shell"}), "no shell"),
        ({}, "Ansible ended the run for this host before its batch tasks were read; see its error above"),
        (_failing("x" * 600), "x" * 497 + "..."),
    ],
)
def test_every_failure_has_its_cause(run: str, registered: dict[str, Any], cause: str) -> None:
    (report,) = _figures({"a": registered}, run)["reports"]
    assert (report["error"], report["state"]) == (cause, "failed")


@pytest.mark.parametrize("failed", ["__prune_ready", "__prune_checked"])
def test_after_a_failed_check_nothing_was_deleted(run: str, failed: str) -> None:
    """With ignore_errors, the role goes on. The options of the module are then an error, without check_mode."""
    host = {**_deleted({"failed": True, "msg": "not checked"}), failed: {"failed": True, "msg": "wrong"}}
    figures = _figures({"a": host}, run)
    assert (figures["untold"], figures["reports"][0]["error"]) == ([], "wrong")


@pytest.mark.parametrize(
    "ended",
    [
        {"msg": "Task failed: Timed out after 60 second(s).", "timedout": {"period": 60}},
        {"msg": "The huaweicloud.iotda.batch_task_prune action failed to execute in the expected time frame (60)"},
        {"msg": "MODULE FAILURE", "module_stdout": "", "rc": 137},
    ],
)
def test_a_module_that_was_ended_may_have_deleted(run: str, ended: dict[str, Any]) -> None:
    """Ansible says that nothing was changed, and the figures have no deletion."""
    hosts = {"a": _deleted({"failed": True, "changed": False, **ended}), "b": _deleted(_result(4))}
    _leave(run, "b", *({"task_id": str(number), "outcome": "deleted"} for number in range(4)))
    figures = _figures(hosts, run, prune_report="r.csv")
    assert _report(figures, __prune_written={"failed": False})[:3] == [
        "2 instances, 1 failed: 4 of 10 batch tasks deleted, 6 kept, an unknown number deleted in 1 instance",
        f"FAILED: a: how many batch tasks were deleted is not known: {ended['msg']}",
        "Each batch task that a rule selects is listed in r.csv, but not all of a",
    ]
    assert json.loads(_report(figures, "r.json"))["untold"] == ["a"]


@pytest.mark.parametrize("number", [1, 63, 1000])
@pytest.mark.parametrize("causes", [1, 9, 40])
def test_what_matters_comes_first_and_is_short(run: str, number: int, causes: int) -> None:
    """AWX shows 1,024 bytes of an event, colours and what comes before the report included."""
    hosts = {f"plant-{index:04}-\u5317": _deleted(_result(3)) for index in range(number)}
    for index, name in enumerate(list(hosts)[: number // 2 + 1]):
        hosts[name] = _failing(f"{FORBIDDEN} number {index % causes} \u5317\u4eac")
    figures = _figures(hosts, run)
    unwritten = {"failed": True, "msg": "no space left on device " * 20}
    lines = _report(figures, __prune_written=unwritten)
    failures = [line for line in lines if line.startswith("FAILED: ")]
    shown = json.dumps({"msg": [lines[0], *failures]}, indent=4, ensure_ascii=False).splitlines()[:-2]
    shown[0] = "changed: [plant-0000-\u5317 -> localhost] => {"
    assert len("".join(f"\x1b[0;33m{line}\x1b[0m\r\n" for line in shown).encode()) <= 1000
    assert failures[0].startswith("FAILED: the report could not be written: no space left")
    assert lines[0].startswith(f"{number:,} instance")
    assert f"{len(figures['failed'])} failed" in lines[0]
    assert len(lines) == 1 + len(failures) + number + (number > 1)
    told = 0 if failures[-1].endswith("more instances, see below") else len(figures["failed"])
    assert told or causes > 1


def test_failures_at_other_addresses_have_one_cause(run: str) -> None:
    hosts = {
        name: _deleted({**_failing(f"{name}.com answered 403")["__prune_deleted"], "endpoint": f"https://{name}.com"})
        for name in ("a", "b")
    }
    assert _report(_figures(hosts, run))[1] == "FAILED: a, b: its endpoint answered 403"


def test_stats_carry_the_job(run: str) -> None:
    stats = _report(_figures({"a": _deleted(_result(4))}, run), "stats", awx_job_id=7)
    assert set(stats) == {"iotda_prune", "iotda_prune_7"}
    assert not {"reports", "run", "begun", "file"} & set(stats["iotda_prune"])


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("because", [DRY_RUN, DELETES])
def test_all_files_list_each_task(run: str, because: str) -> None:
    """Every column of a task, in all three forms. An instance without tasks is listed with the instances only."""
    hosts = {name: _host(because, _result(1, instance_id="i1")) for name in HOSTILE}
    task = {"outcome": "deleted", "task_type": "freezeDevices", "status": "Fail", "create_time": "20260102T030405Z"}
    for index, name in enumerate(HOSTILE):
        named = {"task_id": f"{index:024}", "task_name": f"{name}!", "request_id": f"r{index}"}
        _leave(run, name, {**task, **named, "rule": 1})
    hosts["bad"] = _failing(f"{FORBIDDEN} <b>\ud800")
    hosts["idle"] = _host(because, _result(0))
    figures = _figures(hosts, run)
    written = json.loads(_report(figures, "r.json"))
    assert [one["instance"] for one in written["reports"]] == [one["instance"] for one in figures["reports"]]
    tasks = {one["instance"]: one for one in written["tasks"]}
    assert list(tasks["=cmd()"].items()) == [
        ("instance", "=cmd()"),
        ("region", "cn-north-4"),
        ("project_id", "p1"),
        ("instance_id", "i1"),
        ("endpoint", "https://iotda.example.com"),
        ("task_id", f"{2:024}"),
        ("task_name", "=cmd()!"),
        ("task_type", "freezeDevices"),
        ("status", "Fail"),
        ("created_utc", "2026-01-02 03:04:05"),
        ("rule_number", 1),
        ("rule", "older_than 30d, status Fail Stopped"),
        ("outcome", "would_delete" if because else "deleted"),
        ("cause", ""),
        ("request_id", "r2"),
    ]
    assert sorted(tasks) == sorted(HOSTILE)
    (bad,) = (one for one in written["reports"] if one["instance"] == "bad")
    assert (bad["state"], bad["error"][: len(FORBIDDEN)]) == ("failed", FORBIDDEN)
    text = _report(figures, "r.csv")
    assert text.startswith("\ufeffinstance,")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(written["tasks"]) == len(HOSTILE)
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "@", "\uff1d"))]
    page = _Page()
    html = _report(figures, "r.html")
    page.feed(html)
    assert page.tags.count("tr") == 2 + len(hosts) + len(HOSTILE)
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("script") == 1
    assert "http" not in re.sub(r"https?://iotda\.example\.com", "", html)
    for name in HOSTILE:
        assert f"{name}!" in page.text
    for row in written["tasks"]:
        shown = [str(value or "") for name, value in row.items() if name not in ("endpoint", "outcome")]
        assert not [value for value in shown if value not in page.text]
        assert row["outcome"].replace("_", " ") in page.text
    assert {line.partition(": ")[0] for line in _report(figures)} >= set(HOSTILE)


def test_tasks_that_failed_have_their_cause(run: str) -> None:
    summary = {"deleted": 1, "failed": 1, "absent": 1}
    hosts = {"a": _deleted(_result(1, summary=summary, failed=True, msg="Could not delete"))}
    new = {"task_id": "2", "outcome": "failed", "msg": "refused:\n not now", "create_time": "20260202T030405Z"}
    old = {"task_id": "1", "outcome": "deleted", "create_time": "20260101T000000Z"}
    _leave(run, "a", new, {"task_id": "3", "outcome": "absent"}, old)
    rows = json.loads(_report(_figures(hosts, run), "r.json"))["tasks"]
    assert [(row["task_id"], row["outcome"], row["cause"]) for row in rows] == [
        ("1", "deleted", ""),
        ("2", "failed", "refused: not now"),
        ("3", "absent", ""),
    ]


def test_tasks_that_the_module_did_not_leave_are_told(run: str) -> None:
    """A result that counts more than was left, as when the disk was full, and a file that was cut."""
    hosts = {"a": _deleted(_result(3, examined=4, protected=1)), "b": _listed(_result(0))}
    assert _figures(hosts, run, prune_report="r.csv")["reports"][0]["unlisted"] == 4
    Path(tasks_file(run, "a")).write_text('{"task_id": "1", "outcome": "deleted"}\n{"task_id": "2"', encoding="utf-8")
    figures = _figures(hosts, run, prune_report="r.json")
    written = json.loads(_report(figures, "r.json"))
    assert [task["task_id"] for task in written["tasks"]] == ["1"]
    assert [one["unlisted"] for one in written["reports"]] == [3, 0]
    assert "3 of its batch tasks are not listed below" in _report(figures, "r.html")
    lines = _report(figures, __prune_written={"failed": False})
    assert "Each batch task that a rule selects is listed in r.json, but not all of a" in lines


AUDIT = {"protect": ["audit_*", "Audit_*"], "rules": [RULE, {"keep_last": 5}]}


def _protecting(name: str, request: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    return {**_listed(result), "__prune_checked": {"msg": told(name, Request([], dict(request), DRY_RUN, False))}}


def test_what_was_protected_and_by_what_is_told(run: str) -> None:
    """Protected tasks are part of those that were kept; what protects nothing anywhere is named."""
    more = {"matched_by_rule": [3, 0], "unmatched_protect": ["Audit_*"]}
    hosts = {
        "a": _protecting("a", AUDIT, _result(3, examined=8, protected=1, **more)),
        "b": _protecting("b", AUDIT, _result(2, **{**more, "unmatched_protect": AUDIT["protect"]})),
        "c": _protecting("c", AUDIT, {"failed": True, "msg": "no route"}),
        "d": _listed(_result(1)),
    }
    _leave(run, "a", {"task_id": "1", "task_name": "audit_2026", "outcome": "protected", "rule": 2})
    figures = _figures(hosts, run, prune_dry_run=True)
    assert _report(figures) == [
        "4 instances, 1 failed: 6 of 28 batch tasks would be deleted, 22 kept (1 of them protected)",
        "FAILED: c: no route",
        "This was a dry run: nothing was deleted. To delete, set prune_dry_run to false; instances with "
        "iotda_protected are only listed.",
        "The same instance under 3 names, so its tasks may be counted more than once: a, b, d",
        "No finished task among those examined matches these entries of prune_protect: Audit_*",
        "c: FAILED: no route",
        "a: 3 of 8 would be deleted, 5 kept (1 of them protected)",
        "b: 2 of 10 would be deleted, 8 kept (0 of them protected)",
        "d: 1 of 10 would be deleted, 9 kept",
    ]
    written = json.loads(_report(figures, "r.json"))
    assert (written["protect"], written["unmatched_protect"]) == (AUDIT["protect"], ["Audit_*"])
    reports = {one["instance"]: one for one in written["reports"]}
    assert reports["a"]["rules"] == ["older_than 30d, status Fail Stopped", "keep_last 5"]
    assert reports["a"]["matched_by_rule"] == [3, 0]
    assert reports["b"]["unmatched_protect"] == AUDIT["protect"]
    (task,) = written["tasks"]
    assert (task["task_name"], task["rule"], task["outcome"]) == ("audit_2026", "keep_last 5", "protected")
    page = _Page()
    page.feed(_report(figures, "r.html"))
    for words in (
        "Rule 1: older_than 30d, status Fail Stopped (3 matched)",
        "Rule 2: keep_last 5 (0 more)",
        "Protected by audit_*, Audit_*: 1 (no finished task among those examined matches Audit_*)",
        "1of them protected",
    ):
        assert words in page.text


@pytest.mark.parametrize(
    ("message", "one_rule", "several"),
    [
        (
            "rules[1].older_than and rules[1].created_before are mutually exclusive",
            "prune_older_than and prune_created_before are mutually exclusive",
            "prune_rules[1].older_than and prune_rules[1].created_before are mutually exclusive",
        ),
        (
            "rules[1] needs at least one of older_than, created_before and keep_last",
            "the rule needs at least one of prune_older_than, prune_created_before and prune_keep_last",
            "prune_rules[1] needs at least one of older_than, created_before and keep_last",
        ),
        ("protect contains 'keep_last*'", *["prune_protect contains 'keep_last*'"] * 2),
        ("concurrency must be from 1 to 64", *["prune_concurrency must be from 1 to 64"] * 2),
        (
            "https://max_deletions.com answered 403 (no app_id); check endpoint, ca_path",
            *["https://max_deletions.com answered 403 (no app_id); check endpoint, iotda_ca_path"] * 2,
        ),
    ],
)
def test_a_cause_names_the_variables_that_were_written(run: str, message: str, one_rule: str, several: str) -> None:
    failed = {"failed": True, "msg": message}
    hosts = {"a": _protecting("a", AUDIT, failed), "b": _listed(failed)}
    assert [one["error"] for one in _figures(hosts, run)["reports"]] == [several, one_rule]


def test_the_printed_report_says_where_the_file_is(run: str) -> None:
    _leave(run, "a", {"task_id": "1", "outcome": "deleted"})
    figures = _figures({"a": _deleted(_result(1))}, run, prune_report="r.csv")
    assert "Each batch task that a rule selects is listed in r.csv" in _report(
        figures, __prune_written={"failed": False}
    )
    failed = {"failed": True, "msg": "Destination /x not writable"}
    lines = _report(figures, __prune_written=failed)
    assert lines[1] == "FAILED: the report could not be written: Destination /x not writable"
    assert not [line for line in lines if "is listed in" in line]


def test_hosts_that_are_one_instance_are_told(run: str) -> None:
    one, other = _result(1, instance_id="i1"), _result(1, instance_id="i2")
    figures = _figures({"a": _deleted(one), "b": _deleted(other), "c": _listed(one)}, run)
    assert figures["same_instance"] == [["a", "c"]]
    assert "The same instance under 2 names, so its tasks may be counted more than once: a, c" in _report(figures)
    assert "The same instance" in _report(figures, "r.html")
    refused = _deleted({"failed": True, "msg": FORBIDDEN, "check_mode": False, **PLACE})
    assert _figures({"a": _deleted(_result(1)), "b": refused}, run)["same_instance"] == [["b", "a"]]


def test_a_report_begins_with_what_is_true_before_the_run_has_ended() -> None:
    assert _report({}, "x.json") == NOT_YET
