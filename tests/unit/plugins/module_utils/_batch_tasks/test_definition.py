# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new task is to be: the spreadsheets that are refused, and what counts as a difference of an existing task."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.definition import (
    TaskDefinition,
    parse_definition,
    read_spreadsheet,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

NONE = dict.fromkeys(
    (
        *("app_id", "targets", "group_ids", "src", "document", "schedule_time", "retry_count", "retry_interval"),
        *("gateway_mode", "need_confirm", "ext_info"),
    )
)
FREEZE = {**NONE, "task_name": "freeze_1", "task_type": "freezeDevices"}


def archive(*names: str) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as made:
        for name in names:
            made.writestr(name, "content " * 20)
    return content.getvalue()


def compound(stream: str, *records: bytes) -> bytes:
    """Return the beginning of an OLE file that has a stream of this name, with these records in it."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    return head + b"".join(records).ljust(1024, b"\0") + stream.encode("utf-16-le").ljust(128, b"\0")


def locked(content: bytes) -> bytes:
    """Return a ZIP archive whose first member says that it is encrypted."""
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + bytes([content[at] | 1]) + content[at + 1 :]


BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)
WRITE_PROTECT, FILE_PASS, CODE_PAGE = b"\x86\0\0\0", b"\x2f\0\x04\0\0\0\0\0", b"\x42\0\x02\0\xb0\x04"
WORKBOOK = archive("[Content_Types].xml", "xl/workbook.xml")
SPREADSHEETS = {
    "a.xlsx": WORKBOOK,
    "made on Windows.XLSX": archive("xl\\workbook.xml"),
    "a.xls": compound("Workbook", BOF, CODE_PAGE),
    "protected from writing.xls": compound("Workbook", BOF, WRITE_PROTECT, CODE_PAGE),
    "of 1995.xls": compound("Book"),
}
PASSWORD = "is protected with a password; save it without one"
REFUSED: dict[str, tuple[bytes, str]] = {
    "password.xlsx": (compound("EncryptedPackage"), PASSWORD),
    "password.xls": (compound("Workbook", BOF, FILE_PASS), PASSWORD),
    "password and protected.xls": (compound("Workbook", BOF, WRITE_PROTECT, FILE_PASS), PASSWORD),
    "locked.xlsx": (locked(WORKBOOK), PASSWORD),
    "empty.xlsx": (b"", "is empty"),
    "empty.xls": (b"", "is empty"),
    "really csv.xlsx": (
        b"device_id\nmeter_0001\n",
        "contains text (CSV or HTML), not a workbook; save it as .xlsx",
    ),
    "really html.xls": (b"<html>", "contains text (CSV or HTML), not a workbook; save it as .xls in a"),
    "noise.xlsx": (b"\x7fELF\0", "is no spreadsheet by its content"),
    "a letter.xlsx": (archive("word/document.xml"), "is a ZIP archive without a workbook in it"),
    "an old letter.xls": (compound("WordDocument"), "is a different kind of Microsoft Office document"),
    "cut off.xlsx": (WORKBOOK[:-30], "is cut off or damaged"),
    "really old.xlsx": (compound("Workbook", BOF), "is an .xls file by its content; rename it to .xls"),
    "really new.xls": (WORKBOOK, "is an .xlsx file by its content; rename it to .xlsx"),
}


@pytest.mark.parametrize("name", SPREADSHEETS)
def test_a_spreadsheet_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SPREADSHEETS[name])
    file = read_spreadsheet(str(path))
    assert (file.content, file.suffix, file.missing) == (SPREADSHEETS[name], path.suffix.lower(), False)


@pytest.mark.parametrize("name", REFUSED)
def test_another_file_is_refused_by_what_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(REFUSED[name][0])
    with pytest.raises(ConfigurationError) as refused:
        read_spreadsheet(str(path))
    assert f"{name}' {REFUSED[name][1]}" in str(refused.value)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkdir, "must be a regular file"),
        (os.mkfifo, "must be a regular file"),
        (lambda path: os.symlink(path, path), "too many levels of symbolic links"),
        (lambda path: Path(path).write_bytes(WORKBOOK + bytes(2 * 1024 * 1024)), "must be at most 2 MiB"),
    ],
)
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[str], Any], why: str) -> None:
    path = str(tmp_path / "meters.xlsx")
    make(path)
    with pytest.raises(ConfigurationError, match=why):
        read_spreadsheet(path)


def test_two_mebibytes_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "meters.xls"
    path.write_bytes(compound("Workbook", BOF).ljust(2 * 1024 * 1024, b"\0"))
    assert len(read_spreadsheet(str(path)).content) == 2 * 1024 * 1024


@pytest.mark.parametrize("name", ["meters.csv", "meters", "meters.xlsx ", "meters.xls\ufeff", "meters.\uff58lsx"])
def test_another_extension_is_shown_as_it_is(name: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_spreadsheet(name)
    assert str(refused.value) == f"src must end in .xlsx or .xls, but {ascii(name)} does not"


def test_no_file_of_damaged_content_is_a_crash(tmp_path: Path) -> None:
    chance, path = random.Random(7), tmp_path / "meters.xlsx"
    for content in (WORKBOOK, compound("Workbook", BOF, FILE_PASS)):
        for _dummy in range(300):
            damaged = bytearray(content)
            for _number in range(chance.randint(1, 8)):
                damaged[chance.randrange(8, len(damaged))] = chance.randrange(256)
            path.write_bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
            with suppress(ConfigurationError):
                read_spreadsheet(str(path))


@pytest.mark.parametrize("name", ["meters.xlsx", "Zähler 夜 (1).xls", "x" * 200 + ".xlsx"])
def test_the_uploaded_name_is_new_and_short(tmp_path: Path, name: str) -> None:
    file = read_spreadsheet(str(tmp_path / name))
    names = {file.unique_name() for _dummy in range(20)}
    assert len(names) == 20
    assert all(len(one) <= 60 and one.endswith(file.suffix) and one.isascii() for one in names)


NOW = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("ahead", "why"),
    [
        (timedelta(seconds=1), ""),
        (timedelta(days=7), ""),
        (timedelta(0), "is in the past"),
        (timedelta(seconds=-1), "is in the past"),
        (timedelta(days=7, seconds=1), "is more than 7 days ahead"),
    ],
)
def test_the_time_is_checked_before_a_creation(ahead: timedelta, why: str) -> None:
    given = {**FREEZE, "targets": ["a"], "schedule_time": (NOW + ahead).isoformat()}
    definition = parse_definition(given)
    assert definition.body["task_policy"]["schedule_time"] == f"{NOW + ahead:%Y%m%dT%H%M%SZ}"
    if not why:
        definition.check_creation(NOW)
        return
    with pytest.raises(
        ConfigurationError, match=f"within the next 7 days; .* {why}, and there is no batch task freeze_1"
    ):
        definition.check_creation(NOW)


def test_a_missing_file_is_refused_before_a_creation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    definition = parse_definition({**FREEZE, "src": "meters.xlsx"})
    said = f"{ascii(str(tmp_path / 'meters.xlsx'))}: no such file, and there is no batch task freeze_1 yet"
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        definition.check_creation(NOW)


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        ({"task_name": "freeze-1"}, "'freeze-1'"),
        ({"task_name": "夜\ufeff_\uff11"}, r"'夜\ufeff_\uff11'"),
        ({"task_name": "a\nb"}, r"'a\nb'"),
        ({"task_type": "freeze\u200bDevices"}, r"'freeze\u200bDevices'"),
        ({"app_id": "space\u00a01"}, r"'space\xa01'"),
    ],
)
def test_what_cannot_be_seen_is_escaped(bad: dict[str, str], shown: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_definition({**FREEZE, "targets": ["a"], **bad})
    assert str(refused.value).endswith(f"not {shown}")


@pytest.mark.parametrize(
    ("wanted", "actual", "differs"),
    [
        ({"document": {"level": "5"}}, {"document": {"level": 5}}, False),
        ({"document": {"on": "True"}}, {"document": {"on": True}}, False),
        ({"document": {"on": True}}, {"document": {"on": "true"}}, False),
        ({"document": {"level": 5}}, {"document": {"level": 5.0}}, False),
        ({"document": {"level": "5"}}, {"document": {"level": 6}}, True),
        ({"document": {"level": "on"}}, {"document": {"level": "ON"}}, True),
        ({"document": {"a": {"b": 1}}}, {"document": {"a": {"b": 1, "c": 2}, "d": 3}}, False),
        ({"document": {"a": {"b": 1}}}, {"document": {"a": {"b": None}}}, False),
        ({"document": {"a": {"b": 1}}}, {"document": {"a": "b"}}, True),
        ({"document": {"shadow": [{"s": "1"}, {"s": "2"}]}}, {"document": {"shadow": [{"s": 2}, {"s": 1}]}}, False),
        ({"document": {"shadow": [{"s": "1"}, {"s": "1"}]}}, {"document": {"shadow": [{"s": 2}, {"s": 1}]}}, True),
        ({"document": {"shadow": [{"s": "1"}]}}, {"document": {"shadow": [{"s": 2}, {"s": 1}]}}, True),
        ({"document": {"package_ids": ["a"]}}, {"document": {"package_id": "a"}}, False),
        ({"document": {"package_ids": ["a"]}}, {"document": {"package_id": "b"}}, True),
        ({"targets": ["a", "b"]}, {"targets": ["b", "a"]}, False),
        ({"targets": ["a", "b"]}, {"targets": ["a"]}, True),
        ({"targets": ["a", "b"]}, {"targets": None}, False),
        ({"targets": ["a", "b"]}, {}, False),
        ({"task_policy": {"retry_count": 2}}, {"task_policy": {"retry_count": 3}}, True),
    ],
)
def test_what_counts_as_a_difference(wanted: dict[str, Any], actual: dict[str, Any], differs: bool) -> None:
    definition = TaskDefinition("freeze_1", "freezeDevices", None, wanted)
    assert definition.differences(actual) == (list(wanted) if differs else [])


@pytest.mark.parametrize(
    ("entry", "of_it"),
    [
        ({"task_name": "freeze_1", "task_type": "freezeDevices"}, True),
        ({"task_name": "freeze_1", "task_type": None}, True),
        ({"task_name": "freeze_1"}, True),
        ({"task_name": "freeze_2", "task_type": "freezeDevices"}, False),
        ({"task_name": "freeze_1", "task_type": "unfreezeDevices"}, False),
        ({}, False),
    ],
)
def test_which_entries_of_a_list_are_the_task(entry: dict[str, Any], of_it: bool) -> None:
    assert TaskDefinition("freeze_1", "freezeDevices", None, {}).is_of(entry) == of_it
