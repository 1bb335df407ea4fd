# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log: a line of JSON for each change, written as it ends, so that it survives a kill of the run."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from .._core.errors import ConfigurationError
from .._core.system import IrregularFileError, open_regular
from .api import InstanceTarget

_IRREGULAR = "it is not a regular file"
_LOCKED_FOR = 1.0  # seconds after which a line is written beside whoever holds the lock


class AuditLog:
    """An open audit log. Once a line could not be written, ``failure`` says why, and no further change may begin.

    Each line is one write to the end of the file, so several runs can share it; it begins on a line of its own, even if
    the disk was full in the middle of the one before. A file that is moved away or replaced, as logrotate does, is
    opened anew. ``redact`` takes secrets out of what a server sent. Thread-safe. To be used as a context manager.

    Raises ConfigurationError if it cannot be opened.
    """

    def __init__(
        self, path: str, target: InstanceTarget, state: str, redact: Callable[[str], str] = lambda text: text
    ) -> None:
        self.path = path
        self.failure = ""
        self.lost = 0
        self._target = target
        self._state = state
        self._redact = redact
        self._lock = threading.Lock()
        self._descriptor = _open(path)

    def __enter__(self) -> AuditLog:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._descriptor)

    def record(
        self, task_id: str | None, outcome: str, task_name: str | None = None, request_id: str | None = None
    ) -> None:
        """Append a line for one change; never raises OSError. ``task_id`` None: a task that may exist, unidentified."""
        fields = {
            "time": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "endpoint": self._target.url,
            "project_id": self._target.project_id,
            "instance_id": self._target.instance_id,
            "state": self._state,
            "task_id": task_id,
            "task_name": task_name,
            "outcome": outcome,
            "request_id": request_id,
        }
        known = {
            name: value and self._redact(value)
            for name, value in fields.items()
            if value is not None or name == "task_id"
        }
        with self._lock:
            try:
                self._follow()
                self._append((json.dumps(known) + "\n").encode())
            except ConfigurationError as error:
                self._fail(str(error))
            except OSError as error:
                self._fail(error.strerror or str(error))

    def failed(self) -> dict[str, Any]:
        """Return how the module fails because of lines that could not be written, empty if there are none."""
        if not self.failure:
            return {}
        msg = (
            f"The audit log {self.path} could not be written: {self.failure}. It lacks {self.lost} of the changes, "
            "and no further change was started; correct this, and run it again."
        )
        return {"failed": True, "msg": msg}

    def _fail(self, reason: str) -> None:
        self.failure = self.failure or reason
        self.lost += 1

    def _follow(self) -> None:
        """Open the file anew if it was moved away or replaced."""
        ours = os.fstat(self._descriptor)
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            there = None
        if there is None or not os.path.samestat(ours, there):
            descriptor = _open(self.path)
            os.close(self._descriptor)
            self._descriptor = descriptor

    def _append(self, line: bytes) -> None:
        _lock(self._descriptor)
        try:
            if not _at_line_start(self._descriptor):
                line = b"\n" + line
            while line:
                line = line[os.write(self._descriptor, line) :]
        finally:
            with suppress(OSError):  # the file system knows no locks
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)


def _lock(descriptor: int) -> None:
    """Keep other runs of this collection from writing meanwhile, where locks are supported and free in time."""
    deadline = time.monotonic() + _LOCKED_FOR
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:  # somebody else holds it
            time.sleep(0.005)
        except OSError:  # the file system knows no locks
            return


def _at_line_start(descriptor: int) -> bool:
    """Whether the file is empty or ends with a newline; not where it cannot be read, which costs an empty line."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return True
    try:
        return os.pread(descriptor, 1, size - 1) == b"\n"
    except OSError:
        return False


def check_audit_log(path: str) -> None:
    """Raise ConfigurationError if ``path`` could not be opened as an audit log; creates and changes nothing."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        # A link that points to nothing is created at its end.
        folder = os.path.dirname(os.path.realpath(path) if os.path.islink(path) else path) or "."
        if not os.path.isdir(folder):
            raise _unusable(path, f"the directory {folder} does not exist") from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _unusable(path, f"the directory {folder} is not writable") from None
        return
    except OSError as error:
        raise _unusable(path, error.strerror) from None
    if not stat.S_ISREG(mode):
        raise _unusable(path, _IRREGULAR)
    if not os.access(path, os.W_OK):
        raise _unusable(path, "it is not writable")


def _open(path: str) -> int:
    append = os.O_APPEND | os.O_CREAT
    try:
        try:
            return open_regular(path, os.O_RDWR | append)
        except PermissionError:  # the file may be writable, but not readable
            return open_regular(path, os.O_WRONLY | append)
    except IrregularFileError:
        raise _unusable(path, _IRREGULAR) from None
    except OSError as error:
        raise _unusable(path, error.strerror) from None


def _unusable(path: str, reason: str | None) -> ConfigurationError:
    return ConfigurationError(f"audit_log cannot be written: {path}: {reason}; nothing was changed")
