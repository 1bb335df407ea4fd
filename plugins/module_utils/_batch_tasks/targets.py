# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices that a batch task is about: which are named, and what state their subtasks are in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from .._core.errors import ConfigurationError
from .._core.redaction import short_line
from .._core.runtime import map_concurrently
from .api import BatchTaskClient, quoted
from .listing import iter_subtasks

MAX_TARGETS = 30_000
# Up to so many targets are asked for one by one; reading all the subtasks takes a request for every 50 of them.
_FEW = 20
FAILED_STATUSES = ("Fail", "FailWaitRetry", "Rejected")
_MAX_INVALID = 3
_TARGET = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


def parse_targets(option: str, values: Sequence[str]) -> list[str]:
    """Return the IDs of devices or groups in their order without repeats; raises ConfigurationError."""
    named = list(dict.fromkeys(value.strip() for value in values))
    if not named:
        raise ConfigurationError(f"{option} must name at least one ID; an empty list was given, and nothing was sent")
    invalid = [value for value in named if not _TARGET.match(value)]
    if invalid:
        more = f" and {len(invalid) - _MAX_INVALID} more" if len(invalid) > _MAX_INVALID else ""
        listed = ", ".join(map(quoted, invalid[:_MAX_INVALID]))
        raise ConfigurationError(f"{option} must be IDs of 1 to 128 letters, digits, _ and -, not {listed}{more}")
    if len(named) > MAX_TARGETS:
        raise ConfigurationError(f"{option} can name at most {MAX_TARGETS} devices, not {len(named)}")
    return named


def subtask_states(client: BatchTaskClient, task_id: str, targets: Sequence[str], concurrency: int) -> dict[str, str]:
    """Return the status of the subtask of each of ``targets`` that is in the task. Raises RequestError."""
    subtasks: Iterable[Mapping[str, Any]]
    if len(targets) <= _FEW:
        pages = map_concurrently(lambda one: client.detail_page(task_id, None, None, 1, one), targets, concurrency)
        subtasks = chain.from_iterable(page.items for page in pages)
    else:
        subtasks = iter_subtasks(client, task_id, None)
    states: dict[str, str] = {}
    wanted = set(targets)
    for subtask in subtasks:
        if subtask.get("target") in wanted:
            states[str(subtask["target"])] = str(subtask.get("status"))
            if len(states) == len(wanted):
                break
    return states


def failed_target(subtask: Mapping[str, Any]) -> dict[str, str]:
    """Return a subtask that failed as one flat row: ``target``, ``status``, ``error_code``, ``error_msg``."""
    error = subtask.get("error")
    error = error if isinstance(error, Mapping) else {}
    fields = {"target": subtask.get("target"), "status": subtask.get("status")}
    fields.update({name: error.get(name) for name in ("error_code", "error_msg")})
    return {name: "" if value is None else short_line(value) for name, value in fields.items()}


def failed_targets(subtasks: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return those of ``subtasks`` that failed as flat rows, sorted by their errors."""
    rows = [failed_target(subtask) for subtask in subtasks if subtask.get("status") in FAILED_STATUSES]
    return sorted(rows, key=lambda row: (row["error_code"], row["error_msg"], row["target"]))
