# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of the role ``prune`` as it is printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .figures import LEFT_OUT, Figures, causes
from .request import DRY_RUN, is_protected

# What is told only where there is some.
RARE = {
    "deleted_unconfirmed": "probably deleted",
    "absent": "already gone",
    "not_deleted": "could not be deleted",
}
# AWX shows 1,024 bytes of an event. The headline and all failures are in its first 1,000, after what Ansible puts
# before them: a line with the name of a host, and colours around each line.
_SHORT = 1000
_COLOURS = len("\x1b[0;32m\x1b[0m\r")
_BEFORE = len('changed: [ -> localhost] => {\n    "msg": [\n') + 2 * _COLOURS
_SHORT_CAUSE = 160
_SHORT_NAMES = 60
_MORE = "FAILED: {}, see below"


def lines(figures: Figures, written: Mapping[str, Any]) -> list[str]:
    """Return the report as lines: a headline, the failures, and a line for each instance.

    ``written`` is the result of writing the report file, empty if that was not tried.
    """
    first = [headline(figures)]
    if written.get("failed"):
        cause = f"the report could not be written: {written.get('msg') or 'see the error above'}"
        first.append(f"FAILED: {_shortened(cause, _SHORT_CAUSE)}")
    file = figures["file"] if written.get("failed") is False else ""
    longest = max((len(report["host"].encode()) for report in figures["reports"]), default=0)
    room = _SHORT - _BEFORE - longest - sum(map(_length, first))
    return [
        *first,
        *_failures(figures, room),
        *_advice(figures),
        *_where(figures, file),
        *(_line(report, figures["dry_run"]) for report in figures["reports"] if figures["instances"]),
    ]


def _where(figures: Figures, file: str) -> Iterator[str]:
    for names in figures["same_instance"]:
        yield f"The same instance under {len(names)} names, so its tasks may be counted more than once: {_names(names)}"
    if figures["unmatched_protect"]:
        unmatched = _names(figures["unmatched_protect"])
        yield f"No finished task among those examined matches these entries of prune_protect: {unmatched}"
    if file:
        lacking = [*figures["untold"], *(report["instance"] for report in figures["reports"] if report["unlisted"])]
        selected = "that a rule selects, protected or not," if figures["protect"] else "that a rule selects"
        yield f"Each batch task {selected} is listed in {file}" + (
            f", but not all of {_names(lacking)}" if lacking else ""
        )


def headline(figures: Figures) -> str:
    """Return the totals in one line."""
    if not figures["instances"]:
        return "No instance, so nothing was deleted"
    count, failed = figures["instances"], len(figures["failed"])
    if any(report["deleting"] or report["listed_because"] for report in figures["reports"]):
        outcome = f"{_outcome(figures)}, {_kept(figures)}"
    else:
        outcome = "nothing was deleted"
    parts = [f"{_plural(count, 'instance')}, {failed} failed: {outcome}"]
    left_out, untold = len(figures["left_out"]), len(figures["untold"])
    if untold:
        parts.append(f"an unknown number deleted in {_plural(untold, 'instance')}")
    return ", ".join([*parts, *_rare(figures), *([f"{left_out:,} left out by the play"] if left_out else [])])


def _kept(counts: Figures) -> str:
    protected = f" ({counts['protected']:,} of them protected)" if counts["protect"] else ""
    return f"{counts['kept']:,} kept{protected}"


def _rare(counts: Figures) -> list[str]:
    return [f"{counts[name]:,} {words}" for name, words in RARE.items() if counts[name]]


def _outcome(figures: Figures) -> str:
    examined = _plural(figures["examined"], "batch task")
    if figures["dry_run"]:
        told, listed = f"{figures['would_delete']:,} of {examined} would be deleted", figures["only_listed"]
    else:
        told, listed = f"{figures['deleted']:,} of {examined} deleted", figures["would_delete"] + figures["only_listed"]
    are = "are" if figures["dry_run"] else "were"
    return f"{told}, {listed:,} would be deleted in instances that {are} only listed" if listed else told


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _length(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")) + len(",\n        ") + _COLOURS


def _failures(figures: Figures, room: int) -> Iterator[str]:
    """Yield a line for each cause, the most frequent first, as far as there is room."""
    found = causes(figures)
    left = len(figures["failed"])
    for cause, names in found:
        line = f"FAILED: {_names(names)}: {_shortened(cause, _SHORT_CAUSE)}"
        room -= _length(line)
        more = _MORE.format(_plural(left, "more instance"))
        left -= len(names)
        if room < (_length(more) if left else 0):
            yield more
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
    elif figures["dry_run"] and all(map(is_protected, _reasons(figures) or [""])):
        yield "Nothing was deleted: instances with iotda_protected are only listed."
    elif figures["dry_run"] and DRY_RUN in _reasons(figures):
        yield (
            "This was a dry run: nothing was deleted. To delete, set prune_dry_run to false; instances with "
            "iotda_protected are only listed."
        )


def _reasons(figures: Figures) -> set[str]:
    return {report["listed_because"] for report in figures["reports"]} - {""}


def _line(report: Figures, dry_run: bool) -> str:
    if report["state"] == LEFT_OUT:
        return f"{report['instance']}: left out by the play"
    if report["error"] and not report["examined"]:
        return f"{report['instance']}: FAILED: {report['error']}"
    gone = f"{report['would_delete'] + report['only_listed']:,} of {report['examined']:,} would be deleted"
    if report["deleting"]:
        gone = f"{report['deleted']:,} of {report['examined']:,} deleted"
    elif is_protected(report["listed_because"]) or report["listed_because"] and not dry_run:
        gone += f" ({report['listed_because']})"
    told = ", ".join([gone, _kept(report), *_rare(report)])
    return f"{report['instance']}: {told}" + (f"; FAILED: {report['error']}" if report["error"] else "")
