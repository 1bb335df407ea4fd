# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened to each instance, and the totals: figures from the results that the role ``prune`` registered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .hosts import NOT_CHECKED, is_begun, report_file
from .protection import with_protection
from .request import CHECK_MODE, heard, is_false, is_protected, with_variables

Result = Mapping[str, Any]
Figures = Mapping[str, Any]

COUNTS = (
    "examined",
    "matched",
    "deleted",
    "would_delete",
    "only_listed",
    "deleted_unconfirmed",
    "absent",
    "not_deleted",
    "kept",
    "protected",
    "throttled",
)
NO_INSTANCE = "no instance"
DELETED, LISTED, FAILED, LEFT_OUT = "deleted", "listed", "failed", "left out"
_CHECKS = ("__prune_ready", "__prune_begun", "__prune_checked")
_LOST = "Ansible ended the run for this host before its batch tasks were read; see its error above"
_UNTOLD = "how many batch tasks were deleted is not known"
_LONGEST_CAUSE = 500
# Of the figures, what only the other forms of the report need.
_INTERNAL = ("reports", "run", "begun", "file")


def figures_of(read: Callable[[str], Any]) -> dict[str, Any]:
    """Return the figures of a run: the totals, and ``reports`` with those of each instance.

    ``read`` returns a variable of the host that speaks for all, None if it is not set. A host that is in no inventory
    stands for the whole run, which then has no instance.
    """
    hostvars, active, check_mode = read("hostvars"), {*read("ansible_play_hosts")}, read("ansible_check_mode")
    inventory, run = {*hostvars}, read("__prune_run")
    begun = is_begun(run)
    # Where the report is to be written, if it could be begun there.
    file = "" if _failed(read("__prune_begun") or {}) else report_file(read)
    reports = [
        _report(
            name if name in inventory else NO_INSTANCE, name, hostvars[name], run if begun else None, name in active
        )
        for name in read("ansible_play_hosts_all")
    ]
    for report in reports if file else ():
        report["unlisted"] = _unlisted(report, tasks_file(str(run), report["host"]))
    reports.sort(key=_order)
    # An instance of which no module has told anything would have been pruned, if the variables say so.
    silent = any(report["error"] and not report["listed_because"] for report in reports)
    to_delete = silent and not check_mode and is_false(read("prune_dry_run"))
    return {
        "dry_run": not to_delete and not any(report["deleting"] for report in reports),
        "check_mode": check_mode or any(report["listed_because"] == CHECK_MODE for report in reports),
        "instances": sum(report["state"] != LEFT_OUT and report["instance"] != NO_INSTANCE for report in reports),
        "failed": [report["instance"] for report in reports if report["error"]],
        "left_out": [report["instance"] for report in reports if report["state"] == LEFT_OUT],
        # Ansible ended the module in the midst of deleting, or it crashed. What it did is in no figure.
        "untold": [report["instance"] for report in reports if report["untold"]],
        "same_instance": _same(reports),
        **{name: sum(report[name] for report in reports) for name in COUNTS},
        "protect": list(dict.fromkeys(entry for report in reports for entry in report["protect"])),
        "unmatched_protect": _unmatched(reports),
        "reports": reports,
        # False if the run began in the middle of the role: nothing was done then, though no task has failed.
        "begun": begun,
        "run": str(run),
        "file": file,
    }


def tasks_file(run: str, host: str) -> str:
    """Return the path of the file in which the module leaves the batch tasks of a host. A name may be no file name."""
    return f"{run}{hashlib.sha256(host.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.jsonl"


def _unlisted(report: Figures, path: str) -> int:
    """Return how many batch tasks the module has counted and not left, as when the disk was full."""
    counted = ("deleted", "would_delete", "only_listed", "deleted_unconfirmed", "absent", "not_deleted", "protected")
    left = Path(path).read_bytes().count(b"\n") if Path(path).exists() else 0
    return max(0, sum(int(report[name]) for name in counted) - left)


def _unmatched(reports: list[dict[str, Any]]) -> list[str]:
    """Return the entries of ``prune_protect`` that match no batch task of any instance."""
    matched = {
        entry
        for report in reports
        if report["examined"]
        for entry in {*report["protect"]} - {*report["unmatched_protect"]}
    }
    unmatched = dict.fromkeys(entry for report in reports for entry in report["unmatched_protect"])
    return [entry for entry in unmatched if entry not in matched]


def _order(report: Figures) -> tuple[bool, bool, str]:
    return not report["error"], report["state"] == LEFT_OUT, str(report["instance"])


def _same(reports: list[dict[str, Any]]) -> list[list[str]]:
    """Return the hosts that stand for one instance, by groups: each would delete, and count, the same batch tasks."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for report in reports:
        if report["endpoint"] and report["project_id"]:
            found.setdefault((report["endpoint"], report["project_id"], report["instance_id"]), []).append(
                report["instance"]
            )
    return [names for names in found.values() if len(names) > 1]


def handed_on(figures: Figures) -> dict[str, Any]:
    """Return what to pass on to a workflow: all but the reports, and the causes of failures with their instances."""
    kept = {name: value for name, value in figures.items() if name not in _INTERNAL}
    return {**kept, "causes": [{"cause": cause, "instances": names} for cause, names in causes(figures)]}


def causes(figures: Figures) -> list[tuple[str, list[str]]]:
    """Return each cause of failures with the instances that it stopped, the most frequent first.

    The address of an instance makes no cause of its own.
    """
    found: dict[str, list[str]] = {}
    for report in figures["reports"]:
        if report["error"]:
            host = report["endpoint"].partition("://")[2]
            cause = report["error"].replace(host, "its endpoint") if host else report["error"]
            found.setdefault(cause, []).append(report["instance"])
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _report(shown: str, name: str, variables: Result, run: object, active: bool) -> dict[str, Any]:
    registered = variables if run is not None and variables.get("__prune_run") == run else {}
    told = _told(name, registered.get("__prune_checked") or {})
    reached, because = told is not None, (told or {}).get("listed_because", "")
    because = with_protection(because, run, (told or {}).get("place", {}))
    result, deletes = _result(registered) if reached else ({}, False)
    error = _cause(registered, result, reached, active) if run is not None else NOT_CHECKED
    # However the module itself ends, its result has check_mode.
    checked = not any(_failed(registered.get(name) or {}) for name in _CHECKS)
    untold = deletes and _failed(result) and "check_mode" not in result and checked
    if told and _failed(result) and not untold:
        error = with_variables(error, told["one_rule"])
    # The module knows whether it deletes: check mode of a play or a block is not in any variable.
    predicted = result.get("check_mode", not deletes)
    deleting = bool(result) and not predicted
    if deletes and predicted:
        because = CHECK_MODE
    return {
        "instance": str(shown),
        "host": str(name),
        "state": FAILED if error else LEFT_OUT if not reached else DELETED if deleting else LISTED,
        "deleting": deleting,
        "listed_because": "" if deleting or not result or error and "summary" not in result else because,
        "error": _short(f"{_UNTOLD}: {error}") if untold else error,
        "untold": untold,
        "endpoint": str(result.get("endpoint") or ""),
        "region": (told or {}).get("region", ""),
        "project_id": str(result.get("project_id") or ""),
        "instance_id": str(result.get("instance_id") or ""),
        "rules": (told or {}).get("rules", []),
        "matched_by_rule": result.get("matched_by_rule", []),
        "protect": (told or {}).get("protect", []),
        "unmatched_protect": result.get("unmatched_protect", []),
        "unlisted": 0,
        # Of the response at which the instance as a whole failed.
        **{field: result.get(field) if error else None for field in ("http_status", "error_code", "request_id")},
        **_counts(result, "deleted" if deleting else "only_listed" if is_protected(because) else "would_delete"),
        "elapsed": round(float(result.get("elapsed") or 0), 1),
    }


def _told(name: str, checked: Result) -> dict[str, Any] | None:
    """Return what the check of this host's variables told, None if it did not run for this host."""
    if _failed(checked):
        return {}
    return heard(name, checked)


def _result(registered: Result) -> tuple[Result, bool]:
    """Return the result of the module, and whether it was to delete."""
    for name, deletes in (("__prune_deleted", True), ("__prune_listed", False)):
        result = registered.get(name) or {}
        if result and not result.get("skipped"):
            return result, deletes
    return {}, False


def _counts(result: Result, gone: str) -> dict[str, int]:
    summary = result.get("summary") or {}
    counts = dict.fromkeys(COUNTS, 0)
    for name in ("examined", "matched", "kept", "protected", "throttled"):
        counts[name] = int(result.get(name) or 0)
    counts[gone] = int(summary.get("deleted") or 0)
    counts["deleted_unconfirmed"] = int(summary.get("deleted_unconfirmed") or 0)
    counts["absent"] = int(summary.get("absent") or 0)
    counts["not_deleted"] = int(summary.get("failed") or 0)
    return counts


def _cause(registered: Result, result: Result, reached: bool, active: bool) -> str:
    """Return why the instance failed, or an empty text. A play can go on after a failed check (``ignore_errors``)."""
    # The first two speak for all hosts.
    ready, created, checked = (registered.get(name) or {} for name in _CHECKS)
    if _failed(ready):
        return _message(ready)
    if _failed(created):
        return f"prune_report cannot be written: {_message(created)}"
    for ended in (checked, result):
        if reached and _failed(ended):
            return _message(ended)
    return _LOST if (reached and not result) or (not reached and not active) else ""


def _failed(result: Result) -> bool:
    return bool(result.get("failed") or result.get("unreachable"))


def _message(result: Result) -> str:
    return _short(" ".join(str(result.get("msg") or _LOST).split()))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CAUSE else f"{text[: _LONGEST_CAUSE - 3]}..."
