# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of IoTDA batch tasks: paths, fields and statuses, and no policy.

https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html and its neighbours.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Callable, NamedTuple
from urllib.parse import quote

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.ids import is_task_id
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ErrorDetails,
    RequestError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import short_line
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import ClientStats, HttpClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import FilePart, Request, Response
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.responses import (
    malformed_response,
    parse_object,
    raise_for_status,
    success_details,
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
CONFIRMABLE_TYPES = (*STOPPABLE_TYPES, "moduleUpgrade")
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
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


class InstanceTarget(NamedTuple):
    """Where the batch tasks are: an instance of IoTDA, and a project in it."""

    url: str
    project_id: str
    instance_id: str | None = None


class BatchTask(NamedTuple):
    """A batch task as the service shows it, how many attempts that took, and what the answer said besides."""

    data: Mapping[str, Any]
    attempts: int
    details: ErrorDetails | None = None

    @property
    def task_id(self) -> str:
        return str(self.data["task_id"])

    @property
    def status(self) -> str:
        return str(self.data.get("status"))

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def task_type(self) -> str:
        return str(self.data.get("task_type"))

    def devices(self, *names: str) -> int | None:
        """Return how many devices these counters of ``task_progress`` tell of; None when the service does not say."""
        progress = self.data.get("task_progress")
        if not isinstance(progress, Mapping) or _count(progress, "total") is None:
            return None
        return sum(_count(progress, name) or 0 for name in names)

    @property
    def progress(self) -> str:
        """How far it is, as ``3 of 10 devices done``; empty when the service does not say."""
        done = self.devices("success", "fail", "stopped", "removed")
        return "" if done is None else f"{done} of {self.devices('total')} devices done"


def _count(progress: Mapping[str, Any], name: str) -> int | None:
    value = progress.get(name)
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_DEVICES
    return value if sound else None


class Page(NamedTuple):
    """One page of tasks or subtasks. ``total`` is how many there are on all pages, where the service says it."""

    items: list[Mapping[str, Any]]
    total: int | None
    marker: Any
    response: Response
    url: str

    @property
    def service_now(self) -> datetime | None:
        """The service's time when it answered, None without a readable ``Date``."""
        return self.response.service_now()

    def next_marker(self, previous: str | None) -> str:
        """Return the marker of the next page; raises ApiError unless it is smaller than ``previous``."""
        if not isinstance(self.marker, str) or not _MARKER.match(self.marker):
            raise self.malformed("a page without a usable marker, although more pages exist")
        if previous is not None and self.marker >= previous:
            raise self.malformed(f"the marker {self.marker}, which is not smaller than that of the previous page")
        return self.marker

    def malformed(self, what: str) -> ApiError:
        """Return the failure of a page that cannot be used; ``what`` was wrong with it."""
        return malformed_response(self.response, self.url, what)


class TargetResult(NamedTuple):
    """What stop, retry or confirm did to one device."""

    target: str
    succeeded: bool
    error_code: str | None = None
    error_msg: str | None = None

    @classmethod
    def of(cls, item: Mapping[str, Any], redact: Callable[[str], str]) -> TargetResult:
        """Return what an element of ``targets`` says, without secrets."""
        code, text = (
            None if item.get(name) is None else short_line(redact(str(item[name])))
            for name in ("error_code", "error_msg")
        )
        return cls(item["target"], item.get("status") == "success", code, text)

    def fields(self) -> dict[str, str]:
        """Return the fields of a failure; what is not known is left out."""
        fields = {"target": self.target, "error_code": self.error_code, "error_msg": self.error_msg}
        return {name: value for name, value in fields.items() if value is not None}


class ActionResult(NamedTuple):
    """What stop, retry or confirm did: for each device that the answer names, and how often it was sent."""

    targets: list[TargetResult]
    attempts: int
    details: ErrorDetails | None = None


class BatchTaskClient:
    """One instance's batch tasks. Every method raises TransportError or ApiError. Thread-safe."""

    def __init__(self, http: HttpClient, target: InstanceTarget, auth: Auth) -> None:
        self._http = http
        self._auth = auth
        self._target = target
        self._seen = False
        self._probed = False
        self._probing = threading.Lock()
        self._headers = {"Instance-Id": target.instance_id} if target.instance_id else {}
        project = f"{target.url}/v5/iot/{quote(target.project_id, safe='')}"
        self._root = f"{project}/batchtasks"
        self._files = f"{project}/batchtask-files"

    @property
    def cancellation(self) -> Cancellation:
        """Cancels the run; all waits of the run must use it."""
        return self._http.cancellation

    @property
    def target(self) -> InstanceTarget:
        """Where the batch tasks are."""
        return self._target

    @property
    def stats(self) -> ClientStats:
        """The client's counters until now."""
        return self._http.stats

    def create(self, body: Mapping[str, Any]) -> BatchTask:
        """Create a task (201)."""
        response = self._send("POST", self._root, body=body)
        task = parse_object(response, self._root, (200, 201))
        if not is_task_id(task.get("task_id")) or not isinstance(task.get("status"), str):
            raise malformed_response(response, self._root, "no batch task in it")
        return BatchTask(task, response.attempts, success_details(response))

    def delete(self, task_id: str) -> Response:
        """Delete a finished task (204)."""
        with self._seeing_iotda():
            return raise_for_status(self._send("DELETE", f"{self._root}/{task_id}"), self._root, (204,))

    def show(self, task_id: str) -> BatchTask:
        """Return one task, without its subtasks but for one."""
        with self._seeing_iotda():
            response = self._send("GET", f"{self._root}/{task_id}", query=(("limit", "1"),))
            task = parse_object(response, self._root, (200,)).get("batchtask")
            if not isinstance(task, dict) or task.get("task_id") != task_id or not isinstance(task.get("status"), str):
                raise malformed_response(response, self._root, f"no batch task {task_id} in it")
            return BatchTask(task, response.attempts)

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int) -> Page:
        """Return a page of at most ``limit`` (1 to 50) tasks, newest first, of those older than ``marker``."""
        with self._seeing_iotda():
            response, content = self._page(self._root, filters, marker, limit)
            return _page_of(response, self._root, content, content.get("batchtasks"), _is_task)

    def detail_page(
        self, task_id: str, status: str | None, marker: str | None, limit: int, target: str | None = None
    ) -> Page:
        """Return a page of the subtasks of one task, those of ``target`` if it is given."""
        filters = [("task_detail_status", status)] if status else []
        filters += [("target", target)] if target else []
        response, content = self._page(f"{self._root}/{task_id}", filters, marker, limit)
        return _page_of(response, self._root, content, content.get("task_details"), _is_subtask)

    def stop(self, task_id: str, targets: Sequence[str] = ()) -> ActionResult:
        """Stop an upgrade that is under way, or the subtasks of at most 100 ``targets`` (200)."""
        return self._act("stop", task_id, targets)

    def retry(self, task_id: str, targets: Sequence[str] = ()) -> ActionResult:
        """Run the failed and stopped subtasks of an upgrade again, or those of at most 100 ``targets`` (200)."""
        return self._act("retry", task_id, targets)

    def confirm(self, task_id: str, targets: Sequence[str] = ()) -> ActionResult:
        """Start the subtasks that wait for a confirmation, or those of at most 100 ``targets`` (200)."""
        return self._act("confirm", task_id, targets)

    def _act(self, action: str, task_id: str, targets: Sequence[str]) -> ActionResult:
        url = f"{self._root}/{task_id}/{action}"
        response = self._send("POST", url, body={"targets": list(targets)} if targets else {})
        listed = parse_object(response, self._root, (200,)).get("targets")
        if not isinstance(listed, list) or not all(_is_target_result(item) for item in listed):
            raise malformed_response(response, self._root, "a list of targets with an invalid entry")
        results = [TargetResult.of(item, response.redactor.redact) for item in listed]
        return ActionResult(results, response.attempts, success_details(response))

    def upload(self, name: str, content: bytes) -> str:
        """Upload a batch task file and return its ID (201). A file can be used by one task, and lives for an hour."""
        request = Request("POST", self._files, self._auth, (), self._headers, file=FilePart(name, content))
        response = self._http.send(request)
        file_id = parse_object(response, self._files, (200, 201)).get("file_id")
        if not is_file_id(file_id):
            raise malformed_response(response, self._files, "no file ID in it")
        return str(file_id)

    def files(self) -> list[Mapping[str, Any]]:
        """Return the uploaded files that have been neither used nor deleted."""
        response = self._send("GET", self._files)
        found = parse_object(response, self._files, (200,)).get("files")
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise malformed_response(response, self._files, "no list of files in it")
        return found

    def delete_file(self, file_id: str) -> None:
        """Delete an uploaded file (204)."""
        raise_for_status(self._send("DELETE", f"{self._files}/{file_id}"), self._files, (204,))

    def confirms_absence(self, error: RequestError) -> bool:
        """Whether ``error`` shows that the task does not exist: IoTDA said so, and not a gateway or another server.

        A 404 without a body does not tell who sent it. It counts only where IoTDA has answered in this run, or answers
        one list.
        """
        if not isinstance(error, ApiError) or error.details.http_status != 404:
            return False
        if error.details.body == "empty":
            return self._seen or self._answers_a_list()
        return is_iotda_error(error)

    def _answers_a_list(self) -> bool:
        with self._probing:
            if not self._seen and not self._probed:
                self._probed = True
                with suppress(RequestError):
                    self.page([("task_type", KNOWN_TYPES[0])], None, 1)
        return self._seen

    @contextmanager
    def _seeing_iotda(self) -> Iterator[None]:
        """Note that it is IoTDA that answers: by a success, or by one of its own errors."""
        try:
            yield
        except ApiError as error:
            self._seen = self._seen or is_iotda_error(error)
            raise
        self._seen = True

    def _page(
        self, url: str, filters: Sequence[tuple[str, str]], marker: str | None, limit: int
    ) -> tuple[Response, Mapping[str, Any]]:
        query = [*filters, ("limit", str(limit)), *([("marker", marker)] if marker else [])]
        response = self._send("GET", url, query)
        return response, parse_object(response, self._root, (200,))

    def _send(
        self, method: str, url: str, query: Sequence[tuple[str, str]] = (), body: Mapping[str, Any] | None = None
    ) -> Response:
        return self._http.send(Request(method, url, self._auth, query, self._headers, body))


def _page_of(
    response: Response, url: str, content: Mapping[str, Any], items: Any, is_valid: Callable[[Any], bool]
) -> Page:
    page = content.get("page")
    if not isinstance(page, dict):
        raise malformed_response(response, url, "a list without a page object")
    if not isinstance(items, list) or not all(is_valid(item) for item in items):
        raise malformed_response(response, url, "a list with an invalid entry")
    count = page.get("count")
    return Page(items, count if isinstance(count, int) else None, page.get("marker"), response, url)


def _is_task(item: Any) -> bool:
    return isinstance(item, dict) and is_task_id(item.get("task_id"))


def _is_subtask(item: Any) -> bool:
    return isinstance(item, dict)


def _is_target_result(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("target"), str)


def is_file_id(value: Any) -> bool:
    """Whether ``value`` has the form of a batch task file's ID."""
    return isinstance(value, str) and _FILE_ID.match(value) is not None


_WRONG_PATH = "IOTDA.000029"


def is_iotda_error(error: RequestError) -> bool:
    """Whether IoTDA itself answered with ``error``, at the right path."""
    code = (error.details.error_code if error.details else None) or ""
    return code.startswith("IOTDA.") and code != _WRONG_PATH


def may_have_acted(error: RequestError) -> bool:
    """Whether the service may have done what was asked, although no usable answer says so."""
    return error.ambiguous or (error.details is not None and 200 <= error.details.http_status < 300)
