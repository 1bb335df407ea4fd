# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a client of one instance: checks, credentials, signing, HTTP.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils import _endpoints as endpoints
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import BatchTasks, Place
from ansible_collections.huaweicloud.iotda.plugins.module_utils._credentials import resolve
from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import UsageError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import Http, HttpSettings
from ansible_collections.huaweicloud.iotda.plugins.module_utils._identity import (
    AccessKey,
    Identity,
    Token,
    secrets_of,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._signing import Auth, KeyAuth, Scope, TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._sources import Asked, Found

_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9._-]{1,36}\Z")
_HEADER_TEXT = re.compile(r"[\x21-\x7e]+\Z")


@dataclass(frozen=True)
class Connection:
    """A client, and by which source of credentials it speaks."""

    api: BatchTasks
    source: str
    secrets: list[str]


def connect(options: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """Return a client for ``options``; nothing is sent before everything is checked. Raises UsageError."""
    settings = _http_settings(options)
    _check_names(options)
    given = options.get("endpoint")
    url = endpoints.base_url(given, "endpoint", not options["validate_certs"]) if given else None
    found = resolve(Asked(options, environ))
    _check_identity(found.identity)
    region = _region(options, found, url)
    if url is None:
        if region is None:
            raise UsageError("neither region nor endpoint is given; set region, or endpoint for an instance's own host")
        url = endpoints.default_url("iotda", region)
    project_id = _project_id(options, found)
    auth = _auth(found.identity, options["signing"], url, region, project_id)
    api = BatchTasks(Http(settings), Place(url, project_id, options.get("instance_id") or None), auth)
    return Connection(api, found.source, secrets_of(found.identity))


def _http_settings(options: Mapping[str, Any]) -> HttpSettings:
    if not 0 < options["timeout"] <= 3600:
        raise UsageError(f"timeout must be more than 0 and at most 3600 seconds, not {options['timeout']:g}")
    if not 0 <= options["retry_timeout"] <= 86400:
        raise UsageError(f"retry_timeout must be from 0 to 86400 seconds, not {options['retry_timeout']:g}")
    concurrency = options.get("concurrency", 1)
    if not 1 <= concurrency <= 64:
        raise UsageError(f"concurrency must be from 1 to 64, not {concurrency}")
    verify: bool | str = (options.get("ca_path") or True) if options["validate_certs"] else False
    return HttpSettings(options["timeout"], options["retry_timeout"], verify, concurrency)


def _check_names(options: Mapping[str, Any]) -> None:
    if options.get("region"):
        endpoints.check_region(options["region"])
    if options.get("project_id") and not _PROJECT_ID.match(options["project_id"]):
        raise UsageError("project_id must be at most 64 letters, digits, - and _, without spaces or line breaks")
    if options.get("instance_id") and not _INSTANCE_ID.match(options["instance_id"]):
        raise UsageError("instance_id must be 1 to 36 letters, digits, . - and _, without spaces or line breaks")


def _check_identity(identity: Identity) -> None:
    """Refuse what cannot stand in a header; the value itself is never shown."""
    for name in ("auth_token", "access_key", "security_token"):
        value = getattr(identity, name, None)
        if value is not None and not _HEADER_TEXT.match(value):
            raise UsageError(f"{name} must not contain spaces, line breaks or characters outside ASCII")


def _region(options: Mapping[str, Any], found: Found, url: str | None) -> str | None:
    """Return the region: that of the endpoint's host before all else, since a request can go nowhere else."""
    return (endpoints.region_of(url) if url else None) or options.get("region") or found.region


def _project_id(options: Mapping[str, Any], found: Found) -> str:
    project_id = options.get("project_id") or found.project_id
    if not project_id:
        raise UsageError("project_id is not given; set it, or the environment variable HW_PROJECT_ID")
    return project_id


def _auth(identity: Identity, signing: str, url: str, region: str | None, project_id: str) -> Auth:
    if isinstance(identity, Token):
        return TokenAuth(identity.auth_token)
    if isinstance(identity, AccessKey):
        return KeyAuth(identity, _scope(signing, url, region), project_id)
    raise UsageError("username and password cannot be used yet; give auth_token, or access_key and secret_key")


def _scope(signing: str, url: str, region: str | None) -> Scope | None:
    if signing == "standard" or (signing == "auto" and not endpoints.is_instance_host(url)):
        return None
    if region is None:
        raise UsageError("derived signing needs a region, which the endpoint does not name; set region")
    return Scope(region)
