# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that cannot be used: one sentence that names them, and nothing is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

TASK_ID = "5c8ba99030344005c02316ad"
BAD_IDS = ["", "5C8BA990", "xyz", "5c 8b", "5c\n8b", "../../devices", "5c8b?x=1", "a" * 25, "5c8bä", "0x5c", "-1"]

TASK: list[tuple[dict[str, Any], str]] = [
    ({"task_id": None}, "task_id"),
    ({"state": None}, "state"),
    ({"state": "done"}, "state"),
    ({"concurrency": 0}, "concurrency"),
    ({"concurrency": 65}, "concurrency"),
    ({"concurrency": 10**400}, "concurrency"),
    ({"concurrency": "many"}, "concurrency"),
    ({"wait_timeout": -1}, "wait_timeout"),
    ({"wait_delay": -1}, "wait_delay"),
    ({"wait": "perhaps"}, "wait"),
    ({"timeout": 0}, "timeout"),
    ({"retry_timeout": -1}, "retry_timeout"),
    ({"timeout": "nan"}, "timeout"),
    ({"retry_timeout": "inf"}, "retry_timeout"),
    ({"force_stop": True}, "force_stop"),
]
FREEZE: dict[str, Any] = {"state": "present", "task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["a"]}
PRESENT: list[tuple[dict[str, Any], str]] = [
    ({"task_name": None}, "needs task_name"),
    ({"task_type": None}, "needs task_type"),
    ({"task_name": "freeze-1"}, "without hyphens"),
    ({"task_name": "a" * 129}, "task_name must be 1 to 128"),
    ({"targets": None}, "needs targets or group_ids or src"),
    ({"targets": ["a b"]}, "targets must be IDs"),
    ({"targets": [f"d{number}" for number in range(30_001)]}, "at most 30000"),
    ({"group_ids": ["g"]}, "targets and group_ids cannot be combined"),
    ({"task_type": "createDevices"}, "does not accept targets; set src"),
    ({"task_type": "updateDevices", "targets": None}, "needs src"),
    ({"task_type": "firmwareUpgrade", "targets": None, "src": "/nonexistent.xlsx"}, "does not accept src"),
    ({"targets": None, "src": "/dev/zero.txt"}, "src must end in .xlsx or .xls"),
    ({"retry_count": 1}, "retry_count and retry_interval must be given together"),
    ({"retry_interval": 1}, "retry_count and retry_interval must be given together"),
    ({"retry_count": 6, "retry_interval": 1}, "retry_count must be from 1 to 5"),
    ({"schedule_time": "tomorrow"}, "schedule_time"),
    ({"need_confirm": True}, "need_confirm is not valid for"),
    ({"gateway_mode": True}, "gateway_mode is not valid for"),
    ({"ext_info": {"a": 1}}, "ext_info is not valid for"),
    ({"task_type": "firmwareUpgrade", "ext_info": {"a": "b" * 512}}, "ext_info must be at most 512"),
    ({"task_id": [TASK_ID]}, "task_id cannot be used with state=present"),
    ({"targets": None, "src": "/tmp/a\0b.xlsx"}, "src must be a path"),
    ({"audit_log": "/tmp/a\0b"}, "audit_log must be a path"),
    ({"force": True}, "force cannot be used with state=present"),
    ({"accept": []}, "accept must name"),
    ({"accept": ["Done"]}, "accept"),
]
BY_ID: list[tuple[dict[str, Any], str]] = [
    ({"task_id": None}, "needs task_id."),
    ({"task_id": None, "task_name": "freeze_1"}, "needs task_id; find its ID by name with batch_task_info."),
    ({"task_id": ["X"]}, "task_id must be"),
    ({"task_id": [f"{TASK_ID} {TASK_ID}"]}, "; separate IDs by commas; nothing was sent"),
    ({"task_id": [TASK_ID, "1"], "targets": ["a"]}, "targets needs exactly one task_id, not 2"),
    ({"task_name": "freeze_1"}, "task_name cannot be used with"),
    ({"group_ids": ["g"]}, "group_ids cannot be used with"),
    ({"retry_interval": 0}, "retry_interval cannot be used with"),
    ({"force": True}, "force cannot be used with"),
]
INFO: list[tuple[dict[str, Any], str]] = [
    ({"task_id": [TASK_ID], "status": ["Success"]}, "status"),
    ({"task_id": [TASK_ID], "limit": 1}, "limit"),
    ({"status": ["Done"]}, "status"),
    ({"app_id": "no/app"}, "app_id"),
    ({"task_type": "no type"}, "task_type"),
    ({"status": ["success"]}, "status"),
    ({"limit": 0}, "limit"),
    ({"created_before": "yesterday"}, "created_before"),
    ({"created_after": "31.01.2026"}, "created_after"),
    ({"detail_status": "Fail"}, "details"),
    ({"include_output": True}, "details"),
    ({"details": True, "detail_status": "Done"}, "detail_status"),
    ({"concurrency": 65}, "concurrency"),
]
PRUNE: list[tuple[dict[str, Any], str]] = [
    ({}, "older_than"),
    ({"older_than": "30d", "created_before": "2026-01-01"}, "mutually exclusive"),
    ({"older_than": "30"}, "older_than"),
    ({"older_than": "1y"}, "older_than"),
    ({"older_than": "-1d"}, "older_than"),
    ({"older_than": "1.5d"}, "older_than"),
    ({"older_than": "1d12h"}, "older_than"),
    ({"created_before": "soon"}, "created_before"),
    ({"created_before": "20260230T000000Z"}, "created_before"),
    ({"keep_last": -1}, "keep_last"),
    ({"keep_last": "few"}, "keep_last"),
    ({"keep_last": 10**10}, "keep_last"),
    ({"older_than": "0d", "status": ["Processing"]}, "status"),
    ({"older_than": "0d", "task_type": ["a&b"]}, "task_type"),
    ({"older_than": "0d", "app_id": "a" * 37}, "app_id"),
    ({"older_than": "0d", "audit_log": "/nowhere/at/all"}, "audit_log"),
    ({"older_than": "0d", "ca_path": "/tmp/a\0b"}, "ca_path must be a path"),
    ({"older_than": "0d", "returned": "some"}, "returned"),
    ({"keep_last": 0}, "older_than: 0d"),
    ({"older_than": "0d", "max_deletions": -1}, "max_deletions"),
    ({"older_than": "0d", "concurrency": 0}, "concurrency"),
]
ALL = [
    *(("batch_task", {"task_id": [TASK_ID], "state": "absent", **bad}, named) for bad, named in TASK),
    *(("batch_task", {**FREEZE, **bad}, named) for bad, named in PRESENT),
    *(
        ("batch_task", {"task_id": [TASK_ID], "state": state, **bad}, named)
        for state in ("stopped", "retried", "confirmed")
        for bad, named in BY_ID
    ),
    ("batch_task", {"task_id": [TASK_ID], "state": "stopped", "accept": ["Stopped"]}, "accept cannot be used with"),
    ("batch_task", {"task_id": [TASK_ID], "state": "absent", "targets": ["a"]}, "targets cannot be used with"),
    *(("batch_task_info", bad, named) for bad, named in INFO),
    *(("batch_task_prune", bad, named) for bad, named in PRUNE),
]


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_invalid_option_is_named_and_nothing_is_sent(
    simulator: Simulator, options: dict[str, Any], check: bool
) -> None:
    """One simulator for all of them: it is to hear of none."""
    tasks = {simulator.add_task() for dummy in range(3)}
    for module, bad, named in ALL:
        given = {name: value for name, value in {**options, **bad}.items() if value is not None}
        ended = run_module(module, given, check=check)
        assert ended.failed, (module, bad)
        assert named in ended.msg, (module, bad, ended.msg)
        assert len(simulator.journal) == 0, (module, bad)
        assert "Traceback" not in ended.text, (module, bad)
        assert given["secret_key"] not in ended.text, (module, bad)
    assert simulator.task_ids() == tasks


@pytest.mark.parametrize("module", ["batch_task", "batch_task_info"])
@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_all_invalid_ids_are_named_in_one_error(
    simulator: Simulator, options: dict[str, Any], module: str, check: bool
) -> None:
    valid = simulator.add_task()
    state = {"state": "absent"} if module == "batch_task" else {}
    ended = run_module(module, {**options, **state, "task_id": [valid, *BAD_IDS]}, check=check)
    assert ended.failed
    for bad in BAD_IDS:
        assert ascii(bad) in ended.msg
    assert valid not in ended.msg
    assert len(simulator.journal) == 0
    assert simulator.task_ids() == {valid}


@pytest.mark.parametrize("good", ["0", "f", "5c8b", TASK_ID, f" {TASK_ID}\n"])
def test_an_id_has_one_to_24_digits(simulator: Simulator, options: dict[str, Any], good: str) -> None:
    ended = run_module("batch_task", {**options, "task_id": [good], "state": "absent"})
    assert ended.outcomes == ["absent"]


def test_one_id_need_not_be_a_list(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task()
    assert run_module("batch_task", {**options, "task_ids": task_id, "state": "absent"}).outcomes == ["deleted"]


FILES = {
    "meters.xlsx": (
        b"device_id,model\n",
        "meters.xlsx' contains text (CSV or HTML), not a workbook; save it as",
    ),
    "large.xlsx": (b"PK\x03\x04" + bytes(2 << 20), "at most 2 MiB"),
    "meters.csv": (b"PK\x03\x04", "must end in .xlsx or .xls"),
    "folder.xlsx": (None, "must be a regular file"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_service_would_not_take(
    simulator: Simulator, options: dict[str, Any], tmp_path: Path, name: str
) -> None:
    content, named = FILES[name]
    path = tmp_path / name
    path.write_bytes(content) if content is not None else path.mkdir()
    given = {name: value for name, value in FREEZE.items() if name != "targets"}
    ended = run_module("batch_task", {**options, **given, "src": str(path)})
    assert ended.failed
    assert named in ended.msg
    assert len(simulator.journal) == 0


def test_a_named_pipe_is_no_file(simulator: Simulator, options: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "pipe.xlsx"
    os.mkfifo(path)
    given = {name: value for name, value in FREEZE.items() if name != "targets"}
    assert "must be a regular file" in run_module("batch_task", {**options, **given, "src": str(path)}).msg
