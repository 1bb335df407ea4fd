# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do next about a failure that any service can cause: a wrong clock, no connection, refused credentials, load.

What only one service knows is in its ``Service``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._core.errors import ApiError, CancelledError, Cause, ErrorDetails, IamError, IotdaError, TransportError
from .messages import THROTTLED, is_ambiguous_status

_LARGEST_SKEW = 15 * 60  # seconds, beyond which the gateway refuses a signature

_UNREACHABLE: dict[Cause, str] = {
    "dns": "check {endpoint} and region, and this machine's DNS",
    "address": "check {endpoint}, HTTPS_PROXY and NO_PROXY",
    "connect": "check {endpoint}, HTTPS_PROXY and firewalls",
    "timeout": "check the network, or raise timeout",
    "tls": "check {endpoint}, or name the CA that signed the certificate in ca_path",
    "certificate": "have the certificate at {endpoint} corrected; setting ca_path does not help",
    "local": "check the files, memory and resource limits of this machine",
    "malformed": "check {endpoint}, and whether a proxy or a gateway changes the responses",
    "proxy": "check HTTPS_PROXY, its user and password, and NO_PROXY",
    "proxy_login": "check the user and the password in HTTPS_PROXY",
    "broken": "run it again, and check the network if it fails again",
    "size": "check {endpoint}",
}

_EXPIRED = "get a new token, since this one has expired"
# The codes of the gateway and of IAM, which stand before every service:
# https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
BY_CODE = {
    "APIGW.0301": (
        "check access_key and secret_key or the token, and that they belong to this region; with access keys, the "
        "shared host of a region needs signing=standard"
    ),
    "APIGW.0307": _EXPIRED,
    "APIGW.0310": "use another project, since this one is disabled or frozen",
    "IAM.0066": _EXPIRED,
    "IAM.0062": "check username, password and domain_name",
    "IAM.0061": "wait until the account is unlocked, and check username and password",
}


class Service(NamedTuple):
    """What the hints about one service name.

    ``endpoint`` is the option that sets its host, ``resources`` what is read and changed there. ``actions`` are the IAM
    actions by operation, as far as documents name them. ``wrong_place`` is what helps where another server answered,
    ``bad_list`` what helps where a list was refused as invalid. ``by_status`` and ``by_code`` come before what holds
    for all services.
    """

    endpoint: str
    resources: str
    actions: Mapping[str, str]
    wrong_place: str
    bad_list: str
    by_status: Mapping[int, str]
    by_code: Mapping[str, str]


def hint_for(error: IotdaError, operation: str, service: Service) -> str | None:
    """Return the next step after ``error``, met in an ``operation`` such as ``delete``, ``list`` or ``show``."""
    if isinstance(error, CancelledError):
        return "run it again"
    if isinstance(error, IamError):
        return _for_iam(error, service)
    if isinstance(error, TransportError):
        return _unreachable(error, service.endpoint)
    if isinstance(error, ApiError):
        return _for_answer(error.details, operation, service)
    return None


def _for_iam(error: IamError, service: Service) -> str:
    operation, details = error.operation, error.details
    if isinstance(error.cause, TransportError):
        return _unreachable(error.cause, operation.place)
    if details is None:
        return operation.hint
    if details.http_status == THROTTLED or is_ambiguous_status(details.http_status):
        return _for_status(details, "", service._replace(endpoint=operation.place))
    if details.http_status not in (400, 401, 403, 404):
        return f"check {operation.place}"
    return _for_clock(details) or _for_token(details) or BY_CODE.get(details.error_code or "") or operation.hint


def _unreachable(error: TransportError, endpoint: str) -> str:
    return (error.hint or _UNREACHABLE[error.cause]).format(endpoint=endpoint)


def _for_answer(details: ErrorDetails, operation: str, service: Service) -> str:
    code = (details.error_code or "").replace("APIG.", "APIGW.")
    known = _for_clock(details) or _for_token(details) or service.by_code.get(code) or BY_CODE.get(code)
    return known or _for_status(details, operation, service)


def _for_token(details: ErrorDetails) -> str | None:
    """Return what to do about a token that the gateway cannot even read, which only the text of APIGW.0301 tells."""
    unreadable = details.http_status == 401 and "decrypt token fail" in (details.error_msg or "")
    return "give a complete IAM token: this one was cut off or altered, or is something else" if unreadable else None


def _for_clock(details: ErrorDetails) -> str | None:
    """Return what to do where a request was refused because the local clock is wrong, None where it was not."""
    if details.http_status not in (401, 403) or details.skew is None or abs(details.skew) <= _LARGEST_SKEW:
        return None
    direction = "behind" if details.skew > 0 else "ahead of"
    return f"set this machine's clock, which is {abs(details.skew):.0f} s {direction} the service's"


def _for_status(details: ErrorDetails, operation: str, service: Service) -> str:
    status = details.http_status
    if details.body == "tls":
        return f"begin {service.endpoint} with https://"
    if status == THROTTLED and details.retry_after is not None:
        return f"the service sent Retry-After: {details.retry_after:.0f}; run it again later, or raise retry_timeout"
    if status in service.by_status:
        return service.by_status[status]
    if status == 400 and operation == "list":
        return service.bad_list
    if status == 401:
        return "check the credentials, and that they have not expired"
    if status == 403:
        return (
            f"grant {_permission(operation, service)} on this project to the user or agency that owns these "
            "credentials, or check project_id"
        )
    if status == 407:
        return _UNREACHABLE["proxy"]
    if is_ambiguous_status(status):
        if details.body == "error":
            return "run it again later, since the service has a problem"
        return (
            "run it again later, since the service or a gateway before it has a problem; if it fails again, check "
            f"{service.endpoint}, since another server may have answered"
        )
    if details.body != "error":
        return service.wrong_place
    return f"look up {details.error_code} in the error codes of the API, or contact support with the request_id"


def _permission(operation: str, service: Service) -> str:
    if operation in service.actions:
        return f"the IAM action {service.actions[operation]}"
    reads = operation in ("list", "show")
    return f"read access to {service.resources}" if reads else f"the permission to {operation} {service.resources}"
