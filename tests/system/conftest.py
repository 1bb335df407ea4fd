# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all system tests share: the simulator, a clean environment and home, the options that reach the simulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import engine
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import client
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.callers import Deletions
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands, clean_environment


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, and an environment that lends it nothing."""
    path = tmp_path / "home"
    path.mkdir()
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(path))
    return path


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator of the test's own."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def options(simulator: Simulator) -> dict[str, Any]:
    """The options that reach the simulator with access keys, at once and without patience."""
    return {
        "endpoint": simulator.url,
        "iam_endpoint": simulator.url,
        "region": simulator.region,
        "project_id": simulator.project_id,
        "access_key": simulator.access_key,
        "secret_key": simulator.secret_key,
        "timeout": 5,
        "retry_timeout": 0,
    }


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries, and looks at a task, follow one another at once: how long they wait is a matter of unit tests."""
    monkeypatch.setattr(client, "_FIRST_DELAY", 0.001)
    monkeypatch.setattr(engine, "SHORTEST_DELAY", 0.05)


@pytest.fixture
def others(simulator: Simulator) -> Others:
    """What others do meanwhile."""
    return Others(simulator)


@pytest.fixture
def commands(tmp_path: Path, home: Path) -> Commands:
    """Ansible's commands, with the same home as the test."""
    folder = tmp_path / "play"
    folder.mkdir()
    own = {"HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible"), "ANSIBLE_LOCALHOST_WARNING": "false"}
    return Commands(folder, {**clean_environment(), **own, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_NOCOWS": "1"})


@pytest.fixture
def deletions(simulator: Simulator, commands: Commands) -> Iterator[Deletions]:
    """A long run to be interrupted; all of its processes are ended afterwards."""
    deletions = Deletions(simulator, commands)
    yield deletions
    deletions.end()
