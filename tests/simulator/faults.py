# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: what fails, for which requests, and how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

REPLIES = ("status", "html", "empty", "invalid_json", "json", "redirect")
BREAKS = ("reset", "close", "hang", "cut_body", "bad_chunking", "wrong_length")
STREAMS = ("drip", "huge")
KINDS = (*REPLIES, *BREAKS, *STREAMS, "latency", "date", "altered")


@dataclass
class Fault:
    """One fault. See the README for the kinds.

    ``path`` and ``query`` are regular expressions, searched in the path and in the query. The first ``skip`` requests
    that match are let through, the next ``times`` (None: all) are hit. ``when="after"``: what was asked for takes
    effect first.
    """

    kind: str = "status"
    method: str | None = None
    path: str | None = None
    query: str | None = None
    status: int | None = None
    when: str = "before"
    times: int | None = 1
    skip: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | None = None
    seconds: float = 1.0
    json: Any = None
    size: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.when not in ("before", "after"):
            raise ValueError(f"when must be before or after, not {self.when!r}")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be at least 1, or None for always, not {self.times}")
        for pattern in (self.path, self.query):
            re.compile(pattern or "")

    def matches(self, method: str, path: str, query: str = "") -> bool:
        if self.method is not None and self.method.upper() != method:
            return False
        return all(re.search(pattern or "", text) for pattern, text in ((self.path, path), (self.query, query)))

    @property
    def spent(self) -> bool:
        return self.times is not None and self.times <= 0


class Faults:
    """The pending faults, in the order in which they were added. Only the first that matches a request applies."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[Fault]:
        """Return the faults that may still apply."""
        with self._lock:
            return list(self._faults)

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the fault that applies to this request, if any, and count it."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.matches(method, path, query) and not self._skipped(fault):
                    return self._counted(fault)
        return None

    def _skipped(self, fault: Fault) -> bool:
        if fault.skip <= 0:
            return False
        fault.skip -= 1
        return True

    def _counted(self, fault: Fault) -> Fault:
        if fault.times is not None:
            fault.times -= 1
            if fault.spent:
                self._faults.remove(fault)
        return fault
