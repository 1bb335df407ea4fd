# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the place that is asked, signed by the official SDK, also such as no client would send."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import requests
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import DerivationAKSKSigner, Signer

_TIMEOUT = 30.0
_DERIVED = ".iotda-app."
_SERVICE = "iotdm"


@dataclass(frozen=True)
class Account:
    """Where to ask, and as whom. ``device_id``: a device to create tasks for; without it nothing is created."""

    endpoint: str
    region: str
    project_id: str
    access_key: str
    secret_key: str
    security_token: str | None = None
    instance_id: str | None = None
    device_id: str | None = None
    verify: bool | str = True


class Api:
    """Sends requests below ``/v5/iot/{project_id}``; ``sleep`` lets seconds pass."""

    def __init__(self, account: Account, sleep: Callable[[float], None]) -> None:
        self.account = account
        self.sleep = sleep
        self._session = requests.Session()

    def __call__(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request. Raises requests.RequestException."""
        account = self.account
        sent = {"X-Project-Id": account.project_id, **(headers or {})}
        if account.security_token:
            sent["X-Security-Token"] = account.security_token
        if account.instance_id:
            sent.setdefault("Instance-Id", account.instance_id)
        if body is not None:
            sent["Content-Type"] = "application/json"
        request = SdkRequest(
            method=method,
            host=urlsplit(account.endpoint).netloc,
            resource_path=f"/v5/iot/{account.project_id}{path}",
            query_params=sorted((query or {}).items()),
            header_params=sent,
            body="" if body is None else json.dumps(body),
        )
        self._sign(request)
        return self._session.request(
            method,
            account.endpoint + request.uri,
            data=request.body,
            headers=request.header_params,
            timeout=_TIMEOUT,
            verify=account.verify,
            allow_redirects=False,
        )

    def _sign(self, request: SdkRequest) -> None:
        identity = SimpleNamespace(ak=self.account.access_key, sk=self.account.secret_key)
        if _DERIVED in self.account.endpoint:
            DerivationAKSKSigner(identity).sign(request, _SERVICE, self.account.region)
        else:
            Signer(identity).sign(request)
