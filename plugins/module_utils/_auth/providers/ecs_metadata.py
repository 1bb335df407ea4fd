# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of the agency of the ECS that runs the module, from its metadata service.

The service: https://support.huaweicloud.com/intl/en-us/usermanual-ecs/ecs_03_0166.html

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Request, Response

_URL = "http://169.254.169.254"
_TOKEN_PATH = "/meta-data/latest/api/token"
_KEY_PATH = "/openstack/latest/securitykey"
_ONLY_VERSION_1 = (404, 405, 503)
# Anywhere but on an ECS nobody answers at this address, and the user waits for as long as this.
_SETTINGS = HttpConfig(timeout=2.0, retry_timeout=0.0, connections=1, proxied=False)


def load(asked: ProviderContext, url: str = _URL) -> ResolvedCredentials | str:
    """Return the keys of the agency, by version 2 of the service (with a token) or else by version 1."""
    http = HttpClient(_SETTINGS)
    try:
        headers = {"X-Metadata-Token-Ttl-Seconds": "21600"}
        token = http.send(Request("PUT", f"{url}{_TOKEN_PATH}", Auth(), headers=headers))
        if token.status != 200 and token.status not in _ONLY_VERSION_1:
            return f"ECS metadata service: it answered {token.status} to the request for a token"
        reply = http.send(Request("GET", f"{url}{_KEY_PATH}", Auth(), headers=_token_header(token)))
    except TransportError as error:
        return f"ECS metadata service: {error}"
    if reply.status != 200:
        return f"ECS metadata service: it answered {reply.status}, as it does when the ECS has no agency"
    key = _access_key(reply)
    return (
        ResolvedCredentials("ECS metadata service", key)
        if key
        else "ECS metadata service: its answer holds no access key"
    )


def _token_header(reply: Response) -> dict[str, str]:
    text = reply.body.decode("ascii", "replace").strip()
    return {"X-Metadata-Token": text} if reply.status == 200 and text.isprintable() and text.isascii() else {}


def _access_key(reply: Response) -> AccessKey | None:
    try:
        credential = json.loads(reply.body)["credential"]
        values: list[Any] = [credential[name] for name in ("access", "secret", "securitytoken")]
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    if not all(isinstance(value, str) and value for value in values):
        return None
    return AccessKey(*values)
