# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a signature is right, judged by the official SDK's own signer.

https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import parse_qsl

from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer import hkdf
from huaweicloudsdkcore.signer.signer import DerivationAKSKSigner, Signer
from starlette.requests import Request

from .accounts import Key
from .clock import API_TIME

SERVICE = "iotdm"
_STANDARD = re.compile(r"SDK-HMAC-SHA256 Access=([^,\s]+), SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})\Z")
_DERIVED = re.compile(
    r"V11-HMAC-SHA256 Credential=([^,/\s]+)/(\d{8})/([^,/\s]+)/([^,/\s]+), "
    r"SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})\Z"
)


class BadSignature(Exception):
    """The signature does not hold; the text says why, as the API gateway words it."""


@dataclass(frozen=True)
class Signed:
    """What an ``Authorization`` header says. ``scope`` is date, region and service of a derived key."""

    access: str
    headers: tuple[str, ...]
    signature: str
    scope: tuple[str, str, str] | None

    @property
    def derived(self) -> bool:
        return self.scope is not None


@dataclass(frozen=True)
class _Identity:
    ak: str
    sk: str


def read(authorization: str) -> Signed:
    """Take an ``Authorization`` header apart. Raises BadSignature."""
    standard = _STANDARD.match(authorization)
    if standard:
        access, names, signature = standard.groups()
        return Signed(access, tuple(names.split(";")), signature, None)
    derived = _DERIVED.match(authorization)
    if derived:
        access, date, region, service, names, signature = derived.groups()
        return Signed(access, tuple(names.split(";")), signature, (date, region, service))
    raise BadSignature("Authorization is malformed")


def verify(request: Request, body: bytes, signed: Signed, key: Key, now: datetime, skew: float) -> None:
    """Check the signature of ``request`` over exactly the headers it lists. Raises BadSignature."""
    headers = {name: _header(request, name) for name in signed.headers}
    if "x-sdk-date" not in headers:
        raise BadSignature("x-sdk-date is not signed")
    date = _date(headers["x-sdk-date"], now, skew)
    # Signer.sign() would add headers that this client may not have signed, so its steps are taken one by one.
    identity = _Identity(key.access, key.secret)
    signer = DerivationAKSKSigner(identity) if signed.scope else Signer(identity)
    canonical = signer._process_canonical_request(_received(request, headers, body), list(signed.headers))
    if signed.scope:
        scope = "/".join(signed.scope)
        text = signer._process_string_to_sign(canonical, date, scope)
        secret = hkdf.get_der_key_sha256(access_key=key.access, secret_key=key.secret, info=scope)
    else:
        text, secret = signer._process_string_to_sign(canonical, date), key.secret
    if not hmac.compare_digest(signer._sign_string_to_sign(text, secret), signed.signature):
        echo = canonical.replace("\n", "|")
        raise BadSignature(f"verify aksk signature fail, canonicalRequest:{echo}")


def _received(request: Request, headers: dict[str, str], body: bytes) -> SdkRequest:
    return SdkRequest(
        method=request.method,
        resource_path=request.scope["raw_path"].decode("ascii"),
        query_params=parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True),
        header_params=headers,
        body=body,
    )


def check_scope(signed: Signed, date: str, region: str) -> None:
    """Check that a derived key was made for the day of ``date``, this region and service. Raises BadSignature."""
    if signed.scope != (date[:8], region, SERVICE):
        raise BadSignature("the credential scope is wrong")


def _header(request: Request, name: str) -> str:
    values = [value for key, value in request.scope["headers"] if key == name.encode()]
    if not values:
        raise BadSignature(f"the signed header {name} was not sent")
    return ",".join(_text(value) for value in values)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _date(text: str, now: datetime, skew: float) -> datetime:
    try:
        date = datetime.strptime(text, API_TIME).replace(tzinfo=timezone.utc)
    except ValueError:
        raise BadSignature("x-sdk-date is malformed") from None
    if abs((now - date).total_seconds()) > skew:
        raise BadSignature("x-sdk-date is expired")
    return date
