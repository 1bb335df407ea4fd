# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of IoTDA batch tasks: its words, the form of its IDs, and its calls; no policy.

https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html and its neighbours.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from .._core.errors import ApiError, ConfigurationError, ErrorDetails, RequestError
from .._core.redaction import short_line
from .._http.client import ClientStats, HttpClient
from .._http.messages import Auth, Request, Response

if TYPE_CHECKING:
    from .models import ActionResult, Page

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
# What a task can only come to by a request to stop it.
STOPS = ("Stopping", "Stopped")
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
# IoTDA allocates IDs of this length; shorter ones are allowed in requests.
ID_LENGTH = 24
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,36}\Z")
_TASK_ID = re.compile(r"[0-9a-f]{1,24}\Z")
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_TARGET = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_MAX_TARGETS = 30_000
_MAX_INVALID = 3
_LONGEST_SHOWN = 60
_LONGEST_STATUS = 40
_MOST_DEVICES = 10**9


class InstanceTarget(NamedTuple):
    """Where the batch tasks are: an instance of IoTDA, and a project in it."""

    url: str
    project_id: str
    instance_id: str | None = None


class BatchTask(NamedTuple):
    """A batch task as it is known, and what the answer said besides.

    ``attempts`` is how many it took to show it alone, or, from ``create``, to create it; 0: it is known otherwise.
    """

    data: Mapping[str, Any]
    attempts: int = 0
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
    def shown(self) -> bool:
        """Whether the service has shown it alone. A task that ``create.py`` has just created is not shown yet."""
        return self.attempts > 0

    @property
    def progress(self) -> str:
        """How far it is, as ``3 of 10 devices done``; empty when the service does not say."""
        done = self.devices("success", "fail", "stopped", "removed")
        return "" if done is None else f"{done} of {self.devices('total')} devices done"

    @property
    def standing(self) -> str:
        """Its status and, where the service says it, its progress, as messages show them."""
        return ", ".join(filter(None, (short_status(self.status), self.progress)))


def _count(progress: Mapping[str, Any], name: str) -> int | None:
    value = progress.get(name)
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_DEVICES
    return value if sound else None


class BatchTaskClient:
    """One instance's batch tasks. Every method raises TransportError or ApiError. Thread-safe.

    ``cancellation`` cancels the run; all waits of the run must use it.
    """

    def __init__(self, http: HttpClient, target: InstanceTarget, auth: Auth) -> None:
        self.target = target
        self.cancellation = http.cancellation
        self._http = http
        self._auth = auth
        self._seen = False
        self._probed = False
        self._probing = threading.Lock()
        self._headers = {"Instance-Id": target.instance_id} if target.instance_id else {}
        project = f"{target.url}/v5/iot/{quote(target.project_id, safe='')}"
        self._root = f"{project}/batchtasks"
        self._files = f"{project}/batchtask-files"

    def redact(self, text: str) -> str:
        """Return ``text``, which a server sent, without secrets."""
        return self._http.redactor.redact(text)

    @property
    def stats(self) -> ClientStats:
        """The client's counters until now."""
        return self._http.stats

    def create(self, body: Mapping[str, Any]) -> BatchTask:
        """Create a task (201)."""
        from .models import parse_task

        response = self._send("POST", self._root, body=body)
        task = parse_task(response, self._root, response.json_object(self._root, (200, 201)))
        if any(task.data.get(name) not in (None, body[name]) for name in ("task_name", "task_type")):
            raise response.malformed(self._root, "a different batch task")
        return task._replace(details=response.details)

    def delete(self, task_id: str) -> Response:
        """Delete a finished task (204)."""
        with self._seeing_iotda():
            return self._send("DELETE", f"{self._root}/{task_id}").expect(self._root, (204,))

    def show(self, task_id: str) -> BatchTask:
        """Return one task, without its subtasks but for one."""
        from .models import parse_task

        with self._seeing_iotda():
            response = self._send("GET", f"{self._root}/{task_id}", query=(("limit", "1"),))
            task = parse_task(response, self._root, response.json_object(self._root, (200,)).get("batchtask"))
            if task.task_id != task_id:
                raise response.malformed(self._root, "a different batch task")
            return task

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int, offset: int = 0) -> Page:
        """Return a page of at most ``limit`` (1 to 50) tasks, newest first, of those older than ``marker``.

        ``offset`` (at most 500) is how many of them are left out before the page.
        """
        leap = [("offset", str(offset))] if offset else []
        with self._seeing_iotda():
            return self._page("batchtasks", self._root, [*filters, *leap], marker, limit)

    def detail_page(
        self, task_id: str, status: str | None, marker: str | None, limit: int, target: str | None = None
    ) -> Page:
        """Return a page of the subtasks of one task, those of ``target`` if it is given."""
        filters = [("task_detail_status", status)] if status else []
        filters += [("target", target)] if target else []
        return self._page("task_details", f"{self._root}/{task_id}", filters, marker, limit)

    def act(self, action: str, task_id: str, targets: Sequence[str] = ()) -> ActionResult:
        """``stop``, ``retry`` or ``confirm`` the subtasks of an upgrade, or those of at most 100 ``targets`` (200)."""
        from .models import parse_action_result

        url = f"{self._root}/{task_id}/{action}"
        response = self._send("POST", url, body={"targets": list(targets)} if targets else {})
        return parse_action_result(response, self._root)

    def upload(self, name: str, content: bytes) -> str:
        """Upload a batch task file and return its ID (201). A file can be used by one task, and lives for an hour."""
        request = Request("POST", self._files, self._auth, (), self._headers, file=(name, content))
        response = self._http.send(request)
        file_id = response.json_object(self._files, (200, 201)).get("file_id")
        if not is_file_id(file_id):
            raise response.malformed(self._files, "no file ID in it")
        return str(file_id)

    def files(self) -> list[Mapping[str, Any]]:
        """Return the uploaded files that have been neither used nor deleted."""
        response = self._send("GET", self._files)
        found = response.json_object(self._files, (200,)).get("files")
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise response.malformed(self._files, "no list of files in it")
        return found

    def delete_file(self, file_id: str) -> None:
        """Delete an uploaded file (204)."""
        self._send("DELETE", f"{self._files}/{file_id}").expect(self._files, (204,))

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

    def _page(self, name: str, url: str, filters: Sequence[tuple[str, str]], marker: str | None, limit: int) -> Page:
        from .models import parse_page

        query = [*filters, ("limit", str(limit)), *([("marker", marker)] if marker else [])]
        return parse_page(self._send("GET", url, query), self._root, name)

    def _send(
        self, method: str, url: str, query: Sequence[tuple[str, str]] = (), body: Mapping[str, Any] | None = None
    ) -> Response:
        return self._http.send(Request(method, url, self._auth, query, self._headers, body))


def is_file_id(value: Any) -> bool:
    """Whether ``value`` has the form of a batch task file's ID."""
    return isinstance(value, str) and _FILE_ID.match(value) is not None


_WRONG_PATH = "IOTDA.000029"


def is_iotda_error(error: RequestError) -> bool:
    """Whether IoTDA itself answered with ``error``, at the right path."""
    code = (error.details.error_code if error.details else None) or ""
    return code.startswith("IOTDA.") and code != _WRONG_PATH


def may_have_acted(error: RequestError) -> bool:
    """Whether the service may have done what was asked, although no usable answer says so.

    The details of an IamError are IAM's, which tell nothing of the service.
    """
    return error.ambiguous or (isinstance(error, ApiError) and 200 <= error.details.http_status < 300)


def check_app_id(app_id: str | None, place: str = "") -> None:
    """Raise ConfigurationError, with ``place`` before the option's name, unless a resource space can have this ID."""
    if app_id is not None and not _APP_ID.match(app_id):
        raise ConfigurationError(f"{place}app_id must be 1 to 36 letters, digits, - and _, not {ascii(app_id[:60])}")


def is_task_id(value: Any) -> bool:
    """Whether ``value`` has the form of an ID."""
    return isinstance(value, str) and _TASK_ID.match(value) is not None


def sort_key(task_id: str) -> str:
    """Return the sort key of an ID, as the service orders them: hexadecimal numbers, the newer the larger."""
    return task_id.rjust(ID_LENGTH, "0")


def parse_task_ids(task_ids: Sequence[str]) -> list[str]:
    """Return ``task_ids`` in their order without repeats and without blanks around them.

    Raises ConfigurationError, which names all that are not IDs.
    """
    given = list(dict.fromkeys(task_id.strip() for task_id in task_ids))
    invalid = [task_id for task_id in given if not is_task_id(task_id)]
    if invalid:
        together = any(all(map(is_task_id, parts)) for parts in map(str.split, invalid) if len(parts) > 1)
        named = any(re.fullmatch(r"\w*_\w*", text) for text in invalid)
        raise ConfigurationError(
            "task_id must be 1 to 24 characters from 0-9 and a-f, in lower case, "
            f"not {', '.join(map(quoted, invalid))}; "
            f"{'separate IDs by commas; ' if together else ''}"
            f"{'find the ID of a name with batch_task_info; ' if named else ''}nothing was sent"
        )
    return given


def parse_targets(option: str, values: Sequence[str]) -> list[str]:
    """Return the IDs of devices or groups in their order without repeats; raises ConfigurationError."""
    named = list(dict.fromkeys(value.strip() for value in values))
    if not named:
        raise ConfigurationError(f"{option} must name at least one ID; an empty list was given, and nothing was sent")
    invalid = [value for value in named if not _TARGET.match(value)]
    if invalid:
        more = f" and {len(invalid) - _MAX_INVALID} more" if len(invalid) > _MAX_INVALID else ""
        listed = ", ".join(map(quoted, invalid[:_MAX_INVALID]))
        raise ConfigurationError(f"{option} must be IDs of 1 to 128 letters, digits, _ and -, not {listed}{more}")
    if len(named) > _MAX_TARGETS:
        raise ConfigurationError(f"{option} can name at most {_MAX_TARGETS} devices, not {len(named)}")
    return named


def quoted(value: str) -> str:
    """Return what was given as an ID as messages show it: cut, since it may be a whole task.

    What is not ASCII is escaped: an invisible or a full-width character would look like a right ID.
    """
    return ascii(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}...")


def short_status(text: str) -> str:
    """Return a status or a type as messages show it: on one line, and no longer than such words are."""
    return short_line(text, _LONGEST_STATUS)
