# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for what a unit test must not touch: the clock, the network, the service."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import requests
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    BatchTask,
    BatchTaskClient,
    InstanceTarget,
    sort_key,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import (
    ActionResult,
    Page,
    TargetResult,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ErrorDetails,
    RequestError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.runtime import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import ClientStats
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Response
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.transport import CONNECTING, Transport


class Peak:
    """A context manager for threads; ``most`` is how many were within it at once."""

    def __init__(self) -> None:
        self.most = 0
        self._within = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self._within += 1
            self.most = max(self.most, self._within)

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._within -= 1


class Clock:
    """Seconds that pass only when somebody sleeps; ``slept`` keeps how long each time."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def as_time_module(self) -> Any:
        """Return what a module under test can have in place of ``time``."""
        return SimpleNamespace(monotonic=self, sleep=self.sleep)


class FakeCancellation(Cancellation):
    """Waits take no time: they move ``clock`` on."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def sleep(self, seconds: float) -> None:
        if not self.reason:
            self._clock.sleep(seconds)


class Answer(urllib3.HTTPResponse):
    """A response whose text is the same in each run, as the names of tests must be."""

    def __repr__(self) -> str:
        return f"<Response [{self.status}]>"


def answer(status: int = 200, body: Any = b"", **headers: str) -> urllib3.HTTPResponse:
    """Return a response as the transport would; ``Retry_After="1"`` becomes the header Retry-After."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    stream = io.BytesIO(content)
    original: Any = SimpleNamespace(fp=stream, close=stream.close)
    return Answer(
        body=io.BytesIO(),
        headers={"Content-Length": str(len(content)), **named},
        status=status,
        preload_content=False,
        original_response=original,
    )


class Wire(Transport):
    """A network that gives the written ends one after the other, and keeps what was sent and how."""

    def __init__(self, *ends: urllib3.HTTPResponse | Exception) -> None:
        super().__init__()
        self.ends = list(ends)
        self.sent: list[requests.PreparedRequest] = []
        self.manners: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **manners: Any) -> Any:  # type: ignore[override]
        self.sent.append(request)
        self.manners.append(manners)
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


def never_connected() -> Exception:
    """Return what the transport raises when no connection could be made in time."""
    error = requests.ConnectTimeout("never connected")
    error.iotda_stage = CONNECTING  # type: ignore[attr-defined] # as a connection marks it
    return error


def reply(status: int = 204, body: bytes = b"", attempts: int = 1, ambiguous: bool = False, **headers: str) -> Response:
    """Return what the HTTP helper would give; ``X_Request_Id="1"`` becomes the header X-Request-Id."""
    named = requests.structures.CaseInsensitiveDict({"Content-Length": str(len(body))})
    named.update({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(status, named, body, attempts, ambiguous)


def refusal(
    status: int,
    code: str | None = None,
    body: str | None = None,
    attempts: int = 1,
    ambiguous: bool = False,
    **more: Any,
) -> ApiError:
    """Return an answer that is no success: with ``code`` IoTDA's or a gateway's, without one empty."""
    details = ErrorDetails(status, body or ("error" if code else "empty"), code, **more)
    return ApiError(f"iotda.example answered {status}", details, attempts, ambiguous)


def silence(attempts: int = 1, ambiguous: bool = True, cause: str = "timeout") -> TransportError:
    """Return the end of a request that nobody answered."""
    return TransportError("iotda.example was silent", cause, attempts, ambiguous)


def shown(task_id: str, status: str, task_type: str = "freezeDevices", **more: Any) -> BatchTask:
    """Return a task as the service shows it; as from JSON, its words are other objects than those in the code."""
    words = {"status": "".join(list(status)), "task_type": "".join(list(task_type))}
    return BatchTask({"task_id": task_id, **words, **more}, 1)


def acted(*ends: TargetResult) -> ActionResult:
    """Return what stop, retry or confirm gives: how it ended for each device that is named, if any is."""
    return ActionResult(list(ends), 1, ErrorDetails(200, "empty", request_id="r9"))


class Service(BatchTaskClient):
    """A BatchTaskClient that IoTDA has answered before: gives the answers set for each method and task, in order.

    It keeps the calls, and the devices that were named in them. A call for which nothing is written fails the test.
    What an answer means is decided by the client's own code.
    """

    def __init__(self, answers: Mapping[tuple[str, str], list[Any]] | None = None) -> None:
        http: Any = SimpleNamespace(
            cancellation=Cancellation(), redactor=Redactor(), stats=ClientStats(throttled=2, retries=3)
        )
        super().__init__(http, InstanceTarget("https://iotda.example", "p1", "i1"), Auth())
        self._answers = {key: list(values) for key, values in (answers or {}).items()}
        self._lock = threading.Lock()
        self.calls: list[tuple[str, str]] = []
        self.named: list[Sequence[str]] = []
        with self._seeing_iotda():
            pass

    def _answer(self, verb: str, task_id: str) -> Any:
        with self._lock:
            self.calls.append((verb, task_id))
            left = self._answers.get((verb, task_id))
            assert left, f"{verb} {task_id} is one call too many"
            end = left.pop(0)
        if isinstance(end, RequestError):
            raise end
        return end

    def delete(self, task_id: str) -> Any:
        return self._answer("delete", task_id)

    def show(self, task_id: str) -> Any:
        return self._answer("show", task_id)

    def act(self, action: str, task_id: str, targets: Sequence[str] = ()) -> Any:
        self.named.append(targets)
        return self._answer(action, task_id)

    def detail_page(
        self, task_id: str, status: str | None, marker: str | None, limit: int, target: str | None = None
    ) -> Any:
        """Return the subtask of ``target``, written as its status, or the failed ones, written as pages."""
        if target is None:
            return self._answer("details", task_id)
        found = self._answer("details", target)
        return page([] if found is None else [{"target": target, "status": "".join(list(found))}])


class Listed(Service):
    """Lists, shows and deletes the tasks that it is given, as the service does it, and keeps what it was asked for.

    ``unknown``: types that it refuses. ``ignored``: a filter that it does not apply. ``refused``: how the deletion of a
    task fails. ``details``: what the subtasks of one task after the other are, or how reading them fails.
    """

    def __init__(
        self, tasks: Sequence[Mapping[str, Any]] = (), details: Sequence[Any] = (), now: datetime | None = None
    ) -> None:
        super().__init__()
        self.tasks = sorted(tasks, key=lambda one: sort_key(one["task_id"]), reverse=True)
        self.details = list(details)
        self.now = now
        self.unknown: tuple[str, ...] = ()
        self.ignored = ""
        self.refused: dict[str, ApiError] = {}
        self.pages: list[tuple[dict[str, str], int]] = []
        self.detail_statuses: list[str | None] = []
        self.deleted: list[str] = []

    @property
    def lists(self) -> list[dict[str, str]]:
        """The filters of each page that was asked for."""
        return [asked for asked, _limit in self.pages]

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int, offset: int = 0) -> Page:
        asked = dict(filters)
        self.pages.append((asked, limit))
        if asked["task_type"] in self.unknown:
            raise refusal(400, "IOTDA.000006")
        applied = {name: value for name, value in asked.items() if name != self.ignored}
        found = [one for one in self.tasks if all(one.get(name, value) == value for name, value in applied.items())]
        older = [one for one in found if marker is None or one["task_id"] < marker][offset : offset + limit]
        date = {"Date": format_datetime(self.now, usegmt=True)} if self.now else {}
        last = older[-1]["task_id"] if older else None
        return Page(older, len(found), last, reply(200, **date), "https://iotda.example")

    def show(self, task_id: str) -> BatchTask:
        for one in self.tasks:
            if one["task_id"] == task_id:
                return BatchTask(one, 1)
        raise refusal(404, "IOTDA.014201")

    def detail_page(
        self, task_id: str, status: str | None, marker: str | None, limit: int, target: str | None = None
    ) -> Page:
        self.detail_statuses.append(status)
        end = self.details.pop(0)
        if isinstance(end, RequestError):
            raise end
        return page(end)

    def delete(self, task_id: str) -> Any:
        if task_id in self.refused:
            raise self.refused[task_id]
        self.deleted.append(task_id)
        return reply(204, X_Request_Id="r1")


def page(items: list[Mapping[str, Any]]) -> Page:
    """Return a list of one page."""
    return Page(items, len(items), None, reply(200), "https://iotda.example")
