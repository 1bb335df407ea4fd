# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do next about a failure of batch tasks, where its cause is known.

Error codes: https://support.huaweicloud.com/intl/en-us/api-iothub/ErrorCode.html
"""

from __future__ import annotations

from .._core.errors import RequestError
from .._http import hints
from .._http.messages import THROTTLED
from .api import STOPPABLE_TYPES

_WRONG_PLACE = "check that endpoint is the application access address of this instance, and check region and project_id"
_NOT_ABSENT = ", so it does not show that the task is absent"
_DECODE = "to see what denied it, decode encoded_authorization_message with DecodeAuthorizationMessage of STS"

SERVICE = hints.Service(
    endpoint="endpoint",
    resources="batch tasks of IoTDA",
    # The IAM actions that the API's pages name: none for showing one task, for retrying and for uploading.
    actions={
        "delete": "iotda:batchtasks:delete",
        "create": "iotda:batchtasks:create",
        "stop": "iotda:batchtasks:stop",
        "confirm": "iotda:batchtasks:confirm",
        "list": "iotda:batchtasks:queryList",
    },
    wrong_place=_WRONG_PLACE,
    bad_list="check task_type, app_id and status",
    by_status={
        404: f"this 404 was not sent by IoTDA{_NOT_ABSENT}: {_WRONG_PLACE}",
        THROTTLED: "lower concurrency or raise retry_timeout, since the request limit of the service was reached",
    },
    by_code={
        "APIGW.0101": _WRONG_PLACE,
        "IOTDA.000002": (
            "check the credentials, that the token has not expired, and signing: the host of a standard or enterprise "
            "instance needs derived, the shared host of a region needs standard"
        ),
        "IOTDA.000004": "get a new token for the project of this instance",
        "IOTDA.000021": (
            "check instance_id, and that endpoint is the address of the instance and not the shared one, or subscribe "
            "to IoTDA in this region"
        ),
        "IOTDA.000029": _WRONG_PLACE,
        # A resource space that does not exist, and one that this user cannot see.
        "IOTDA.001000": "check app_id",
        "IOTDA.001006": "check app_id",
    },
)


def hint_for(error: RequestError, operation: str) -> str | None:
    """Return the next step after ``error`` in an ``operation`` such as ``delete`` or ``list``."""
    step = hints.hint_for(error, operation, SERVICE)
    if step and operation == "list":  # which asks for no task
        step = step.replace(_NOT_ABSENT, "")
    denied = error.details is not None and error.details.encoded_authorization_message
    return f"{step}; {_DECODE}" if denied else step


def unfinished_hint(task_type: str) -> str:
    """Return the hint for an unfinished task of ``task_type``, which cannot be deleted."""
    if task_type in STOPPABLE_TYPES:
        return "set wait to delete it once it has finished, or force to stop it first"
    return f"set wait to delete it once it has finished, since a {task_type} task cannot be stopped"
