# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared by the tests of deletions: waiting takes no time."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import engine
from ansible_collections.huaweicloud.iotda.tests.unit import fakes
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, FakeCancellation


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let waiting take no time."""
    clock = Clock()
    monkeypatch.setattr(engine, "time", clock.as_time_module())
    monkeypatch.setattr(fakes, "Cancellation", lambda: FakeCancellation(clock))
    return clock
