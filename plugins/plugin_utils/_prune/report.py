# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``prune`` as text, JSON and CSV, all from the same figures.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .figures import COUNTS, causes

Figures = Mapping[str, Any]

COLUMNS = ("instance", "state", "error", "endpoint", *COUNTS, "elapsed")
# AWX cuts the text of an event after 1,024 bytes. The headline and all failures fit, with what Ansible adds.
_SHORT = 850
_SHORT_CAUSE = 160
_SHORT_NAMES = 60
# What a spreadsheet reads as the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(figures: Figures) -> list[str]:
    """Return the report as lines: a headline, the failures, and a line for each instance."""
    return [
        headline(figures),
        *_failures(figures, _SHORT - _length(headline(figures))),
        *_advice(figures),
        *map(_line, figures["reports"]),
    ]


def headline(figures: Figures) -> str:
    """Return the totals in one line."""
    count, failed = figures["instances"], len(figures["failed"])
    parts = [f"{_plural(count, 'instance')}, {failed} failed: {_outcome(figures)}, {figures['kept']:,} kept"]
    for name, words in (
        ("deleted_unconfirmed", "probably deleted"),
        ("absent", "already gone"),
        ("not_deleted", "could not be deleted"),
        ("protected", "protected"),
    ):
        if figures[name]:
            parts.append(f"{figures[name]:,} {words}")
    return ", ".join(parts)


def _outcome(figures: Figures) -> str:
    would = f"{figures['would_delete']:,}"
    if figures["dry_run"]:
        return f"{would} of {_plural(figures['examined'], 'batch task')} would be deleted"
    told = f"{figures['deleted']:,} of {_plural(figures['examined'], 'batch task')} deleted"
    return f"{told}, {would} would be deleted where it was a dry run" if figures["would_delete"] else told


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _length(text: str) -> int:
    return len(json.dumps(text)) + len(",\n        ")


def _failures(figures: Figures, room: int) -> Iterator[str]:
    """Yield a line for each cause, the most frequent first, as far as there is room."""
    found = causes(figures)
    for number, (cause, names) in enumerate(found):
        line = f"FAILED: {_names(names)}: {_shortened(cause, _SHORT_CAUSE)}"
        room -= _length(line)
        if room < 0:
            left = sum(len(names) for _cause, names in found[number:])
            yield f"FAILED: {_plural(left, 'more instance')}, see below"
            return
        yield line


def _names(names: list[str]) -> str:
    shown = [names[0]]
    while len(shown) < len(names) and len(", ".join([*shown, names[len(shown)]])) <= _SHORT_NAMES:
        shown.append(names[len(shown)])
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _advice(figures: Figures) -> Iterator[str]:
    if figures["dry_run"] and figures["check_mode"]:
        yield "This was check mode: nothing was deleted. To delete, leave out --check and set prune_dry_run to false."
    elif figures["dry_run"]:
        yield (
            "This was a dry run: nothing was deleted. To delete, set prune_dry_run to false; instances with "
            "iotda_protected are only listed."
        )


def _line(report: Figures) -> str:
    if report["error"] and not report["examined"]:
        return f"{report['instance']}: FAILED: {report['error']}"
    listed = not report["deleting"]
    gone = f"{report['would_delete']:,} of {report['examined']:,} would be deleted"
    if not listed:
        gone = f"{report['deleted']:,} of {report['examined']:,} deleted"
    more = [
        f"{report[name]:,} {words}"
        for name, words in (
            ("kept", "kept"),
            ("deleted_unconfirmed", "probably deleted"),
            ("absent", "already gone"),
            ("not_deleted", "could not be deleted"),
            ("protected", "protected"),
        )
        if report[name] or name == "kept"
    ]
    told = ", ".join([gone, *more])
    return f"{report['instance']}: {told}" + (f"; FAILED: {report['error']}" if report["error"] else "")


def as_json(figures: Figures) -> str:
    """Return all figures as JSON."""
    return json.dumps(figures, indent=2, ensure_ascii=False, default=str)


def as_csv(figures: Figures) -> str:
    """Return a line for each instance, with a heading; no text can be a formula of a spreadsheet."""
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for report in figures["reports"]:
        table.writerow({name: _harmless(value) for name, value in report.items()})
    return written.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
