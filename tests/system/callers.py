# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long deletions, started in the ways a user may start Ansible, and what becomes of them when a process ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, Commands, kill_processes_in, processes_in

LATENCY = 0.25  # seconds for each deletion, of which ten are under way at once
GRACE = 2.0  # seconds after which no deletion may begin
PATIENCE = 60.0
MANY = 300  # take 7.5 s
LOCAL = "here ansible_connection=local ansible_python_interpreter={{ansible_playbook_python}}"
PLAY = ("-i", "inventory", "playbook.yml")


def playbook(task_ids: str, play: str = "", task: str = "") -> str:
    """Return a playbook that deletes ``task_ids``, a Jinja expression, with keywords for the play and for the task."""
    return f"""
- hosts: all
  gather_facts: false
  environment: "{{{{ lookup('file', 'environment.json') | from_json }}}}"
  {play}
  tasks:
    - huaweicloud.iotda.batch_task:
        task_id: "{{{{ {task_ids} }}}}"
        state: absent
      {task}
"""


@dataclass
class Deletions:
    """A playbook, in the folder of ``commands``, that deletes ``MANY`` batch tasks, and the processes that run it."""

    simulator: Simulator
    commands: Commands
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What started the tests may ignore them, as nohup does; what is started here would inherit that.
        for number in (signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        self.simulator.latency(LATENCY)
        self.write("ids", "\n".join(self.simulator.add_tasks(MANY, devices=1)))
        self.write("environment.json", json.dumps(self.simulator.environ()))
        self.write("inventory", LOCAL + "\n")

    def write(self, name: str, text: str) -> Path:
        path = self.commands.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def start(
        self,
        *command: str,
        keywords: str = "",
        environ: Mapping[str, str] | None = None,
        until: Callable[[], bool] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own, as a terminal does, and return once it deletes, or ``until``.

        The playbook's task has ``keywords``, too. What is written is in the file ``output``.
        """
        self.write("playbook.yml", playbook("lookup('file', 'ids').split()", task=keywords))
        path = os.pathsep.join([str(BIN), self.commands.environ["PATH"]])
        with self.write("output", "").open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                command,
                cwd=self.commands.folder,
                env={**self.commands.environ, "PATH": path, **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        self.wait_for(until or (lambda: self.left() <= MANY - 5))
        return process

    def output(self) -> str:
        """Return what the commands have written."""
        return (self.commands.folder / "output").read_text(encoding="utf-8")

    def left(self) -> int:
        """Return how many tasks are not deleted."""
        return len(self.simulator.task_ids())

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Wait until ``holds`` returns true; fail when it takes too long."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"it did not happen in time:\n{self.output()}"
            time.sleep(0.02)

    def check_stopped(self) -> None:
        """Fail unless nothing begins later than ``GRACE`` from now, with some tasks left."""
        time.sleep(GRACE)
        left = self.left()
        assert 0 < left < MANY, self.output()
        time.sleep(3 * LATENCY)
        assert self.left() == left, self.output()

    def check_going_on(self) -> None:
        """Fail unless deletions still begin after ``GRACE``."""
        time.sleep(GRACE)
        left = self.left()
        assert left, self.output()
        self.wait_for(lambda: self.left() < left)

    def controllers(self) -> list[int]:
        """Return the processes of ``ansible-playbook``, without its workers, which have the same command line."""
        found = {pid: command_of(pid)[1:2] for pid in processes_in(self.commands.folder)}
        scripts = [pid for pid, script in found.items() if script == [str(BIN / "ansible-playbook")]]
        return [pid for pid in scripts if parent_of(pid) not in scripts]

    def end(self) -> None:
        """End all that was started."""
        kill_processes_in(self.commands.folder)
        for process in self.running:
            process.wait(PATIENCE)


def parent_of(pid: int) -> int:
    """Return the parent of a process, or 0."""
    status = Path(f"/proc/{pid}/status")
    try:
        return int(status.read_text(encoding="utf-8").partition("PPid:")[2].split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def processes_above(pid: int) -> list[int]:
    """Return the ancestors of a process."""
    found: list[int] = []
    while pid := parent_of(pid):
        found.append(pid)
    return found


def processes_below(pid: int) -> list[int]:
    """Return the descendants of a process."""
    parents = {int(path.name): parent_of(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def command_of(pid: int) -> list[str]:
    """Return the command line of a process, or an empty list."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def kill(pid: int) -> None:
    """Kill a process, unless it has ended, as it does with another."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
