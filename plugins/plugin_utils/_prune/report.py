# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``prune`` as text, JSON and CSV, all from the same figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .figures import COUNTS, DRY_RUN, PROTECTED, causes

Figures = Mapping[str, Any]

COLUMNS = ("instance", "state", "listed_because", "error", "endpoint", *COUNTS, "elapsed")
# What is told only where there is some.
RARE = {
    "deleted_unconfirmed": "probably deleted",
    "absent": "already gone",
    "not_deleted": "could not be deleted",
    "protected": "protected",
}
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
        *(_line(report, figures["dry_run"]) for report in figures["reports"] if figures["instances"]),
    ]


def headline(figures: Figures) -> str:
    """Return the totals in one line."""
    if not figures["instances"]:
        return "No instance, so nothing was deleted"
    count, failed = figures["instances"], len(figures["failed"])
    if not figures["dry_run"] or _reasons(figures):
        outcome = f"{_outcome(figures)}, {figures['kept']:,} kept"
    else:
        outcome = "nothing was deleted"
    parts = [f"{_plural(count, 'instance')}, {failed} failed: {outcome}"]
    return ", ".join([*parts, *_rare(figures)])


def _rare(counts: Figures) -> list[str]:
    return [f"{counts[name]:,} {words}" for name, words in RARE.items() if counts[name]]


def _outcome(figures: Figures) -> str:
    would = f"{figures['would_delete']:,}"
    if figures["dry_run"]:
        return f"{would} of {_plural(figures['examined'], 'batch task')} would be deleted"
    told = f"{figures['deleted']:,} of {_plural(figures['examined'], 'batch task')} deleted"
    return f"{told}, {would} would be deleted in instances that were only listed" if figures["would_delete"] else told


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
    elif figures["dry_run"] and _reasons(figures) == {PROTECTED}:
        yield "Nothing was deleted: instances with iotda_protected are only listed."
    elif figures["dry_run"] and DRY_RUN in _reasons(figures):
        yield (
            "This was a dry run: nothing was deleted. To delete, set prune_dry_run to false; instances with "
            "iotda_protected are only listed."
        )


def _reasons(figures: Figures) -> set[str]:
    return {report["listed_because"] for report in figures["reports"]} - {""}


def _line(report: Figures, dry_run: bool) -> str:
    if report["error"] and not report["examined"]:
        return f"{report['instance']}: FAILED: {report['error']}"
    gone = f"{report['would_delete']:,} of {report['examined']:,} would be deleted"
    if report["deleting"]:
        gone = f"{report['deleted']:,} of {report['examined']:,} deleted"
    told = ", ".join([gone, f"{report['kept']:,} kept", *_rare(report)])
    if report["listed_because"] == PROTECTED or report["listed_because"] and not dry_run:
        told += f" ({report['listed_because']})"
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
