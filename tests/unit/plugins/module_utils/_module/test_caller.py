# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which processes count as Ansible, with real processes that are related as those of Ansible are.

How real runs end, and which go on, is in ``tests/system/test_caller_gone.py`` and ``test_caller_healthy.py``.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.caller import ansible_processes

# Each prints its process ID and starts the next one. The module ends with its input, and so do all others then.
ANNOUNCE = "import os, subprocess, sys; words = sys.argv[1:]; print(os.getpid(), flush=True)"
START = "subprocess.run([word.replace('WORKER', str(os.getpid())) for word in words])"
PYTHON = [sys.executable, "-c", f"{ANNOUNCE}; {START}"]
FORKING = [sys.executable, "-c", f"{ANNOUNCE}\nif os.fork(): os.wait()\nelse: print(os.getpid(), flush=True); {START}"]
SHELL = ["sh", "-c", 'echo $$; "$@"; true', "sh"]
FORKING_SHELL = ["bash", "-c", 'echo $$; (echo $BASHPID; "$@"; true); true', "bash"]
ORPHAN = ["setsid", "--fork"]
MODULE = ["sh", "-c", "echo $$; read line; true", "module"]
MODULE_IN_FOLDER = [
    *MODULE[:-1],
    "/home/operator/.ansible/tmp/ansible-tmp-1764408892.07-WORKER-123/AnsiballZ_batch_task.py",
]


@pytest.mark.parametrize(
    ("tree", "controller"),
    [
        pytest.param([FORKING, SHELL, SHELL, MODULE], 0, id="shells between"),
        pytest.param(
            [FORKING, SHELL, FORKING_SHELL, MODULE], 0, id="between, what forks and is no Python, such as sudo"
        ),
        pytest.param([FORKING, PYTHON, FORKING, SHELL, MODULE], 3, id="above, another Python that forks"),
        pytest.param([FORKING_SHELL, FORKING, SHELL, MODULE], 2, id="above, a shell that forks"),
    ],
)
def test_ansible_is_the_nearest_python_that_forked(tree: list[list[str]], controller: int) -> None:
    pids, found = processes_of(tree)
    assert list(found) == pids[:controller:-1]
    assert list(found.values()) == pids[controller:-1][::-1]


@pytest.mark.parametrize(
    "tree", [[ORPHAN, PYTHON, SHELL, MODULE], [ORPHAN, FORKING_SHELL, MODULE], [ORPHAN, SHELL, MODULE_IN_FOLDER]]
)
def test_there_is_no_ansible_without_a_fork(tree: list[list[str]]) -> None:
    assert processes_of(tree)[1] == {}


def test_a_worker_without_a_parent_is_known_by_the_folder_of_the_module() -> None:
    pids, found = processes_of([ORPHAN, PYTHON, SHELL, MODULE_IN_FOLDER])
    assert found == {pids[0]: 0}


def processes_of(tree: list[list[str]]) -> tuple[list[int], dict[int, int]]:
    """Return the process IDs of ``tree``, from the top to the module, and what is found for the module."""
    process = subprocess.Popen(sum(tree, []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    forks = sum(part in (FORKING, FORKING_SHELL) for part in tree)
    pids = [int(process.stdout.readline()) for _number in range(len(tree) + forks - (ORPHAN in tree))]
    found = ansible_processes(pids[-1])
    process.communicate()
    return pids, found
