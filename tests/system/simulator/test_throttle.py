# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit on requests, and the delay of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def test_rate_limit(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.rate_limit(5, retry_after=1)
    replies = [api("GET") for dummy in range(8)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429] * 3
    assert replies[-1].json()["error_code"] == "APIGW.0308"
    assert replies[-1].headers["Retry-After"] == "1"
    time.sleep(1.05)
    assert api("GET").status_code == 200
    sim.rate_limit(None)
    assert {api("GET").status_code for dummy in range(20)} == {200}


def test_without_retry_after_or_with_a_date(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.rate_limit(0.1)
    assert [api("GET").status_code for dummy in range(2)] == [200, 429]
    assert "Retry-After" not in api("GET").headers
    sim.rate_limit(1, retry_after="Fri, 31 Dec 2999 23:59:59 GMT")
    api("GET")
    assert api("GET").headers["Retry-After"] == "Fri, 31 Dec 2999 23:59:59 GMT"


def test_only_iotda_is_limited_and_slow(sim: Simulator, api: Callable[..., Any]) -> None:
    sim.rate_limit(1)
    sim.latency(1.0)
    began = time.monotonic()
    assert api("GET").status_code == 200
    slow = time.monotonic() - began
    assert slow >= 1.0
    # With the delay they would take at least three times as long as one, however busy the machine is.
    for _dummy in range(3):
        assert api.session.get(f"{sim.url}/v3/projects", timeout=10).status_code == 200
    assert time.monotonic() - began - slow < 3.0
