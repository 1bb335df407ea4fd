# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log: a line for each change, and a file that cannot be written is noticed before, or stops the run."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import audit_log as audit_log_module
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import InstanceTarget
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.audit_log import (
    AuditLog,
    check_audit_log,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core import system
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor

TARGET = InstanceTarget("https://iotda.example", "p1", "i1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is to be."""
    return tmp_path / "audit.jsonl"


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_says_what_was_changed_where_and_when(path: Path) -> None:
    with AuditLog(str(path), TARGET, "absent") as log:
        assert log
        log.record("a1", "deleted", "夜_1", "r1")
        (line,) = lines(path)  # at once, and not when the log is closed
    age = datetime.now(timezone.utc) - datetime.fromisoformat(line.pop("time").replace("Z", "+00:00"))
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert line == {
        "endpoint": "https://iotda.example",
        "project_id": "p1",
        "instance_id": "i1",
        "state": "absent",
        "task_id": "a1",
        "task_name": "夜_1",
        "outcome": "deleted",
        "request_id": "r1",
    }


def test_what_is_not_known_is_left_out(path: Path) -> None:
    with AuditLog(str(path), InstanceTarget("https://iotda.example", "p1"), "stopped") as log:
        assert log
        log.record("a1", "stopped")
    assert sorted(lines(path)[0]) == ["endpoint", "outcome", "project_id", "state", "task_id", "time"]


def test_a_task_that_cannot_be_named_has_no_id(path: Path) -> None:
    with AuditLog(str(path), TARGET, "present") as log:
        assert log
        log.record(None, "created_unconfirmed", "freeze_1")
    line = json.loads(path.read_text(encoding="utf-8"))
    assert (line["task_id"], line["task_name"]) == (None, "freeze_1")


def test_lines_are_appended_by_many_threads_and_runs(path: Path) -> None:
    path.write_text('{"task_id": "before"}\n', encoding="utf-8")

    def run(name: str) -> None:
        with AuditLog(str(path), TARGET, "absent") as log:
            assert log
            for number in range(200):
                log.record(f"{name}{number}", "deleted", "n" * 100)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {"before", *(f"{name}{number}" for name in "abcd" for number in range(200))}
    assert {line["task_id"] for line in lines(path)} == expected


def test_a_new_log_is_for_its_owner_only(path: Path) -> None:
    with AuditLog(str(path), TARGET, "absent"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def unusable(tmp_path: Path) -> dict[str, tuple[str, str]]:
    """Return paths that cannot be a log, and why."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "none" / "log")
    return {
        "link": (str(tmp_path / "link"), "No such file|does not exist"),
        "pipe": (str(tmp_path / "pipe"), "No such device|not a regular file"),
        "device": ("/dev/full", "not a regular file"),
        "directory": (str(tmp_path), "[Ii]s a directory|not a regular file"),
        "no directory": (str(tmp_path / "none" / "log"), "No such file|does not exist"),
        "below a file": (str(tmp_path / "file" / "log"), "Not a directory"),
        "name too long": (str(tmp_path / ("n" * 300)), "name too long"),
    }


@pytest.mark.parametrize(
    "kind", ["link", "pipe", "device", "directory", "no directory", "below a file", "name too long"]
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, kind: str) -> None:
    path, reason = unusable(tmp_path)[kind]
    with pytest.raises(ConfigurationError, match=reason) as caught, AuditLog(path, TARGET, "absent"):
        pass
    assert str(caught.value).startswith(f"audit_log cannot be written: {path}: ")
    with pytest.raises(ConfigurationError, match=reason):
        check_audit_log(path)


def test_a_check_creates_nothing(path: Path) -> None:
    check_audit_log(str(path))
    assert not path.exists()
    path.write_text("kept\n", encoding="utf-8")
    check_audit_log(str(path))
    assert path.read_text(encoding="utf-8") == "kept\n"


@pytest.fixture
def disk_for_500_bytes() -> Iterator[Callable[[int], None]]:
    """No file of this process can grow beyond 500 bytes, or beyond what is called for later."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def allow(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

    allow(500)
    yield allow
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("disk_for_500_bytes")
def test_a_disk_that_fills_up_is_a_failure(path: Path) -> None:
    with AuditLog(str(path), TARGET, "absent") as log:
        assert log
        log.record("a1", "deleted")
        log.record("a2", "deleted")
        assert (log.failure, log.lost) == ("", 0)
        for number in range(3):
            log.record(f"b{number}", "deleted")
        assert (log.failure, log.lost) == ("File too large", 3)


# --- a line is a line


def record(path: Path, *task_ids: str) -> None:
    with AuditLog(str(path), TARGET, "absent") as log:
        for task_id in task_ids:
            log.record(task_id, "deleted")
        assert log.failure == ""


def test_a_run_begins_on_a_line_of_its_own(path: Path) -> None:
    path.write_text('{"task_id": "torn", "outc', encoding="utf-8")
    record(path, "a1")
    record(path, "a2")
    torn, *whole = path.read_text(encoding="utf-8").splitlines()
    assert torn == '{"task_id": "torn", "outc'
    assert [json.loads(line)["task_id"] for line in whole] == ["a1", "a2"]


def test_a_line_that_another_run_tears_is_ended(path: Path) -> None:
    with AuditLog(str(path), TARGET, "absent") as log:
        log.record("a1", "deleted")
        with path.open("a", encoding="utf-8") as other:
            other.write('{"task_id": "torn", "outc')
        log.record("a2", "deleted")
    first, _torn, last = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["task_id"] for line in (first, last)] == ["a1", "a2"]


def test_a_line_after_one_that_did_not_fit_is_whole(path: Path, disk_for_500_bytes: Callable[[int], None]) -> None:
    with AuditLog(str(path), TARGET, "absent") as log:
        for number in range(4):
            log.record(f"a{number}", "deleted")
        assert log.failure == "File too large"
        disk_for_500_bytes(5000)
        # What was under way when the disk was full is still written.
        log.record("b", "deleted")
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["task_id"] == "b"


def test_a_log_that_was_moved_away_is_opened_anew(path: Path) -> None:
    old = path.with_suffix(".1")
    with AuditLog(str(path), TARGET, "absent") as log:
        log.record("a1", "deleted")
        path.rename(old)
        log.record("a2", "deleted")
        log.record("a3", "deleted")
    assert [line["task_id"] for line in lines(old)] == ["a1"]
    assert [line["task_id"] for line in lines(path)] == ["a2", "a3"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_that_was_replaced_is_opened_anew(path: Path) -> None:
    with AuditLog(str(path), TARGET, "absent") as log:
        path.rename(path.with_suffix(".1"))
        path.write_text("", encoding="utf-8")
        log.record("a1", "deleted")
    assert [line["task_id"] for line in lines(path)] == ["a1"]


def test_a_log_that_was_truncated_goes_on_from_its_beginning(path: Path) -> None:
    """As logrotate's copytruncate does it."""
    with AuditLog(str(path), TARGET, "absent") as log:
        log.record("a1", "deleted")
        os.truncate(path, 0)
        log.record("a2", "deleted")
    assert [line["task_id"] for line in lines(path)] == ["a2"]


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "no folder"])
def test_a_log_that_can_be_written_no_longer_is_a_failure(path: Path, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "audit.jsonl"
    with AuditLog(str(path), TARGET, "absent") as log:
        path.unlink()
        if kind == "a pipe":
            os.mkfifo(path)
        elif kind == "a folder":
            path.mkdir()
        else:
            folder.rmdir()
        log.record("a1", "deleted")
        log.record("a2", "deleted")
        assert log.failure
        assert log.lost == 2


def test_a_log_that_cannot_be_read_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty line is the price of not knowing how the file ends. This user may be root, who reads everything."""
    record(path, "a1")
    opened = system.open_at_once

    def for_writers_only(name: str, flags: int = os.O_RDONLY) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(name, flags)

    monkeypatch.setattr(system, "open_at_once", for_writers_only)
    record(path, "a2")
    written = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    assert [json.loads(line)["task_id"] for line in written] == ["a1", "a2"]


def test_a_lock_of_others_is_not_waited_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log_module, "_LOCKED_FOR", 0.05)
    with AuditLog(str(path), TARGET, "absent") as log, path.open("a", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        log.record("a1", "deleted")
    assert [line["task_id"] for line in lines(path)] == ["a1"]


def test_what_a_server_repeats_of_a_secret_is_masked(path: Path) -> None:
    redactor = Redactor()
    redactor.add("invented-secret")
    with AuditLog(str(path), TARGET, "absent", redactor.redact) as log:
        log.record("a1", "deleted", "name of invented-secret", "r-INVENTED-SECRET")
    (line,) = lines(path)
    assert (line["task_name"], line["request_id"]) == ("name of ***", "r-***")
