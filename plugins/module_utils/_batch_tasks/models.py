# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API of batch tasks answers: tasks, pages of them, and what was done to single devices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Callable, NamedTuple

from .._core.errors import ApiError, ErrorDetails
from .._core.redaction import short_line
from .._http.messages import Response
from .api import BatchTask, is_task_id

_MARKER = re.compile(r"[0-9a-f]{24}\Z")


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
            raise self.malformed(f"the marker {self.marker}, which is not smaller than the previous page's")
        return self.marker

    def malformed(self, what: str) -> ApiError:
        """Return the failure of a page that cannot be used; ``what`` was wrong with it."""
        return self.response.malformed(self.url, what)


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


def failed_devices(ends: Sequence[TargetResult]) -> str:
    """Return how many of the devices failed, and why the first of them did."""
    failures = [end for end in ends if not end.succeeded]
    first = with_cause(failures[0].target, failures[0].error_code, failures[0].error_msg)
    return f"{len(failures)} of {len(ends)} devices failed, the first of them {first}"


def with_cause(target: str, code: str | None, text: str | None) -> str:
    """Return the name of a device that failed and, where it is known, why."""
    said = ": ".join(filter(None, (code, text)))
    return f"{target} ({said})" if said else target


class ActionResult(NamedTuple):
    """What stop, retry or confirm did: for each device that the answer names, and how often it was sent."""

    targets: list[TargetResult]
    attempts: int
    details: ErrorDetails | None = None


def parse_task(response: Response, url: str, task: Any) -> BatchTask:
    """Return the batch task that ``task`` is; raises ApiError for anything else."""
    if not _is_task(task) or not isinstance(task.get("status"), str):
        raise response.malformed(url, "no batch task in it")
    return BatchTask(task, response.attempts)


def parse_page(response: Response, url: str, name: str) -> Page:
    """Return a page of what ``name`` says: ``batchtasks`` or, of one task, ``task_details``. Raises ApiError."""
    content = response.json_object(url, (200,))
    page, items = content.get("page"), content.get(name)
    is_valid = _is_task if name == "batchtasks" else _is_subtask
    if not isinstance(page, dict):
        raise response.malformed(url, "a list without a page object")
    if not isinstance(items, list) or not all(map(is_valid, items)):
        raise response.malformed(url, "a list with an invalid entry")
    count = page.get("count")
    return Page(items, count if isinstance(count, int) else None, page.get("marker"), response, url)


def parse_action_result(response: Response, url: str) -> ActionResult:
    """Return what stop, retry or confirm did; raises ApiError for an answer that does not tell."""
    targets = response.json_object(url, (200,)).get("targets")
    if not isinstance(targets, list) or not all(map(_is_target_result, targets)):
        raise response.malformed(url, "a list of targets with an invalid entry")
    results = [TargetResult.of(item, response.redactor.redact) for item in targets]
    return ActionResult(results, response.attempts, response.details)


def _is_task(item: Any) -> bool:
    return _has_texts(item, "status", "task_type", "task_name") and is_task_id(item.get("task_id"))


def _is_subtask(item: Any) -> bool:
    return _has_texts(item, "target", "status")


def _has_texts(item: Any, *names: str) -> bool:
    """Whether ``item`` is an object in which each of ``names`` is a text, or null, or missing."""
    return isinstance(item, dict) and all(isinstance(item.get(name), (str, type(None))) for name in names)


def _is_target_result(item: Any) -> bool:
    """Whether it says how one device ended: "success" or "failure". Any other word leaves open what was done."""
    if not _has_texts(item, "target", "status") or item.get("target") is None:
        return False
    status = item.get("status") or ""
    return status == "success" or status.startswith("fail")
