# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules report of many deletions: the audit log, and ``returned``."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

NEVER_THERE = "5c8ba99030344005c02316ad"
ALL = {"older_than": "0d"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the audit log is to be."""
    return tmp_path / "audit.jsonl"


def lines(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_the_audit_log_has_a_line_for_each_deletion(simulator: Simulator, options: dict[str, Any], log: Path) -> None:
    names = {simulator.add_task(task_name=f"n_{number}"): f"n_{number}" for number in range(20)}
    ended = run_module(
        "batch_task_prune", {**options, **ALL, "audit_log": str(log), "instance_id": simulator.instance_id}
    )
    assert not ended.failed, ended.msg
    assert {line["task_id"]: line["task_name"] for line in lines(log)} == names
    asked = {task["task_id"]: task["request_id"] for task in ended.result["tasks"]}
    for line in lines(log):
        assert line["request_id"] == asked[line["task_id"]]
        assert (line["state"], line["outcome"]) == ("absent", "deleted")
        assert (line["endpoint"], line["project_id"]) == (simulator.url, simulator.project_id)
        assert line["instance_id"] == simulator.instance_id


def test_only_changes_are_logged(simulator: Simulator, options: dict[str, Any], log: Path) -> None:
    lost, running = simulator.add_task(), simulator.add_task("createDevices", "Processing")
    upgrade = simulator.add_task("firmwareUpgrade", "Processing")
    simulator.fault("DELETE", path=lost, when="after", status=503)
    ids = [NEVER_THERE, running, upgrade, lost]
    given = {
        "task_id": ids,
        "state": "absent",
        "force": True,
        "wait_delay": 0,
        "wait_timeout": 5,
        "audit_log": str(log),
    }
    ended = run_module("batch_task", {**options, **given, "retry_timeout": 5})
    assert ended.outcomes == ["absent", "failed", "deleted", "deleted_unconfirmed"]
    logged = {(line["task_id"], line["outcome"]) for line in lines(log)}
    assert logged == {(upgrade, "stopped"), (upgrade, "deleted"), (lost, "deleted_unconfirmed")}


def test_an_ambiguous_deletion_is_logged_as_a_doubt(simulator: Simulator, options: dict[str, Any], log: Path) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", when="after", kind="reset")
    ended = run_module("batch_task", {**options, "task_id": task_id, "state": "absent", "audit_log": str(log)})
    assert (ended.failed, ended.changed) == (True, True)
    assert [(line["task_id"], line["outcome"]) for line in lines(log)] == [(task_id, "deleted_unconfirmed")]


@pytest.mark.parametrize("module", ["batch_task", "batch_task_prune"])
@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_a_log_that_cannot_be_written_stops_it_before(
    simulator: Simulator, options: dict[str, Any], tmp_path: Path, module: str, check: bool
) -> None:
    task_id = simulator.add_task()
    given = {"task_id": task_id, "state": "absent"} if module == "batch_task" else ALL
    for path in (tmp_path, tmp_path / "none" / "log", Path("/dev/full")):
        ended = run_module(module, {**options, **given, "audit_log": str(path)}, check=check)
        assert ended.failed
        assert ended.msg.startswith(f"audit_log cannot be written: {path}: ")
    assert len(simulator.journal) == 0


def test_check_mode_writes_no_log(simulator: Simulator, options: dict[str, Any], log: Path) -> None:
    simulator.add_task()
    assert run_module("batch_task_prune", {**options, **ALL, "audit_log": str(log)}, check=True).changed
    assert not log.exists()


@pytest.fixture
def disk_for_1000_bytes() -> Iterator[None]:
    """No file of this process can grow beyond 1,000 bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("disk_for_1000_bytes")
def test_a_disk_that_fills_up_stops_the_run(simulator: Simulator, options: dict[str, Any], log: Path) -> None:
    simulator.add_tasks(30)
    ended = run_module("batch_task_prune", {**options, **ALL, "audit_log": str(log), "concurrency": 2})
    deleted = ended.outcomes.count("deleted")
    assert (ended.failed, ended.changed) == (True, True)
    assert 0 < deleted < 10
    assert len(simulator.task_ids()) == 30 - deleted == ended.result["kept"]
    whole = log.read_text(encoding="utf-8").count("\n")
    assert ended.msg.startswith(f"The audit log {log} could not be written: File too large. ")
    assert f"It lacks {deleted - whole} of the changes" in ended.msg
    skipped = [task for task in ended.result["tasks"] if task["outcome"] == "failed"]
    assert {task["msg"] for task in skipped} == {"skipped: audit_log could not be written (File too large)"}
    assert {task["attempts"] for task in skipped} == {0}


RUN = "import sys; from ansible_collections.huaweicloud.iotda.plugins.modules.batch_task_prune import main; main()"


def test_the_audit_log_survives_a_kill(simulator: Simulator, options: dict[str, Any], log: Path) -> None:
    simulator.add_tasks(40)
    before = simulator.task_ids()
    simulator.latency(0.1)
    given = {**options, **ALL, "audit_log": str(log), "concurrency": 2, "_ansible_remote_tmp": "/nonexistent"}
    code = (
        "import sys; from ansible.module_utils import basic; "
        "basic._ANSIBLE_ARGS = sys.argv[1].encode(); basic._ANSIBLE_PROFILE = 'legacy'; " + RUN
    )
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": given})
    with subprocess.Popen([sys.executable, "-c", code, arguments], stdout=subprocess.PIPE, env=os.environ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (log.exists() and log.read_bytes().count(b"\n") >= 6):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    gone = before - simulator.task_ids()
    logged = {line["task_id"] for line in lines(log)}
    assert 6 <= len(logged) < 40
    assert logged <= gone
    assert len(gone - logged) <= 2  # what was under way


@pytest.mark.parametrize("check", [True, False])
def test_tasks_file_has_a_line_for_each_task(
    simulator: Simulator, options: dict[str, Any], tmp_path: Path, check: bool
) -> None:
    """It has what the result would list, also what failed; it replaces what was there, and shows no secret."""
    left = tmp_path / "tasks.jsonl"
    left.write_text("old\n" * 50, encoding="utf-8")
    leaking = simulator.add_task(task_name=f"repeats {simulator.secret_key}")
    for _number in range(3):
        simulator.add_task()
    simulator.fault("DELETE", path=leaking, status=400, json={"error_code": "IOTDA.1", "error_msg": "no"}, times=None)
    given = {**options, "rules": [ALL], "tasks_file": str(left)}
    ended = run_module("batch_task_prune", {**given, "returned": "none"}, check)
    assert ended.result["tasks"] == []
    assert sum(ended.result["summary"].values()) == 4
    assert left.stat().st_mode & 0o777 == 0o644
    entries = lines(left)
    assert {entry["outcome"] for entry in entries} == ({"deleted"} if check else {"deleted", "failed"})
    assert {entry["rule"] for entry in entries} == {1}
    assert simulator.secret_key not in left.read_text(encoding="utf-8")
    again = run_module("batch_task_prune", {**given, "returned": "failed"}, check)
    assert [task["outcome"] for task in again.result["tasks"]] == ([] if check else ["failed"])
    assert lines(left) == (again.result["tasks"] if not check else entries)


@pytest.mark.parametrize("path", ["/nonexistent/tasks.jsonl", "/dev/null", "/"])
def test_tasks_file_that_cannot_be_written_stops_the_run(
    simulator: Simulator, options: dict[str, Any], path: str
) -> None:
    simulator.add_task()
    ended = run_module("batch_task_prune", {**options, **ALL, "tasks_file": path})
    assert ended.msg.startswith(f"tasks_file cannot be written: {path}: ")
    assert len(simulator.journal) == 0


@pytest.mark.parametrize("check", [True, False])
def test_tasks_file_of_an_earlier_run_outlives_one_that_is_refused(
    options: dict[str, Any], tmp_path: Path, check: bool
) -> None:
    left = tmp_path / "tasks.jsonl"
    left.write_text("an earlier run\n", encoding="utf-8")
    refused = {**options, **ALL, "tasks_file": str(left), "audit_log": "/nonexistent/audit.jsonl"}
    assert "audit_log" in run_module("batch_task_prune", refused, check).msg
    assert left.read_text(encoding="utf-8") == "an earlier run\n"


@pytest.mark.parametrize(("returned", "listed"), [("all", 5), ("failed", 2), ("none", 0)])
def test_returned_chooses_the_tasks_of_the_result(
    simulator: Simulator, options: dict[str, Any], returned: str, listed: int
) -> None:
    ids = simulator.add_tasks(5)
    for task_id in ids[1:3]:
        simulator.fault("DELETE", path=task_id, status=403)
    ended = run_module("batch_task_prune", {**options, **ALL, "returned": returned}, diff=True)
    assert ended.failed
    assert f"Could not delete 2 of 5 batch tasks, the first of them {ids[1]}: " in ended.msg
    assert len(ended.result["tasks"]) == listed
    assert ended.result["summary"]["deleted"] == 3
    assert len(ended.result["diff"]["before"]["batch_tasks"]) == 3


@pytest.mark.parametrize("status", [200, 202])
def test_another_success_before_a_404_is_named(simulator: Simulator, options: dict[str, Any], status: int) -> None:
    task_id = simulator.add_task()
    Others(simulator).act(lambda: Others(simulator).delete(task_id), "DELETE")
    simulator.fault("DELETE", status=status, json={})
    ended = run_module("batch_task", {**options, "task_id": task_id, "state": "absent"})
    assert ended.outcomes == ["deleted_unconfirmed"]
    assert f"the deletion was answered {status} instead of 204, and then the task was gone" in ended.warnings
    assert "lost" not in ended.warnings
