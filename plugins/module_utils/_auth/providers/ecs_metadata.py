# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of the agency of the ECS that runs the module, from its metadata service.

The service: https://support.huaweicloud.com/intl/en-us/usermanual-ecs/ecs_03_0166.html
"""

from __future__ import annotations

from functools import partial

from ..._core.errors import IamError, IamOperation, RequestError, TransportError
from ..._http.answers import json_object
from ..._http.client import HttpClient, HttpConfig
from ..._http.messages import Auth, Request, Response
from ..credentials import AccessKey, KeyIssuer, ProviderContext, ResolvedCredentials
from ..exchanges import KeyServices, parse_key
from ..refresh import Issued

_URL = "http://169.254.169.254"
_TOKEN_PATH = "/meta-data/latest/api/token"
_KEY_PATH = "/openstack/latest/securitykey"
_ONLY_VERSION_1 = (404, 405, 503)
# Outside an ECS nothing answers at this address, and the user waits this long.
_CONFIG = HttpConfig(timeout=2.0, retry_timeout=0.0, connections=1, proxied=False)


def load(context: ProviderContext, url: str = _URL) -> ResolvedCredentials | str:
    """Return the keys of the agency, by version 2 of the service (with a token) or else by version 1."""
    first = _fetch(url)
    if isinstance(first, str):
        return f"ECS metadata service: {first}"
    return ResolvedCredentials(
        "ECS metadata service", KeyIssuer(partial(_renew, url), ("ecs", first.value.access_key), first)
    )


def _renew(url: str, services: KeyServices) -> Issued[AccessKey]:
    fetched = _fetch(url)
    if isinstance(fetched, str):
        raise IamError(IamOperation.ECS_METADATA, RequestError(fetched, 0, False))
    services.redact(fetched.value.secret_key)
    services.redact(fetched.value.security_token or "")
    return fetched


def _fetch(url: str) -> Issued[AccessKey] | str:
    """Return the key that the service returns now, or the reason why there is none."""
    http = HttpClient(_CONFIG)
    try:
        headers = {"X-Metadata-Token-Ttl-Seconds": "21600"}
        token = http.send(Request("PUT", f"{url}{_TOKEN_PATH}", Auth(), headers=headers))
        if token.status != 200 and token.status not in _ONLY_VERSION_1:
            return f"it answered {token.status} to the token request"
        response = http.send(Request("GET", f"{url}{_KEY_PATH}", Auth(), headers=_token_header(token)))
    except TransportError as error:
        return str(error)
    if response.status != 200:
        return f"it answered {response.status}, as it does when the ECS has no agency"
    content = json_object(response.body)
    return (parse_key(content, response) if content else None) or "its answer contains no access key"


def _token_header(response: Response) -> dict[str, str]:
    text = response.body.decode("ascii", "replace").strip()
    return {"X-Metadata-Token": text} if response.status == 200 and text.isprintable() and text.isascii() else {}
