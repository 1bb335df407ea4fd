# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances there are in several regions, read side by side, and what of them is a variable of a host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from .._core.errors import ConfigurationError, IotdaError
from .._core.runtime import map_concurrently
from .._http import addresses
from .api import InstanceClient

CONCURRENCY = 10
_HTTPS_PORT = 443

Variables = dict[str, Any]


@dataclass(frozen=True)
class InstanceFilter:
    """Which instances are wanted: ``name`` is a part of the name; ``tags`` must all be there. None: any."""

    name: str | None = None
    instance_type: str | None = None
    statuses: Sequence[str] = ("ACTIVE",)
    tags: Mapping[str, str] = field(default_factory=dict)

    def query(self) -> list[tuple[str, str]]:
        """Return what the service is asked for."""
        named = (("name", self.name), ("instance_type", self.instance_type))
        return [(name, value) for name, value in named if value]

    def matches(self, instance: Mapping[str, Any]) -> bool:
        """Whether ``instance``, listed or shown, passes all but the tags: a list does not have these."""
        return (
            (self.name is None or self.name.lower() in instance["name"].lower())
            and self.instance_type in (None, instance["instance_type"])
            and instance["status"] in self.statuses
        )

    def matches_tags(self, tags: Mapping[str, str]) -> bool:
        return all(tags.get(key) == value for key, value in self.tags.items())


@dataclass(frozen=True)
class RegionFailure:
    """Why a region could not be read; ``operation`` is ``list`` or ``show``."""

    region: str
    error: IotdaError
    operation: str = "list"


@dataclass(frozen=True)
class Discovery:
    """The variables of each instance that was found, by region and name, and the regions that could not be read."""

    instances: list[Variables]
    failures: list[RegionFailure]


@dataclass(frozen=True)
class _Listed:
    region: str
    client: InstanceClient
    instances: list[Mapping[str, Any]]


def discover(regions: Sequence[str], connect: Callable[[str], InstanceClient], wanted: InstanceFilter) -> Discovery:
    """Return the wanted instances of ``regions``: one call for each list and for each instance in it.

    ``connect`` returns the client of a region. Of a region in which one instance could not be read, none is returned.
    """

    def list_region(region: str) -> _Listed | RegionFailure:
        try:
            client = connect(region)
            return _Listed(region, client, [found for found in client.list(wanted.query()) if wanted.matches(found)])
        except IotdaError as error:
            return RegionFailure(region, error)

    lists = map_concurrently(list_region, regions, CONCURRENCY)
    listed = [found for found in lists if isinstance(found, _Listed)]
    found = map_concurrently(_show, [(region, item) for region in listed for item in region.instances], CONCURRENCY)
    failures = _first_of_each([one for one in (*lists, *found) if isinstance(one, RegionFailure)])
    failed = {failure.region for failure in failures}
    instances = [
        instance
        for instance in found
        if not isinstance(instance, RegionFailure)
        and instance["iotda_region"] not in failed
        and wanted.matches_tags(instance["iotda_tags"])
        and instance["iotda_status"] in wanted.statuses
    ]
    _check_unique(instances)
    order = ("iotda_region", "iotda_name", "iotda_instance_id")
    return Discovery(sorted(instances, key=lambda found: [found[name] for name in order]), failures)


def _check_unique(instances: Sequence[Variables]) -> None:
    regions: dict[str, str] = {}
    for found in instances:
        instance_id, region = found["iotda_instance_id"], found["iotda_region"]
        if regions.setdefault(instance_id, region) != region:
            raise ConfigurationError(
                f"The instance {instance_id} is listed in the regions {regions[instance_id]} and {region}; "
                "write {region} in management_endpoint in place of the name of the region"
            )


def _show(job: tuple[_Listed, Mapping[str, Any]]) -> Variables | RegionFailure:
    listed, item = job
    try:
        instance = listed.client.show(item["instance_id"])
    except IotdaError as error:
        return RegionFailure(listed.region, error, "show")
    return host_variables(listed.region, listed.client.project_id, instance)


def _first_of_each(failures: Sequence[RegionFailure]) -> list[RegionFailure]:
    by_region: dict[str, RegionFailure] = {}
    for failure in failures:
        by_region.setdefault(failure.region, failure)
    return list(by_region.values())


def host_variables(region: str, project_id: str, instance: Mapping[str, Any]) -> Variables:
    """Return the variables of a host; ``iotda_endpoint`` is None for an instance without an application address."""
    return {
        "iotda_endpoint": _endpoint(instance.get("access_infos")),
        "iotda_region": region,
        "iotda_project_id": project_id,
        "iotda_instance_id": instance["instance_id"],
        "iotda_name": instance["name"],
        "iotda_edition": instance["instance_type"],
        "iotda_status": instance["status"],
        "iotda_tags": _tags(instance.get("tags")),
        "iotda_flavor": instance.get("flavor"),
        "iotda_charge_mode": instance.get("charge_mode"),
        "iotda_create_time": instance.get("create_time"),
        "iotda_enterprise_project_id": instance.get("enterprise_project_id"),
        "iotda_access_infos": instance.get("access_infos") or [],
    }


def _endpoint(access_infos: Any) -> str | None:
    for access in access_infos if isinstance(access_infos, list) else ():
        if isinstance(access, dict) and access.get("type") == "APP_HTTPS" and access.get("domain_name"):
            port = access.get("port")
            suffix = "" if port in (None, _HTTPS_PORT) else f":{port}"
            try:
                return addresses.base_url(f"https://{access['domain_name']}{suffix}", "domain_name", allow_http=False)
            except ConfigurationError:
                return None
    return None


def _tags(tags: Any) -> dict[str, str]:
    """Return tags as a dictionary; a tag without a value has an empty one."""
    known = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return {str(tag["key"]): _text(tag.get("value")) for tag in known if tag.get("key")}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
