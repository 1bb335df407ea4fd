# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run where every secret is marked, and all that they return, write, log and send is kept."""

from __future__ import annotations

import syslog
import traceback
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import DEVICE_SECRET
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Wiretap
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.secret_scanner import SecretScanner, plant
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

MODULES: dict[str, dict[str, Any]] = {
    "batch_task": {"state": "absent", "concurrency": 2},
    "batch_task_info": {"details": True, "task_type": "createDevices"},
    "batch_task_prune": {"older_than": "0d", "task_type": "createDevices"},
}
WISH = {"state": "present", "task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["meter_1"]}
RUNS: list[tuple[str, dict[str, Any]]] = [
    *MODULES.items(),
    ("batch_task", {**WISH, "wait_delay": 0}),
    ("batch_task", {"state": "retried", "wait_delay": 0}),
]
FAULTS: dict[str, dict[str, Any]] = {
    **{f"a {status}": {"status": status} for status in (400, 401, 403, 404, 407, 408, 429, 500, 503)},
    **{kind: {"kind": kind} for kind in ("html", "empty", "invalid_json", "reset", "close", "cut_body")},
    **{kind: {"kind": kind} for kind in ("bad_chunking", "wrong_length")},
    "hang": {"kind": "hang", "seconds": 0.3},
    "json": {"kind": "json", "json": {"batchtasks": [1], "projects": 2, "token": 3}},
    "a wrong date": {"kind": "date", "seconds": 90000.0},
}


class Scene:
    """A simulator with marked secrets, another beside it, and all that is written kept for the scanner."""

    def __init__(self, simulator: Simulator, other: Simulator, patch: pytest.MonkeyPatch) -> None:
        self.simulator = simulator
        self.other = other
        self.patch = patch
        self.scanner = SecretScanner()
        self.credentials = plant(simulator)
        self.heard = Wiretap().listen(simulator, patch)
        self.overheard = Wiretap().listen(other, patch)
        self.logged: list[str] = []
        patch.setattr(syslog, "syslog", lambda priority, message: self.logged.append(message))

    def run(self, name: str, kind: str, *without: str, check: bool = False, **given: Any) -> str:
        """Run each module by a kind of credential, and keep what it wrote, as the place ``name``."""
        options = {
            key: value for key, value in {**self.here(), **self.credentials.get(kind, {})}.items() if key not in without
        }
        written = ""
        for module, own in RUNS:
            ids = {"task_id": self._tasks()} if module == "batch_task" and "task_name" not in own else {}
            text = output_of(module, {**options, **own, **ids, **given}, check)
            self.scanner.look_in(f"{name}, {kind}, {module}", text)
            written += text
        return written

    def here(self) -> dict[str, Any]:
        """Return the options that reach the simulator."""
        return {
            "endpoint": self.simulator.url,
            "iam_endpoint": self.simulator.url,
            "region": self.simulator.region,
            "project_id": self.simulator.project_id,
            "timeout": 0.2,
            "retry_timeout": 0,
        }

    def _tasks(self) -> list[str]:
        self.simulator.clear_tasks()
        return [self.simulator.add_task("createDevices", status) for status in ("Success", "Processing", "Fail")]

    def end(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> SecretScanner:
        """Return the scanner, with all secrets of the run, and everything that was written besides the results."""
        scanner = self.scanner
        scanner.look_for_all_of(self.simulator)
        scanner.look_for("the secrets of devices", DEVICE_SECRET)
        for number, heard in enumerate(self.heard.heard):
            for _name, value in heard.headers:
                if "Signature=" in value:
                    scanner.look_for(f"signature {number}", value.rpartition("Signature=")[2], as_it_is=True)
        scanner.look_in("what other hosts heard", "\n".join(heard.text() for heard in self.overheard.heard))
        scanner.look_in("Ansible's log", "\n".join(self.logged))
        scanner.look_in("Python's log", caplog.text)
        scanner.look_in("standard output and error", "".join(capfd.readouterr()))
        return scanner


def output_of(module: str, options: dict[str, Any], check: bool = False) -> str:
    """Run a module and return all that it writes, the traceback included, should there be one."""
    try:
        return run_module(module, options, check=check, diff=True).text
    except Exception:
        return traceback.format_exc()


def denied(scene: Scene) -> dict[str, Any]:
    for action in ("list", "show", "delete"):
        scene.simulator.deny(action)
    return {}
