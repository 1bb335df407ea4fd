# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""state: present, from the options to the module's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .api import BatchTaskClient
from .audit_log import AuditLog
from .create import ensure_present, predict_present
from .definition import TaskDefinition, parse_definition
from .engine import RunOptions, open_log
from .outcomes import CREATED, Collector, Outcome, in_diff


def run_present(
    connect: Callable[[], BatchTaskClient],
    options: Mapping[str, Any],
    run_options: RunOptions,
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Create the task that ``options`` describe unless it is there, or predict it; return the module's result."""
    definition = parse_definition(options)
    client = connect()
    with open_log(options["audit_log"], client, "present", run_options.dry_run) as log:
        if run_options.dry_run:
            outcome = predict_present(client, definition, run_options)
        else:
            outcome = ensure_present(client, definition, run_options, options["retry_timeout"], log)
        return _result(definition, outcome, options, warn, log)


def _result(
    definition: TaskDefinition,
    outcome: Outcome,
    options: Mapping[str, Any],
    warn: Callable[[str], None],
    log: AuditLog | None,
) -> dict[str, Any]:
    collector = Collector("present", options["returned"])
    collector.add(0, outcome)
    new = {name: in_diff(value) for name, value in definition.body.items()}
    created = outcome.outcome == CREATED
    diff = {"before": {}, "after": {"batch_task": new} if created or outcome.changed else {}}
    known = {"batch_task": dict(outcome.task)} if "task_id" in outcome.task or created else {}
    return {**collector.build(warn, log), **known, "diff": diff, "outcome": outcome.outcome}
