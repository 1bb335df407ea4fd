# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``prune`` as a file, with a row for each batch task: JSON, CSV and HTML.

The batch tasks do not go through Ansible, whose events and variables would grow with their number. Each run of the
module leaves its own in a file, which is read here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from .figures import DELETED, Figures, causes, handed_on, tasks_file
from .report import RARE, headline
from .request import is_protected

TEMPLATE = Path(__file__).parents[3] / "roles/prune/templates/report.html.j2"
# The columns of JSON and CSV, in their order; the template lays out those of HTML.
COLUMNS = (
    "instance",
    "region",
    "project_id",
    "instance_id",
    "endpoint",
    "task_id",
    "task_name",
    "task_type",
    "status",
    "created_utc",
    "rule_number",
    "rule",
    "outcome",
    "cause",
    "request_id",
)
# What a spreadsheet reads as the beginning of a formula, in the width of Chinese and Japanese keyboards, too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Row = dict[str, Any]


def rows(figures: Figures) -> list[Row]:
    """Return a row for each batch task, the oldest of each instance first."""
    return [row for report in figures["reports"] for row in _rows(report, figures["run"])]


def _rows(report: Figures, run: str) -> Iterator[Row]:
    left = _left(tasks_file(run, report["host"]))
    for task in sorted(left, key=lambda task: (str(task.get("create_time")), task["task_id"])):
        yield _row(report, task)


def _row(report: Figures, task: Mapping[str, Any]) -> Row:
    number = task.get("rule") if isinstance(task.get("rule"), int) else None
    outcome = task["outcome"]
    texts = {name: str(task.get(name) or "") for name in ("task_id", "task_name", "task_type", "status", "request_id")}
    row = {
        **{name: report[name] for name in COLUMNS[:5]},
        **texts,
        "created_utc": _created(task.get("create_time")),
        "rule_number": number,
        "rule": report["rules"][number - 1] if number and number <= len(report["rules"]) else "",
        "outcome": _predicted(report) if outcome == DELETED and not report["deleting"] else outcome,
        "cause": " ".join(str(task.get("msg") or "").split()),
    }
    return {name: row[name] for name in COLUMNS}


def _predicted(report: Figures) -> str:
    return "only_listed" if is_protected(report["listed_because"]) else "would_delete"


def _created(moment: object) -> str:
    """Return a time of the API, "20190303T084300Z", as a spreadsheet reads it."""
    try:
        return datetime.strptime(str(moment), "%Y%m%dT%H%M%SZ").strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return str(moment or "")


def _left(path: str) -> list[dict[str, Any]]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    # A run that was killed can leave half of a line.
    return [json.loads(line) for line in text.split("\n")[:-1]]


def as_json(figures: Figures) -> str:
    """Return all figures and batch tasks as JSON."""
    inner = ("host", "untold")
    reports = [{name: value for name, value in one.items() if name not in inner} for one in figures["reports"]]
    return json.dumps(
        {**handed_on(figures), "reports": reports, "tasks": rows(figures)}, indent=2, ensure_ascii=False, default=str
    )


def as_csv(figures: Figures) -> str:
    """Return a line for each batch task, with a heading; no text can be a formula of a spreadsheet.

    It begins with a byte order mark: some spreadsheet programs take a file without one for another encoding than UTF-8.
    """
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    table.writeheader()
    for row in rows(figures):
        table.writerow({name: _harmless(value) for name, value in row.items()})
    return f"\ufeff{written.getvalue()}"


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_html(figures: Figures) -> str:
    """Return a page that needs no other file. All in it is text: Jinja escapes it."""
    template = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    ).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        figures=figures,
        headline=headline(figures),
        causes=causes(figures),
        rare=RARE,
        tasks=rows(figures),
        made=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    )
