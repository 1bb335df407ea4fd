# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A batch task as the options describe it: the request that creates it, and what an existing one differs in.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0045.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .._core.errors import ConfigurationError
from .._core.redaction import short_line
from .constants import CONFIRMABLE_TYPES, STOPPABLE_TYPES
from .files import LocalFile, read_spreadsheet
from .targets import parse_targets
from .times import format_api_time, parse_moment

FILE_ONLY_TYPES = ("createDevices", "updateDevices")
FILE_TYPES = (*FILE_ONLY_TYPES, "deleteDevices", "freezeDevices", "unfreezeDevices")
TARGET_TYPES = (
    *STOPPABLE_TYPES,
    *FILE_TYPES[len(FILE_ONLY_TYPES) :],
    "createCommands",
    "createAsyncCommands",
    "createMessages",
    "updateDeviceShadows",
)
# Of these, the documents say which targets they take; a type beyond them is left to the service to judge.
_KNOWN_TYPES = (*FILE_ONLY_TYPES, *TARGET_TYPES)

_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fa5]{1,128}\Z")
_TYPE = re.compile(r"[A-Za-z]{1,64}\Z")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,36}\Z")
_MAX_AHEAD = timedelta(days=7)
_MAX_EXT_INFO = 512
_RETRIES, _INTERVAL = (1, 5), (0, 1440)
_TARGET_OPTIONS = ("targets", "group_ids", "src")


@dataclass(frozen=True)
class TaskDefinition:
    """A task that should exist. ``app_id`` None: in any resource space. ``body`` lacks only a file's ID."""

    task_name: str
    task_type: str
    app_id: str | None
    body: Mapping[str, Any]
    file: LocalFile | None = None

    def request(self, file_id: str | None) -> dict[str, Any]:
        """Return the body of the request that creates it."""
        return {**self.body, **({"document_source": file_id} if file_id else {})}

    def is_of(self, task: Mapping[str, Any]) -> bool:
        """Whether ``task`` has the name and the type of this one."""
        return task.get("task_name") == self.task_name and task.get("task_type") == self.task_type

    def differences(self, task: Mapping[str, Any]) -> list[str]:
        """Return the fields in which ``task`` differs from the options."""
        return [name for name in _COMPARED if name in self.body and _differs(name, self.body[name], task.get(name))]


def parse_definition(options: Mapping[str, Any], now: datetime | None = None) -> TaskDefinition:
    """Return what the module's options ask for; raises ConfigurationError. A file is read, and nothing is sent."""
    name, task_type, app_id = options["task_name"], options["task_type"], options["app_id"]
    if not _NAME.match(name):
        raise ConfigurationError(
            f"task_name must be 1 to 128 letters, digits, _ and Chinese characters, without hyphens and spaces, "
            f"not {short_line(name, 140)!r}"
        )
    if not _TYPE.match(task_type):
        raise ConfigurationError(f"task_type must be a type such as freezeDevices, not {short_line(task_type, 60)!r}")
    if app_id is not None and not _APP_ID.match(app_id):
        raise ConfigurationError("app_id must be 1 to 36 letters, digits, _ and -")
    _check_kind_of_targets(options, task_type)
    body = {
        "task_name": name,
        "task_type": task_type,
        "app_id": app_id,
        **_targets(options),
        **_upgrade_options(options, task_type),
        "document": options["document"],
        "task_policy": _policy(options, now or datetime.now(timezone.utc)),
    }
    file = None if options["src"] is None else read_spreadsheet(options["src"])
    return TaskDefinition(name, task_type, app_id, {key: value for key, value in body.items() if value}, file)


def _check_kind_of_targets(options: Mapping[str, Any], task_type: str) -> None:
    given = [name for name in _TARGET_OPTIONS if options[name] is not None]
    if len(given) > 1:
        raise ConfigurationError(f"{' and '.join(given)} cannot be combined; set only one of them")
    if task_type not in _KNOWN_TYPES:
        return
    allowed = (
        ("src",)
        if task_type in FILE_ONLY_TYPES
        else _TARGET_OPTIONS
        if task_type in FILE_TYPES
        else (_TARGET_OPTIONS[:2])
    )
    if not given:
        raise ConfigurationError(f"a {task_type} task needs {' or '.join(allowed)}")
    if given[0] not in allowed:
        raise ConfigurationError(f"a {task_type} task does not accept {given[0]}; set {' or '.join(allowed)}")


def _targets(options: Mapping[str, Any]) -> dict[str, Any]:
    if options["targets"] is not None:
        return {"targets": parse_targets("targets", options["targets"])}
    if options["group_ids"] is not None:
        return {"targets_filter": {"group_ids": parse_targets("group_ids", options["group_ids"])}}
    return {}


def _upgrade_options(options: Mapping[str, Any], task_type: str) -> dict[str, Any]:
    uses = (
        ("gateway_mode", "task_mode", "GATEWAY", STOPPABLE_TYPES),
        ("need_confirm", "need_confirm", True, CONFIRMABLE_TYPES),
        ("ext_info", "task_ext_info", options["ext_info"], STOPPABLE_TYPES),
    )
    fields = {}
    for option, field, value, types in uses:
        if options[option]:
            if task_type not in types:
                raise ConfigurationError(f"{option} is not valid for a {task_type} task, only for {', '.join(types)}")
            fields[field] = value
    if len(json.dumps(options["ext_info"] or "", ensure_ascii=False)) > _MAX_EXT_INFO:
        raise ConfigurationError(f"ext_info must be at most {_MAX_EXT_INFO} characters when written as JSON")
    return fields


def _policy(options: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    policy: dict[str, Any] = {}
    if options["schedule_time"] is not None:
        moment = parse_moment(options["schedule_time"], "schedule_time")
        if not now < moment <= now + _MAX_AHEAD:
            when = "in the past" if moment <= now else "more than 7 days ahead"
            raise ConfigurationError(f"schedule_time must be within the next 7 days; {moment.isoformat()} is {when}")
        policy["schedule_time"] = format_api_time(moment)
    count, interval = options["retry_count"], options["retry_interval"]
    if (count is None) != (interval is None):
        raise ConfigurationError("retry_count and retry_interval must be given together")
    for name, value, (least, most) in (("retry_count", count, _RETRIES), ("retry_interval", interval, _INTERVAL)):
        if value is not None:
            if not least <= value <= most:
                raise ConfigurationError(f"{name} must be from {least} to {most}, not {short_line(value, 20)}")
            policy[name] = value
    return policy


_COMPARED = ("targets", "targets_filter", "document", "task_policy", "task_mode", "need_confirm", "task_ext_info")


def _differs(name: str, wanted: Any, actual: Any) -> bool:
    """Whether the service returned another value than ``wanted``; a missing value is not a difference."""
    if actual is None:
        return False
    if name == "document" and isinstance(actual, Mapping) and "package_ids" in wanted:
        actual = {**actual, "package_ids": actual.get("package_ids") or [actual.get("package_id")]}
    return _unlike(wanted, actual)


def _unlike(wanted: Any, actual: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        return any(actual.get(key) is not None and _unlike(value, actual[key]) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(actual, list):
        if all(isinstance(item, str) for item in (*wanted, *actual)):
            return set(wanted) != set(actual)
        return len(wanted) != len(actual) or any(map(_unlike, wanted, actual))
    return bool(wanted != actual)
