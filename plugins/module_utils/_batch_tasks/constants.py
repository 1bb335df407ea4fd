# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statuses and types of batch tasks, as the API spells them."""

from __future__ import annotations

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
