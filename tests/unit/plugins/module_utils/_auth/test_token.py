# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token of a login: renewed once it has expired, once for all threads, and never against a locked door."""

from __future__ import annotations

import threading

import pytest
import requests

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.token import RefreshingTokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import IamError, TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Response


class Iam:
    """Issues the tokens 2, 3, ... or refuses."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.logins = 0

    def __call__(self) -> str:
        self.logins += 1
        if self.refuses:
            raise IamError("login", TransportError("no", "dns"))
        return str(self.logins + 1)


def sent(auth: RefreshingTokenAuth) -> requests.PreparedRequest:
    return requests.Request("GET", "https://iotda.example", auth=auth).prepare()


def proved(iam: Iam) -> RefreshingTokenAuth:
    auth = RefreshingTokenAuth("1", iam)
    auth.on_response(sent(auth), Response(200, {}, b""))
    return auth


def test_the_token_is_sent() -> None:
    assert sent(RefreshingTokenAuth("1", Iam())).headers["X-Auth-Token"] == "1"


@pytest.mark.parametrize("status", [200, 204, 403, 404, 429, 503])
def test_only_a_401_asks_for_a_new_token(status: int) -> None:
    iam = Iam()
    assert proved(iam).on_response(sent(RefreshingTokenAuth("1", iam)), Response(status, {}, b"")) is False
    assert iam.logins == 0


@pytest.mark.parametrize("status", [200, 204, 400, 403, 404])
def test_a_token_that_was_taken_before_has_expired_at_a_401(status: int) -> None:
    iam = Iam()
    auth = RefreshingTokenAuth("1", iam)
    first = sent(auth)
    auth.on_response(first, Response(status, {}, b""))
    assert auth.on_response(first, Response(401, {}, b"")) is True
    assert sent(auth).headers["X-Auth-Token"] == "2"


@pytest.mark.parametrize("status", [None, 407, 408, 429, 500, 503])
def test_a_token_that_was_never_taken_is_not_renewed(status: int | None) -> None:
    iam = Iam()
    auth = RefreshingTokenAuth("1", iam)
    if status:
        auth.on_response(sent(auth), Response(status, {}, b""))
    assert auth.on_response(sent(auth), Response(401, {}, b"")) is False
    assert iam.logins == 0


def test_a_new_token_must_prove_itself_again() -> None:
    iam = Iam()
    auth = proved(iam)
    auth.on_response(sent(auth), Response(401, {}, b""))
    assert auth.on_response(sent(auth), Response(401, {}, b"")) is False
    assert iam.logins == 1


def test_one_login_serves_all_threads() -> None:
    iam = Iam()
    auth = proved(iam)
    requests_sent = [sent(auth) for _each in range(8)]
    threads = [
        threading.Thread(target=auth.on_response, args=(request, Response(401, {}, b""))) for request in requests_sent
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert iam.logins == 1
    assert auth.on_response(requests_sent[0], Response(401, {}, b"")) is True


def test_a_login_that_fails_is_not_tried_again() -> None:
    iam = Iam(refuses=True)
    auth = proved(iam)
    for _each in range(3):
        with pytest.raises(IamError, match="the login at IAM failed: no"):
            auth.on_response(sent(auth), Response(401, {}, b""))
    assert iam.logins == 1
