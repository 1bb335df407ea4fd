# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statuses, types and IDs of batch tasks, as the API spells them.

IDs: https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html
"""

from __future__ import annotations

import re
from typing import Any

from .._core.errors import ConfigurationError

FINISHED = ("Success", "Fail", "PartialSuccess", "Stopped")
UNFINISHED = ("Initializing", "Waitting", "Processing", "Stopping")
# The last two are known from the API description only.
SUBTASK_STATUSES = (
    "Processing",
    "Success",
    "Fail",
    "Waitting",
    "FailWaitRetry",
    "Stopped",
    "Removed",
    "DeviceInProgress",
    "Rejected",
)
STOPPABLE_TYPES = ("firmwareUpgrade", "softwareUpgrade")
CONFIRMABLE_TYPES = (*STOPPABLE_TYPES, "moduleUpgrade")
DOCUMENTED_TYPES = (
    "softwareUpgrade",
    "firmwareUpgrade",
    "moduleUpgrade",
    "createDevices",
    "updateDevices",
    "deleteDevices",
    "freezeDevices",
    "unfreezeDevices",
    "createCommands",
    "createAsyncCommands",
    "createMessages",
    "updateDeviceShadows",
    "changeGateway",
)
# Accepted by the API description's patterns, and described nowhere.
UNDOCUMENTED_TYPES = ("sendEmails", "sendSmss", "addDevicesToGroup", "deviceConfig", "deviceJob")
KNOWN_TYPES = DOCUMENTED_TYPES + UNDOCUMENTED_TYPES
# IoTDA allocates IDs of this length; shorter ones are allowed in requests.
ID_LENGTH = 24
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,36}\Z")
_TASK_ID = re.compile(r"[0-9a-f]{1,24}\Z")


def check_app_id(app_id: str | None, place: str = "") -> None:
    """Raise ConfigurationError, with ``place`` before the option's name, unless a resource space can have this ID."""
    if app_id is not None and not _APP_ID.match(app_id):
        raise ConfigurationError(f"{place}app_id must be 1 to 36 letters, digits, - and _, not {ascii(app_id[:60])}")


def is_task_id(value: Any) -> bool:
    """Whether ``value`` has the form of an ID."""
    return isinstance(value, str) and _TASK_ID.match(value) is not None


def sort_key(task_id: str) -> str:
    """Return the sort key of an ID, as the service orders them: hexadecimal numbers, the newer the larger."""
    return task_id.rjust(ID_LENGTH, "0")
