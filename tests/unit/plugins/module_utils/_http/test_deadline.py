# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of an attempt that trickles, against a server on this machine that sends one byte after the other."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.auth import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.models import Request

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"  # of no stated length: what is cut short looks like the whole
EVERY = 0.05  # seconds

Serve = Callable[[int], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give what starts a server that sends so many bytes to one client, and returns its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        threads = []

        def started(size: int) -> str:
            thread = threading.Thread(target=_trickle, args=(listener, size), daemon=True)
            thread.start()
            threads.append(thread)
            return "http://{}:{}".format(*listener.getsockname())

        yield started
        for thread in threads:
            thread.join(10)


def _trickle(listener: socket.socket, size: int) -> None:
    client, _address = listener.accept()
    # The client hangs up in the middle of it.
    with client, suppress(OSError):
        client.recv(65536)
        client.sendall(HEAD)
        for _byte in range(size):
            client.sendall(b"x")
            time.sleep(EVERY)


@pytest.mark.parametrize("retry_timeout", [0, 0.3])
def test_an_answer_that_trickles_on_is_ended(serve: Serve, retry_timeout: float) -> None:
    url = serve(200)
    http = HttpClient(HttpConfig(timeout=0.6, retry_timeout=retry_timeout))
    started = time.monotonic()
    with pytest.raises(TransportError, match="did not complete its answer in time$") as caught:
        http.send(Request("POST", url, Auth()))
    assert (caught.value.cause, caught.value.ambiguous) == ("timeout", True)
    assert 0.6 + retry_timeout <= time.monotonic() - started < 5


def test_an_answer_that_trickles_to_its_end_in_time_is_whole(serve: Serve) -> None:
    http = HttpClient(HttpConfig(timeout=5, retry_timeout=0))
    assert http.send(Request("GET", serve(8), Auth())).body == b"x" * 8


def test_the_time_for_retries_counts_besides_that_of_the_attempt(serve: Serve) -> None:
    http = HttpClient(HttpConfig(timeout=0.2, retry_timeout=5))
    assert http.send(Request("GET", serve(12), Auth())).body == b"x" * 12
