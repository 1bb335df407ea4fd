# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A batch task as the options describe it: the request that creates it, and what an existing one differs in.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0045.html, for files .../iot_06_v5_0021.html
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

from .._core.errors import ConfigurationError
from .._core.redaction import clear
from .._core.system import IrregularFileError, read_regular
from .api import CONFIRMABLE_TYPES, STOPPABLE_TYPES, check_app_id, parse_targets
from .criteria import format_api_time, parse_moment

_TARGET_OPTIONS = ("targets", "group_ids", "src")
_BY_ID = _TARGET_OPTIONS[:2]
# Which targets a type accepts, as the documents say; a type beyond them is left to the service to judge.
_ACCEPTED = {
    **dict.fromkeys(("createDevices", "updateDevices"), ("src",)),
    **dict.fromkeys(("deleteDevices", "freezeDevices", "unfreezeDevices"), _TARGET_OPTIONS),
    **dict.fromkeys(("createCommands", "createAsyncCommands", "createMessages", "updateDeviceShadows"), _BY_ID),
    **dict.fromkeys(STOPPABLE_TYPES, _BY_ID),
}

_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fa5]{1,128}\Z")
_TYPE = re.compile(r"[A-Za-z]{1,64}\Z")
_MAX_AHEAD = timedelta(days=7)
_MAX_EXT_INFO = 512
MAX_FILE_SIZE = 2 * 1024 * 1024
_MAX_STEM = 30  # a name of at most 60 characters is accepted, and some of them make it unique
_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class LocalFile:
    """A spreadsheet as it was read from the disk; ``missing``: there is none."""

    path: str
    suffix: str
    content: bytes = field(repr=False)
    missing: bool = False

    def unique_name(self) -> str:
        """Return a name that no other file has: the service refuses a name that is taken."""
        stem = _UNUSUAL.sub("_", os.path.splitext(os.path.basename(self.path))[0])[:_MAX_STEM]
        return f"{stem}_{uuid.uuid4().hex[:16]}{self.suffix}"


@dataclass(frozen=True)
class TaskDefinition:
    """A task that should exist. ``app_id`` None: in any resource space. ``body`` lacks only a file's ID.

    A playbook that is run again names a time that has passed, or a file that is no longer there. Both are needed only
    where the task is to be created, see ``check_creation``.
    """

    task_name: str
    task_type: str
    app_id: str | None
    body: Mapping[str, Any]
    file: LocalFile | None = None
    begins: datetime | None = None

    def check_creation(self, now: datetime | None = None) -> None:
        """Raise ConfigurationError if the task cannot be created now, by its time or its file."""
        now = now or datetime.now(timezone.utc)
        if self.begins is not None and not now < self.begins <= now + _MAX_AHEAD:
            when = "in the past" if self.begins <= now else "more than 7 days ahead"
            raise ConfigurationError(
                f"schedule_time must be within the next 7 days; {self.begins.isoformat()} is {when}, and there is no "
                f"batch task {self.task_name} yet"
            )
        if self.file is not None and self.file.missing:
            raise ConfigurationError(
                f"src cannot be read: {ascii(os.path.abspath(self.file.path))}: no such file, and there is no batch "
                f"task {self.task_name} yet"
            )

    def request(self, file_id: str | None) -> dict[str, Any]:
        """Return the body of the request that creates it."""
        return {**self.body, **({"document_source": file_id} if file_id else {})}

    def is_of(self, task: Mapping[str, Any]) -> bool:
        """Whether ``task``, an entry of the list of this type, has the name; the service may leave its type out."""
        return task.get("task_name") == self.task_name and task.get("task_type") in (None, self.task_type)

    def differences(self, task: Mapping[str, Any]) -> list[str]:
        """Return the fields in which ``task`` differs from the options."""
        return [name for name in _COMPARED if name in self.body and _differs(name, self.body[name], task.get(name))]


def parse_definition(options: Mapping[str, Any]) -> TaskDefinition:
    """Return what the module's options ask for; raises ConfigurationError. A file is read, and nothing is sent."""
    name, task_type, app_id = options["task_name"], options["task_type"], options["app_id"]
    if not _NAME.match(name):
        raise ConfigurationError(
            f"task_name must be 1 to 128 letters, digits, _ and Chinese characters, without hyphens and spaces, "
            f"not '{clear(name[:140])}'"
        )
    if not _TYPE.match(task_type):
        raise ConfigurationError(f"task_type must be a type such as freezeDevices, not {ascii(task_type[:60])}")
    check_app_id(app_id)
    _check_kind_of_targets(options, task_type)
    when = options["schedule_time"]
    begins = None if when is None else parse_moment(when, "schedule_time")
    body = {
        "task_name": name,
        "task_type": task_type,
        "app_id": app_id,
        **_targets(options),
        **_upgrade_options(options, task_type),
        "document": options["document"],
        "task_policy": _policy(options, begins),
    }
    file = None if options["src"] is None else read_spreadsheet(options["src"])
    return TaskDefinition(name, task_type, app_id, {key: value for key, value in body.items() if value}, file, begins)


def _check_kind_of_targets(options: Mapping[str, Any], task_type: str) -> None:
    given = [name for name in _TARGET_OPTIONS if options[name] is not None]
    if len(given) > 1:
        raise ConfigurationError(f"{' and '.join(given)} cannot be combined; set only one of them")
    allowed = _ACCEPTED.get(task_type)
    if allowed is None:
        return
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
    for option, name, value, types in uses:
        if options[option]:
            if task_type not in types:
                raise ConfigurationError(f"{option} is not valid for a {task_type} task, only for {', '.join(types)}")
            fields[name] = value
    if len(json.dumps(options["ext_info"] or "", ensure_ascii=False)) > _MAX_EXT_INFO:
        raise ConfigurationError(f"ext_info must be at most {_MAX_EXT_INFO} characters when written as JSON")
    return fields


def _policy(options: Mapping[str, Any], begins: datetime | None) -> dict[str, Any]:
    policy: dict[str, Any] = {} if begins is None else {"schedule_time": format_api_time(begins)}
    count, interval = options["retry_count"], options["retry_interval"]
    if (count is None) != (interval is None):
        raise ConfigurationError("retry_count and retry_interval must be given together")
    return policy if count is None else {**policy, "retry_count": count, "retry_interval": interval}


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
        return len(wanted) != len(actual) or not _pairs_off(wanted, actual)
    return bool(wanted != actual) and _text(wanted) != _text(actual)


def _pairs_off(wanted: Sequence[Any], actual: Sequence[Any]) -> bool:
    """Whether each of ``wanted`` is like another one of ``actual``, in whatever order."""
    left = list(actual)
    for item in wanted:
        alike = next((index for index, other in enumerate(left) if not _unlike(item, other)), None)
        if alike is None:
            return False
        del left[alike]
    return True


def _text(value: Any) -> str:
    """Return ``value`` as text, since both Ansible and the service may make a number or a boolean of it."""
    return str(value).lower() if isinstance(value, bool) or value in ("True", "False") else str(value)


_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An encrypted workbook is a stream of this name, in the compound file that an .xls also is.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# An encrypted .xls (Excel 97 and later) begins with the records BOF, WRITEPROT where there is one, and FILEPASS.
_ENCRYPTED_XLS = re.compile(rb"\x09\x08\x10\0\0\x06\x05\0.{12}(?:\x86\0\0\0)?\x2f\0", re.DOTALL)
_WORKBOOK = re.compile(rb"b\0o\0o\0k\0", re.IGNORECASE)  # a stream Workbook, or Book in older files


def read_spreadsheet(path: str) -> LocalFile:
    """Return the file at ``path``; raises ConfigurationError if the service would not accept it."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in (".xlsx", ".xls"):
        raise ConfigurationError(f"src must end in .xlsx or .xls, but {ascii(path)} does not")
    try:
        content = read_regular(path, MAX_FILE_SIZE)
    except IrregularFileError:
        raise ConfigurationError(f"src must be a regular file, but {ascii(path)} is not") from None
    except FileNotFoundError:
        return LocalFile(path, suffix, b"", missing=True)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise ConfigurationError(f"src cannot be read: {ascii(os.path.abspath(path))}: {reason}") from None
    if content is None:
        raise ConfigurationError(f"src must be at most 2 MiB, but {ascii(path)} is larger")
    problem = _problem(suffix, content)
    if problem:
        raise ConfigurationError(f"src must be a spreadsheet that IoTDA can read, but {ascii(path)} {problem}")
    return LocalFile(path, suffix, content)


def _problem(suffix: str, content: bytes) -> str | None:
    """Return what is wrong with a file that has the extension ``suffix``, as the end of a sentence."""
    if not content:
        return "is empty"
    if content.startswith(_OLE):
        if _ENCRYPTED in content or _ENCRYPTED_XLS.search(content):
            return "is protected with a password; save it without one"
        if not _WORKBOOK.search(content):
            return "is a different kind of Microsoft Office document"
        return None if suffix == ".xls" else "is an .xls file by its content; rename it to .xls"
    if content.startswith(_ZIP):
        return _problem_of_zip(content) or (
            None if suffix == ".xlsx" else "is an .xlsx file by its content; rename it to .xlsx"
        )
    kind = "is no spreadsheet by its content" if b"\0" in content else "contains text (CSV or HTML), not a workbook"
    return f"{kind}; save it as {suffix} in a spreadsheet program"


def _problem_of_zip(content: bytes) -> str | None:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, OSError):  # what zipfile raises, by what is wrong
        return "is cut off or damaged"
    if not any(member.filename.startswith(("xl/", "xl\\")) for member in members):
        return "is a ZIP archive without a workbook in it"
    if any(member.flag_bits & 1 for member in members):
        return "is protected with a password; save it without one"
    return None
