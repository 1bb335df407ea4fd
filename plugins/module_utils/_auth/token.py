# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token that comes from a login, and is replaced once the service no longer takes it.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Callable

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import IamError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth

if TYPE_CHECKING:
    from requests import PreparedRequest

    from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Response

_UNAUTHORIZED = 401
# These come from whoever stands before the check of the token, or in its place.
_SAY_NOTHING = frozenset((407, 408, 429))


class TokenAuth(Auth):
    """``X-Auth-Token``."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Auth-Token"] = self._auth_token
        return request


class RefreshingTokenAuth(Auth):
    """``X-Auth-Token`` with a token of ``log_in``, shared by all threads.

    Only a token that the service has taken before is taken for an expired one when it meets a 401, and one login
    serves all threads: a login that fails is not tried again, since IAM locks users after several.
    """

    def __init__(self, token: str, log_in: Callable[[], str]) -> None:
        self._log_in = log_in
        self._lock = threading.Lock()
        self._token = token
        self._proved = False
        self._failure: IamError | None = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Auth-Token"] = self._token
        return request

    def on_response(self, request: PreparedRequest, response: Response) -> bool:
        """Return True on a 401 if there is a new token by now; raises IamError if it could not be obtained."""
        status = response.status
        if status != _UNAUTHORIZED:
            if status < 500 and status not in _SAY_NOTHING and request.headers["X-Auth-Token"] == self._token:
                self._proved = True
            return False
        with self._lock:
            if request.headers["X-Auth-Token"] == self._token:
                if not self._proved:
                    return False
                self._renew()
            return True

    def _renew(self) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            self._token = self._log_in()
        except IamError as error:
            self._failure = error
            raise
        self._proved = False
