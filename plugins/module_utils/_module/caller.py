# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Ansible that started a module: what it is told to mask, and the end of a run when it is gone.

A run is cancelled on SIGHUP, SIGINT and SIGTERM, and when no process is left to read its result.
"""

from __future__ import annotations

import os
import re
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from .._core.errors import ConfigurationError
from .._core.runtime import Cancellation

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # before ansible-core 2.22
    register_secret = None

# Of a shorter secret, each occurrence in whatever Ansible shows until the end of the run would be masked. No service of
# Huawei Cloud accepts a password that short.
_SHORTEST = 6
_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_INTERVAL = 0.5  # seconds between two checks
_STDOUT = 1
_LONGEST_CHAIN = 32
_FOLDER = re.compile(rb"/ansible-tmp-[0-9.]+-([0-9]+)-[0-9]+/")
_PYTHON = re.compile("python|pypy", re.IGNORECASE)


@contextmanager
def cancel_without_caller(cancellation: Cancellation) -> Iterator[None]:
    """Cancel on the first signal, and within a second after the caller is gone; a second signal ends the process."""
    previous = _handle_signals(cancellation)
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(cancellation, done), name="caller-watch", daemon=True)
    try:
        watch.start()
    except RuntimeError:
        raise ConfigurationError(
            "This user cannot start another thread on this machine, and the module needs one to notice when it must "
            "stop; raise the process limit (ulimit -u, or the pids limit of the container)"
        ) from None
    try:
        yield
    finally:
        done.set()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _handle_signals(cancellation: Cancellation) -> dict[signal.Signals, Any]:
    """Return the handlers that were there before; ignored signals, as under nohup, stay ignored."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    previous = {number: handler for number, handler in previous.items() if handler is not signal.SIG_IGN}

    def handle(number: int, frame: object) -> None:
        cancellation.cancel(f"{signal.Signals(number).name} was received")
        for one in previous:
            signal.signal(one, signal.SIG_DFL)

    for number in previous:
        signal.signal(number, handle)
    return previous


def _watch(cancellation: Cancellation, done: threading.Event) -> None:
    callers = ansible_processes(os.getpid())
    while not done.wait(_INTERVAL):
        if _reader_is_gone():
            cancellation.cancel("no process reads the result any more")
        elif any(parent_of(pid) != parent for pid, parent in callers.items()):
            cancellation.cancel("the Ansible process that started the task has ended")


def _reader_is_gone() -> bool:
    poll = select.poll()
    poll.register(_STDOUT, 0)  # errors and hang-ups are always reported
    return any(events & (select.POLLERR | select.POLLHUP) for _fd, events in poll.poll(0))


def ansible_processes(pid: int) -> dict[int, int]:
    """Return the processes, each with its parent, from ``pid`` up to the Ansible that runs on this machine.

    Ansible runs each task in a worker, a fork of itself. So the nearest ancestor of a module that is a Python with the
    command line of its parent is the worker, and that parent is Ansible, whatever either is called. Shells and
    programs such as `sudo` are in between. What started Ansible does not count: it may end.

    A worker that has lost its parent is returned with the parent 0. It is known by the name of the folder from which
    it runs the module, ``ansible-tmp-TIME-WORKER-NUMBER``; with pipelining there is none.

    Empty where there is no ``/proc``, and where Ansible runs on another machine.
    """
    folder = _FOLDER.search(_command_of(pid))
    chain: dict[int, int] = {}
    while len(chain) < _LONGEST_CHAIN:
        parent = parent_of(pid)
        if not parent:
            break
        chain[pid] = parent
        command = _command_of(pid)
        if _PYTHON.search(_program_of(pid, command)):
            if command == _command_of(parent):
                return chain
            if folder and pid == int(folder[1]):
                return {pid: 0}
        pid = parent
    return {}


def parent_of(pid: int) -> int:
    """Return the process ID of the parent, or 0 where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name, in parentheses, may contain spaces and parentheses.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _command_of(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _program_of(pid: int, command: bytes) -> str:
    try:
        path = os.readlink(f"/proc/{pid}/exe")
    except OSError:  # only the owner of a process and root may read it: after `become`, the command line must do
        path = os.fsdecode(command.partition(b"\0")[0])
    return os.path.basename(path)


def register(form: str) -> None:
    """Let Ansible mask ``form``, which is a secret or a way to write it, where it can do that."""
    if register_secret and len(form) >= _SHORTEST and not _is_async():
        register_secret(form)


@lru_cache(maxsize=1)
def _is_async() -> bool:
    """Whether the parent is Ansible's wrapper for ``async``.

    It writes what a module returns into a file on its host, beside it the secrets that were registered.
    """
    return b"async_wrapper" in _command_of(os.getppid())
