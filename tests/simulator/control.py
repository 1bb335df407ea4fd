# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's own interface over HTTP, for processes that cannot call it: only for this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from .app import CONTROL
from .clock import API_TIME
from .responses import json_response
from .routing import Router
from .settings import change

if TYPE_CHECKING:
    from .simulator import Simulator

_LOOPBACK = ("127.0.0.1", "::1")
Work = Callable[[dict[str, Any]], object]


class Control:
    """Routes below ``/_simulator``; see the README for their bodies."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        routes: list[tuple[str, str, Work]] = [
            ("GET", "", self._summary),
            ("GET", "/tasks", self._tasks),
            ("POST", "/tasks", self._add_tasks),
            ("DELETE", "/tasks", self._clear_tasks),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/journal", self._journal),
            ("DELETE", "/journal", self._clear_journal),
            ("POST", "/clock", self._clock),
            ("POST", "/rate_limit", self._rate_limit),
            ("POST", "/latency", self._latency),
            ("POST", "/tokens", self._token),
            ("POST", "/instances", self._instance),
            ("POST", "/settings", self._settings),
            ("POST", "/reset", self._reset),
        ]
        self.router = Router([(method, CONTROL + path, _json(work)) for method, path, work in routes], _nothing_here)

    def _summary(self, given: dict[str, Any]) -> object:
        simulator = self._simulator
        return {
            **simulator.described(),
            "now": simulator.clock.now().isoformat(),
            "tasks": len(simulator.task_ids()),
            "requests": len(simulator.journal),
            "unsafe_requests": len(simulator.journal.unsafe()),
            "faults": len(simulator.faults.pending()),
        }

    def _tasks(self, given: dict[str, Any]) -> object:
        return {"tasks": self._simulator.tasks()}

    def _add_tasks(self, given: dict[str, Any]) -> object:
        """Add one task and return its ID, or many, if ``tasks`` lists them, and return their IDs."""
        if "tasks" in given:
            return {"task_ids": [self._add_task(**one) for one in given["tasks"]]}
        return {"task_id": self._add_task(**given)}

    def _add_task(self, **given: Any) -> str:
        age = given.pop("age_seconds", None)
        if age is not None:
            given["create_time"] = self._simulator.clock.now() - timedelta(seconds=age)
        elif "create_time" in given:
            given["create_time"] = _moment(given["create_time"])
        return self._simulator.add_task(**given)

    def _clear_tasks(self, given: dict[str, Any]) -> object:
        self._simulator.clear_tasks()
        return {}

    def _faults(self, given: dict[str, Any]) -> object:
        return {"faults": [asdict(fault) for fault in self._simulator.faults.pending()]}

    def _add_fault(self, given: dict[str, Any]) -> object:
        self._simulator.fault(**given)
        return {}

    def _clear_faults(self, given: dict[str, Any]) -> object:
        self._simulator.clear_faults()
        return {}

    def _journal(self, given: dict[str, Any]) -> object:
        return {"entries": [{**asdict(entry), "unsafe": entry.unsafe} for entry in self._simulator.journal]}

    def _clear_journal(self, given: dict[str, Any]) -> object:
        self._simulator.journal.clear()
        return {}

    def _clock(self, given: dict[str, Any]) -> object:
        if "advance" in given:
            self._simulator.clock.advance(given["advance"])
        if "skew" in given:
            self._simulator.clock.skew(given["skew"])
        return {"now": self._simulator.clock.now().isoformat()}

    def _rate_limit(self, given: dict[str, Any]) -> object:
        self._simulator.rate_limit(given.get("per_second"), given.get("retry_after"))
        return {}

    def _latency(self, given: dict[str, Any]) -> object:
        self._simulator.latency(given["seconds"])
        return {}

    def _token(self, given: dict[str, Any]) -> object:
        return {"token": self._simulator.issue_token(**given)}

    def _instance(self, given: dict[str, Any]) -> object:
        instance = self._simulator.add_instance(**given)
        return {"url": instance.url, "instance_id": instance.instance_id}

    def _settings(self, given: dict[str, Any]) -> object:
        change(self._simulator.settings, given)
        return {}

    def _reset(self, given: dict[str, Any]) -> object:
        self._simulator.reset()
        return {}


def _json(work: Work) -> Callable[[Request, bytes], Response]:
    def handler(request: Request, body: bytes) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return json_response(403, {"error": "only for this machine"})
        try:
            given = json.loads(body) if body else {}
            return _plain(work(given))
        except (ValueError, TypeError, KeyError) as error:
            return json_response(400, {"error": f"{type(error).__name__}: {error}"})

    return handler


def _plain(value: object) -> Response:
    return Response(json.dumps(value, default=str), media_type="application/json")


def _moment(text: str) -> datetime:
    for form in (API_TIME + "%z", "%Y-%m-%dT%H:%M:%SZ%z", "%Y-%m-%dT%H:%M:%S.%fZ%z"):
        try:
            return datetime.strptime(text + "+0000", form)
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def _nothing_here(request: Request, body: bytes) -> Response:
    return json_response(404, {"error": f"no {request.method} {request.scope['path']} here"})
