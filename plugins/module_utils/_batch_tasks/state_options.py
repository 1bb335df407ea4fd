# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options each state of a batch task takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.errors import ConfigurationError
from .constants import FINISHED

_BY_ID = ("absent", "stopped", "retried", "confirmed")
_OF_A_DEFINITION = (
    "task_name",
    "task_type",
    "app_id",
    "group_ids",
    "src",
    "document",
    "schedule_time",
    "retry_count",
    "retry_interval",
    "gateway_mode",
    "need_confirm",
    "ext_info",
)
# An option that is not here is one of every state.
_USED_BY: Mapping[str, Sequence[str]] = {
    "task_id": _BY_ID,
    "force": ("absent",),
    "targets": ("present", "stopped", "retried", "confirmed"),
    "accept": ("present", "retried", "confirmed"),
    **dict.fromkeys(_OF_A_DEFINITION, ("present",)),
}
_REQUIRED = {"present": ("task_name", "task_type"), **dict.fromkeys(_BY_ID, ("task_id",))}


def check_state_options(options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a missing option, or one that the state does not accept."""
    state = options["state"]
    missing = [name for name in _REQUIRED[state] if options[name] is None]
    if missing:
        raise ConfigurationError(f"state={state} needs {' and '.join(missing)}")
    for name, states in _USED_BY.items():
        if options[name] not in (None, False) and state not in states:
            raise ConfigurationError(f"{name} cannot be used with state={state}, only with {', '.join(states)}")
    if options["accept"] is not None and not options["accept"]:
        raise ConfigurationError(f"accept must name at least one of {', '.join(FINISHED)}")
