# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a request is authenticated: the base class that the client calls for each attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .models import Response


class Auth:
    """Authenticates a request on each attempt, as `requests` expects it; this base class adds nothing."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def on_response(self, request: PreparedRequest, response: Response) -> bool:
        """Look at the response to ``request``, sent with these credentials.

        Return True if the request is worth one more attempt, because the credentials have been renewed. The client
        asks for at most one such attempt for each request. Raises IamError if a renewal failed.
        """
        return False
