# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report from what was registered: figures, lines, JSON, CSV and HTML agree, and hostile text stays text."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.huaweicloud.iotda.plugins.filter.prune_report import NOT_YET, prune_report
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.figures import COUNTS, figures_of

FORBIDDEN = "Could not read batch tasks: answered 403 IOTDA.000022 (The user is not authorized); grant the IAM action"
HOSTILE = ["{{ lookup('pipe', 'id') }}", "<script>alert(1)</script>", "=cmd()", "plant \U0001f600", "all", 'a,b"c']


def _result(gone: int, examined: int = 10, **more: Any) -> dict[str, Any]:
    summary = {"deleted": gone, "absent": 0, "deleted_unconfirmed": 0, "failed": 0, **more.pop("summary", {})}
    counts = {"examined": examined, "matched": gone, "kept": examined - gone, "throttled": 1, "elapsed": 0.25}
    return {**counts, "summary": summary, "endpoint": "https://iotda.example.com", **more}


def _deleted(*results: dict[str, Any]) -> dict[str, Any]:
    skipped = {"results": [], "skipped": True}
    failed = any(result.get("failed") for result in results)
    return {"__prune_listed": skipped, "__prune_deleted": {"results": list(results), "failed": failed}}


def _listed(*results: dict[str, Any]) -> dict[str, Any]:
    return {"__prune_listed": {"results": list(results)}, "__prune_deleted": {"results": [], "skipped": True}}


def _figures(hosts: dict[str, dict[str, Any]], check_mode: bool = False) -> dict[str, Any]:
    return figures_of(hosts, hosts, check_mode)


def test_totals_are_the_sums_of_the_instances() -> None:
    summary = {"deleted_unconfirmed": 1, "absent": 2, "failed": 3}
    hosts = {
        "b": _deleted(_result(4), _result(1, 6)),
        "a": _deleted(_result(4, summary=summary, failed=True, msg="3 could not be deleted")),
        "c": _listed(_result(5, protected=2)),
        "d": {"__prune_checked": {"failed": True, "msg": "wrong"}},
    }
    figures = _figures(hosts)
    assert [report["instance"] for report in figures["reports"]] == ["a", "d", "b", "c"]
    expected = {"examined": 36, "deleted": 9, "would_delete": 5, "kept": 22, "not_deleted": 3, "protected": 2}
    assert {name: figures[name] for name in expected} == expected
    assert (figures["instances"], figures["failed"], figures["dry_run"]) == (4, ["a", "d"], False)
    for name in COUNTS:
        assert figures[name] == sum(report[name] for report in figures["reports"])


def test_check_mode_deletes_nothing() -> None:
    figures = _figures({"a": _deleted(_result(4))}, check_mode=True)
    assert (figures["deleted"], figures["would_delete"], figures["dry_run"]) == (0, 4, True)
    assert prune_report(figures)[1].startswith("This was check mode: nothing was deleted. To delete, leave out --check")


def test_a_protected_instance_is_called_protected() -> None:
    protected = {**_listed(_result(5)), "iotda_protected": "yes"}
    lines = prune_report(_figures({"a": _deleted(_result(4)), "b": protected, "c": _listed(_result(1))}))
    assert lines == [
        "3 instances, 0 failed: 4 of 30 batch tasks deleted, 6 would be deleted in instances that were only listed, "
        "20 kept",
        "a: 4 of 10 deleted, 6 kept",
        "b: 5 of 10 would be deleted, 5 kept (iotda_protected)",
        "c: 1 of 10 would be deleted, 9 kept (dry run)",
    ]
    some = _figures({"a": _deleted(_result(4)), "b": protected})
    assert prune_report(some)[1:] == lines[1:3]
    page = prune_report(some, "r.html")
    assert re.findall(r"<th>(\w)<small>(.*?)</small>.*?<td>(\d+)</td>", page) == [
        ("a", "iotda.example.com", "4"),
        ("b", "iotda.example.com · 5 would be deleted (iotda_protected)", "0"),
    ]
    assert page.count('class="would" style="width:50.0%"') == 1
    only = _figures({"b": protected})
    assert prune_report(only)[1] == "Nothing was deleted: instances with iotda_protected are only listed."
    assert "iotda_protected" in prune_report(only, "r.html")
    (row,) = csv.DictReader(io.StringIO(prune_report(only, "r.csv")))
    assert (row["state"], row["listed_because"]) == ("listed", "iotda_protected")


def test_a_run_that_reads_nothing_gives_no_advice() -> None:
    assert prune_report(_figures({"a": {"__prune_checked": {"failed": True, "msg": "wrong"}}})) == [
        "1 instance, 1 failed: nothing was deleted",
        "FAILED: a: wrong",
        "a: FAILED: wrong",
    ]


class _ImplicitLocalhost(dict[str, Any]):
    """As hostvars: a host that is in no inventory can be read, but is not in the list."""

    def __missing__(self, name: str) -> dict[str, Any]:
        return {"__prune_prepared": {"failed": True, "msg": "too few"}}


def test_a_run_without_instances_names_none() -> None:
    figures = figures_of(_ImplicitLocalhost(), ["localhost"], False)
    assert (figures["instances"], figures["failed"]) == (0, ["no instance"])
    assert prune_report(figures) == ["No instance, so nothing was deleted", "FAILED: no instance: too few"]


@pytest.mark.parametrize(
    ("registered", "cause"),
    [
        ({"__prune_prepared": {"failed": True, "msg": "too few"}, **_deleted(_result(1))}, "too few"),
        ({"__prune_chosen": {"failed": True, "msg": "too late"}}, "too late"),
        ({"__prune_begun": {"failed": True, "msg": "no folder"}}, "prune_report cannot be written: no folder"),
        (_deleted({"failed": True, "msg": FORBIDDEN}, {"failed": True, "msg": FORBIDDEN}), FORBIDDEN),
        (_deleted({"failed": True, "msg": "one"}, {"failed": True, "msg": "two\n lines"}), "one; two lines"),
        ({"__prune_listed": {"failed": True, "msg": "template"}}, "template"),
        ({"__prune_listed": {"unreachable": True, "msg": "no shell"}}, "no shell"),
        ({}, "Ansible ended the run for this host before its batch tasks were read; see its error above"),
        (_deleted({"failed": True, "msg": "x" * 600}), "x" * 497 + "..."),
    ],
)
def test_every_failure_has_its_cause(registered: dict[str, Any], cause: str) -> None:
    assert _figures({"a": registered})["reports"][0]["error"] == cause
    assert _figures({"a": registered})["reports"][0]["state"] == "failed"


@pytest.mark.parametrize("number", [1, 63, 1000])
def test_what_matters_comes_first_and_is_short(number: int) -> None:
    hosts = {f"plant-{index:04}": _deleted(_result(3)) for index in range(number)}
    for index, name in enumerate(list(hosts)[: number // 2 + 1]):
        hosts[name] = _deleted({"failed": True, "msg": FORBIDDEN if index % 9 else f"{FORBIDDEN} number {index}"})
    figures = _figures(hosts)
    lines = prune_report(figures)
    failures = [line for line in lines if line.startswith("FAILED: ")]
    assert len(json.dumps([lines[0], *failures], indent=8)) < 1000
    assert lines[0].startswith(f"{number:,} instance")
    assert f"{len(figures['failed'])} failed" in lines[0]
    assert len(lines) == 1 + len(failures) + number
    assert len(json.dumps(prune_report(figures, "stats"))) < 700 * (number // 9 + 2) + 20 * number


def test_failures_at_other_addresses_have_one_cause() -> None:
    hosts = {
        name: _deleted({"failed": True, "msg": f"{name}.com answered 403", "endpoint": f"https://{name}.com"})
        for name in ("a", "b")
    }
    assert prune_report(_figures(hosts))[1] == "FAILED: a, b: its endpoint answered 403"


def test_stats_carry_the_job() -> None:
    stats = prune_report(_figures({"a": _deleted(_result(4))}), "stats", 7)
    assert set(stats) == {"iotda_prune", "iotda_prune_7"}
    assert "reports" not in stats["iotda_prune"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("dry_run", [True, False])
def test_all_forms_tell_the_same(tmp_path: Path, dry_run: bool) -> None:
    hosts = {name: (_listed if dry_run else _deleted)(_result(index + 1)) for index, name in enumerate(HOSTILE)}
    hosts["bad"] = _deleted({"failed": True, "msg": f"{FORBIDDEN} <b>\ud800"})
    figures = _figures(hosts)
    written = json.loads(prune_report(figures, str(tmp_path / "r.json")))
    assert [one["instance"] for one in written["reports"]] == [one["instance"] for one in figures["reports"]]
    rows = list(csv.DictReader(io.StringIO(prune_report(figures, str(tmp_path / "r.csv")))))
    assert sum(int(row["examined"]) for row in rows) == figures["examined"]
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "@"))]
    page = _Page()
    html = prune_report(figures, str(tmp_path / "r.html"))
    page.feed(html)
    assert page.tags.count("tr") == 1 + len(hosts)
    assert not {"script", "link", "img"} & set(page.tags)
    assert "http" not in re.sub(r"https?://iotda\.example\.com", "", html)
    for name in HOSTILE:
        assert name in page.text
    assert f"{figures['would_delete' if dry_run else 'deleted']:,}" in page.text
    assert {line.partition(": ")[0] for line in prune_report(figures)} >= set(HOSTILE)


def test_a_file_that_cannot_be_a_report(tmp_path: Path) -> None:
    assert prune_report({}, "x.json") == NOT_YET
    (tmp_path / "folder.json").mkdir()
    for path in ("x.pdf", "x", str(tmp_path / "folder.json")):
        with pytest.raises(AnsibleFilterError, match=r"prune_report must be the path of a file that ends in \.json"):
            prune_report({}, path)
