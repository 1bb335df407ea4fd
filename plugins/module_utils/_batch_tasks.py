# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of IoTDA batch tasks: paths, fields and statuses, and no policy.

https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html and its neighbours.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.huaweicloud.iotda.plugins.module_utils._answers import (
    expect,
    expect_object,
    unreadable,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import Call, Counters, Http, Reply
from ansible_collections.huaweicloud.iotda.plugins.module_utils._signing import Auth

FINISHED = ("Success", "Fail", "PartialSuccess", "Stopped")
UNFINISHED = ("Initializing", "Waitting", "Processing", "Stopping")
STOPPABLE_TYPES = ("firmwareUpgrade", "softwareUpgrade")


@dataclass(frozen=True)
class Place:
    """Where the batch tasks are: an instance of IoTDA, and a project in it."""

    url: str
    project_id: str
    instance_id: str | None = None


@dataclass(frozen=True)
class Shown:
    """A batch task as the service shows it, and how many attempts that took."""

    task: Mapping[str, Any]
    attempts: int

    @property
    def status(self) -> str:
        return str(self.task["status"])

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def task_type(self) -> str:
        return str(self.task.get("task_type"))

    @property
    def progress(self) -> str:
        """How far it is, as ``3 of 10 devices done``; empty when the service does not say."""
        progress = self.task.get("task_progress")
        if not isinstance(progress, Mapping) or not isinstance(progress.get("total"), int):
            return ""
        counts = [progress.get(name) for name in ("success", "fail", "stopped", "removed")]
        done = sum(count for count in counts if isinstance(count, int))
        return f"{done} of {progress['total']} devices done"


class BatchTasks:
    """One instance's batch tasks. Every verb raises Unreachable or ServiceError. Thread-safe."""

    def __init__(self, http: Http, place: Place, auth: Auth) -> None:
        self._http = http
        self._auth = auth
        self._headers = {"Instance-Id": place.instance_id} if place.instance_id else {}
        self._root = f"{place.url}/v5/iot/{quote(place.project_id, safe='')}/batchtasks"

    @property
    def counters(self) -> Counters:
        """What the client has met until now."""
        return self._http.counters

    def delete(self, task_id: str) -> Reply:
        """Delete a finished task (204)."""
        return expect(self._send("DELETE", f"{self._root}/{task_id}"), self._root, (204,))

    def show(self, task_id: str) -> Shown:
        """Return one task, without its subtasks but for one."""
        reply = self._send("GET", f"{self._root}/{task_id}", query=(("limit", "1"),))
        task = expect_object(reply, self._root, (200,)).get("batchtask")
        if not isinstance(task, dict) or task.get("task_id") != task_id or not isinstance(task.get("status"), str):
            raise unreadable(reply, self._root, f"no batch task {task_id} in it")
        return Shown(task, reply.attempts)

    def stop(self, task_id: str) -> Reply:
        """Stop all of an upgrade that is under way (200)."""
        return expect(self._send("POST", f"{self._root}/{task_id}/stop", body={}), self._root, (200,))

    def _send(
        self, method: str, url: str, query: Sequence[tuple[str, str]] = (), body: dict[str, Any] | None = None
    ) -> Reply:
        return self._http.send(Call(method, url, self._auth, query, self._headers, body))
