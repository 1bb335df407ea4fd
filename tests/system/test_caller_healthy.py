# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module goes on when nothing but what has started Ansible ends, in whatever way that did it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.callers import (
    PLAY,
    Deletions,
    command_of,
    kill,
    processes_above,
)
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, processes_in

# Shell scripts whose arguments are the command to start; `true` keeps a shell from making way for its last command.
STARTS = {
    "cron": 'setsid env -i $(env | grep -E "^(HOME|PATH|ANSIBLE_[A-Z_]+)=") "$@" < /dev/null; true',
    "double fork": '( ( "$@" & ) & )',
    "flock": 'flock lock "$@"; true',
    "group of its own": 'set -m; "$@" & wait',
    "ignored SIGHUP": "trap '' HUP; \"$@\"; true",
    "make": "NEXT=\"$*\" make --silent --eval 'ansible: ; $(NEXT); true' ansible; true",
    "make and nohup": "NEXT=\"$*\" make --silent --eval 'ansible: ; nohup $(NEXT) > log 2>&1 &' ansible",
    "named ansible-nightly": './ansible-nightly "$@"; true',
    "nice": 'nice "$@"; true',
    "nohup": 'nohup "$@" > log 2>&1 &',
    "piped commands": 'echo "$*; true" | sh',
    "Python forks": './ansible-playbook-nightly "$@"; true',
    "setsid": 'setsid --fork "$@"',
    "stdin closed": '"$@" <&-; true',
    "su": """su -c '"$@"; true' -- root sh "$@"; true""",
    "subreaper": './reaper "$@"; true',
    "subshell": '( "$@"; true ); true',
    "tee": '"$@" 2>&1 < /dev/null | tee log',
    "terminal": 'script --quiet --return --command "$*" /dev/null',
    "timeout": 'timeout 60 "$@"; true',
    "two at once": '"$@" & "$@" & wait',
    "xargs": 'printf "%s\\n" "$@" | xargs env; true',
}
PROGRAMS = {
    "ansible-nightly": '#!/bin/bash\n"$@"\ntrue\n',
    # As job queues do: above Ansible, too, a Python is a fork of its parent.
    "ansible-playbook-nightly": """#!/usr/bin/env python3
import os, subprocess, sys
if os.fork():
    os.wait()
else:
    subprocess.call(sys.argv[1:])
""",
    # As systemd does for a user: orphans become its children, and not those of process 1.
    "reaper": """#!/usr/bin/env python3
import ctypes, os, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
subprocess.Popen(["sh", "-c", '"$@"; true', "sh", *sys.argv[1:]])
while True:
    os.wait()
""",
}


def what_started_it_is_killed(deletions: Deletions, _process: subprocess.Popen[bytes]) -> None:
    above = {pid for controller in deletions.controllers() for pid in processes_above(controller)}
    for pid in above.intersection(processes_in(deletions.commands.folder)):
        if "./reaper" not in command_of(pid):
            kill(pid)


def terminal_is_closed(_deletions: Deletions, process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGHUP)


def nothing(_deletions: Deletions, _process: subprocess.Popen[bytes]) -> None:
    pass


only_root = pytest.mark.skipif(bool(os.getuid()), reason="su asks all but root for a password")


@pytest.mark.parametrize(
    ("outer", "inner", "happens"),
    [
        ("setsid", "subshell", what_started_it_is_killed),
        ("double fork", "named ansible-nightly", what_started_it_is_killed),
        ("group of its own", "make", what_started_it_is_killed),
        pytest.param("su", "make and nohup", what_started_it_is_killed, marks=only_root),
        ("subreaper", "xargs", what_started_it_is_killed),
        ("Python forks", "timeout", what_started_it_is_killed),
        ("cron", "piped commands", what_started_it_is_killed),
        ("flock", "two at once", what_started_it_is_killed),
        ("nohup", "stdin closed", terminal_is_closed),
        ("ignored SIGHUP", "nice", terminal_is_closed),
        ("tee", "terminal", nothing),
    ],
)
def test_a_module_goes_on(
    deletions: Deletions,
    outer: str,
    inner: str,
    happens: Callable[[Deletions, subprocess.Popen[bytes]], None],
) -> None:
    for name, text in PROGRAMS.items():
        deletions.write(name, text).chmod(0o755)
    command = [str(BIN / "ansible-playbook"), *PLAY]
    process = deletions.start("sh", "-c", STARTS[outer], "sh", "sh", "-c", STARTS[inner], "sh", *command)
    happens(deletions, process)
    deletions.check_going_on()
