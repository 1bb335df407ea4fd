# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log: a line of JSON for each change, written as it ends, so that it survives a kill of the run."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from .._core.errors import ConfigurationError
from .._core.files import IrregularFileError, open_regular
from .api import InstanceTarget

_IRREGULAR = "it is not a regular file"


class AuditLog:
    """An open audit log. Once a line could not be written, ``failure`` says why, and no further change may begin.

    Each line is one write to the end of the file, so several runs can share it. Thread-safe.
    """

    def __init__(self, path: str, descriptor: int, target: InstanceTarget, state: str) -> None:
        self.path = path
        self.failure = ""
        self.lost = 0
        self._descriptor = descriptor
        self._target = target
        self._state = state
        self._lock = threading.Lock()

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
        known = {name: value for name, value in fields.items() if value is not None or name == "task_id"}
        line = json.dumps(known) + "\n"
        with self._lock:
            self._append(line.encode())

    def _append(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except OSError as error:
            self.failure = self.failure or error.strerror or str(error)
            self.lost += 1


@contextmanager
def audit_log(path: str | None, target: InstanceTarget, state: str) -> Iterator[AuditLog | None]:
    """Open the audit log at ``path``, None where none is wanted. Raises ConfigurationError if it cannot be written."""
    if path is None:
        yield None
        return
    descriptor = _open(path)
    try:
        yield AuditLog(path, descriptor, target, state)
    finally:
        os.close(descriptor)


def check_audit_log(path: str | None) -> None:
    """Raise ConfigurationError if ``path`` could not be opened as an audit log; creates and changes nothing."""
    if path is None:
        return
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
    try:
        return open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    except IrregularFileError:
        raise _unusable(path, _IRREGULAR) from None
    except OSError as error:
        raise _unusable(path, error.strerror) from None


def _unusable(path: str, reason: str | None) -> ConfigurationError:
    return ConfigurationError(f"audit_log cannot be written: {path}: {reason}; nothing was changed")
