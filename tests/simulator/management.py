# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instance management (IoTDM): the instances of a project in a region, and the addresses of each.

https://support.huaweicloud.com/intl/en-us/api-iothub/ListInstances.html and ShowInstance.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from .accounts import Accounts
from .authentication import Authenticator
from .instances import Instance
from .oracle import EXEMPT
from .parameters import number
from .responses import BadRequest, error_response, gateway_error, json_response
from .routing import Handler, Router
from .settings import Settings

MANAGEMENT = "/management/"
"""Below this path and a region's name, the shared port stands for the region's management host."""
_ROOT = "/v5/iot/{project_id}/iotda-instances"
_BY_REGION = MANAGEMENT + "{region}" + _ROOT
_HOST = re.compile(r"iotda-mgmt\.([a-z0-9-]+)\.")
_NAME = re.compile(r"[A-Za-z0-9_\-\u4e00-\u9fa5]{1,64}\Z")
_TYPES = ("standard", "basic", "enterprise", "valueaddedservice")
_INSTANCE_ID = re.compile(r"[0-9a-f-]{1,36}\Z")
_MARKER = re.compile(r"[0-9a-fA-F]{1,20}\Z")
_LAST = "f" * 18
_ISO = "%Y-%m-%dT%H:%M:%SZ"


class Management:
    """The management hosts of all regions. The path selects the region, else the ``Host`` header, else the settings."""

    def __init__(
        self,
        authenticator: Authenticator,
        accounts: Accounts,
        settings: Settings,
        instances: Mapping[str, Instance],
        otherwise: Handler,
    ) -> None:
        self._authenticator = authenticator
        self._accounts = accounts
        self._settings = settings
        self._instances = instances
        routes = []
        for root in (_ROOT, _BY_REGION):
            routes.append(("GET", root, self._checked("list_instances", self._list)))
            routes.append(("GET", root + "/{instance_id}", self._checked("show_instance", self._show)))
        self.router = Router(routes, otherwise)

    def _checked(self, action: str, work: Handler) -> Handler:
        def handler(request: Request, body: bytes) -> Response:
            project_id = request.path_params["project_id"]
            self._authenticator.check_project(self._authenticator.authenticate(request, body), project_id, request)
            self._authenticator.check_permission(action)
            name = self._accounts.projects[project_id].name
            if name.partition("_")[0] != self._region(request):
                return gateway_error(403, "APIGW.0302", "The project is not in this region.")
            try:
                return work(request, body)
            except BadRequest as error:
                return error_response(error.refusal)

        return handler

    def _region(self, request: Request) -> str:
        by_path = request.path_params.get("region")
        by_host = _HOST.match(request.headers.get("Host", ""))
        return str(by_path or (by_host.group(1) if by_host else self._settings.region))

    def _here(self, request: Request) -> list[Instance]:
        region, project_id = self._region(request), request.path_params["project_id"]
        here = [
            one
            for one in self._instances.values()
            if (one.region, one.project_id) == (region, project_id)
            and (one.dedicated or self._settings.basic_instances_listed)
        ]
        if any(one.hostile for one in here):
            request.scope[EXEMPT] = True
        return sorted(here, key=lambda one: one.record_id, reverse=True)

    def _list(self, request: Request, body: bytes) -> Response:
        query = request.query_params
        name, instance_type, marker = query.get("name"), query.get("instance_type"), query.get("marker", _LAST)
        if name is not None and not _NAME.match(name):
            raise BadRequest("IOTDA.000006", "Invalid input data. name is invalid.")
        if instance_type is not None and instance_type not in _TYPES:
            raise BadRequest("IOTDA.000006", "Invalid input data. instance_type is invalid.")
        if not _MARKER.match(marker):
            raise BadRequest("IOTDA.000006", "Invalid input data. marker is invalid.")
        matching = [
            one
            for one in self._here(request)
            if (name is None or name in one.name) and instance_type in (None, one.edition)
        ]
        offset = number(request, "offset", 0, 0, 500, "IOTDA.000018")
        limit = number(request, "limit", 500, 1, 500, "IOTDA.000017")
        below = [one for one in matching if one.record_id < marker.lower()]
        page = below[offset : offset + min(limit, self._settings.instances_per_page)]
        last = page[-1].record_id if page else marker
        return json_response(
            200, {"count": len(matching), "marker": last, "instances": [_summary(one) for one in page]}
        )

    def _show(self, request: Request, body: bytes) -> Response:
        instance_id = request.path_params["instance_id"]
        if not _INSTANCE_ID.match(instance_id):
            raise BadRequest("IOTDA.000006", "Invalid input data. instance_id is invalid.")
        for one in self._here(request):
            if one.instance_id == instance_id:
                return json_response(200, _details(one))
        return error_response(self._settings.instance_absent)


def check_name(name: str, hostile: bool) -> None:
    """Raise ValueError for a name that no instance can have, unless it is ``hostile`` on purpose."""
    if not hostile and not _NAME.match(name):
        raise ValueError(f"not an instance's name: {name!r}; hostile=True lets it pass")


def _summary(instance: Instance) -> dict[str, Any]:
    created = instance.created.strftime(_ISO)
    return {
        "instance_id": instance.instance_id,
        "name": instance.name,
        "instance_type": "basic" if instance.edition == "professional" else instance.edition,
        "charge_mode": "postPaid",
        "flavor": {"type": "iotda.standard.s0" if instance.edition == "standard" else "iotda.enterprise.1", "size": 1},
        "status": instance.status,
        "create_time": created,
        "update_time": created,
        "enterprise_project_id": "0",
    }


def _details(instance: Instance) -> dict[str, Any]:
    return {
        **_summary(instance),
        "region_id": instance.region,
        "description": instance.description,
        "access_infos": _accesses(instance),
        "tags": [{"key": key, "value": value} for key, value in instance.tags.items()],
    }


def _accesses(instance: Instance) -> list[dict[str, Any]]:
    accesses = []
    if instance.has_app_https:
        host, port = instance.domain_name, 443
        if host is None:
            parts = urlsplit(instance.url)
            host, port = parts.hostname, parts.port or port
        accesses.append(_access("APP_HTTPS", host, port))
    device_host = f"{instance.instance_id[:10]}.st1.iotda-device.{instance.region}.myhuaweicloud.com"
    return [*accesses, {**_access("DEVICE_MQTT", device_host, 8883), "non_tls_port": 1883, "websocket_port": 443}]


def _access(kind: str, host: str | None, port: int) -> dict[str, Any]:
    return {
        "type": kind,
        "domain_name": host,
        "port": port,
        "non_tls_port": None,
        "websocket_port": None,
        "private_addresses": [],
        "public_address": [],
        "ipv6_address": [],
    }
