# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module whose caller is gone deletes nothing more: signals, killed Ansible, a task's timeout, a closed pipe."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import (
    BIN,
    Commands,
    kill_processes_in,
    processes_in,
)

MANY = 2000
LATENCY = 0.05  # seconds for each deletion: the whole list would take at least 10 s
GRACE = 2.0  # seconds after which no deletion may begin
PATIENCE = 30.0
MODULE = b"AnsiballZ_batch_task"
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - huaweicloud.iotda.batch_task:
        task_id: "{{ lookup('file', 'ids').split() }}"
        state: absent
"""


@pytest.fixture
def ids(simulator: Simulator, commands: Commands) -> list[str]:
    simulator.latency(LATENCY)
    ids = simulator.add_tasks(MANY, devices=1)
    (commands.folder / "ids").write_text("\n".join(ids), encoding="utf-8")
    return ids


@pytest.fixture
def started(simulator: Simulator, commands: Commands) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Give what starts a playbook in a session of its own, as a terminal does; all of it is killed afterwards."""
    running: list[subprocess.Popen[str]] = []

    def start(playbook: str) -> subprocess.Popen[str]:
        path = commands.folder / "playbook.yml"
        path.write_text(playbook, encoding="utf-8")
        process = subprocess.Popen(
            [str(BIN / "ansible-playbook"), str(path)],
            cwd=commands.folder,
            env={**commands.environ, **simulator.environ()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield start
    kill_processes_in(commands.folder)
    for process in running:
        process.communicate(timeout=PATIENCE)


def module_process(folder: Path) -> int:
    """Return the Python process that runs the module."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_in(folder)}
    (pid,) = (pid for pid, command in commands.items() if MODULE in command and b"/bin/sh" not in command)
    return pid


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def wait_for_deletions(simulator: Simulator) -> None:
    wait_for(lambda: len(simulator.task_ids()) < MANY - 20)


def check_nothing_begins(simulator: Simulator) -> None:
    time.sleep(GRACE)
    left = len(simulator.task_ids())
    assert 0 < left < MANY
    time.sleep(1.0)
    assert len(simulator.task_ids()) == left


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_its_results(
    number: signal.Signals,
    simulator: Simulator,
    commands: Commands,
    ids: list[str],
    started: Callable[[str], subprocess.Popen[str]],
) -> None:
    process = started(PLAYBOOK)
    wait_for_deletions(simulator)
    os.kill(module_process(commands.folder), number)
    output, _none = process.communicate(timeout=PATIENCE)
    check_nothing_begins(simulator)
    assert process.returncode == 2
    found = re.search(r"Could not delete (\d+) of 2000 batch tasks", output)
    assert found, output[-2000:]
    assert int(found[1]) == len(simulator.task_ids())
    assert f"not started, because {number.name} was received" in output


def test_a_module_stops_when_ansible_is_killed(
    simulator: Simulator, ids: list[str], started: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = started(PLAYBOOK)
    wait_for_deletions(simulator)
    process.kill()
    check_nothing_begins(simulator)


def test_a_closed_terminal_stops_the_module(
    simulator: Simulator, ids: list[str], started: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = started(PLAYBOOK)
    wait_for_deletions(simulator)
    os.killpg(process.pid, signal.SIGHUP)
    check_nothing_begins(simulator)


def test_a_task_timeout_stops_the_module(
    simulator: Simulator, ids: list[str], started: Callable[[str], subprocess.Popen[str]]
) -> None:
    simulator.latency(0.2)  # 40 s for all, so that a busy machine comes to begin, and not to the end
    process = started(PLAYBOOK + "      timeout: 6\n")
    output, _none = process.communicate(timeout=PATIENCE)
    check_nothing_begins(simulator)
    assert process.returncode == 2
    assert re.search("timed out|expected time frame", output), output[-2000:]  # the latter up to ansible-core 2.18


def test_a_closed_pipe_stops_the_module(simulator: Simulator, commands: Commands, ids: list[str]) -> None:
    """As over SSH, where only the end of the connection shows that the caller is gone."""
    arguments = {"task_id": ids, "state": "absent", "_ansible_remote_tmp": "/nonexistent"}
    code = (
        "import sys\n"
        "from ansible.module_utils import basic\n"
        "basic._ANSIBLE_ARGS = sys.stdin.buffer.read()\n"
        "basic._ANSIBLE_PROFILE = 'legacy'\n"
        "from ansible_collections.huaweicloud.iotda.plugins.modules.batch_task import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**commands.environ, **simulator.environ()},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    process.stdin.close()
    wait_for_deletions(simulator)
    process.stdout.close()
    check_nothing_begins(simulator)
    process.wait(PATIENCE)


def test_an_async_task_goes_on_when_ansible_ends(
    simulator: Simulator, commands: Commands, ids: list[str], started: Callable[[str], subprocess.Popen[str]]
) -> None:
    simulator.latency(0.0)
    process = started(PLAYBOOK + "      async: 60\n      poll: 0\n")
    assert process.wait(PATIENCE) == 0
    wait_for(lambda: not simulator.task_ids())
