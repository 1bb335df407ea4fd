# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication of a request: by a token, or by an access key, which signs it in one of two ways.

The algorithms are those of the official SDK (huaweicloudsdkcore.signer) and of
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Callable, NamedTuple, Union
from urllib.parse import quote, unquote, urlsplit

from .._http.messages import Auth
from .credentials import AccessKey

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .._http.messages import Response
    from .refresh import RefreshableSecret

    Keys = Union[AccessKey, RefreshableSecret[AccessKey]]

STANDARD = "SDK-HMAC-SHA256"
DERIVED = "V11-HMAC-SHA256"

_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_UNSIGNED = "UNSIGNED-PAYLOAD"
# A header that a proxy may rewrite (User-Agent, Accept-Encoding, Connection) would break the signature.
_SIGNED_IF_SENT = ("content-type", "instance-id", "x-project-id", "x-security-token")
_EXPIRED = frozenset(("APIGW.0307", "APIG.0307", "IAM.0066"))


class Scope(NamedTuple):
    """The region and the service that a derived key is made for; IoTDA is ``iotdm`` there."""

    region: str
    service: str = "iotdm"

    def on(self, date: str) -> str:
        """Return the scope on the day of ``date`` (``yyyyMMddTHHmmssZ``)."""
        return f"{date[:8]}/{self.region}/{self.service}"


class TokenAuth(Auth):
    """``X-Auth-Token``, with a fixed or a renewed token. Thread-safe.

    A token is renewed when a 401 says that it has expired, and when the service has accepted it before and now answers
    with any 401.
    """

    def __init__(self, token: str | RefreshableSecret[str]) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Auth-Token"] = self._token if isinstance(self._token, str) else self._token.current()
        return request

    def on_response(self, request: PreparedRequest, response: Response) -> bool:
        if isinstance(self._token, str):
            return False
        from .._http.answers import error_code

        says_expired = response.status == 401 and error_code(response) in _EXPIRED
        sent = request.headers["X-Auth-Token"]
        return self._token.on_response(lambda token: token == sent, response, says_expired)


class AccessKeyAuth(Auth):
    """A signature by an access key: ``V11-HMAC-SHA256`` where a scope is given, else ``SDK-HMAC-SHA256``.

    A temporary key that can be renewed is shared by all threads, and renewed after any 401.
    """

    def __init__(
        self,
        keys: Keys,
        scope: Scope | None = None,
        project_id: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._keys = keys
        self._scope = scope
        self._project_id = project_id
        self._now = now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        key = self._keys if isinstance(self._keys, AccessKey) else self._keys.current()
        headers = request.headers
        headers["Host"] = urlsplit(request.url or "").netloc
        headers["X-Sdk-Date"] = self._now().strftime(_DATE_FORMAT)
        if self._project_id:
            headers["X-Project-Id"] = self._project_id
        if key.security_token:
            headers["X-Security-Token"] = key.security_token
        chosen = {name: headers[name] for name in ("Host", "X-Sdk-Date")}
        chosen.update({name: headers[name] for name in _SIGNED_IF_SENT if name in headers})
        headers.update(sign(key, self._scope, request.method or "", request.url or "", chosen, request.body))
        return request

    def on_response(self, request: PreparedRequest, response: Response) -> bool:
        if isinstance(self._keys, AccessKey):
            return False
        sent = request.headers.get("X-Security-Token")
        return self._keys.on_response(lambda key: key.security_token == sent, response, says_expired=True)


def sign(
    key: AccessKey,
    scope: Scope | None,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | str | None,
) -> dict[str, str]:
    """Return the headers that sign a request: ``Authorization``, and the payload's where it is not signed.

    ``url`` is the URL as it is sent, ``headers`` are all headers to sign, ``X-Sdk-Date`` (UTC) among them.
    """
    added: dict[str, str] = {}
    to_sign = {name.lower(): str(value).strip() for name, value in headers.items() if "_" not in name}
    if not (to_sign.get("content-type") or "application/json").startswith(("application/json", "application/bson")):
        added["X-Sdk-Content-Sha256"] = to_sign["x-sdk-content-sha256"] = _UNSIGNED
    names = sorted(to_sign)
    canonical = canonical_request(method, url, to_sign, names, body)
    date = to_sign["x-sdk-date"]
    if scope is None:
        text = "\n".join((STANDARD, date, _sha256(canonical)))
        access, secret = f"Access={key.access_key}", key.secret_key
    else:
        text = "\n".join((DERIVED, date, scope.on(date), _sha256(canonical)))
        access, secret = f"Credential={key.access_key}/{scope.on(date)}", derive(key, scope.on(date))
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    algorithm = STANDARD if scope is None else DERIVED
    added["Authorization"] = f"{algorithm} {access}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return added


def derive(key: AccessKey, info: str) -> str:
    """Return the derived key: HKDF-SHA256 (RFC 5869), one block, as hexadecimal text, which itself is the HMAC key."""
    extracted = hmac.new(key.access_key.encode(), key.secret_key.encode(), hashlib.sha256).digest()
    return hmac.new(extracted, info.encode() + b"\x01", hashlib.sha256).hexdigest()


def canonical_request(
    method: str, url: str, headers: Mapping[str, str], names: list[str], body: bytes | str | None
) -> str:
    """Return the text whose hash is signed; ``headers`` has lower-case names, ``names`` are those signed, sorted."""
    parts = urlsplit(url)
    path = "/".join(map(_encode, unquote(parts.path).split("/")))
    pieces = (piece.partition("=") for piece in parts.query.split("&") if piece)
    pairs = sorted((unquote(name), unquote(value)) for name, _separator, value in pieces)
    lines = (
        method.upper(),
        path if path.endswith("/") else f"{path}/",
        "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs),
        "".join(f"{name}:{headers[name]}\n" for name in names),
        ";".join(names),
        (headers.get("x-sdk-content-sha256") if body else None) or _sha256(body or b""),
    )
    return "\n".join(lines)


def _encode(text: str) -> str:
    return quote(text, safe="~")


def _sha256(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()
