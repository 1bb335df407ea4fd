# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run is cancelled by any thread, and by a signal whatever the main thread is doing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation

# A thousand signals and more, at any moment of as many short waits.
SIGNALLED = """
import signal, time
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation

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
