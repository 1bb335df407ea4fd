# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of IoTDA batch tasks: paths, fields and statuses, and no policy.

https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html and its neighbours.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable
from urllib.parse import quote

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.ids import is_task_id
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import ClientStats, HttpClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Request, Response
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.responses import (
    malformed_response,
    parse_object,
    raise_for_status,
)

FINISHED = ("Success", "Fail", "PartialSuccess", "Stopped")
UNFINISHED = ("Initializing", "Waitting", "Processing", "Stopping")
# The last two are known from the API description only.
SUBTASK_STATUSES = (
    "Processing",
    "Success",
    "Fail",
    "Waitting",
    "FailWaitRetry",
    "Stopped",
    "Removed",
    "DeviceInProgress",
    "Rejected",
)
STOPPABLE_TYPES = ("firmwareUpgrade", "softwareUpgrade")
DOCUMENTED_TYPES = (
    "softwareUpgrade",
    "firmwareUpgrade",
    "moduleUpgrade",
    "createDevices",
    "updateDevices",
    "deleteDevices",
    "freezeDevices",
    "unfreezeDevices",
    "createCommands",
    "createAsyncCommands",
    "createMessages",
    "updateDeviceShadows",
    "changeGateway",
)
# Accepted by the API description's patterns, and described nowhere.
UNDOCUMENTED_TYPES = ("sendEmails", "sendSmss", "addDevicesToGroup", "deviceConfig", "deviceJob")
KNOWN_TYPES = DOCUMENTED_TYPES + UNDOCUMENTED_TYPES

_MOST_DEVICES = 10**9
_MARKER = re.compile(r"[0-9a-f]{24}\Z")


@dataclass(frozen=True)
class InstanceTarget:
    """Where the batch tasks are: an instance of IoTDA, and a project in it."""

    url: str
    project_id: str
    instance_id: str | None = None


@dataclass(frozen=True)
class BatchTask:
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
        if not isinstance(progress, Mapping):
            return ""
        total = _count(progress, "total")
        if total is None:
            return ""
        done = sum(_count(progress, name) or 0 for name in ("success", "fail", "stopped", "removed"))
        return f"{done} of {total} devices done"


def _count(progress: Mapping[str, Any], name: str) -> int | None:
    value = progress.get(name)
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_DEVICES
    return value if sound else None


@dataclass(frozen=True)
class Page:
    """One page of tasks or subtasks. ``count`` is how many there are on all pages, where the service says it."""

    items: list[Mapping[str, Any]]
    count: int | None
    marker: Any
    response: Response = field(repr=False)
    url: str

    @property
    def service_now(self) -> datetime | None:
        """The service's time when it answered, None without a readable ``Date``."""
        return self.response.service_now()

    def next_marker(self, previous: str | None) -> str:
        """Return the marker of the next page; raises ApiError unless it is smaller than ``previous``."""
        if not isinstance(self.marker, str) or not _MARKER.match(self.marker):
            raise self.malformed("a page without a usable marker, although more must follow")
        if previous is not None and self.marker >= previous:
            raise self.malformed(f"the marker {self.marker}, which is not smaller than that of the page before")
        return self.marker

    def malformed(self, what: str) -> ApiError:
        """Return the failure of a page that cannot be used; ``what`` was wrong with it."""
        return malformed_response(self.response, self.url, what)


class BatchTaskClient:
    """One instance's batch tasks. Every method raises TransportError or ApiError. Thread-safe."""

    def __init__(self, http: HttpClient, place: InstanceTarget, auth: Auth) -> None:
        self._http = http
        self._auth = auth
        self._headers = {"Instance-Id": place.instance_id} if place.instance_id else {}
        self._root = f"{place.url}/v5/iot/{quote(place.project_id, safe='')}/batchtasks"

    @property
    def cancellation(self) -> Cancellation:
        """What ends the run early; waits that belong to the run are to go through it."""
        return self._http.cancellation

    @property
    def stats(self) -> ClientStats:
        """The client's counters until now."""
        return self._http.stats

    def delete(self, task_id: str) -> Response:
        """Delete a finished task (204)."""
        return raise_for_status(self._send("DELETE", f"{self._root}/{task_id}"), self._root, (204,))

    def show(self, task_id: str) -> BatchTask:
        """Return one task, without its subtasks but for one."""
        response = self._send("GET", f"{self._root}/{task_id}", query=(("limit", "1"),))
        task = parse_object(response, self._root, (200,)).get("batchtask")
        if not isinstance(task, dict) or task.get("task_id") != task_id or not isinstance(task.get("status"), str):
            raise malformed_response(response, self._root, f"no batch task {task_id} in it")
        return BatchTask(task, response.attempts)

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int) -> Page:
        """Return a page of at most ``limit`` (1 to 50) tasks, newest first, of those older than ``marker``."""
        response, content = self._page(self._root, filters, marker, limit)
        return _page_of(response, self._root, content, content.get("batchtasks"), _is_task)

    def detail_page(self, task_id: str, status: str | None, marker: str | None, limit: int) -> Page:
        """Return a page of the subtasks of one task."""
        filters = [("task_detail_status", status)] if status else []
        response, content = self._page(f"{self._root}/{task_id}", filters, marker, limit)
        return _page_of(response, self._root, content, content.get("task_details"), _is_subtask)

    def stop(self, task_id: str) -> Response:
        """Stop all of an upgrade that is under way (200)."""
        return raise_for_status(self._send("POST", f"{self._root}/{task_id}/stop", body={}), self._root, (200,))

    def _page(
        self, url: str, filters: Sequence[tuple[str, str]], marker: str | None, limit: int
    ) -> tuple[Response, Mapping[str, Any]]:
        query = [*filters, ("limit", str(limit)), *([("marker", marker)] if marker else [])]
        response = self._send("GET", url, query)
        return response, parse_object(response, self._root, (200,))

    def _send(
        self, method: str, url: str, query: Sequence[tuple[str, str]] = (), body: dict[str, Any] | None = None
    ) -> Response:
        return self._http.send(Request(method, url, self._auth, query, self._headers, body))


def _page_of(
    response: Response, url: str, content: Mapping[str, Any], items: Any, is_valid: Callable[[Any], bool]
) -> Page:
    page = content.get("page")
    if not isinstance(page, dict):
        raise malformed_response(response, url, "a list without its page object")
    if not isinstance(items, list) or not all(is_valid(item) for item in items):
        raise malformed_response(response, url, "a list that holds something else than its entries")
    count = page.get("count")
    return Page(items, count if isinstance(count, int) else None, page.get("marker"), response, url)


def _is_task(item: Any) -> bool:
    return isinstance(item, dict) and is_task_id(item.get("task_id"))


def _is_subtask(item: Any) -> bool:
    return isinstance(item, dict)


_WRONG_PATH = "IOTDA.000029"


def confirms_absence(error: RequestError) -> bool:
    """Whether ``error`` is IoTDA's own word that the task does not exist, and not a gateway's or a stranger's 404."""
    if not isinstance(error, ApiError) or error.details.http_status != 404:
        return False
    code = error.details.error_code or ""
    return error.details.body == "empty" or (code.startswith("IOTDA.") and code != _WRONG_PATH)
