# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the instances are that ``iotda_protected`` protects, also under the names of other hosts.

One task finds them, before anything is deleted, and leaves them in a file of this run: no variable can replace that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...module_utils._core.errors import ConfigurationError
from ...module_utils._http.addresses import base_url, default_url
from .request import DRY_RUN, PROTECTED, heard, is_false

Variables = Mapping[str, Any]


class Place(NamedTuple):
    """Where an instance is, as far as its host's variables tell; empty: not told."""

    endpoint: str
    project_id: str
    project_name: str
    instance_id: str


def protection_file(run: object) -> Path:
    """Return the path of the file that says where the protected instances of a run are."""
    return Path(f"{run}protected.json")


def protect(read: Callable[[str], Any]) -> list[str]:
    """Leave where the protected instances are, and return their hosts.

    All hosts of the inventory count, also what ``--limit`` leaves out, with the variables that a play adds to its own.
    """
    hostvars, places = read("hostvars"), []
    for host in hostvars:
        variables = hostvars[host]
        told = heard(host, variables.get("__prune_checked") or {}) or {}
        if _is_protected(variables) or told.get("listed_because") == PROTECTED:
            found = (_place(variables), _place(told.get("place", {})))
            places += [[str(host), *place] for place in found if place]
    protection_file(read("__prune_run")).write_text(json.dumps(places), encoding="utf-8")
    return list(dict.fromkeys(host for host, *_place_of_host in places))


def with_protection(because: str, run: object, variables: Variables) -> str:
    """Return why an instance is only listed: ``because``, or that another host of the instance is protected.

    ``variables`` say where the instance is.
    """
    file, place = protection_file(run), _place(variables)
    if place is None or because not in ("", DRY_RUN) or not file.exists():
        return because
    protected = json.loads(file.read_text(encoding="utf-8"))
    host = next((host for host, *other in protected if _same(place, Place(*other))), None)
    return because if host is None else f"{PROTECTED} as {host}"


def _is_protected(variables: Variables) -> bool:
    try:
        return not is_false(variables.get("iotda_protected", False))
    except Exception:  # Ansible raises errors of many kinds there; what cannot be read protects
        return True


def _place(variables: Variables) -> Place | None:
    """Return where the instance of a host is, None if its variables name no instance."""
    if "iotda_endpoint" not in variables and "iotda_region" not in variables:
        return None
    endpoint, region, *others = (
        _text(variables, f"iotda_{name}")
        for name in ("endpoint", "region", "project_id", "project_name", "instance_id")
    )
    if not endpoint and region and "iotda_endpoint" not in variables:
        endpoint = default_url("iotda", region)
    return Place(_normal(endpoint), *others)


def _text(variables: Variables, name: str) -> str:
    try:
        return str(variables.get(name) or "").strip()
    except Exception:  # as above; the check of the host's variables says what is wrong
        return ""


def _normal(endpoint: str) -> str:
    try:
        url = base_url(endpoint, "iotda_endpoint", allow_http=True).lower() if endpoint else ""
    except ConfigurationError:
        return endpoint
    return url.removesuffix(":443" if url.startswith("https:") else ":80")


def _same(one: Place, two: Place) -> bool:
    """Whether both can be the same instance. What is not told does not tell them apart."""
    if one.project_id and two.project_id:
        if one.project_id != two.project_id:
            return False
    elif _differ(one.project_name, two.project_name):
        return False
    if one.instance_id and two.instance_id:
        # Whatever the address: an instance with one of its own can also have a shared one.
        return one.instance_id == two.instance_id
    return not _differ(one.endpoint, two.endpoint)


def _differ(one: str, two: str) -> bool:
    return bool(one and two and one != two)
