# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the states of a batch task other than absent, from the options to the module's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._core.errors import ConfigurationError
from .api import BatchTaskClient
from .audit_log import AuditLog, audit_log, check_audit_log
from .create import ensure_present, predict_present
from .definition import TaskDefinition, parse_definition
from .ids import parse_task_ids
from .state_results import CREATED, StateResult, build_state_result
from .targets import parse_targets
from .transition_rules import TRANSITIONS
from .transitions import TransitionOptions, run_transitions
from .wait import WaitOptions

_MOST_IN_DIFF = 20


def _wait_options(options: Mapping[str, Any]) -> WaitOptions:
    accept = tuple(options["accept"] or WaitOptions.accept)
    return WaitOptions(options["wait"], options["wait_timeout"], options["wait_delay"], accept)


def run_present(
    connect: Callable[[], BatchTaskClient], options: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Create the task that ``options`` describe unless it is there, or predict it; return the module's result."""
    definition, wait = parse_definition(options), _wait_options(options)
    client = connect()
    if check_mode:
        check_audit_log(options["audit_log"])
        return _present_result(definition, predict_present(client, definition, wait), options, warn, None)
    with audit_log(options["audit_log"], client.target, "present") as log:
        result = ensure_present(client, definition, wait, options["retry_timeout"], log)
        return _present_result(definition, result, options, warn, log)


def _present_result(
    definition: TaskDefinition,
    result: StateResult,
    options: Mapping[str, Any],
    warn: Callable[[str], None],
    log: AuditLog | None,
) -> dict[str, Any]:
    new = {name: _in_diff(value) for name, value in definition.body.items()}
    diff = {"before": {}, "after": {"batch_task": new} if result.outcome == CREATED or result.changed else {}}
    known = {"batch_task": dict(result.task)} if "task_id" in result.task or result.outcome == CREATED else {}
    built = build_state_result("present", [result], warn, diff, options["returned"], log)
    return {**built, **known, "outcome": result.outcome}


def run_transition(
    connect: Callable[[], BatchTaskClient], options: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Stop, retry or confirm the tasks that ``options`` name, or predict it; return the module's result."""
    state, task_ids = options["state"], parse_task_ids(options["task_id"])
    targets = [] if options["targets"] is None else parse_targets("targets", options["targets"])
    if targets and len(task_ids) != 1:
        raise ConfigurationError(f"targets needs exactly one task_id, not {len(task_ids)}")
    if not task_ids:
        return build_state_result(state, [], warn, _transition_diff(state, [], targets))
    client = connect()
    if check_mode:
        check_audit_log(options["audit_log"])
    with audit_log(None if check_mode else options["audit_log"], client.target, state) as log:
        transition_options = TransitionOptions(targets, _wait_options(options), options["concurrency"], check_mode, log)
        results = run_transitions(client, state, task_ids, transition_options)
        diff = _transition_diff(state, results, targets)
        return build_state_result(state, results, warn, diff, options["returned"], log)


def _transition_diff(state: str, results: Sequence[StateResult], targets: Sequence[str]) -> dict[str, Any]:
    before, after = [], []
    for result in results:
        if result.changed:
            named = {name: result.task[name] for name in ("task_id", "task_name") if name in result.task}
            before.append(named)
            devices = {"targets": _in_diff(list(targets))} if targets else {}
            after.append({**named, **devices, "state": TRANSITIONS[state].outcome})
    return {"before": {"batch_tasks": before}, "after": {"batch_tasks": after}}


def _in_diff(value: Any) -> Any:
    """Return ``value`` as a difference shows it: tens of thousands of devices would fill pages."""
    return f"{len(value)} devices" if isinstance(value, list) and len(value) > _MOST_IN_DIFF else value
