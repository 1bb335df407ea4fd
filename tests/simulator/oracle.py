# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares every request that comes, and every reply that the simulator itself makes, with the API description.

A request that comes is never altered or refused by this; what is wrong with it is collected in ``violations``. What a
fault does to a reply happens after it was compared, so faults need no exemption.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from .description import Call, Mismatch, calls, error_checks
from .files import form_parts

EXEMPT = "simulator.exempt"
"""Set in a request's scope by a service whose reply is not as described on purpose."""
_DESCRIBED = ("/v5/iot/", "/v3/", "/v3.0/")
_SERVICE_HEADERS = {
    "x-auth-token",
    "x-security-token",
    "x-sdk-date",
    "x-sdk-content-sha256",
    "x-project-id",
    "x-domain-id",
    "x-request-id",
    "x-forwarded-for",
}
_OF_A_REGION = re.compile(r"^/management/[^/]+/")
_FORM = "multipart/form-data"


class Violation(AssertionError):
    """A request or a reply is not as the API description has it."""


class Oracle:
    """Collects what does not agree with the API description."""

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self.checked = 0
        """How many requests and replies were compared."""
        self.violations: list[str] = []

    def take(self) -> list[str]:
        """Return the violations and forget them: for a test that sends what is wrong on purpose."""
        taken, self.violations = self.violations, []
        return taken

    def raise_for_violations(self) -> None:
        """Raise Violation if there was any."""
        if self.violations:
            distinct = list(dict.fromkeys(self.violations))
            raise Violation("not as the API description has it:\n" + "\n".join(distinct[:20]))

    def request(self, request: Request, body: bytes, path: str) -> None:
        """Compare a request with the call that has its method and path."""
        path = _OF_A_REGION.sub("/", path)
        if not self.enabled or not path.startswith(_DESCRIBED):
            return
        self.checked += 1
        candidates = _candidates(request.method, path)
        if not candidates:
            self._note(request, path, "request: no such call")
            return
        problems = [list(_request_problems(call, request, body, path)) for call in candidates]
        for problem in min(problems, key=len):
            self._note(request, path, f"request: {problem}")

    def response(self, request: Request, path: str, response: Response) -> None:
        """Compare a reply with the call that it answers."""
        path = _OF_A_REGION.sub("/", path)
        if not self.enabled or not path.startswith(_DESCRIBED) or request.scope.get(EXEMPT):
            return
        candidates = _candidates(request.method, path)
        if not candidates and response.status_code < 400:
            self._note(request, path, f"reply: {response.status_code} to no call")
            return
        self.checked += 1
        try:
            if response.status_code >= 400:
                _check_error(response)
            else:
                _check_success(candidates[0], response)
        except Mismatch as mismatch:
            self._note(request, path, f"reply {response.status_code}: {mismatch}")

    def _note(self, request: Request, path: str, problem: str) -> None:
        self.violations.append(f"{request.method} {path}: {problem}")


def _candidates(method: str, path: str) -> list[Call]:
    return [call for call in calls() if call.method == method and call.pattern.fullmatch(path)]


def _request_problems(call: Call, request: Request, body: bytes, path: str) -> Iterator[str]:
    found = call.pattern.fullmatch(path)
    assert found is not None
    in_path = {name: unquote(value) for name, value in found.groupdict().items()}
    yield from _problems(call.in_place("path"), in_path)
    query = request.query_params.multi_items()
    yield from _problems(call.in_place("query"), dict(query))
    names = [name for name, _value in query]
    yield from (f"query parameter {name} is unknown" for name in names if name not in call.in_place("query"))
    yield from (f"query parameter {name} comes twice" for name in set(names) if names.count(name) > 1)
    yield from _header_problems(call, request)
    yield from _body_problems(call, request, body)


def _problems(parameters: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[str]:
    for name, parameter in parameters.items():
        if name in given:
            try:
                parameter.check(given[name])
            except Mismatch as mismatch:
                yield str(mismatch)
        elif parameter.required:
            yield f"{parameter.place} parameter {name} is missing"


def _header_problems(call: Call, request: Request) -> Iterator[str]:
    described = call.in_place("header")
    yield from _problems(described, {name: request.headers[name] for name in described if name in request.headers})
    known = _SERVICE_HEADERS | {name.lower() for name in described}
    for name in request.headers:
        if name.startswith(("x-", "instance-")) and name not in known:
            yield f"header {name} is unknown"


def _body_problems(call: Call, request: Request, body: bytes) -> Iterator[str]:
    content_type = request.headers.get("Content-Type", "")
    if call.in_place("formData"):
        yield from _form_problems(content_type, body)
    elif not body:
        if call.needs_body:
            yield "the body is missing"
    elif not call.takes_body:
        yield "a body where none is described"
    elif not content_type.lower().startswith("application/json"):
        yield "the body's Content-Type is not application/json"
    else:
        try:
            call.body(json.loads(body))
        except ValueError:
            yield "the body is not JSON"
        except Mismatch as mismatch:
            yield f"body: {mismatch}"


def _form_problems(content_type: str, body: bytes) -> Iterator[str]:
    if not content_type.startswith(_FORM):
        yield f"the body's Content-Type is not {_FORM}"
        return
    parts = [(name, file_name) for name, file_name, _content in form_parts(content_type, body)]
    if len(parts) != 1 or parts[0][0] != "file" or not 1 <= len(parts[0][1] or "") <= 60:
        yield "the form has not exactly one part, named file, with a file name of 1 to 60 characters"


def _json(response: Response) -> Any:
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        raise Mismatch("its Content-Type is not application/json")
    try:
        return json.loads(bytes(response.body))
    except ValueError:
        raise Mismatch("its body is not JSON") from None


def _check_error(response: Response) -> None:
    value = _json(response)
    flat, nested = error_checks()
    (nested if isinstance(value, dict) and "error" in value else flat)(value)


def _check_success(call: Call, response: Response) -> None:
    status = response.status_code
    if status not in call.successes:
        raise Mismatch(f"{call.name} succeeds with {sorted(call.successes)} only")
    missing = sorted(name for name in call.headers(status) if name not in response.headers)
    if missing:
        raise Mismatch(f"the header {missing[0]} is missing")
    if status == 204:
        if response.body:
            raise Mismatch("a 204 has no body")
        return
    call.reply(_json(response))
