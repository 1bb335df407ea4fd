# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many cases there are, and what keeps them away from this machine's user and network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import client
from ansible_collections.huaweicloud.iotda.tests.fuzz.cases import counted
from ansible_collections.huaweicloud.iotda.tests.system.harness import clean_environment


class _Nobody:
    """In place of the HTTP helper of the metadata service: nobody answers, at once."""

    def __init__(self, settings: object) -> None:
        pass

    def send(self, call: object) -> None:
        raise TransportError("nobody is there", "connect")


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the user's environment and home, the metadata service, and the pauses between attempts."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(exchanges, "HttpClient", _Nobody)
    monkeypatch.setattr(client, "_FIRST_DELAY", 0.0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many cases there were, where they ran in this process."""
    if counted:
        terminalreporter.write_line(f"{sum(counted.values())} fuzzed cases in {len(counted)} tests")
