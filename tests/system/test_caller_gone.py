# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module whose caller is gone deletes nothing more, however Ansible was started; see the guarantees for the table."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.callers import (
    MANY,
    PATIENCE,
    PLAY,
    Deletions,
    command_of,
    kill,
    processes_below,
)
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, Commands, processes_in

PYTHON = str(BIN / "python")
SCRIPT = str(BIN / "ansible-playbook")

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
# To become another user, who must be able to read the Python of the tests.
OTHER = "root" if os.getuid() else "nobody"
SUDO = shutil.which("sudo") and not subprocess.call(["sudo", "-n", "-u", OTHER, PYTHON, "-c", "import requests"])
BECOME = f"become: true\n      become_method: sudo\n      become_user: {OTHER}"
needs_sudo = pytest.mark.skipif(not SUDO, reason=f"no sudo, or not to {OTHER} without a password")

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


def test_a_module_stops_when_ansible_was_killed_before_it_began(deletions: Deletions) -> None:
    folder = deletions.commands.folder
    wait = "touch ready; while test -e ready; do sleep 0.1; done"
    interpreter = deletions.write("interpreter", f'#!/bin/sh\n{wait}\nexec {PYTHON} "$@"\n')
    interpreter.chmod(0o755)
    deletions.write("inventory", f"here ansible_connection=local ansible_python_interpreter={interpreter}\n")
    process = deletions.start(SCRIPT, *PLAY, until=(folder / "ready").exists)
    process.kill()
    process.wait(PATIENCE)
    (folder / "ready").unlink()
    deletions.wait_for(lambda: deletions.left() < MANY)
    deletions.check_stopped()


def test_a_module_stops_when_ansible_runner_cancels(deletions: Deletions) -> None:
    """As AWX cancels a job: ansible-runner kills the process group of Ansible."""
    (deletions.commands.folder / "project").symlink_to(".")
    runner = str(Path(sys.executable).parent / "ansible-runner")
    process = deletions.start(runner, "run", ".", "--inventory", "inventory", "-p", "playbook.yml")
    process.terminate()
    process.wait(PATIENCE)
    deletions.check_stopped()


@needs_sudo
def test_a_module_of_another_user_stops_when_ansible_is_killed(deletions: Deletions) -> None:
    process = deletions.start(SCRIPT, *PLAY, keywords=BECOME, environ={"ANSIBLE_PIPELINING": "true"})
    process.kill()
    deletions.check_stopped()


@pytest.fixture
def ssh(deletions: Deletions) -> Iterator[Deletions]:
    """The same over SSH, with a server of the test's own and the defaults of Ansible."""
    if not SSHD:
        pytest.skip("no sshd (package openssh-server)")
    if not os.getuid():
        Path("/run/sshd").mkdir(exist_ok=True)  # as the service does when it starts
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = deletions.commands.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    settings = f"""
        Port {port}
        ListenAddress 127.0.0.1
        HostKey {key}
        AuthorizedKeysFile {key}.pub
        PidFile none
        Subsystem sftp internal-sftp
        StrictModes no
        UsePAM no
    """
    with tempfile.TemporaryDirectory(prefix="cp-") as sockets:  # the path of a socket must be short
        options = {
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_ssh_private_key_file": key,
            "ansible_ssh_common_args": "'-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'",
            "ansible_control_path_dir": sockets,
            "ansible_remote_tmp": f"{sockets}/remote",
            "ansible_python_interpreter": PYTHON,
        }
        deletions.write("inventory", "there " + " ".join(f"{name}={value}" for name, value in options.items()))
        server = subprocess.Popen([SSHD, "-D", "-q", "-f", deletions.write("sshd_config", settings)])
        deletions.wait_for(lambda: listens(port))
        yield deletions
        for pid in [*processes_below(server.pid), server.pid]:
            kill(pid)
        server.wait(PATIENCE)
        deletions.end()


def listens(port: int) -> bool:
    """Return whether something accepts connections."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


# Without pipelining, Ansible asks for a terminal.
needs_terminal = pytest.mark.skipif(bool(os.getuid()), reason="an sshd of an ordinary user may not hand out terminals")


@pytest.mark.parametrize(
    ("pipelining", "become"),
    [
        pytest.param("true", "", id="pipelining"),
        pytest.param("true", BECOME, id="pipelining, sudo", marks=needs_sudo),
        pytest.param("false", "", id="terminal", marks=needs_terminal),
        pytest.param("false", BECOME, id="terminal, sudo", marks=[needs_terminal, needs_sudo]),
    ],
)
def test_over_ssh_the_lost_client_stops_a_module_and_not_ansibles_end(
    ssh: Deletions, pipelining: str, become: str
) -> None:
    process = ssh.start(SCRIPT, *PLAY, keywords=become, environ={"ANSIBLE_PIPELINING": pipelining})
    process.kill()
    ssh.check_going_on()
    for pid in processes_in(ssh.commands.folder):
        if "".join(command_of(pid)).startswith("ssh"):
            kill(pid)
    ssh.check_stopped()


@pytest.mark.parametrize(
    ("number", "pipelining"),
    [(signal.SIGINT, "true"), pytest.param(signal.SIGTERM, "false", marks=needs_terminal)],
)
def test_over_ssh_a_signal_to_ansible_stops_a_module(ssh: Deletions, number: signal.Signals, pipelining: str) -> None:
    """As Ctrl-C does; up to ansible-core 2.18, ssh is in the same process group, and is ended by nothing else."""
    process = ssh.start(SCRIPT, *PLAY, environ={"ANSIBLE_PIPELINING": pipelining})
    os.killpg(process.pid, number)
    ssh.check_stopped()


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
