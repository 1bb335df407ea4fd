# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for what a unit test must not touch: the clock, the network, the service."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import requests

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTask
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ErrorDetails,
    RequestError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Response


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


def answer(status: int = 200, body: Any = b"", **headers: str) -> requests.Response:
    """Return an answer as a server would give it; ``Retry_After="1"`` becomes the header Retry-After."""
    response = requests.Response()
    response.status_code = status
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.raw = io.BytesIO(content)
    response.headers["Content-Length"] = str(len(content))
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


class Wire(requests.adapters.BaseAdapter):
    """A network that gives the written ends one after the other, and keeps what was sent and how."""

    def __init__(self, *ends: requests.Response | Exception) -> None:
        super().__init__()
        self.ends = list(ends)
        self.sent: list[requests.PreparedRequest] = []
        self.manners: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **manners: Any) -> requests.Response:  # type: ignore[override]
        self.sent.append(request)
        self.manners.append(manners)
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        end.request, end.url = request, str(request.url)
        return end

    def close(self) -> None:
        """Nothing is open."""


def reply(status: int = 204, body: bytes = b"", attempts: int = 1, ambiguous: bool = False, **headers: str) -> Response:
    """Return what the HTTP helper would give; ``X_Request_Id="1"`` becomes the header X-Request-Id."""
    named = requests.structures.CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
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
    """Return a task as the service shows it."""
    return BatchTask({"task_id": task_id, "status": status, "task_type": task_type, **more}, 1)


class Service:
    """In place of BatchTaskClient: gives the answers written for each verb and task, in their order, and keeps the calls.

    A call for which nothing is written fails the test.
    """

    def __init__(self, answers: Mapping[tuple[str, str], list[Any]] | None = None) -> None:
        self._answers = {key: list(values) for key, values in (answers or {}).items()}
        self._lock = threading.Lock()
        self.cancellation = Cancellation()
        self.calls: list[tuple[str, str]] = []

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

    def stop(self, task_id: str) -> Any:
        return self._answer("stop", task_id)
