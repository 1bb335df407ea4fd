# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory source whose account is the simulator, and what Ansible makes of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, check_no_secret

PLUGIN = "huaweicloud.iotda.instances"
WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class Found:
    """What Ansible found: the variables of each host, the hosts of each group, and all that was printed."""

    variables: dict[str, dict[str, Any]]
    groups: dict[str, list[str]]
    group_variables: dict[str, Any]
    output: str = field(repr=False)

    @property
    def hosts(self) -> list[str]:
        return sorted(self.variables)

    @property
    def failed(self) -> bool:
        """Whether the source was not read, and left nothing."""
        return "Unable to parse" in self.output and not self.hosts


@dataclass
class Source:
    """A file of an inventory source."""

    path: Path
    simulator: Simulator
    worker: subprocess.Popen[str] = field(repr=False)

    def write(self, **options: Any) -> str:
        """Write the file, and return its path.

        Its options lead to the simulator, at once and without patience; ``options`` come before them, None removes one.
        """
        simulator = self.simulator
        base = {
            "plugin": PLUGIN,
            "region": simulator.region,
            "management_endpoint": simulator.management_endpoint(),
            "iam_endpoint": simulator.url,
            "access_key": simulator.access_key,
            "secret_key": simulator.secret_key,
            "timeout": 5,
            "retry_timeout": 0,
        }
        content = {name: value for name, value in {**base, **options}.items() if value is not None}
        self.path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return str(self.path)

    def read(self, **options: Any) -> Found:
        """Write the file with ``options``, and return what Ansible finds in it."""
        return self.parse(self.write(**options))

    def parse(self, *sources: str, cache: bool = True, debug: bool = False, known: list[str] | None = None) -> Found:
        """Return what Ansible finds in ``sources``; what it prints must hold no secret."""
        request = {"sources": sources, "environ": dict(os.environ), "cache": cache, "debug": debug, "known": known}
        assert self.worker.stdin
        assert self.worker.stdout
        self.worker.stdin.write(json.dumps(request) + "\n")
        self.worker.stdin.flush()
        reply = json.loads(self.worker.stdout.readline())
        assert reply is not None, "the inventory manager crashed or hung: see what it wrote on stderr"
        check_no_secret(reply["output"])
        return Found(reply["hosts"], reply["groups"], reply["group_variables"], reply["output"])


@pytest.fixture(scope="session")
def worker() -> Iterator[subprocess.Popen[str]]:
    """Ansible, started once: to start it for each test would take a second."""
    command = [str(BIN / "python"), str(WORKER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def source(tmp_path: Path, simulator: Simulator, worker: subprocess.Popen[str]) -> Source:
    """The file of a source, in a folder of its own."""
    folder = tmp_path / "inventory"
    folder.mkdir()
    return Source(folder / "prod.iotda.yml", simulator, worker)
