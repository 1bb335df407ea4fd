# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the query of a list or a show asks for, checked as the documents say."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from .responses import BadRequest
from .settings import Settings
from .store import NEWEST, Selection
from .tasks import DETAIL_STATUSES, STATUSES, Task

_MARKER = re.compile(r"[0-9a-f]{24}\Z")
APP_ID = re.compile(r"[A-Za-z0-9_-]{1,36}\Z")


def list_selection(request: Request, settings: Settings) -> Selection:
    """Return what a list asks for. Raises BadRequest."""
    app_id = request.query_params.get("app_id")
    if app_id is not None and not APP_ID.match(app_id):
        raise BadRequest("IOTDA.000006", "Invalid input data. app_id is invalid.")
    marker, offset = _marker(request), number(request, "offset", 0, 0, 500, "IOTDA.000018")
    if marker != NEWEST and offset:
        marker, offset = _beside(marker, offset, settings)
    return Selection(
        app_id,
        _task_type(request, settings),
        _one_of(request, "status", STATUSES),
        marker,
        offset,
        number(request, "limit", 10, 1, 50, "IOTDA.000017"),
    )


def _beside(marker: str, offset: int, settings: Settings) -> tuple[str, int]:
    """Return the marker and the offset that count where both are given. Raises BadRequest."""
    if settings.offset_beside_marker == "refused":
        raise BadRequest(settings.bad_offset)
    if settings.offset_beside_marker == "ignored":
        return marker, 0
    return (NEWEST if settings.offset_beside_marker == "miscounted" else marker), offset


def detail_page(request: Request, task: Task) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the subtasks that a show asks for, and its ``page``. Raises BadRequest.

    A subtask's record ID, by which they are ordered and paged, is not a field of it; newest first means last first.
    """
    status = _one_of(request, "task_detail_status", DETAIL_STATUSES)
    target = request.query_params.get("target")
    marker = _marker(request)
    offset = number(request, "offset", 0, 0, 500, "IOTDA.000018")
    limit = number(request, "limit", 10, 1, 50, "IOTDA.000017")
    matching = [
        (_record_id(task, index), detail)
        for index, detail in enumerate(task.details())
        if status in (None, detail["status"]) and target in (None, detail["target"])
    ]
    below = [record for record in reversed(matching) if record[0] < marker]
    page = below[offset : offset + limit]
    last = page[-1][0] if page else marker
    return [detail for _record, detail in page], {"count": len(matching), "marker": last}


def _record_id(task: Task, index: int) -> str:
    return f"{task.task_id[:8]:0<8}d37a11{index:010x}"


def _task_type(request: Request, settings: Settings) -> str | None:
    value = request.query_params.get("task_type")
    if value is None and settings.list_needs_task_type:
        raise BadRequest(settings.task_type_missing)
    if value is not None and value not in settings.task_types:
        raise BadRequest(settings.unknown_task_type)
    return value


def _one_of(request: Request, name: str, allowed: tuple[str, ...]) -> str | None:
    value = request.query_params.get(name)
    if value is not None and value not in allowed:
        raise BadRequest("IOTDA.000006", f"Invalid input data. {name} is invalid.")
    return value


def _marker(request: Request) -> str:
    marker = request.query_params.get("marker", NEWEST)
    if not _MARKER.match(marker):
        raise BadRequest("IOTDA.000006", "Invalid input data. marker is invalid.")
    return marker


def number(request: Request, name: str, default: int, least: int, most: int, code: str) -> int:
    """Return a number of the query. Raises BadRequest."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadRequest(code, f"Invalid input. {name} must be from {least} to {most}.")
    return int(text)
