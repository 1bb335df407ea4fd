# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication by a token, given or obtained by a login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._http.answers import error_code
from .._http.messages import Auth
from .refreshable import RefreshableSecret

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .._http.messages import Response

_EXPIRED = frozenset(("APIGW.0307", "APIG.0307", "IAM.0066"))


class TokenAuth(Auth):
    """``X-Auth-Token``."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Auth-Token"] = self._auth_token
        return request


class RefreshingTokenAuth(Auth):
    """``X-Auth-Token`` with a token that is renewed, shared by all threads.

    Renewed is a token that a 401 calls expired, and one that the service took before and now answers with any 401.
    """

    def __init__(self, token: RefreshableSecret[str]) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Auth-Token"] = self._token.current()
        return request

    def on_response(self, request: PreparedRequest, response: Response) -> bool:
        """Return True on a 401 if there is a new token by now; raises IamError if it could not be obtained."""
        says_expired = response.status == 401 and error_code(response) in _EXPIRED
        sent = request.headers["X-Auth-Token"]
        return self._token.on_response(lambda token: token == sent, response, says_expired)
