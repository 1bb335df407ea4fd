# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of instance management (IoTDM): the instances of a project in a region, listed and shown; no policy.

Fields and limits are those of the official SDK, huaweicloudsdkiotdm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._core.errors import IotdaError
from .._http.client import HttpClient
from .._http.messages import Auth, Request, Response

LARGEST_PAGE = 500
# The service counts up to 10,000 instances.
_MOST_PAGES = 1000
_INSTANCE_ID = re.compile(r"[0-9A-Za-z_-]{1,36}\Z")
_TEXTS = ("name", "instance_type", "status")


class InstanceClient:
    """Instance management of one region, for one project. Both calls raise TransportError and ApiError. Thread-safe."""

    def __init__(self, http: HttpClient, url: str, project_id: str, auth: Auth) -> None:
        self.project_id = project_id
        self._http = http
        self._auth = auth
        self._url = f"{url}/v5/iot/{quote(project_id, safe='')}/iotda-instances"

    def list(self, filters: Sequence[tuple[str, str]] = ()) -> list[Mapping[str, Any]]:
        """Return all instances that pass ``filters`` (``name``, ``instance_type``); they have no addresses or tags."""
        found: dict[str, Mapping[str, Any]] = {}
        markers: list[str] = []
        while True:
            query = [*filters, ("limit", str(LARGEST_PAGE)), *(("marker", marker) for marker in markers[-1:])]
            response = self._get(self._url, query)
            content = response.json_object(self._url, (200,))
            items = self._items(response, content, found)
            found.update((item["instance_id"], item) for item in items)
            if not items or _is_whole(content.get("count"), len(items), len(found)):
                return list(found.values())
            markers.append(self._next_marker(response, content, markers))

    def show(self, instance_id: str) -> Mapping[str, Any]:
        """Return one instance with its addresses and tags."""
        response = self._get(f"{self._url}/{instance_id}")
        content = response.json_object(self._url, (200,))
        if not _is_instance(content) or content["instance_id"] != instance_id:
            raise response.malformed(self._url, f"no instance {instance_id} in it")
        return content

    def _get(self, url: str, query: Sequence[tuple[str, str]] = ()) -> Response:
        return self._http.send(Request("GET", url, self._auth, query))

    def _items(
        self, response: Response, content: Mapping[str, Any], found: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        items = content.get("instances")
        if not isinstance(items, list) or not all(_is_instance(item) for item in items):
            raise response.malformed(self._url, "no list of instances in it")
        ids = [item["instance_id"] for item in items]
        repeated = found.keys() & ids or {known for known in ids if ids.count(known) > 1}
        if repeated:
            raise response.malformed(self._url, f"a list that repeats the instance {min(repeated)}")
        return items

    def _next_marker(self, response: Response, content: Mapping[str, Any], markers: Sequence[str]) -> str:
        if len(markers) == _MOST_PAGES:
            raise response.malformed(self._url, f"a list of instances with more than {_MOST_PAGES} pages")
        marker = content.get("marker")
        if not isinstance(marker, str) or not marker or marker in markers:
            raise response.malformed(self._url, "a page without a usable marker, although more pages exist")
        return marker


def _is_instance(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    instance_id = item.get("instance_id")
    known = isinstance(instance_id, str) and _INSTANCE_ID.match(instance_id)
    return bool(known) and all(isinstance(item.get(name), str) for name in _TEXTS)


def _is_whole(count: Any, on_page: int, seen: int) -> bool:
    """Whether nothing follows; ``count`` may be of all instances, or of those from this page on."""
    if on_page < LARGEST_PAGE:
        return isinstance(count, int) and seen >= count
    return bool(count == seen == on_page)


def hint_for(error: IotdaError, operation: str) -> str | None:
    """Return the next step after ``error``, met in ``list`` or ``show``."""
    from .._http import hints

    service = hints.Service(
        endpoint="management_endpoint",
        resources="instances of IoTDA",
        actions={"list": "iotda:instance:queryList", "show": "iotda:instance:query"},
        wrong_place="check management_endpoint",
        bad_list="check management_endpoint",
        by_status={
            401: "check the credentials, that they have not expired, and that a token is for the project of the region",
            404: "check management_endpoint",
            429: "raise retry_timeout, or run it again later",
        },
        by_code={},
    )
    return hints.hint_for(error, operation, service)
