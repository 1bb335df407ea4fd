# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a request is authenticated: the base class that the client calls for each attempt.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.requests_compat import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest


class Auth(AuthBase):
    """What `requests` calls to make a request say who sends it, afresh on each attempt; this one says nothing."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def answered(self, request: PreparedRequest, status: int) -> bool:
        """Take note of the answer to ``request``; return True if it is worth sending once more with a new secret."""
        return False


def signature_of(request: PreparedRequest) -> str:
    """Return the signature that ``request`` was sent with, or nothing."""
    return str(request.headers.get("Authorization", "")).partition("Signature=")[2]
