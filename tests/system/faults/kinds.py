# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, and what a client can know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.system.faults.calls import CALLS, CAMPAIGN_CALLS, Call

SHORT, LONG = 0.3, 2.0  # seconds that one attempt may take: where silence is met, and where it is not
TEN_YEARS = 315_360_000


@dataclass(frozen=True)
class Kind:
    """One thing that goes wrong, either a ``fault`` of the simulator or one of the ``network``.

    ``words``: a regular expression for how the message must name it. ``repeated``: after it, a client may send ``any``
    request again, only ``safe`` ones, or ``none``. ``ambiguous``: the client cannot tell whether the request was
    carried out; ``acted``: it was. ``status``: of the answer, if a whole one comes. ``shown``: a DELETE that meets it
    is explained by reading the task, and sent once more when that finds it finished. ``slow``: one attempt takes all
    the time there is. ``harmless``: nothing that is wrong is needed, so that all ends as if nothing were.
    """

    name: str
    words: str
    fault: Mapping[str, Any] = field(default_factory=dict)
    network: str = ""
    repeated: str = "none"
    ambiguous: bool = False
    acted: bool = False
    status: int | None = None
    shown: bool = False
    timeout: float = LONG
    slow: bool = False
    harmless: bool = False

    def is_retried(self, call: Call) -> bool:
        """Whether the client sends the request again of itself."""
        return self.repeated == "any" or (self.repeated == "safe" and call.method in ("GET", "DELETE"))

    @property
    def title(self) -> str:
        return f"{self.name}, after it acted" if self.acted else self.name


def kinds_for(call: Call) -> Iterator[Kind]:
    """Yield all that can go wrong with ``call``. Reading has no effect, so that when it goes wrong does not matter."""
    # Which of several connections a request of those under way takes is not known.
    for kind in (*(() if call.query else NETWORK), *BROKEN, *STATUSES, *THROTTLED, *CONTENT):
        yield kind
        if (kind.ambiguous or kind.status == 200) and call.method != "GET":
            yield replace(kind, acted=True, fault={**kind.fault, "when": "after"})
    for name, value in ODD.get(call.name, {}).items():
        yield Kind(name, "", {"kind": "altered", "json": value}, status=200, harmless=True)
    for name, value in SHAPES[call.name].items():
        yield _content(name, "json", json=value, status=201 if call.name == "login" else 200)


# Nobody is reached, so nothing was carried out.
NETWORK = (
    Kind("refused", "could not connect to .*", network="refused", repeated="any"),
    Kind("nobody accepts", f"could not connect to .* within {SHORT} s", network="full", repeated="any", timeout=SHORT),
    Kind("name not found", "the name of .* could not be resolved", network="unknown"),
    Kind("no name server", "the name of .* could not be resolved", network="unknown for now", repeated="any"),
    Kind("expired certificate", "certificate of .* was not accepted: .*expired", network="expired"),
    Kind("certificate of another", "certificate of .* was not accepted: .*match", network="other_name"),
)


def _broken(name: str, fault: str, words: str = "broke before the response was complete", **more: Any) -> Kind:
    options = {"kind": fault, **more.pop("options", {})}
    return Kind(name, words, options, **{"repeated": "safe", "ambiguous": True, **more})


BROKEN = (
    _broken("silence", "hang", f"sent nothing for {SHORT} s", options={"seconds": 3.0}, timeout=SHORT),
    _broken("reset", "reset"),
    _broken("closed", "close"),
    _broken("cut body", "cut_body"),
    _broken("broken chunks", "bad_chunking", "sent a chunked body that cannot be parsed"),
    # By the time it is given up, there is none left for another attempt.
    _broken(
        "one byte a second",
        "drip",
        "did not complete .* within 1.5 s",
        repeated="none",
        timeout=1.5,
        slow=True,
    ),
)


def _status(status: int, name: str = "", **more: Any) -> Kind:
    body = {name: more.pop(name) for name in ("json", "headers", "body") if name in more}
    fault = {"kind": "status", "status": status, **body}
    return Kind(name or str(status), f"answered {status}", fault, status=status, **more)


def _iotda(code: str) -> dict[str, str]:
    return {"error_code": code, "error_msg": "An invented text."}


STATUSES = (
    *(_status(status, repeated="safe", ambiguous=True) for status in (408, 500, 502, 503, 504)),
    _status(503, "503 for ten years", headers={"Retry-After": str(TEN_YEARS)}, ambiguous=True),
    _status(401, "401 expired", json={"error_code": "APIGW.0307", "error_msg": "The token must be updated"}),
    _status(401),
    _status(403),
    _status(403, "403 of IoTDA", json=_iotda("IOTDA.000022"), shown=True),
    _status(404, "404 of a gateway"),
    _status(404, "404 of a wrong path", json=_iotda("IOTDA.000029")),
    _status(404, "404 with a list", json=["IOTDA.014201"]),
    Kind("404 web page", "answered 404", {"kind": "html", "status": 404}, status=404),
    Kind("redirect", "answered 302, a redirect", {"kind": "redirect"}, status=302),
)


def _throttled(name: str, repeated: str = "any", **headers: str) -> Kind:
    fault = {"kind": "status", "status": 429, "headers": {key.replace("_", "-"): headers[key] for key in headers}}
    return Kind(f"429{name}", "answered 429", fault, status=429, repeated=repeated)


THROTTLED = (
    _throttled(""),
    _throttled(" for a second", Retry_After="1"),
    _throttled(" until a moment that is past", Retry_After="Mon, 02 Jan 2023 00:00:00 GMT"),
    _throttled(" for less than nothing", Retry_After="-5"),
    _throttled(" until soon", Retry_After="soon"),
    _throttled(" for ten years", "none", Retry_After=str(TEN_YEARS)),
    _throttled(" until 2099", "none", Retry_After="Thu, 01 Jan 2099 00:00:00 GMT"),
)


def _content(name: str, fault: str, words: str = "", **more: Any) -> Kind:
    """A whole answer of a good status with the wrong content, so that the client cannot know what was done."""
    known = {field: more.pop(field) for field in ("shown", "ambiguous") if field in more}
    status = more.setdefault("status", 200)
    return Kind(
        name,
        words or f"answered {status} (with|\\()",
        {"kind": fault, **more},
        status=status,
        **{"ambiguous": True, **known},
    )


CONTENT = (
    # Nobody answers for a service with a web page but who stands before it.
    _content("web page", "html", shown=True, ambiguous=False),
    _content("invalid JSON", "invalid_json"),
    _content("nothing", "empty"),
    _content("50 MB", "huge", size=50_000_000),
    Kind("wrong length", "answered 20[01]", {"kind": "wrong_length"}, status=200, ambiguous=True),
)
_PAGE = {"count": 1, "marker": "5c8ba99030344005c02316ad"}
_LISTS: dict[str, Any] = {
    "a list": [],
    "a page that is null": {"batchtasks": [], "page": None},
    "no tasks": {"page": _PAGE},
    "a task without an ID": {"batchtasks": [{"status": "Success"}], "page": _PAGE},
    "tasks that are text": {"batchtasks": ["5c8ba99030344005c02316ad"], "page": _PAGE},
    "an ID that is a number": {"batchtasks": [{"task_id": 5, "status": "Success"}], "page": _PAGE},
}
_TASKS: dict[str, Any] = {
    "a list": [],
    "null": None,
    "a task that is null": {"batchtask": None},
    "another task": {"batchtask": {"task_id": "5c8ba99030344005c02316ad", "status": "Success"}},
    "a status that is a number": {"batchtask": {"task_id": "5c8ba99030344005c02316ad", "status": 1}},
}
# Of the wrong shape, by the name of the call.
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "login": {"a list": [], "no token": {"token": {}}, "text": "token"},
    "lookup": {"a list": [], "projects that are null": {"projects": None}, "text": "project"},
    "read": _LISTS,
    "choose": _LISTS,
    "leap": _LISTS,
    "fill": _LISTS,
    "show": _TASKS,
    "predict": _TASKS,
    "delete": {"a list": [], "an object": {}},
    "stop": {"a list": [], "targets that are null": {"targets": None}},
    "search": _LISTS,
    "create": {"a list": [], "an object": {}, "a task without a status": {"task_id": "5c8ba99030344005c02316ad"}},
    "retry": {
        "a list": [],
        "targets that are text": {"targets": "meter_1"},
        "a target without a name": {"targets": [{}]},
    },
}
# The largest number that is read; with more digits, an answer is malformed.
_HUGE = int("9" * 300)


def _numbers(value: object) -> dict[str, Any]:
    return dict.fromkeys(("total", "success", "fail", "processing"), value)


_ODD_LISTS: dict[str, Any] = {
    f"numbers that are {name}": {"page": {"count": value}, "batchtasks": {"task_progress": _numbers(value)}}
    for name, value in (("text", "1"), ("too large", _HUGE), ("below zero", -1), ("fractions", 0.5))
}
_ODD_TASKS: dict[str, Any] = {
    f"numbers that are {name}": {"batchtask": {"task_progress": _numbers(value)}}
    for name, value in (("text", "1"), ("too large", _HUGE), ("below zero", -1), ("fractions", 0.5))
}
# Right but for values that a module can do without, by the name of the call.
ODD: Mapping[str, Mapping[str, Any]] = {
    "read": _ODD_LISTS,
    "choose": _ODD_LISTS,
    "show": _ODD_TASKS,
    "predict": _ODD_TASKS,
}
assert set(SHAPES) == {call.name for call in (*CALLS, *CAMPAIGN_CALLS)}
