# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do next when instance management could not be read."""

from __future__ import annotations

from .._core.clock import clock_hint
from .._core.errors import ApiError, IotdaError, TransportError

_ACTIONS = {"list": "iotda:instance:queryList", "show": "iotda:instance:query"}
_UNREACHABLE = {
    "dns": "check the region's name, management_endpoint and this machine's DNS",
    "tls": "check management_endpoint, or set ca_path to the CA that signed the certificate",
    "proxy": "check HTTPS_PROXY, its user and password, and NO_PROXY",
    "proxy_login": "check the user and the password in HTTPS_PROXY",
    "timeout": "check the network, or raise timeout",
}
_BY_STATUS = {
    401: "check the credentials, that they have not expired, and that a token is for the project of this region",
    404: "check management_endpoint",
    429: "raise retry_timeout, or run it again later",
}


def hint_for(error: IotdaError, operation: str) -> str | None:
    """Return the next step after ``error``, met in ``list`` or ``show``."""
    if isinstance(error, TransportError):
        return _UNREACHABLE.get(error.cause, "check management_endpoint, HTTPS_PROXY and firewalls")
    if not isinstance(error, ApiError):
        return None
    status = error.details.http_status
    by_clock = clock_hint(error.details)
    if by_clock:
        return by_clock
    if status == 403:
        return f"grant the IAM action {_ACTIONS[operation]} on the project of this region"
    if status >= 500:
        return "run it again later, since the service has a problem"
    return _BY_STATUS.get(status, "check management_endpoint")
