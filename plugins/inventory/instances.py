# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: instances
short_description: Finds the IoTDA instances of an account
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Creates a host for each instance of Huawei Cloud IoT Device Access (IoTDA) in one or several regions, with the
    variables that modules and roles of this collection need to reach it. The instances are read from the instance
    management API of IoTDA (C(iotda-mgmt)).
  - The source is a YAML file whose name is C(iotda.yml) or C(iotda.yaml), or ends with C(.iotda.yml) or C(.iotda.yaml).
  - All hosts are in the group C(iotda). They have the variables C(iotda_endpoint), C(iotda_region),
    C(iotda_project_id), C(iotda_instance_id), C(iotda_name), C(iotda_edition) (see O(instance_type)), C(iotda_status),
    C(iotda_tags) (a dictionary), C(iotda_flavor), C(iotda_charge_mode), C(iotda_create_time),
    C(iotda_enterprise_project_id) and C(iotda_access_infos).
  - An instance without an application access address over HTTPS is left out, with a warning, and so is an instance
    that is deleted while the instances are being read.
extends_documentation_fragment:
  - huaweicloud.iotda.connection
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [huaweicloud.iotda.instances]
  regions:
    description:
      - The regions to read. V(all) means each region in which the account has a project and which has the instance
        management API. If omitted, O(region) is read.
      - In each region, the project with the name of the region is used. O(project_id) is used for O(region) only, or
        for the only region listed here.
    type: list
    elements: str
  instance_type:
    description:
      - Only instances of this edition, spelled as in the API. The variable C(iotda_edition) has the same values. The
        API documents V(standard) and V(enterprise), and accepts V(basic) and V(valueaddedservice) as well.
    type: str
    choices: [basic, standard, enterprise, valueaddedservice]
  name:
    description: Only instances whose name contains this text. The match is case-insensitive.
    type: str
  status:
    description: Only instances with one of these statuses.
    type: list
    elements: str
    default: [ACTIVE]
    choices: [CREATING, ACTIVE, FROZEN, TRADING, MODIFYING, MODIFY_FAILED, FAILED]
  tags:
    description: Only instances that have all of these tags, with these values. Values must be strings.
    type: dict
  hostname:
    description:
      - Which value to use as the name of the host.
      - With V(name), the ID is used instead if several instances have this name, if another host or group has it, or if
        it contains characters other than letters, digits, C(_), C(-) and C(.). A warning lists these instances.
    type: str
    default: name
    choices: [name, instance_id]
  skip_failed_regions:
    description:
      - If true, a region that cannot be read is skipped with a warning. If false, it is an error, and there are no
        hosts at all.
      - A result with skipped regions is not cached. If no region can be read, that is always an error.
    type: bool
    default: false
  management_endpoint:
    description:
      - The endpoint of the instance management API, with or without C(https://). C({region}) in it is replaced by the
        name of the region.
      - Plain C(http://) is refused, except to a loopback address or with O(validate_certs=false).
    type: str
    default: https://iotda-mgmt.{region}.myhuaweicloud.com
notes:
  - Everything that the service returns for an instance is data, and never a template. A secret that it echoes back is
    masked.
  - Options of the connection and of this plugin can be templates, which can use lookups such as
    P(ansible.builtin.env#lookup), and extra variables.
  - Requests to the instance management API are signed with C(SDK-HMAC-SHA256), so O(signing) must not be V(derived).
  - The credentials need permission for the IAM actions C(iotda:instance:queryList) and C(iotda:instance:query).
seealso:
  - module: huaweicloud.iotda.batch_task_info
  - module: huaweicloud.iotda.batch_task_prune
"""

EXAMPLES = r"""
# prod.iotda.yml. "plugin" and "regions" are enough, with credentials from the environment.
plugin: huaweicloud.iotda.instances
regions:  # or "regions: all"
  - cn-north-4
  - cn-east-3

# A region that cannot be read does not stop the others.
skip_failed_regions: true

# Credentials of a team instead of the ones in the environment.
access_key: "{{ lookup('ansible.builtin.env', 'TEAM_ACCESS_KEY') }}"
secret_key: "{{ lookup('ansible.builtin.env', 'TEAM_SECRET_KEY') }}"

# Only instances with this tag, in groups by region, edition and owner.
tags:
  env: prod
keyed_groups:
  - key: iotda_region
    prefix: region
  - key: iotda_edition
    prefix: edition
  - key: iotda_tags.owner
    prefix: owner
groups:
  large: iotda_flavor.size > 1
compose:
  team: iotda_tags.team | default('nobody')

# Host names that are unique even if several instances have the same name.
hostname: instance_id

# The instances are read again after ten minutes.
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/iotda
cache_timeout: 600
"""

import hashlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._account.options import merge_environment
from ..module_utils._auth.credentials import ProviderContext
from ..module_utils._core.errors import ConfigurationError, IamError, IotdaError, TransportError
from ..module_utils._core.redaction import Redactor, one_line
from ..module_utils._http.transport import requests_error
from ..module_utils._instances.api import hint_for
from ..module_utils._instances.discovery import (
    Discovery,
    InstanceFilter,
    Management,
    RegionFailure,
    Variables,
    discover,
    host_names,
)
from ..module_utils._module.caller import register
from ..plugin_utils._inventory_options import SELECTING, check_options
from ..plugin_utils._unsafe import plain, plain_result

GROUP = "iotda"
_ENDINGS = (".iotda.yml", ".iotda.yaml")
_NAMES = ("iotda.yml", "iotda.yaml")
_OF_THE_SOURCE = ("inventory_file", "inventory_dir")
_TEXTS = ("iotda_region", "iotda_project_id", "iotda_instance_id", "iotda_name", "iotda_edition", "iotda_status")
_PROTECTED = "iotda_protected"
_LONGEST_NAME = 64


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc] # Ansible comes without types
    """A host for each IoTDA instance."""

    NAME = "huaweicloud.iotda.instances"
    inventory: Any

    def verify_file(self, path: str) -> bool:
        """Whether ``path`` is a readable file with a name for this plugin."""
        named = path.endswith(_ENDINGS) or os.path.basename(path) in _NAMES
        return named and bool(super().verify_file(path))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the instances to ``inventory``: all of them, or none when anything fails."""
        super().parse(inventory, loader, path, cache)
        self._secrets = Redactor(register)
        try:
            missing = requests_error(on_target=False)
            if missing:
                raise AnsibleParserError(missing)
            self.templar.available_variables = self._vars
            self._read_config_data(path)
            self._add(self._instances(path, cache))
        except IotdaError as error:
            raise AnsibleParserError(f"{self._secrets.redact(str(error))}.") from None

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Template the options before Ansible converts them, and refuse those that would be ignored or select more."""
        if isinstance(direct, Mapping):
            direct = check_options(direct, self.option_definitions, self.templar.template)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def get_cache_key(self, path: str) -> str:
        """Return a key that other options, or another account, do not share."""
        return f"{super().get_cache_key(path)}_{self._fingerprint}"

    def _instances(self, path: str, cache: bool) -> list[Variables]:
        given = {name: self.get_option(name) for name in self.option_definitions}
        options, from_environment = merge_environment(given, os.environ)
        if options["signing"] == "derived":
            raise ConfigurationError("signing must not be derived: instance management needs standard signatures")
        context = ProviderContext(options, os.environ, from_environment, self._secrets.add)
        management = Management(context, self._secrets)
        named = repr([*(options.get(name) for name in SELECTING), *management.names()])
        self._fingerprint = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        caching, key = self.get_option("cache"), self.get_cache_key(path)
        cached = self._cached(key) if caching and cache else None
        if cached is not None:
            return cached
        found = self._discover(management, options)
        # What a server may have repeated of a secret is neither kept nor shown.
        instances = [self._secrets.redact_all(instance) for instance in found.instances]
        if caching and not found.failures:
            # As text: Ansible would read some keys of dictionaries, such as __ansible_vault, as marks of its own.
            self._cache[key] = json.dumps(instances)
        return instances

    def _cached(self, key: str) -> list[Variables] | None:
        """Return the instances in the cache, or None if they are not there, or cannot be read."""
        try:
            found = json.loads(self._cache.get(key) or "null")
        except Exception as error:  # a cache plugin raises anything
            self.display.debug(f"huaweicloud.iotda.instances: the cache cannot be read: {error}")
            return None
        return found if _is_usable(found) else None

    def _discover(self, management: Management, options: Mapping[str, Any]) -> Discovery:
        try:
            regions = management.regions(options["regions"])
        except IamError as error:
            hint = hint_for(error, "list")
            raise ConfigurationError(f"Could not list the regions of the account: {error}{_clause(hint)}") from None
        management.check(regions)
        if self.get_option("project_id") and management.own_region not in regions:
            raise ConfigurationError(
                "project_id belongs to one region: set region to it and include it in regions, "
                "or leave out project_id to look up the project of each region"
            )
        wanted = InstanceFilter(options["name"], options["instance_type"], options["status"], options["tags"] or {})
        found = discover(regions, management.client, wanted)
        absent = [failure for failure in found.failures if _has_no_host(failure, management)]
        for failure in absent:
            skipped = f"huaweicloud.iotda.instances: skipped {failure.region}: {failure.error}"
            self.display.debug(self._secrets.redact(skipped))
        failures = [failure for failure in found.failures if failure not in absent]
        self._report(failures, regions, len(found.failures))
        if found.vanished:
            gone = ", ".join(f"{one.instance_id} ({_short(one.name)}, {one.region})" for one in found.vanished)
            self.display.warning(self._secrets.redact(f"Skipped instances that were deleted meanwhile: {gone}"))
        return Discovery(found.instances, failures)

    def _report(self, failures: Sequence[RegionFailure], regions: Sequence[str], unread: int) -> None:
        if not regions or (unread == len(regions) and not failures):
            raise ConfigurationError(
                "None of the account's regions has instance management; list the regions to read in regions"
            )
        if not failures:
            return
        if unread < len(regions) and self.get_option("skip_failed_regions"):
            for failure in failures:
                described = f"its IoTDA instances could not be read: {_described(failure)}"
                self.display.warning(self._secrets.redact(f"Skipped region {failure.region}: {described}"))
            return
        described = "; ".join(f"region {failure.region}: {_described(failure)}" for failure in failures)
        several = f"{len(failures)} of {len(regions)} regions: " if len(failures) > 1 else ""
        raise ConfigurationError(f"Could not read the IoTDA instances of {several}{described}")

    def _add(self, found: Sequence[Variables]) -> None:
        instances = [instance for instance in found if instance["iotda_endpoint"]]
        without = [instance for instance in found if not instance["iotda_endpoint"]]
        if without:
            self.display.warning(f"Skipped instances without an application access address: {_listed(without)}")
        names = self._names(instances)
        draft = self._draft(instances, names)
        clashes = draft.groups.keys() & draft.hosts.keys()
        if clashes:
            names = {known: known if name in clashes else name for known, name in names.items()}
            draft = self._draft(instances, names)
        renamed = [instance for instance in instances if names[instance["iotda_instance_id"]] != instance["iotda_name"]]
        if renamed and self.get_option("hostname") == "name":
            self.display.warning(
                f"Named by instance ID, because the name is not unique or not usable as a host name: {_listed(renamed)}"
            )
        self._merge(draft)

    def _names(self, instances: Sequence[Variables]) -> dict[str, str]:
        if self.get_option("hostname") == "instance_id":
            return {instance["iotda_instance_id"]: instance["iotda_instance_id"] for instance in instances}
        own = {(instance["iotda_name"], instance["iotda_instance_id"]) for instance in instances}
        known = ((host.name, host.vars.get("iotda_instance_id")) for host in self.inventory.hosts.values())
        # Another source may have found the same instance; then they are one host.
        others = (host[0] for host in known if host not in own)
        composed = (self._sanitize_group_name(group) for group in self.get_option("groups"))
        return host_names(instances, {*others, *self.inventory.groups, *composed, GROUP})

    def _draft(self, instances: Sequence[Variables], names: Mapping[str, str]) -> InventoryData:
        """Return an inventory of these hosts alone: what fails, or has the name of a group, leaves no trace."""
        real, self.inventory = self.inventory, InventoryData()
        try:
            self.inventory.add_group(GROUP)
            hosts = [(names[instance["iotda_instance_id"]], plain(instance)) for instance in instances]
            for name, variables in hosts:
                host = self.inventory.hosts[self.inventory.add_host(name, group=GROUP)]
                for variable, value in variables.items():
                    host.set_variable(variable, value)
            self._construct(hosts)
            return self.inventory
        finally:
            self.inventory = real

    def _construct(self, hosts: Sequence[tuple[str, Variables]]) -> None:
        strict, compose = self.get_option("strict"), self.get_option("compose") or {}
        # Keyed groups come last: Ansible would take a group with the name of a host for that host.
        for host, instance in hosts:
            named = {"inventory_hostname": host, "inventory_hostname_short": host.split(".")[0]}
            self._set_composite_vars(compose, {**instance, **named}, host, strict=strict)
            if _PROTECTED in compose and _PROTECTED not in self.inventory.hosts[host].vars:
                # Ansible leaves out what cannot be evaluated. The role prune would take that for "not protected".
                self.inventory.set_variable(host, _PROTECTED, True)
                self.display.warning(
                    f"{_PROTECTED} in compose cannot be evaluated for {host}, so {host} is protected; set strict to "
                    "see the error"
                )
        for host, instance in hosts:
            self._add_host_to_composed_groups(self.get_option("groups"), instance, host, strict=strict)
        for host, instance in hosts:
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), instance, host, strict=strict)

    def _merge(self, draft: InventoryData) -> None:
        for group in draft.groups:
            self.inventory.add_group(group)
        for host in draft.hosts.values():
            self.inventory.add_host(host.name)
            for name, value in host.vars.items():
                if name not in _OF_THE_SOURCE:
                    self.inventory.set_variable(host.name, name, plain_result(value))
        for group in draft.groups.values():
            for child in (*group.hosts, *group.child_groups):
                self.inventory.add_child(group.name, child.name)


def _is_usable(cached: Any) -> bool:
    return isinstance(cached, list) and all(isinstance(item, dict) and _is_instance(item) for item in cached)


def _is_instance(item: Mapping[str, Any]) -> bool:
    texts = [item.get(name) for name in _TEXTS]
    endpoint = item.get("iotda_endpoint", False)  # None where it has none
    return isinstance(item.get("iotda_tags"), dict) and all(
        isinstance(text, str) for text in (*texts, *([] if endpoint is None else [endpoint]))
    )


def _has_no_host(failure: RegionFailure, management: Management) -> bool:
    error = failure.error
    unknown = isinstance(error, TransportError) and error.cause in ("dns", "proxy")
    return unknown and management.is_absent(failure.region)


def _described(failure: RegionFailure) -> str:
    return f"{failure.error}{_clause(hint_for(failure.error, failure.operation))}"


def _clause(hint: str | None) -> str:
    return f"; {hint}" if hint else ""


def _listed(instances: Collection[Variables]) -> str:
    return ", ".join(
        "{iotda_instance_id} ({name}, {iotda_region})".format(name=_short(instance["iotda_name"]), **instance)
        for instance in instances
    )


def _short(name: str) -> str:
    return one_line(name)[:_LONGEST_NAME]
