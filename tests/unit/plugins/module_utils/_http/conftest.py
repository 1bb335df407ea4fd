# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared by the tests of the client: a clock in place of time itself, and a network whose ends are written."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import client
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, FakeCancellation, Wire
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._http.client_calls import Made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give a clock in place of time itself, and take chance out of the waiting: always the longest."""
    clock = Clock()
    monkeypatch.setattr(client, "time", clock.as_time_module())
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    return clock


@pytest.fixture
def make(clock: Clock) -> Made:
    """Give what makes a client whose network has written ends."""

    def made(
        *ends: urllib3.HTTPResponse | Exception, redactor: Redactor | None = None, **settings: Any
    ) -> tuple[HttpClient, Wire]:
        wire = Wire(*ends)
        return HttpClient(HttpConfig(**settings), clock, redactor, wire, FakeCancellation(clock)), wire

    return made
