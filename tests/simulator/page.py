# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web page that shows what is going on: the tasks, and the latest requests. It asks for news every second."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from .clock import API_TIME
from .front import is_browser
from .instances import Instance
from .journal import Entry
from .routing import Handler, Router
from .store import Selection, TaskStore
from .tasks import STATUSES, Task

if TYPE_CHECKING:
    from .simulator import Simulator

TASKS_SHOWN = 200
REQUESTS_SHOWN = 50
_FILE = Path(__file__).with_name("page.html")
# The page is whole by itself, and speaks to nobody but the simulator.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


def router(otherwise: Handler) -> Router:
    """Answer a browser's ``GET /`` with the page, and leave everything else to ``otherwise``."""

    def root(request: Request, body: bytes) -> Response:
        return _page() if is_browser(request) else otherwise(request, body)

    return Router([("GET", "/", root)], otherwise)


def _page() -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "Accept"}
    return Response(_FILE.read_bytes(), headers=headers, media_type="text/html;charset=utf-8")


def news(simulator: Simulator) -> dict[str, Any]:
    """Return what the page shows: of many tasks and requests, only the newest."""
    journal = simulator.journal
    return {
        "now": simulator.clock.now().isoformat(timespec="seconds"),
        "url": simulator.url,
        "faults": len(simulator.faults.pending()),
        "instances": [_instance(instance) for instance in simulator.instances],
        "requests": {"count": len(journal), "latest": [_entry(entry) for entry in journal.latest(REQUESTS_SHOWN)]},
    }


def _instance(instance: Instance) -> dict[str, Any]:
    stores = list(instance.stores.values())
    pages = [store.select(Selection(limit=TASKS_SHOWN)) for store in stores]
    newest = sorted((task for page, _count in pages for task in page), key=lambda task: task.task_id, reverse=True)
    return {
        "instance_id": instance.instance_id,
        "edition": instance.edition,
        "url": instance.url,
        "count": sum(count for _page, count in pages),
        "statuses": {status: count for status in STATUSES if (count := _count(stores, status))},
        "tasks": [_task(task) for task in newest[:TASKS_SHOWN]],
    }


def _count(stores: list[TaskStore], status: str) -> int:
    return sum(store.select(Selection(status=status, limit=0))[1] for store in stores)


def _task(task: Task) -> dict[str, str]:
    return {
        "task_id": task.task_id,
        "task_name": task.task_name,
        "task_type": task.task_type,
        "status": task.status,
        "create_time": task.create_time.strftime(API_TIME),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "time": entry.time.isoformat(timespec="milliseconds"),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "host": entry.host,
        "status": entry.status,
        "fault": entry.fault,
        "unsafe": entry.unsafe,
    }
