# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module whose caller is gone deletes nothing more, however Ansible was started; see the guarantees for the table."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.callers import (
    MANY,
    PATIENCE,
    PLAY,
    Deletions,
    command_of,
)
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, Commands, processes_in

PYTHON = str(BIN / "python")
SCRIPT = str(BIN / "ansible-playbook")

# A program that uses Ansible as a library.
API = """
from ansible import context
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.vars.manager import VariableManager

names = "become become_method become_user check diff listhosts listtags listtasks start_at_task syntax"
context.CLIARGS = ImmutableDict({**dict.fromkeys(names.split()), "connection": "local", "forks": 5, "verbosity": 0})
init_plugin_loader()
loader = DataLoader()
inventory = InventoryManager(loader=loader, sources="inventory")
variables = VariableManager(loader=loader, inventory=inventory)
PlaybookExecutor(["playbook.yml"], inventory, variables, loader, passwords={}).run()
"""


def module_process(folder: Path) -> int:
    """Return the Python process that runs the module."""
    (pid,) = (pid for pid in processes_in(folder) if "AnsiballZ_batch_task" in "".join(command_of(pid)[1:2]))
    return pid


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_its_results(deletions: Deletions, number: signal.Signals) -> None:
    process = deletions.start(SCRIPT, *PLAY)
    os.kill(module_process(deletions.commands.folder), number)
    assert process.wait(PATIENCE) == 2
    found = re.search(rf"Could not delete (\d+) of {MANY} batch tasks", deletions.output())
    assert found, deletions.output()
    assert int(found[1]) == deletions.left() > 0
    assert f"not started, because {number.name} was received" in deletions.output()


def test_a_closed_terminal_stops_the_module(deletions: Deletions) -> None:
    process = deletions.start(SCRIPT, *PLAY)
    os.killpg(process.pid, signal.SIGHUP)
    deletions.check_stopped()


def test_a_task_timeout_stops_the_module(deletions: Deletions) -> None:
    deletions.simulator.latency(0.5)  # 15 s for all, so that a busy machine comes to begin, and not to the end
    process = deletions.start(SCRIPT, *PLAY, keywords="timeout: 8")
    assert process.wait(PATIENCE) == 2
    deletions.check_stopped()
    assert re.search("(?i)timed out|expected time frame", deletions.output())  # the latter up to ansible-core 2.18


def script(_deletions: Deletions) -> list[str]:
    return [SCRIPT, *PLAY]


def script_with_options(_deletions: Deletions) -> list[str]:
    """As a script begins that a distribution has packaged: `#!/usr/bin/python3 -s`."""
    return [PYTHON, "-su", SCRIPT, *PLAY]


def python_module(_deletions: Deletions) -> list[str]:
    return [PYTHON, "-m", "ansible", "playbook", *PLAY]


def link(deletions: Deletions) -> list[str]:
    path = deletions.commands.folder / "nightly"
    path.symlink_to(SCRIPT)
    return [str(path), *PLAY]


def python_api(deletions: Deletions) -> list[str]:
    return [PYTHON, str(deletions.write("program.py", API))]


def console(deletions: Deletions) -> list[str]:
    ids = deletions.simulator.task_ids()
    command = deletions.write("commands", f"huaweicloud.iotda.batch_task state=absent task_id={','.join(ids)}\n")
    return ["sh", "-c", f"exec {BIN}/ansible-console -i inventory all < {command}"]


@pytest.mark.parametrize("way", [script, script_with_options, python_module, link, python_api, console])
def test_a_module_stops_when_ansible_is_killed(deletions: Deletions, way: Callable[[Deletions], list[str]]) -> None:
    process = deletions.start(*way(deletions), environ=deletions.simulator.environ())
    process.kill()
    deletions.check_stopped()


def test_a_closed_pipe_stops_the_module(deletions: Deletions, simulator: Simulator, commands: Commands) -> None:
    """As over SSH, where only the end of the connection shows that the caller is gone."""
    arguments = {"task_id": sorted(simulator.task_ids()), "state": "absent", "_ansible_remote_tmp": "/nonexistent"}
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
    deletions.wait_for(lambda: deletions.left() <= MANY - 5)
    process.stdout.close()
    deletions.check_stopped()
    process.wait(PATIENCE)


def test_an_async_task_goes_on_when_ansible_ends(deletions: Deletions, simulator: Simulator) -> None:
    process = deletions.start(SCRIPT, *PLAY, keywords="async: 60\n      poll: 0")
    simulator.latency(0.0)
    assert process.wait(PATIENCE) == 0
    deletions.wait_for(lambda: not deletions.left())
