# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run is cancelled by any thread, and by a signal; many items are worked on in order, until one goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core import errors, runtime
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.runtime import Cancellation, map_concurrently
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Peak

# A thousand signals and more, at any moment of as many short waits.
SIGNALLED = """
import signal, time
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.runtime import Cancellation

current = Cancellation()
signal.signal(signal.SIGALRM, lambda number, frame: current.cancel("SIGALRM was received"))
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
end = time.monotonic() + 1.0
while time.monotonic() < end:
    current = Cancellation()
    for dummy in range(20):
        current.sleep(0.00001)
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_the_first_reason_counts() -> None:
    cancellation = Cancellation()
    assert cancellation.reason == ""
    cancellation.cancel("SIGTERM was received")
    cancellation.cancel("SIGINT was received")
    assert cancellation.reason == "SIGTERM was received"


def test_a_wait_ends_when_its_time_is_over() -> None:
    began = time.monotonic()
    Cancellation().sleep(0.25)
    Cancellation().sleep(-1.0)
    assert 0.25 <= time.monotonic() - began < 5.0


def test_cancelling_ends_a_wait() -> None:
    cancellation = Cancellation()
    threading.Timer(0.05, cancellation.cancel, ["SIGTERM was received"]).start()
    began = time.monotonic()
    cancellation.sleep(60.0)
    assert time.monotonic() - began < 30.0


def test_a_signal_cancels_at_any_moment() -> None:
    """A lock that the main thread holds would not be released while the handler waits for it."""
    subprocess.run([sys.executable, "-c", SIGNALLED], env=os.environ, timeout=30, check=True)


UTILS = "ansible_collections.huaweicloud.iotda.plugins.module_utils"
IMPORTING = f"""
from {UTILS}._core.runtime import map_concurrently

def work(item):
    from {UTILS}._slow import value
    return value

assert map_concurrently(work, range(8), 8) == [1] * 8
"""


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_results_are_in_the_order_of_the_items(count: int, concurrency: int) -> None:
    def work(item: int) -> int:
        time.sleep(0.001 * (item % 3))
        return item * 10

    assert map_concurrently(work, range(count), concurrency) == [item * 10 for item in range(count)]


def test_as_many_at_once_as_allowed() -> None:
    together = threading.Barrier(4)
    assert map_concurrently(lambda item: together.wait(10) >= 0, range(8), 4) == [True] * 8


def test_no_more_at_once_than_allowed() -> None:
    peak = Peak()

    def work(item: int) -> None:
        with peak:
            time.sleep(0.001)

    map_concurrently(work, range(50), 3)
    assert peak.most <= 3


def test_a_slow_item_does_not_block_the_others() -> None:
    others_done = threading.Event()

    def work(item: int) -> bool:
        if item == 999:
            others_done.set()
        return others_done.wait(10) if item == 0 else True

    assert all(map_concurrently(work, range(1000), 2))


def test_an_exception_is_raised_and_ends_the_work() -> None:
    begun = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_concurrently(work, range(100_000), 1)
    assert begun == [0, 1, 2]


def test_an_exception_ends_the_other_threads_too() -> None:
    begun = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 1:  # of the second thread, whose end is not waited for first
            raise ValueError("broken")
        time.sleep(0.001)

    with pytest.raises(ValueError, match="broken"):
        map_concurrently(work, range(100_000), 2)
    assert len(begun) < 50_000


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_what_no_further_thread_can_do_the_others_do(monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if len(started) == allowed:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    assert map_concurrently(lambda item: item + 1, range(100), 8) == list(range(1, 101))
    assert len(started) == allowed


def test_threads_may_import_from_a_zip_file(tmp_path: Path) -> None:
    """As Ansible sends modules. Without the import in advance, this fails on Python 3.9."""
    packed = tmp_path / "payload.zip"
    with zipfile.ZipFile(packed, "w") as payload:
        parts = [*UTILS.split("."), "_core"]
        for depth in range(1, len(parts) + 1):
            payload.writestr("/".join([*parts[:depth], "__init__.py"]), "")
        for module in (runtime, errors):
            payload.write(module.__file__, "/".join([*parts, Path(module.__file__).name]))
        payload.writestr("/".join([*parts[:-1], "_slow.py"]), "import time\ntime.sleep(0.3)\nvalue = 1\n")
    command = [sys.executable, "-c", IMPORTING]
    environ = {"PYTHONPATH": str(packed)}
    done = subprocess.run(command, env=environ, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
