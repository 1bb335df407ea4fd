# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of options before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._core.errors import ConfigurationError
from .._http import addresses
from .endpoints import ResolvedEndpoints, endpoint_url, iam_url

_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9._-]{1,36}\Z")


_DAY = 86400
# Of each option that counts something: the least, the most, and the unit.
_RANGES = {
    "timeout": (0.001, 3600, " seconds"),
    "retry_timeout": (0, _DAY, " seconds"),
    "wait_timeout": (0, 30 * _DAY, " seconds"),
    "wait_delay": (0, _DAY, " seconds"),
    "concurrency": (1, 64, ""),
    "limit": (1, 1_000_000_000, ""),
    "keep_last": (0, 1_000_000_000, ""),
    "max_deletions": (0, 1_000_000_000, ""),
}


# Leaving one of these out selects more, or something else, so one that is named with nothing in it must not count as
# left out.
SELECTING_OPTIONS = (
    "task_id",
    "task_ids",
    "app_id",
    "task_type",
    "task_name",
    "status",
    "created_before",
    "created_after",
    "older_than",
    "keep_last",
    "protect",
    "limit",
    "detail_status",
    "targets",
    "group_ids",
    # Without one of these, another instance is meant.
    "endpoint",
    "instance_id",
    # Without one of these, an upgrade begins at once.
    "schedule_time",
)
_TASK_IDS = ("task_id", "task_ids")
# Of these, YAML reads some without quotes as numbers of other digits, 017 as 15 and 2026_01_31 as 20260131.
_HOLD_IDS = (*_TASK_IDS, "protect", "task_name", "app_id", "targets", "group_ids")
_TASK_ID_DIGITS = 24


def check_selecting_options(given: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a selecting option that is named, but null, empty or blank.

    ``given`` is what the user wrote, in which null differs from absent; ``options`` is what Ansible made of it. An
    empty list of task IDs is allowed: it selects no task.
    """
    for name in SELECTING_OPTIONS:
        if name not in given:
            continue
        value = given[name]
        if name in _HOLD_IDS:
            _check_is_text(name, value)
        nothing = _nothing_in(value) or _nothing_in(options.get(name, value))
        if nothing and not (name in _TASK_IDS and isinstance(value, list) and None not in value):
            raise ConfigurationError(f"{name} is {nothing}; give it a value, or leave it out, as default(omit) does")


def _nothing_in(value: Any) -> str:
    """Return in which way ``value`` is empty, or an empty string if it is not."""
    if value is None:
        return "null"
    if isinstance(value, str) and not value.strip():
        return "blank" if value else "empty"
    if isinstance(value, (list, tuple)):
        if not value:
            return "an empty list"
        return "a list with an empty entry" if any(map(_nothing_in, value)) else ""
    return ""


def _check_is_text(name: str, value: Any) -> None:
    """Raise ConfigurationError for what YAML has read as a number, perhaps as one of other digits."""
    for entry in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(entry, (int, float)) and not 10 ** (_TASK_ID_DIGITS - 1) <= entry < 10**_TASK_ID_DIGITS:
            raise ConfigurationError(
                f"{name} contains {_written(entry)}, which is not text; put IDs and names in quotes, since YAML reads "
                "017 without quotes as the number 15"
            )
        if isinstance(entry, (dict, list)):
            raise ConfigurationError(f"{name} contains a {type(entry).__name__}, which is not text")


def _check_paths(options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a path with a NUL byte, and for an empty audit log."""
    for name in ("ca_path", "audit_log", "src"):
        if "\0" in (options.get(name) or ""):
            raise ConfigurationError(f"{name} must be a path, not {options[name]!r}")
    if options.get("audit_log") is not None and not options["audit_log"].strip():
        raise ConfigurationError("audit_log is empty; give it a path, or leave it out")


def validate_options(options: Mapping[str, Any]) -> ResolvedEndpoints:
    """Return what the connection's options say; raises ConfigurationError for the first that cannot be used."""
    _check_paths(options)
    check_ranges(options)
    _check_names(options)
    return ResolvedEndpoints(endpoint_url(options, "endpoint"), iam_url(options, options.get("iam_endpoint")))


def check_ranges(options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a number that is too small or too large, and for true, which counts as 1."""
    for name, (least, most, unit) in _RANGES.items():
        value = options.get(name)
        if isinstance(value, bool):
            raise ConfigurationError(f"{name} must be a number, not {str(value).lower()}")
        if value is not None and not least <= value <= most:
            raise ConfigurationError(f"{name} must be from {least:g} to {most:.10g}{unit}, not {_written(value)}")


def _written(number: Any) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def check_project_id(project_id: str) -> str:
    """Return ``project_id`` if it can be used in a path and a header; raise ConfigurationError if not."""
    if not _PROJECT_ID.match(project_id):
        raise ConfigurationError(
            "project_id must be at most 64 letters, digits, - and _, without spaces or line breaks"
        )
    return project_id


def _check_names(options: Mapping[str, Any]) -> None:
    if options.get("region"):
        addresses.check_region(options["region"])
    if options.get("project_id"):
        check_project_id(options["project_id"])
    if options.get("instance_id") and not _INSTANCE_ID.match(options["instance_id"]):
        raise ConfigurationError(
            "instance_id must be 1 to 36 letters, digits, . - and _, without spaces or line breaks"
        )
