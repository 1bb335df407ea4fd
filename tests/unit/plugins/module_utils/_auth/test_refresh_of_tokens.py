# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token of a login: renewed when the service calls it expired, or refuses one that it took before."""

from __future__ import annotations

import json

import pytest
import requests

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.refresh import (
    Issued,
    RefreshableSecret,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Response


class Iam:
    """Issues the tokens 2, 3, ..."""

    def __init__(self) -> None:
        self.logins = 0

    def __call__(self) -> Issued[str]:
        self.logins += 1
        return Issued(str(self.logins + 1))


def auth_of(iam: Iam) -> TokenAuth:
    return TokenAuth(RefreshableSecret(iam, Issued("1")))


def sent(auth: TokenAuth) -> requests.PreparedRequest:
    return requests.Request("GET", "https://iotda.example", auth=auth).prepare()


def refusal(code: str | None = None) -> Response:
    return Response(401, {}, json.dumps({"error_code": code, "error_msg": "no"}).encode() if code else b"")


def test_the_token_is_sent() -> None:
    assert sent(auth_of(Iam())).headers["X-Auth-Token"] == "1"


@pytest.mark.parametrize("code", ["APIGW.0307", "APIG.0307", "IAM.0066"])
def test_a_token_called_expired_is_renewed(code: str) -> None:
    auth = auth_of(Iam())
    assert auth.on_response(sent(auth), refusal(code)) is True
    assert sent(auth).headers["X-Auth-Token"] == "2"


@pytest.mark.parametrize("code", [None, "APIGW.0301", "IOTDA.000002"])
def test_a_first_token_refused_otherwise_is_kept(code: str | None) -> None:
    iam = Iam()
    auth = auth_of(iam)
    assert auth.on_response(sent(auth), refusal(code)) is False
    assert iam.logins == 0


@pytest.mark.parametrize("code", [None, "APIGW.0301", "IOTDA.000002"])
def test_a_token_that_was_taken_is_renewed_at_any_401(code: str | None) -> None:
    auth = auth_of(Iam())
    auth.on_response(sent(auth), Response(204, {}, b""))
    assert auth.on_response(sent(auth), refusal(code)) is True
    assert sent(auth).headers["X-Auth-Token"] == "2"
