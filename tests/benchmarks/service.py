# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator in a process of its own, so that it takes no time from those who are measured, and its control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from ansible_collections.huaweicloud.iotda.tests.tools.with_simulator import simulator


@dataclass(frozen=True)
class Met:
    """What the service met: requests in all, those throttled, and seconds from the first to arrive to the last."""

    requests: int
    throttled: int
    seconds: float

    @property
    def rate(self) -> float:
        """How many requests a second were let through."""
        return (self.requests - self.throttled) / self.seconds


class Service:
    """A running simulator; ``variables`` are those by which the modules find it, ``token`` is an IAM token."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.variables = variables
        self.url = variables["HUAWEICLOUD_IOTDA_ENDPOINT"]
        self.token: str = self._control("POST", "tokens", {})["token"]

    @property
    def root(self) -> str:
        """The URL of the batch tasks."""
        return f"{self.url}/v5/iot/{self.variables['HUAWEICLOUD_SDK_PROJECT_ID']}/batchtasks"

    def fresh(self, latency: float = 0.0, per_second: float | None = None, retry_after: float | None = None) -> None:
        """Begin anew, without a task, with this delay and this limit."""
        self._control("DELETE", "tasks")
        self.forget_requests()
        self._control("POST", "latency", {"seconds": latency})
        self._control("POST", "rate_limit", {"per_second": per_second, "retry_after": retry_after})

    def add(self, number: int, age_days: float = 1.0, task_type: str = "freezeDevices") -> list[str]:
        """Add so many finished tasks of that age and type; return their IDs."""
        task = {"age_seconds": age_days * 86400, "task_type": task_type}
        found: list[str] = self._control("POST", "tasks", {"tasks": [task] * number})["task_ids"]
        return found

    def list_instances(self, number: int, regions: Sequence[str]) -> None:
        """Let an inventory find so many instances in ``regions``: the one there is, and new ones, which stay."""
        self._control("POST", "settings", {"basic_instances_listed": True})
        for one in range(1, number):
            self._control("POST", "instances", {"edition": "professional", "region": regions[one % len(regions)]})

    def forget_requests(self) -> None:
        """Count requests from now on."""
        self._control("DELETE", "journal")

    def left(self) -> int:
        """Return how many tasks there are."""
        return int(self._control("GET", "")["tasks"])

    def requests(self) -> int:
        """Return how many requests there were since it began anew."""
        return int(self._control("GET", "")["requests"])

    def met(self) -> Met:
        """Return what there was since it began anew."""
        entries = self._control("GET", "journal")["entries"]
        times = [datetime.fromisoformat(entry["time"]) for entry in entries]
        throttled = sum(entry["status"] == 429 for entry in entries)
        return Met(len(entries), throttled, (times[-1] - times[0]).total_seconds())

    def _control(self, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{self.url}/_simulator/{what}".rstrip("/")
        answer = requests.request(method, url, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def service() -> Iterator[Service]:
    """Run a simulator without tasks."""
    with simulator("empty") as variables:
        yield Service(variables)
