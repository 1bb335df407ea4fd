# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator of Huawei Cloud IoTDA and of what leads to it: instance management, IAM, STS and metadata services."""

from __future__ import annotations

from .clock import Clock
from .faults import Fault
from .instances import Instance
from .journal import Entry, Journal
from .oracle import Violation
from .settings import Refusal, Settings
from .simulator import Simulator
from .tasks import DEVICE_SECRET

__all__ = [
    "DEVICE_SECRET",
    "Clock",
    "Entry",
    "Fault",
    "Instance",
    "Journal",
    "Refusal",
    "Settings",
    "Simulator",
    "Violation",
]
