# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator ends whole, whoever is just connecting; what it left behind would fail some later test."""

from __future__ import annotations

import gc
import socket
import threading
from urllib.parse import urlsplit

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def ended_while(simulator: Simulator, connections: int) -> None:
    address = (urlsplit(simulator.url).hostname, urlsplit(simulator.url).port)
    begun = threading.Event()
    opened: list[socket.socket] = []

    def connect() -> None:
        try:
            for _number in range(connections):
                opened.append(socket.create_connection(address, timeout=10))
                begun.set()
        except OSError:
            begun.set()

    client = threading.Thread(target=connect)
    client.start()
    begun.wait(10)
    simulator.close()
    client.join()
    for connection in opened:
        connection.close()


def test_connections_being_accepted() -> None:
    for _round in range(5):
        ended_while(Simulator(), 500)
    gc.collect()


def test_handshakes_under_way(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    for _round in range(5):
        simulator = Simulator(tls=True)
        ended_while(simulator, 4)
        del simulator
    gc.collect()
    assert "Task was destroyed" not in caplog.text + capfd.readouterr().err
