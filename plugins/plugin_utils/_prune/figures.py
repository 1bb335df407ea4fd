# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened to each instance, and the totals: figures from the results that the role ``prune`` registered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .request import is_false

Result = Mapping[str, Any]

COUNTS = (
    "examined",
    "matched",
    "deleted",
    "would_delete",
    "deleted_unconfirmed",
    "absent",
    "not_deleted",
    "kept",
    "protected",
    "throttled",
)
NO_INSTANCE = "no instance"
# Why batch tasks of an instance were listed, and not deleted.
CHECK_MODE, PROTECTED, DRY_RUN = "check mode", "iotda_protected", "dry run"
_LOST = "Ansible ended the run for this host before its batch tasks were read; see its error above"
_LONGEST_CAUSE = 500


def figures_of(hostvars: Mapping[str, Mapping[str, Any]], hosts: Iterable[str], check_mode: bool) -> dict[str, Any]:
    """Return the figures of a run over ``hosts``: the totals, and ``reports`` with those of each instance.

    A host that is in no inventory stands for the whole run, which then has no instance.
    """
    inventory = set(hostvars)
    reports = [_report(name if name in inventory else NO_INSTANCE, hostvars[name], check_mode) for name in hosts]
    reports.sort(key=_order)
    return {
        "dry_run": not any(report["deleting"] for report in reports),
        "check_mode": check_mode,
        "instances": sum(report["instance"] != NO_INSTANCE for report in reports),
        "failed": [report["instance"] for report in reports if report["error"]],
        **{name: sum(report[name] for report in reports) for name in COUNTS},
        "reports": reports,
    }


def _order(report: Mapping[str, Any]) -> tuple[bool, str]:
    return not report["error"], str(report["instance"])


def handed_on(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to pass on to a workflow: all but the reports, and the causes of failures with their instances."""
    kept = {name: value for name, value in figures.items() if name != "reports"}
    return {**kept, "causes": [{"cause": cause, "instances": names} for cause, names in causes(figures)]}


def causes(figures: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
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


def _report(name: str, variables: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    results = _results(variables)
    deleting = not check_mode and any(deleted for deleted, _result in results)
    counted: dict[str, int] = dict.fromkeys(COUNTS, 0)
    for deleted, result in results:
        for count, value in _counts(result, deleted and not check_mode).items():
            counted[count] += value
    places = [str(result["endpoint"]) for _deleted, result in results if result.get("endpoint")]
    error = _cause(variables, [result for _deleted, result in results])
    return {
        "instance": str(name),
        "state": "failed" if error else "deleted" if deleting else "listed",
        "deleting": deleting,
        "listed_because": "" if deleting or error and not results else _reason(variables, check_mode),
        "error": error,
        "endpoint": places[0] if places else "",
        **counted,
        "elapsed": round(sum(float(result.get("elapsed") or 0) for _deleted, result in results), 1),
    }


def _reason(variables: Mapping[str, Any], check_mode: bool) -> str:
    if check_mode:
        return CHECK_MODE
    return DRY_RUN if is_false(variables.get("iotda_protected", False)) else PROTECTED


def _results(variables: Mapping[str, Any]) -> list[tuple[bool, Result]]:
    """Return the results of the module, one for each rule, and whether the rule was to delete."""
    found: list[tuple[bool, Result]] = []
    for name, deleted in (("__prune_listed", False), ("__prune_deleted", True)):
        registered = variables.get(name) or {}
        if not registered.get("skipped"):
            found.extend((deleted, result) for result in registered.get("results") or [])
    return [(deleted, result) for deleted, result in found if not result.get("skipped")]


def _counts(result: Result, deleted: bool) -> dict[str, int]:
    summary = result.get("summary") or {}
    counts = {name: int(result.get(name) or 0) for name in ("examined", "matched", "kept", "protected", "throttled")}
    gone = int(summary.get("deleted") or 0)
    return {
        **counts,
        "deleted" if deleted else "would_delete": gone,
        "deleted_unconfirmed": int(summary.get("deleted_unconfirmed") or 0),
        "absent": int(summary.get("absent") or 0),
        "not_deleted": int(summary.get("failed") or 0),
    }


def _cause(variables: Mapping[str, Any], results: list[Result]) -> str:
    """Return why the instance failed, or an empty text."""
    for name in ("__prune_prepared", "__prune_chosen"):
        if _failed(variables.get(name) or {}):
            return _message(variables[name])
    begun, checked = variables.get("__prune_begun") or {}, variables.get("__prune_checked") or {}
    if _failed(begun):
        return f"prune_report cannot be written: {_message(begun)}"
    if _failed(checked):
        return _message(checked)
    failed = [_message(result) for result in results if _failed(result)]
    if failed:
        return "; ".join(dict.fromkeys(failed))
    tasks = [variables.get(name) or {} for name in ("__prune_listed", "__prune_deleted")]
    outside = [_message(task) for task in tasks if _failed(task)]
    return outside[0] if outside else "" if results else _LOST


def _failed(result: Result) -> bool:
    return bool(result.get("failed") or result.get("unreachable"))


def _message(result: Result) -> str:
    text = " ".join(str(result.get("msg") or _LOST).split())
    return text if len(text) <= _LONGEST_CAUSE else f"{text[: _LONGEST_CAUSE - 3]}..."
