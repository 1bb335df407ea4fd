# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked, what the documents say about it, and which settings of the simulator follow from an answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from ansible_collections.huaweicloud.iotda.tests.simulator.clock import API_TIME
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import FINISHED, TASK_TYPES

from .api import Api

ABSENT_TASK = "000000000000000000000000"
ABSENT_FILE = "00000000-0000-4000-8000-000000000000"
ABSENT_INSTANCE = "00000000-0000-4000-8000-000000000001"
_BURST = 60
_LONGEST_LEAP = 499
_STARTS_IN = 90.0
_WAIT_FOR_END = 600.0
_POLL = 10.0
_ID = re.compile(r"[0-9a-fA-F]{16,}|[0-9a-f]{8}-[0-9a-f-]{27}")
_PLAIN_HEADERS = {"date", "content-length", "content-type", "connection", "server", "x-request-id", "keep-alive"}


@dataclass(frozen=True)
class Answer:
    """What was seen, in words without any ID, and the simulator's settings that follow from it."""

    text: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One row of the table. ``holds`` tells whether an answer agrees with what the documents say, if they say it."""

    name: str
    documents: str
    ask: Callable[[Api], Answer]
    holds: Callable[[str], bool] = lambda text: True


def refused(reply: requests.Response, setting: str | None = None) -> Answer:
    """Describe an answer that should be an error; ``setting`` is the name of the simulator's setting for it."""
    try:
        value = reply.json()
        code, message = str(value["error_code"]), str(value["error_msg"])
    except (ValueError, KeyError, TypeError):
        return Answer(f"{reply.status_code}, not in the form of IoTDA")
    message = _ID.sub("<id>", message)[:120]
    settings = {setting: {"status": reply.status_code, "code": code, "message": message}} if setting else {}
    return Answer(f"{reply.status_code} {code} {message}", settings)


def _list(api: Api, **query: str) -> requests.Response:
    return api("GET", "/batchtasks", query)


def _without_a_type(api: Api) -> Answer:
    reply = _list(api, limit="1")
    if reply.ok:
        return Answer(f"{reply.status_code}", {"list_needs_task_type": False})
    answer = refused(reply, "task_type_missing")
    return Answer(answer.text, {**answer.settings, "list_needs_task_type": True})


def _types(api: Api) -> Answer:
    taken = [one for one in TASK_TYPES if _list(api, task_type=one, limit="1").ok]
    others = [one for one in TASK_TYPES if one not in taken]
    return Answer(f"all but {', '.join(others)}" if others else f"all {len(taken)}", {"task_types": taken})


def _page(api: Api) -> Answer:
    for task_type in ("freezeDevices", *TASK_TYPES):
        reply = _list(api, task_type=task_type, limit="2")
        if reply.ok and reply.json().get("batchtasks"):
            return Answer(_shape(reply.json()))
    return Answer("no task of any type to look at")


def _empty_page(api: Api) -> Answer:
    reply = _list(api, task_type="freezeDevices", marker=ABSENT_TASK)
    return Answer(_shape(reply.json()) if reply.ok else refused(reply).text)


def _offset(api: Api) -> Answer:
    """Ask for pages some tasks behind a marker, in the longest list there is, and look where they begin.

    A list that others change meanwhile may give a wrong answer; then ask again.
    """
    replies = {one: _list(api, task_type=one, limit="50") for one in TASK_TYPES}
    counts = {one: reply.json()["page"]["count"] for one, reply in replies.items() if reply.ok}
    task_type = max(counts, key=lambda one: counts[one])
    ids: list[str] = []
    while len(ids) < min(counts[task_type], _LONGEST_LEAP + 2):
        more = _list(api, task_type=task_type, limit="50", **({"marker": ids[-1]} if ids else {})).json()["batchtasks"]
        if not more:
            break
        ids += [task["task_id"] for task in more]
    farthest = min(len(ids) - 2, _LONGEST_LEAP)
    if farthest < 1:
        return Answer("too few tasks of any type to tell")
    offsets = sorted({1, max(farthest // 2, 1), farthest})
    seen = {offset: _leap(api, task_type, ids, offset) for offset in offsets}
    kinds = set(seen.values())
    kind = kinds.pop() if len(kinds) == 1 else "miscounted"
    text = kind if kind != "miscounted" else ", ".join(f"{offset}: {found}" for offset, found in seen.items())
    known = kind in ("honoured", "ignored", "refused", "miscounted")
    return Answer(f"{text} (offsets {', '.join(map(str, offsets))})", {"offset_beside_marker": kind} if known else {})


def _leap(api: Api, task_type: str, ids: Sequence[str], offset: int) -> str:
    """Return what a list makes of ``offset`` beside the newest task's ID as marker."""
    reply = _list(api, task_type=task_type, limit="1", marker=ids[0], offset=str(offset))
    if not reply.ok:
        return "refused" if reply.status_code == 400 else refused(reply).text
    first = [task["task_id"] for task in reply.json()["batchtasks"]]
    if first == [ids[1 + offset]]:
        return "honoured"
    return "ignored" if first == [ids[1]] else "miscounted"


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_shape(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return f"[{_shape(value[0])}, ...]" if value else "[]"
    return "null" if value is None else type(value).__name__


def _absent_delete(api: Api) -> Answer:
    reply = api("DELETE", f"/batchtasks/{ABSENT_TASK}")
    return refused(reply, "absent")


def _foreign_project_header(api: Api) -> Answer:
    reply = api("GET", "/batchtask-files", headers={"X-Project-Id": "0" * 32})
    text = str(reply.status_code) if reply.ok else refused(reply).text
    return Answer(text, {"project_header_must_match": not reply.ok})


def _burst(api: Api) -> Answer:
    with ThreadPoolExecutor(_BURST // 3) as pool:
        replies = list(pool.map(lambda dummy: _list(api, task_type="freezeDevices", limit="1"), range(_BURST)))
    throttled = [reply for reply in replies if reply.status_code == 429]
    names = {name.lower() for reply in throttled or replies for name in reply.headers} - _PLAIN_HEADERS
    shown = ", ".join(sorted(names)) or "none"
    return Answer(f"{len(throttled)} of {_BURST} answers are 429; further headers: {shown}")


QUESTIONS = (
    Question("list without task_type", "task_type is mandatory; the answer is not documented", _without_a_type),
    Question(
        "list of an unknown task_type",
        "not documented",
        lambda api: refused(_list(api, task_type="conformanceTest"), "unknown_task_type"),
    ),
    Question("task types that a list takes", "11 to 13, and 5 more in the API description", _types),
    Question(
        "list with limit 51",
        "400 IOTDA.000017",
        lambda api: refused(_list(api, task_type="freezeDevices", limit="51")),
        lambda text: text.startswith("400 IOTDA.000017"),
    ),
    Question(
        "offset beside marker",
        "so many tasks behind the marker are left out, at most 500",
        _offset,
        lambda text: text.startswith("honoured"),
    ),
    Question("fields of a list", "fields of Task and Page; which are absent or null is not documented", _page),
    Question("page of an empty list", "count and marker", _empty_page, lambda text: "count" in text),
    Question(
        "show of an absent task",
        "404; the code is not documented",
        lambda api: refused(api("GET", f"/batchtasks/{ABSENT_TASK}")),
        lambda text: text.startswith("404 IOTDA."),
    ),
    Question(
        "delete of an absent task",
        "404; the code is not documented",
        _absent_delete,
        lambda text: text.startswith("404 IOTDA."),
    ),
    Question(
        "stop of an absent task",
        "404; the code is not documented",
        lambda api: refused(api("POST", f"/batchtasks/{ABSENT_TASK}/stop", body={})),
        lambda text: text.startswith("404 IOTDA."),
    ),
    Question(
        "delete of an absent file",
        "404 IOTDA.014600",
        lambda api: refused(api("DELETE", f"/batchtask-files/{ABSENT_FILE}"), "file_absent"),
        lambda text: text.startswith("404 IOTDA.014600"),
    ),
    Question(
        "wrong Instance-Id",
        "not documented",
        lambda api: refused(
            api("GET", "/batchtask-files", headers={"Instance-Id": ABSENT_INSTANCE}), "unknown_instance"
        ),
    ),
    Question("X-Project-Id of another project", "not documented", _foreign_project_header),
    Question("a burst of lists", "429 APIGW.0308 beyond the limit; Retry-After is not documented", _burst),
)


class Tasks:
    """Questions that need tasks: they create two, which send a message each, and delete them in the end."""

    PLAN = (
        "create two batch tasks of the same name and of the type createMessages, which send a message each to the "
        f"device {{device}} after {_STARTS_IN:.0f} seconds; try to delete, stop, retry and confirm one before that; "
        "and delete both when they have finished"
    )

    def __init__(self) -> None:
        self._name = f"conformance_{secrets.token_hex(4)}"
        self._made: list[str] = []

    def questions(self) -> Iterator[Question]:
        """Yield the questions in the order in which they must be asked."""
        yield Question("creation", "201", self._create, lambda text: text.startswith("201"))
        yield Question("creation with a name that exists", "not documented", self._create_again)
        calls = {"stop": "not_stoppable", "retry": "not_retryable", "confirm": "not_confirmable"}
        yield Question(
            "delete of an unfinished task",
            "refused; status and code are not documented",
            lambda api: refused(api("DELETE", f"/batchtasks/{self._made[0]}"), "unfinished"),
        )
        for call, setting in calls.items():
            documents = "refused; the code is not documented"
            yield Question(f"{call} of a type without it", documents, self._do(call, setting))
        yield Question("fields of a finished task", "fields of BatchTask", self._finish)
        yield Question(
            "delete of a finished task", "204 without a body", self._delete, lambda text: text == "204, 0 bytes"
        )

    def clean_up(self, api: Api) -> list[str]:
        """Delete what was made and is still there; return the IDs of what could not be deleted."""
        listed = _list(api, task_type="createMessages", limit="50")
        tasks = listed.json().get("batchtasks", []) if listed.ok and api.account.device_id else []
        # One whose creation had no answer is known by its name alone.
        made = {*self._made, *(task["task_id"] for task in tasks if task["task_name"] == self._name)}
        return [one for one in made if api("DELETE", f"/batchtasks/{one}").status_code not in (204, 404)]

    def _body(self, api: Api) -> dict[str, Any]:
        starts = datetime.now(timezone.utc) + timedelta(seconds=_STARTS_IN)
        return {
            "task_name": self._name,
            "task_type": "createMessages",
            "targets": [api.account.device_id],
            "document": {"name": "conformance", "message": "conformance", "encoding": "none"},
            "task_policy": {"schedule_time": starts.strftime(API_TIME)},
        }

    def _create(self, api: Api) -> Answer:
        reply = api("POST", "/batchtasks", body=self._body(api))
        if not reply.ok:
            return refused(reply)
        self._made.append(reply.json()["task_id"])
        return Answer(f"{reply.status_code} {_shape(reply.json())}")

    def _create_again(self, api: Api) -> Answer:
        answer = self._create(api)
        if answer.text.startswith("2"):
            return Answer("accepted", {"unique_names": False})
        code = answer.text.split(" ", 2)
        refusal = {"status": int(code[0]), "code": code[1], "message": code[2]}
        return Answer(answer.text, {"unique_names": True, "name_taken": refusal})

    def _do(self, call: str, setting: str) -> Callable[[Api], Answer]:
        return lambda api: refused(api("POST", f"/batchtasks/{self._made[0]}/{call}", body={}), setting)

    def _finish(self, api: Api) -> Answer:
        waited = 0.0
        while waited < _STARTS_IN + _WAIT_FOR_END:
            api.sleep(_POLL)
            waited += _POLL
            shown = [api("GET", f"/batchtasks/{task_id}").json() for task_id in self._made]
            if all(one["batchtask"]["status"] in FINISHED for one in shown):
                return Answer(f"{shown[0]['batchtask']['status']} {_shape(shown[0])}")
        return Answer(f"not finished after {waited:.0f} seconds")

    def _delete(self, api: Api) -> Answer:
        reply = api("DELETE", f"/batchtasks/{self._made[0]}")
        return Answer(f"{reply.status_code}, {len(reply.content)} bytes")
