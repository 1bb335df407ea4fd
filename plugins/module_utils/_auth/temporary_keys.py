# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests whose answer is a temporary access key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from .._core.errors import CancelledError, IamError, RequestError
from .._http.answers import malformed_response, parse_object
from .._http.client import HttpClient
from .._http.messages import Request, Response
from .credentials import AccessKey, TemporaryKey
from .expiry import seconds_until

# The spellings that huaweicloudsdkcore.auth.internal, StsAccessor, accepts.
_ACCESS_KEY = ("access", "accessKeyId", "access_key_id")
_SECRET_KEY = ("secret", "secretAccessKey", "secret_access_key")
_SECURITY_TOKEN = ("securitytoken", "securityToken", "security_token")
_EXPIRES_AT = ("expires_at", "expiration")


@dataclass(frozen=True)
class KeyServices:
    """What an issuer of keys can use: the HTTP client, the base URLs of IAM and STS, and the redactor of secrets."""

    http: HttpClient = field(repr=False)
    iam_url: Callable[[], str]
    sts_url: Callable[[], str]
    redact: Callable[[str], None] = field(repr=False)


def request_key(services: KeyServices, operation: str, request: Request, url: str) -> TemporaryKey:
    """Return the key in the answer to ``request`` and register its secrets for redaction; raises IamError."""
    try:
        response = services.http.send(request)
        content = parse_object(response, url, (200, 201))
        issued = parse_key(content, response)
        if issued is None:
            raise malformed_response(response, url, "no temporary access key")
    except CancelledError:
        raise
    except RequestError as error:
        raise IamError(operation, error) from None
    services.redact(issued.key.secret_key)
    services.redact(issued.key.security_token or "")
    return issued


def parse_key(content: Mapping[str, Any], response: Response) -> TemporaryKey | None:
    """Return the temporary key in ``content``, in any of the known spellings, or None."""
    held = content.get("credential") or content.get("credentials")
    if not isinstance(held, dict):
        return None
    values = [_text(held, names) for names in (_ACCESS_KEY, _SECRET_KEY, _SECURITY_TOKEN)]
    access_key, secret_key, security_token = values
    if access_key is None or secret_key is None or security_token is None:
        return None
    key = AccessKey(access_key, secret_key, security_token)
    return TemporaryKey(key, seconds_until(_text(held, _EXPIRES_AT), response))


def _text(held: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    found = next((held[name] for name in names if held.get(name)), None)
    usable = isinstance(found, str) and found.isascii() and found.isprintable() and found == found.strip()
    return found if usable else None
