# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official API description (OpenAPI) of the calls that the collection makes, ready to compare requests with.

It is read from the package ``huaweicloud-mcp-server``, which carries what the API Explorer shows. The schemas are made
strict: patterns match the whole value, and a field that is not described is an error.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import fastjsonschema

from .differences import DIFFERENCES

_PACKAGE = "huaweicloud_services_server"
_CALLS = {
    "iotda": (
        "ListBatchTasks",
        "CreateBatchTask",
        "ShowBatchTask",
        "DeleteBatchTask",
        "StopBatchTask",
        "RetryBatchTask",
        "ConfirmBatchTask",
        "UploadBatchTaskFile",
        "ListBatchTaskFiles",
        "DeleteBatchTaskFile",
    ),
    "iotdm": ("ListInstances", "ShowInstance"),
    "iam": (
        "KeystoneCreateUserTokenByPassword",
        "KeystoneListProjects",
        "CreateTemporaryAccessKeyByAgency",
        "CreateTemporaryAccessKeyByToken",
        "CreateTokenWithIdToken",
    ),
}
_ERROR = {
    "type": "object",
    "required": ["error_code", "error_msg"],
    "additionalProperties": False,
    "properties": {
        "error_code": {"type": "string", "pattern": r"\A(IOTDA\.\d{6}|APIGW\.\d{4}|IAM\.\d{4})\Z"},
        "error_msg": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
_KEYSTONE_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "title"],
            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "title": {"type": "string"}},
        }
    },
}

Check = Callable[[Any], Any]


class Mismatch(Exception):
    """A value is not as described; the text says where and how, without the value."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of the path, the query, the headers or a form."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]

    def check(self, text: str) -> None:
        """Raises Mismatch."""
        kind = self.schema.get("type")
        if kind == "integer":
            least, most = self.schema.get("minimum", 0), self.schema.get("maximum", 2**31)
            if not re.fullmatch(r"\d{1,10}", text) or not least <= int(text) <= most:
                raise Mismatch(f"{self.place} parameter {self.name} is not a number from {least} to {most}")
        pattern, longest = self.schema.get("pattern", ".*"), self.schema.get("maxLength", len(text))
        if kind == "string" and (not re.fullmatch(pattern, text) or len(text) > longest):
            raise Mismatch(f"{self.place} parameter {self.name} does not match {pattern}")


class Call:
    """One call of the API: its method and path, its parameters and bodies, and its successful replies."""

    def __init__(self, name: str, path: Mapping[str, Any], components: Mapping[str, Any]) -> None:
        self.name = name
        self.method = str(path["x-method"]).upper()
        template = path["x-url"].removeprefix("{endpoint}")
        self.pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))
        described = path[self.method.lower()]
        self.parameters = [
            Parameter(name, one["in"], one["required"], one["schema"]) for name, one in described["parameters"].items()
        ]
        self._body = described.get("requestBody")
        self._responses = described["responses"]
        self._components = components

    def in_place(self, place: str) -> dict[str, Parameter]:
        """Return the parameters in ``path``, ``query``, ``header`` or ``formData``, by name."""
        return {one.name: one for one in self.parameters if one.place == place}

    @property
    def takes_body(self) -> bool:
        return self._body is not None

    @property
    def needs_body(self) -> bool:
        return bool(self._body and self._body["required"])

    @cached_property
    def body(self) -> Check:
        """The check of the request's body."""
        assert self._body is not None
        return self._compiled(self._body["content"])

    @property
    def successes(self) -> set[int]:
        return {int(status) for status in self._responses if status.startswith("2")}

    def headers(self, status: int) -> set[str]:
        """Return the headers that a successful reply has."""
        return set(self._responses[str(status)].get("headers", ()))

    @cached_property
    def reply(self) -> Check:
        """The check of a successful reply's body."""
        (status,) = self.successes
        return self._compiled(self._responses[str(status)]["content"])

    def _compiled(self, content: Mapping[str, Any]) -> Check:
        return compiled({**content["application/json"]["schema"], "components": self._components})


def compiled(schema: Mapping[str, Any]) -> Check:
    """Return a check by ``schema``, which raises Mismatch."""
    check = fastjsonschema.compile(
        {"$schema": "http://json-schema.org/draft-07/schema#", **schema}, use_default=False, use_formats=False
    )

    def checked(value: Any) -> None:
        try:
            check(value)
        except fastjsonschema.JsonSchemaValueException as error:
            raise Mismatch(error.message) from None

    return checked


@cache
def calls() -> tuple[Call, ...]:
    """Return every call that is described."""
    return tuple(call for service, names in _CALLS.items() for call in _calls(service, names))


@cache
def error_checks() -> tuple[Check, Check]:
    """Return the checks of an error's body: that of IoTDA and the gateway, and that of IAM."""
    return compiled(_ERROR), compiled(_KEYSTONE_ERROR)


def _calls(service: str, names: tuple[str, ...]) -> list[Call]:
    description = _load(service)
    if service == "iotda":
        confirm = copy.deepcopy(description["paths"]["/StopBatchTask"])
        confirm["x-url"] = confirm["x-url"].replace("/stop", "/confirm")
        description["paths"]["/ConfirmBatchTask"] = confirm
    components = {"schemas": _strict(description["components"]["schemas"])}
    return [Call(name, description["paths"][f"/{name}"], components) for name in names]


def published(service: str) -> dict[str, Any]:
    """Return the description as it was published, but with parameters by their names."""
    folder = files(_PACKAGE).joinpath(f"mcp_server_{service}/src/mcp_server_{service}/config")
    description: dict[str, Any] = json.loads(folder.joinpath(f"{service}.json").read_text(encoding="utf-8"))
    for path in description["paths"].values():
        described = path[path["x-method"].lower()]
        described["parameters"] = {one["name"]: one for one in described.get("parameters", ())}
    return description


def _load(service: str) -> dict[str, Any]:
    description = published(service)
    for difference in DIFFERENCES:
        if difference.service == service:
            for path, value in difference.changes:
                _set(description, path, value)
    return description


def _set(description: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    place = description
    for name in parents:
        place = place[name]
    place[last] = value


def _strict(value: Any) -> Any:
    """Return a schema that allows no more than it describes."""
    if isinstance(value, list):
        return [_strict(one) for one in value]
    if not isinstance(value, dict):
        return value
    strict = {name: _strict(one) for name, one in value.items() if name not in ("example", "default", "format")}
    if isinstance(strict.get("pattern"), str):
        strict["pattern"] = rf"\A(?:{strict['pattern'].removeprefix('^').removesuffix('$')})\Z"
    if isinstance(strict.get("properties"), dict) and strict["properties"] and strict.get("type") == "object":
        strict.setdefault("additionalProperties", False)
    return strict
