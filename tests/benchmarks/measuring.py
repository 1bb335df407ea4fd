# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all groups of benchmarks share: the service, the plays, the programs to compare with, the sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .plays import PlayFailed, Plays
from .service import Met, Service

BENCHMARKS = "ansible_collections.huaweicloud.iotda.tests.benchmarks"
BATCH_TASK = "huaweicloud.iotda.batch_task"
PRUNE = "huaweicloud.iotda.batch_task_prune"
THREADS = 32
BEFORE = "the version before"  # of the option --before


@dataclass(frozen=True)
class Size:
    """How much is measured: how often each play is run, and how many tasks there are."""

    single: int
    repeats: int
    many: int
    looped: int
    one_by_one: int
    at_once: int
    limited: int
    populations: tuple[tuple[int, int], ...]
    """Of each prune: how many tasks there are, and how many of them go."""
    fleets: tuple[int, ...]
    """How many instances a play prunes."""
    instances: int
    """How many instances an inventory finds."""
    lists: tuple[int, ...]
    """How many tasks a list has."""


FULL = Size(
    9,
    3,
    1000,
    20,
    200,
    2000,
    4000,
    ((10_000, 10_000), (100_000, 10_000), (100_000, 100_000)),
    (60, 200),
    1000,
    (8000, 20_000),
)
QUICK = Size(1, 1, 20, 2, 5, 40, 250, ((60, 40), (80, 80)), (3,), 22, (120,))


class Bench:
    """One run of the benchmarks."""

    def __init__(
        self, service: Service, plays: Plays, size: Size, say: Callable[[str], None], before: Path | None = None
    ) -> None:
        self.service = service
        self.plays = plays
        self.size = size
        self.say = say
        self.plays_before = plays.with_collections(before) if before else None
        """Plays with the collection below the path ``before``, to compare with."""

    def delete_by_play(self, task_ids: Sequence[str], **options: Any) -> float:
        """Delete ``task_ids`` in one play, and return how many seconds it took."""
        asked = {"task_id": list(task_ids), "state": "absent", "concurrency": THREADS, **options}
        return self.plays.seconds(BATCH_TASK, asked)

    def start_of_play(self) -> float:
        """Return the seconds of a play that has nothing to delete."""
        return self.delete_by_play([])

    def by_peer(self, name: str, task_ids: Sequence[str], *options: str) -> Met:
        """Have another program delete ``task_ids``; return what the service saw of it."""
        self.service.forget_requests()
        environ = {**self.plays.environ, "HW_AUTH_TOKEN": self.service.token}
        command = [sys.executable, "-m", f"{BENCHMARKS}.peers", name, *options]
        done = subprocess.run(
            command,
            input=json.dumps(list(task_ids)),
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PlayFailed(done.stdout[-2000:])
        return self.service.met()

    def expect_left(self, number: int) -> None:
        """Make sure that what was measured was done."""
        left = self.service.left()
        if left != number:
            raise PlayFailed(f"{left} tasks are left; expected {number}")


def in_turn(times: int, *measures: Callable[[], float]) -> list[float]:
    """Take all measures in turn, so many times, and return the median of each; a first one is only for caches."""
    if times > 1:
        for measure in measures:
            measure()
    found = [[measure() for measure in measures] for _time in range(times)]
    return [median(column) for column in zip(*found, strict=True)]
