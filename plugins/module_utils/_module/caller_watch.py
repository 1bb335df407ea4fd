# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cancels a run on SIGHUP, SIGINT and SIGTERM, and when no process is left to read its result."""

from __future__ import annotations

import os
import re
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._core.runtime import Cancellation

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_INTERVAL = 0.5  # seconds between two checks
_STDOUT = 1
_LONGEST_CHAIN = 32
_ANSIBLE = re.compile(r"ansible(-[a-z]+)?\Z")


@contextmanager
def cancel_without_caller(cancellation: Cancellation) -> Iterator[None]:
    """Cancel on the first signal, and within a second after the caller is gone; a second signal ends the process."""
    previous = _handle_signals(cancellation)
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(cancellation, done), name="caller-watch", daemon=True)
    watch.start()
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
    """Return the processes, each with its parent, from ``pid`` up to the topmost one of Ansible, or just its parent.

    The whole chain counts: on ansible-core 2.19 a worker survives when `ansible-playbook` is killed. The process
    that started Ansible may end, such as a shell that used nohup. A task with ``async`` has no caller.
    Empty where there is no ``/proc``.
    """
    chain: dict[int, int] = {}
    found: dict[int, int] = {}
    while len(chain) < _LONGEST_CHAIN:
        parent = parent_of(pid)
        if parent <= 1:
            break
        chain[pid] = parent
        words = _command_of(parent)
        if any(word.startswith("async_wrapper") for word in words):
            return {}
        if not found or any(_ANSIBLE.match(word) for word in words):
            found = dict(chain)
        pid = parent
    return found


def parent_of(pid: int) -> int:
    """Return the process ID of the parent, or 0 where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name, in parentheses, may contain spaces and parentheses.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _command_of(pid: int) -> list[str]:
    """Return program and first argument, without their folders: `python3` and `ansible-playbook`, for instance."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(65536).split(b"\0")[:2]
    except OSError:
        return []
    return [os.path.basename(os.fsdecode(word)) for word in words]
