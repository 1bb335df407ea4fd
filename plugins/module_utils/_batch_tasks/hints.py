# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do next about a failure, where its cause is known.

Error codes: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html and, for IoTDA's own,
https://support.huaweicloud.com/intl/en-us/api-iothub/ErrorCode.html
"""

from __future__ import annotations

from typing import Callable

from .._core.clock import clock_hint
from .._core.errors import ApiError, CancelledError, ErrorDetails, IamError, RequestError, TransportError
from .._http.messages import THROTTLED, is_ambiguous_status
from .constants import STOPPABLE_TYPES

# The IAM actions that the API's pages name; a page for showing one task names none.
_ACTIONS = {
    "delete": "iotda:batchtasks:delete",
    "create": "iotda:batchtasks:create",
    "stop": "iotda:batchtasks:stop",
    "confirm": "iotda:batchtasks:confirm",
    "list": "iotda:batchtasks:queryList",
}

# Changes whose IAM actions no page of the API names.
_UNNAMED = ("retry", "upload")

_UNREACHABLE = {
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


def hint_for(error: RequestError, operation: str) -> str | None:
    """Return the next step after ``error`` in an ``operation`` such as ``delete`` or ``list``."""
    if isinstance(error, CancelledError):
        return "run it again"
    if isinstance(error, IamError):
        return _for_iam(error)
    if isinstance(error, TransportError):
        return _unreachable(error, "endpoint")
    if isinstance(error, ApiError):
        return _for_answer(error.details, operation)
    return None


def _for_iam(error: IamError) -> str | None:
    place = _PLACES.get(error.operation, "iam_endpoint")
    if isinstance(error.cause, TransportError):
        return _unreachable(error.cause, place)
    details = error.details
    if details is None or is_ambiguous_status(details.http_status) or details.http_status == THROTTLED:
        return hint_for(error.cause, error.operation)
    if details.http_status not in (400, 401, 403, 404):
        return f"check {place}"
    return clock_hint(details) or _BY_CODE.get(details.error_code or "") or _BY_OPERATION[error.operation]


def _unreachable(error: TransportError, option: str) -> str:
    return _UNREACHABLE[error.cause].format(endpoint=option)


def _for_answer(details: ErrorDetails, operation: str) -> str | None:
    by_clock = clock_hint(details)
    if by_clock:
        return by_clock
    kind = (details.error_code or "").replace("APIG.", "APIGW.")
    if kind in _BY_CODE:
        return _BY_CODE[kind]
    if details.http_status == 400 and operation == "list":
        return "check task_type, app_id and status"
    broken = _broken_service if is_ambiguous_status(details.http_status) else None
    by_status = _BY_STATUS.get(details.http_status, broken)
    return by_status(details, operation) if by_status else _for_unknown(details)


_WRONG_PLACE = "check that endpoint is the application access address of this instance, and check region and project_id"

_BY_CODE: dict[str, str] = {
    "APIGW.0101": _WRONG_PLACE,
    "APIGW.0301": (
        "check access_key and secret_key or the token, and that they belong to this region; with access keys, the "
        "shared host of a region needs signing=standard"
    ),
    "APIGW.0307": "get a new token, since this one has expired",
    "APIGW.0310": "use another project, since this one is disabled or frozen",
    "IAM.0066": "get a new token, since this one has expired",
    "IAM.0062": "check username, password and domain_name",
    "IAM.0061": "wait until the account is unlocked, and check username and password",
    "IOTDA.000002": (
        "check the credentials, that the token has not expired, and signing: the host of a standard or enterprise "
        "instance needs derived, the shared host of a region needs standard"
    ),
    "IOTDA.000004": "get a new token for the project of this instance",
    "IOTDA.000021": (
        "check instance_id, and that endpoint is the address of the instance and not the shared one, or subscribe to "
        "IoTDA in this region"
    ),
    "IOTDA.000029": _WRONG_PLACE,
    "IOTDA.001006": "check app_id",
}


# The setting that names the endpoint of an exchange that is not made at IAM.
_PLACES = {
    "oidc": "HUAWEICLOUD_SDK_STS_ENDPOINT",
    "pod_identity": "HC_CONTAINER_CREDENTIALS_FULL_URI",
    "ecs_metadata": "that the ECS reaches its metadata service",
}

_BY_OPERATION = {
    "login": "check username, password and domain_name, region or project_id, and that the user may call the API",
    "lookup": "check the credentials, or set project_id to skip the lookup",
    "agency": "check agency_name and agency_domain_name, and that the user has the role Agent Operator",
    "id_token": "check that the ID token has not expired, and that its identity provider exists in IAM",
    "oidc": "check that the ID token has not expired, and that the agency trusts its OIDC provider",
    "pod_identity": "check that the pod's service account is associated with an agency",
    "ecs_metadata": "check that the ECS still has its agency",
    "renewal": "check the credentials",
}


def _unauthorized(details: ErrorDetails, operation: str) -> str:
    return "check the credentials, and that they have not expired"


def _forbidden(details: ErrorDetails, operation: str) -> str:
    action = _ACTIONS.get(operation)
    access = f"the permission to {operation} batch tasks" if operation in _UNNAMED else "read access to batch tasks"
    grant = f"the IAM action {action}" if action else f"{access} of IoTDA"
    return f"grant {grant} on this project to the user or agency that owns these credentials, or check project_id"


def _not_found(details: ErrorDetails, operation: str) -> str:
    return f"this 404 was not sent by IoTDA, so it does not show that the task is absent: {_WRONG_PLACE}"


def _throttled(details: ErrorDetails, operation: str) -> str:
    if details.retry_after is not None:
        return f"the service sent Retry-After: {details.retry_after:.0f}; run it again later, or raise retry_timeout"
    return "lower concurrency or raise retry_timeout, since the request limit of the service was reached"


def _broken_service(details: ErrorDetails, operation: str) -> str:
    return "run it again later, since the service has a problem"


_BY_STATUS: dict[int, Callable[[ErrorDetails, str], str]] = {
    401: _unauthorized,
    403: _forbidden,
    404: _not_found,
    407: lambda details, operation: _UNREACHABLE["proxy"],
    THROTTLED: _throttled,
}


def _for_unknown(details: ErrorDetails) -> str:
    if details.body != "error":
        return _WRONG_PLACE
    return f"look up {details.error_code} in the error codes of the API, or contact support with the request_id"


def unfinished_hint(task_type: str) -> str:
    """Return the hint for an unfinished task of ``task_type``, which cannot be deleted."""
    if task_type in STOPPABLE_TYPES:
        return "set wait to delete it once it has finished, or force to stop it first"
    return f"set wait to delete it once it has finished, since a {task_type} task cannot be stopped"
