# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances an account has in which regions, read side by side, and what becomes of them as hosts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Callable, NamedTuple, Union

from .._account.connection import Account, http_config
from .._account.options import CONNECTION, check_project_id, validate_options
from .._auth.credentials import ProviderContext, resolve
from .._core.errors import ApiError, ConfigurationError, ErrorDetails, IotdaError
from .._core.redaction import Redactor
from .._core.runtime import map_concurrently
from .._http import addresses
from .._http.client import HttpClient
from .api import InstanceClient

ALL = "all"
DEFAULT_ENDPOINT = "https://iotda-mgmt.{region}.myhuaweicloud.com"
# Of the official SDK, huaweicloudsdkiotdm. In other regions, there may be no such host.
KNOWN_REGIONS = frozenset(
    (
        "af-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "cn-east-3",
        "cn-north-4",
        "cn-south-1",
        "cn-south-4",
        "la-south-2",
        "me-east-1",
        "ru-moscow-1",
    )
)
CONCURRENCY = 10

_HTTPS_PORT = 443
# A project of a region bears its name; others of the region have an underscore and more behind it.
# A gateway may serve several regions at one host.
_WITH_PATH = re.compile(r"((?:https?://)?[^/?#]+)((?:/[A-Za-z0-9_-]+)+)/?\Z")
# Blanks, colons, commas and other punctuation have a meaning in host patterns. A slash or a leading dot would load
# other files than those of host_vars. AWX reads what follows a colon as a port.
_USABLE = re.compile(r"\w[\w.-]*\Z")
_RESERVED = frozenset(("all", "ungrouped", "localhost", "127.0.0.1"))
Variables = dict[str, Any]


class InstanceFilter(NamedTuple):
    """Which instances are wanted: ``name`` is a part of the name; ``tags`` must all be there. None: any."""

    name: str | None = None
    instance_type: str | None = None
    statuses: Sequence[str] = ("ACTIVE",)
    tags: Mapping[str, str] = MappingProxyType({})

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


class RegionFailure(NamedTuple):
    """Why a region could not be read; ``operation`` is ``list`` or ``show``."""

    region: str
    error: IotdaError
    operation: str = "list"


class Vanished(NamedTuple):
    """An instance that was deleted after it had been listed."""

    region: str
    instance_id: str
    name: str


class Discovery(NamedTuple):
    """The variables of each instance that was found, by region and name, and the regions that could not be read.

    ``vanished`` are instances that were listed, and are no longer there.
    """

    instances: list[Variables]
    failures: list[RegionFailure]
    vanished: Sequence[Vanished] = ()


Shown = Union[Variables, RegionFailure, Vanished]


def discover(regions: Sequence[str], connect: Callable[[str], InstanceClient], wanted: InstanceFilter) -> Discovery:
    """Return the wanted instances of ``regions``: one call for each list and for each instance in it.

    ``connect`` returns the client of a region. Of a region in which one instance could not be read, none is returned.
    """

    def list_region(region: str) -> list[Callable[[], Shown]] | RegionFailure:
        try:
            client = connect(region)
            found = client.list(wanted.query())
            return [partial(_show, region, client, item) for item in found if wanted.matches(item)]
        except IotdaError as error:
            return RegionFailure(region, error)

    lists = map_concurrently(list_region, regions, CONCURRENCY)
    shows = [show for found in lists if isinstance(found, list) for show in found]
    shown = map_concurrently(lambda show: show(), shows, CONCURRENCY)
    failures: dict[str, RegionFailure] = {}
    for one in (*lists, *shown):
        if isinstance(one, RegionFailure):
            failures.setdefault(one.region, one)
    vanished = [one for one in shown if isinstance(one, Vanished) and one.region not in failures]
    instances = [
        instance
        for instance in shown
        if not isinstance(instance, (RegionFailure, Vanished))
        and instance["iotda_region"] not in failures
        and wanted.matches_tags(instance["iotda_tags"])
        and instance["iotda_status"] in wanted.statuses
    ]
    _check_unique(instances)
    order = ("iotda_region", "iotda_name", "iotda_instance_id")
    instances.sort(key=lambda instance: [instance[name] for name in order])
    return Discovery(instances, list(failures.values()), vanished)


def _check_unique(instances: Sequence[Variables]) -> None:
    regions: dict[str, str] = {}
    for found in instances:
        instance_id, region = found["iotda_instance_id"], found["iotda_region"]
        if regions.setdefault(instance_id, region) != region:
            raise ConfigurationError(
                f"The instance {instance_id} is listed in the regions {regions[instance_id]} and {region}; "
                "write {region} in management_endpoint in place of the name of the region"
            )


def _show(region: str, client: InstanceClient, item: Mapping[str, Any]) -> Shown:
    try:
        instance = client.show(item["instance_id"])
    except IotdaError as error:
        if isinstance(error, ApiError) and _says_that_it_is_gone(error.details):
            return Vanished(region, item["instance_id"], item["name"])
        return RegionFailure(region, error, "show")
    return host_variables(region, client.project_id, instance)


def _says_that_it_is_gone(details: ErrorDetails) -> bool:
    """Whether instance management itself said so, which has just listed the instance: no gateway, and no web page."""
    code = details.error_code or ""
    return details.http_status == 404 and bool(code) and not code.startswith(("APIGW.", "APIG."))


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


def host_names(instances: Sequence[Mapping[str, Any]], taken: Collection[str]) -> dict[str, str]:
    """Return the name of the host by the ID of its instance; ``taken`` are names that are in use for something else.

    Instances that share a name are all named by ID, and so is one whose name is the ID of another.
    """
    names = Counter(instance["iotda_name"] for instance in instances)
    in_use = {*_RESERVED, *taken, *(instance["iotda_instance_id"] for instance in instances)}
    usable = {name for name, count in names.items() if count == 1 and _USABLE.match(name) and name not in in_use}
    return {
        instance["iotda_instance_id"]: instance["iotda_name"]
        if instance["iotda_name"] in usable
        else instance["iotda_instance_id"]
        for instance in instances
    }


class Management:
    """Instance management of an account. Sends nothing when it is made. Raises ConfigurationError and IamError."""

    def __init__(self, context: ProviderContext, redactor: Redactor) -> None:
        options = context.options
        endpoints = validate_options({**options, "endpoint": None}, CONNECTION)
        self._options = options
        self._redactor = redactor
        self._account = Account(context, resolve(context), redactor, endpoints)
        self._projects: dict[str, str] = {}

    @property
    def own_region(self) -> str | None:
        """The region of the connection."""
        return self._account.region

    def names(self) -> list[Any]:
        """Return what tells this account from others, as far as it decides which instances there are."""
        return [*self._account.names(), *self._account.project(), self._options.get("management_endpoint")]

    def regions(self, named: Sequence[str] | None) -> list[str]:
        """Return the regions to read: those ``named``, the connection's own (None), or ``all`` that IAM knows."""
        if named is None:
            return [self._own("Neither regions nor region is given; set one of them")]
        if ALL not in named:
            regions = [addresses.check_region(region) for region in dict.fromkeys(named)]
            if len(regions) == 1:
                self._account.region = self._account.region or regions[0]
            return regions
        if len(named) > 1:
            raise ConfigurationError(f"regions must be either '{ALL}' or a list of region names")
        needed = f"regions is {ALL}, but the login needs a region; set region"
        self._projects = {
            project["name"]: check_project_id(project["id"])
            for project in self._account.projects(self._http(""), lambda: self._own(needed))
            if addresses.is_region(str(project.get("name"))) and project.get("enabled") is not False
        }
        return sorted(self._projects)

    def client(self, region: str) -> InstanceClient:
        """Return a client for ``region``, whose project is looked up unless it is known."""
        url = self._management_url(region)
        http = self._http(region)
        given, name = self._known_project(region)
        project_id, auth = self._account.authenticate(http, given, lambda purpose: name, region)
        return InstanceClient(http, url, project_id, auth)

    def check(self, regions: Collection[str]) -> None:
        """Raise ConfigurationError unless each of ``regions`` has a usable address."""
        for region in regions:
            self._management_url(region)

    def is_absent(self, region: str) -> bool:
        """Whether ``region``, which is one of all regions, may have no instance management at all."""
        return region in self._projects and region not in KNOWN_REGIONS

    def _management_url(self, region: str) -> str:
        template = self._options.get("management_endpoint") or DEFAULT_ENDPOINT
        address = template.replace("{region}", region).strip()
        with_path = _WITH_PATH.match(address)
        host, path = with_path.groups() if with_path else (address, "")
        return addresses.base_url(host, "management_endpoint", not self._options["validate_certs"]) + path

    def _http(self, region: str) -> HttpClient:
        options = self._options
        # A proxy's refusal of a host that does not exist would be repeated for as long as this.
        retry_timeout = 0.0 if self.is_absent(region) else options["retry_timeout"]
        config = http_config(options)._replace(retry_timeout=retry_timeout, connections=CONCURRENCY)
        return HttpClient(config, redactor=self._redactor)

    def _own(self, problem: str) -> str:
        if not self.own_region:
            raise ConfigurationError(problem)
        return self.own_region

    def _known_project(self, region: str) -> tuple[str | None, str]:
        """Return the project's ID, if known, and its name: given ones are those of the connection's own region."""
        given, name = self._account.project() if region == self.own_region else (None, None)
        project_id = check_project_id(given) if given else None if name else self._projects.get(region)
        return project_id, name or region
