# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared by the tests of credentials and network: ways to the simulator, and no metadata service by default."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.leak_scene import Scene
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import METADATA, Target, reroute


@pytest.fixture(autouse=True)
def no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody be at the address of the metadata service, also where the tests run on an ECS."""
    reroute(monkeypatch, METADATA, None)


@pytest.fixture
def target(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, home: Path) -> Target:
    """A way to the simulator, without credentials."""
    return Target(simulator, monkeypatch, home)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Scene]:
    """A scene whose secrets are marked, with the debug log of urllib3."""
    caplog.set_level(logging.DEBUG, "urllib3")
    with ExitStack() as stack:
        simulator, other = (stack.enter_context(Simulator()) for dummy in range(2))
        yield Scene(simulator, other, monkeypatch)
