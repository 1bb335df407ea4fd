# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How system tests run the collection: modules in this process over real sockets, and Ansible's own commands.

A module in this process costs milliseconds where `ansible` costs a second; what only a whole run can show (arguments
on the wire, callbacks, module_defaults, -vvvv) is tested with the commands.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import DEVICE_SECRET, Simulator
from ansible_collections.huaweicloud.iotda.tests.unit import in_process

# Ansible's commands.
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Ended:
    """How a module ended: what it returned, and every character that it wrote."""

    result: dict[str, Any]
    text: str = field(repr=False)

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))

    @property
    def outcomes(self) -> list[str]:
        return [task["outcome"] for task in self.result["tasks"]]

    @property
    def warnings(self) -> str:
        """All warnings in one text: their form depends on the version of ansible-core."""
        return json.dumps(self.result.get("warnings", []))


def run_module(name: str, options: Mapping[str, Any], check: bool = False, diff: bool = False) -> Ended:
    """Run a module of the collection as Ansible would, in this process, and return how it ended.

    Its output may hold no secret; those of devices only where ``include_output`` is asked for.
    """
    text = in_process.run(name, options, check, diff)
    check_no_secret(text, of_devices=not options.get("include_output"))
    return Ended(json.loads(text.strip().splitlines()[-1]), text)


def write_workbook(path: Path) -> Path:
    """Write a spreadsheet of which only the form is right, and return its path."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return path


def check_no_secret(text: str, of_devices: bool = True) -> None:
    """Raise AssertionError if ``text`` holds a secret of any simulator, or those that the subtasks' output has."""
    secrets = {secret for simulator in Simulator.living() for secret in simulator.secrets()}
    for secret in (*secrets, *([DEVICE_SECRET] if of_devices else [])):
        for written in (secret, json.dumps(secret)[1:-1]):
            where = text.find(written)
            if where >= 0:
                raise AssertionError(
                    f"a secret, {secret[:8]}..., was written after: {text[max(0, where - 300) : where]}"
                )


@dataclass(frozen=True)
class Commands:
    """Ansible's commands, run as a user would, in a folder and with a home of their own."""

    folder: Path
    environ: Mapping[str, str]

    def run(
        self, command: Sequence[str], environ: Mapping[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the virtual environment and return how it ended; stderr is part of stdout.

        It may write no secret of a simulator.
        """
        try:
            ended = subprocess.run(
                [str(BIN / command[0]), *command[1:]],
                cwd=self.folder,
                env={**self.environ, **(environ or {})},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            kill_processes_in(self.folder)
            written = (late.output or b"").decode(errors="replace")
            raise AssertionError(f"{command[0]} did not end within {timeout:g} s; it wrote:\n{written}") from None
        check_no_secret(ended.stdout)
        return ended

    def playbook(
        self, text: str, *options: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a playbook, given as text, against the implicit localhost."""
        path = self.folder / "playbook.yml"
        path.write_text(text, encoding="utf-8")
        return self.run(["ansible-playbook", *options, str(path)], environ)


def processes_in(folder: Path) -> list[int]:
    """Return the processes, other than this one, whose working directory is ``folder``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is a zombie
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def kill_processes_in(folder: Path) -> None:
    """Kill whatever was started in ``folder``, within 10 seconds.

    To kill ansible-playbook, or its process group, is not enough: its workers are in sessions of their own, hold its
    output open, and wait for it for ever.
    """
    until = time.monotonic() + 10
    while pids := processes_in(folder):
        assert time.monotonic() < until, f"processes that cannot be killed: {pids}"
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def clean_environment() -> dict[str, str]:
    """Return the environment without what could lend a test credentials, proxies or settings of its user."""
    foreign = ("HUAWEICLOUD_", "HW_", "OS_", "REQUESTS_", "CURL_", "SSL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {name: value for name, value in kept.items() if not name.upper().endswith("_PROXY")}
