# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service in memory that keeps tasks and files, loses answers, shows new tasks late, rewrites, and has other clients.

It is for thousands of runs. At each call, ``pick`` chooses what happens; every call is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTask
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import Page
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    CancelledError,
    ErrorDetails,
    IamError,
    IamOperation,
)
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import (
    Clock,
    FakeCancellation,
    Service,
    page,
    refusal,
    reply,
    silence,
)

LOST = {
    "timeout": silence,
    "reset": lambda: silence(cause="broken"),
    "503": lambda: refusal(503, "APIGW.0201", ambiguous=True),
    "500": lambda: refusal(500, "IOTDA.000020", ambiguous=True),
    # A success that was cut off, is not JSON, or is another task: the client tells it by its status alone.
    "cut 201": lambda: refusal(201, body="other"),
}
REFUSED = {
    "not connected": lambda: silence(ambiguous=False, cause="connect"),
    "400": lambda: refusal(400, "IOTDA.000006"),
    "403": lambda: refusal(403, "IOTDA.000022"),
    "429": lambda: refusal(429, "APIGW.0308"),
    # The credentials had to be renewed, and IAM's answer to that was malformed: nothing was sent to the service.
    "login": lambda: IamError(IamOperation.LOGIN, refusal(201, body="other")),
}
UNREADABLE = {
    "timeout": lambda: silence(ambiguous=False),
    "503": lambda: refusal(503),
    "401": lambda: refusal(401, "APIGW.0301"),
    "html": lambda: refusal(200, body="other"),
    "cancelled": lambda: CancelledError("SIGTERM was received"),
}
NAME_TAKEN = "IOTDA.014202"
NO_SUCH_FILE = "IOTDA.014600"


class Change(NamedTuple):
    """How the service treats a creation or an upload: whether it acts, how it answers (None: well), and more.

    ``late``: after how many seconds a list shows what was made. ``rival``: the fields of a task that somebody else has
    created just before.
    """

    acts: bool = True
    answer: str | None = None
    late: float = 0.0
    rival: Mapping[str, Any] | None = None


Pick = Callable[[str, Sequence[Any]], Any]


def first(position: str, options: Sequence[Any]) -> Any:
    """Choose what is usual."""
    return options[0]


@dataclass
class Entry:
    """A task, since when lists show it, and whether the client under test made it."""

    task: dict[str, Any]
    shown_from: float
    ours: bool


@dataclass
class ServiceModel(Service):
    """``options``: what can happen at each position; where none are given, everything works.

    ``rewrite``: what lists show of a task. ``unique_names``: a name that exists is refused.
    """

    clock: Clock
    pick: Pick = first
    options: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    rewrite: Callable[[dict[str, Any]], dict[str, Any]] = dict
    unique_names: bool = False
    entries: list[Entry] = field(default_factory=list)
    files_there: dict[str, tuple[str, float]] = field(default_factory=dict)
    deleted_files: list[str] = field(default_factory=list)
    made: list[tuple[str, float]] = field(default_factory=list)
    chosen: list[tuple[str, Any]] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    lost: int = 0
    numbers: int = 0
    statuses: list[str] = field(default_factory=list)
    """What the next looks at a task show; a number is an error of this HTTP status."""

    def __post_init__(self) -> None:
        super().__init__()
        self.cancellation = FakeCancellation(self.clock)

    def _choose(self, position: str, usual: Any) -> Any:
        chosen = self.pick(position, self.options.get(position) or [usual])
        self.chosen.append((position, chosen))
        return chosen

    def add(self, body: Mapping[str, Any], late: float = 0.0, ours: bool = False) -> dict[str, Any]:
        self.numbers += 1
        task = {**body, "task_id": f"{self.numbers:024x}", "status": "Initializing"}
        self.entries.insert(0, Entry(task, self.clock() + late, ours))
        return task

    def create(self, body: Mapping[str, Any]) -> BatchTask:
        again = any(call == "POST" for call, _when in self.made)
        self.made.append(("POST", self.clock()))
        post = self._choose("POST again" if again and "POST again" in self.options else "POST", Change())
        if post.rival is not None:
            self.add({**body, **post.rival, "document_source": None})
        if post.answer in REFUSED:
            raise REFUSED[post.answer]()
        task = self._made(body, post) if post.acts else {}
        if post.answer is not None:
            self.lost += 1
            raise LOST[post.answer]()
        self.answered.append(task["task_id"])
        # As from JSON: the same ID as in a list, and another object.
        answered = {**task, "task_id": "".join(list(task["task_id"]))}
        return BatchTask(answered, 1, ErrorDetails(201, "empty", request_id="r1"))

    def _made(self, body: Mapping[str, Any], post: Change) -> dict[str, Any]:
        if self.unique_names and any(entry.task["task_name"] == body["task_name"] for entry in self.entries):
            raise refusal(400, NAME_TAKEN)
        file_id = body.get("document_source")
        if file_id is not None and self.files_there.pop(file_id, None) is None:
            raise refusal(400, NO_SUCH_FILE)
        task = self.add(body, post.late, ours=True)
        self.acted.append(task["task_id"])
        return task

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int, offset: int = 0) -> Page:
        where = "list again" if any(call == "POST" for call, _when in self.made) else "list"
        end = self._choose(where, None)
        if end is not None:
            self.made.append(("unread", self.clock()))
            raise UNREADABLE[end]()
        self.made.append(("GET", self.clock()))
        kind = dict(filters)["task_type"]
        found = [
            task for task in self.shown() if task["task_type"] == kind and (marker is None or task["task_id"] < marker)
        ]
        last = found[:limit][-1]["task_id"] if found else None
        return Page(
            [self.rewrite(task) for task in found[:limit]], len(found), last, reply(200), "https://iotda.example"
        )

    def show(self, task_id: str) -> BatchTask:
        self.made.append(("show", self.clock()))
        status = self.statuses.pop(0)
        if status.isdecimal():
            raise refusal(int(status), "IOTDA.014201")
        (task,) = (entry.task for entry in self.entries if entry.task["task_id"] == task_id)
        task["status"] = status
        return BatchTask(dict(task), 1)

    def detail_page(
        self, task_id: str, status: str | None, marker: str | None, limit: int, target: str | None = None
    ) -> Page:
        return page([{"target": "b", "status": "Fail"}])

    def shown(self) -> list[dict[str, Any]]:
        """Return what lists show by now."""
        return [entry.task for entry in self.entries if entry.shown_from <= self.clock()]

    def upload(self, name: str, content: bytes) -> str:
        self.made.append(("upload", self.clock()))
        upload = self._choose("upload", Change())
        if upload.answer in REFUSED:
            raise REFUSED[upload.answer]()
        if upload.acts:
            self.files_there["file_1"] = name, self.clock() + upload.late
        if upload.answer is not None:
            raise LOST[upload.answer]()
        return "file_1"

    def files(self) -> list[Mapping[str, Any]]:
        end = self._choose("files", None)
        if end is not None:
            raise UNREADABLE[end]()
        there = self.files_there.items()
        others = [{"file_id": name, "file_name": f"{name}.xlsx"} for name in ("a", "z")]
        return others + [{"file_id": key, "file_name": name} for key, (name, shown) in there if shown <= self.clock()]

    def delete_file(self, file_id: str) -> None:
        end = self._choose("delete file", None)
        if end in REFUSED:
            raise REFUSED[end]()
        self.deleted_files.append(file_id)
        if self.files_there.pop(file_id, None) is None:
            raise refusal(404, NO_SUCH_FILE)
        if end is not None:
            raise LOST[end]()

    def delete_ours(self) -> None:
        self.entries = [entry for entry in self.entries if not entry.ours]

    def ours(self) -> list[str]:
        return [entry.task["task_id"] for entry in self.entries if entry.ours]

    def has(self, task_id: str) -> bool:
        return any(entry.task["task_id"] == task_id for entry in self.entries)
