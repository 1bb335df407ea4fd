# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one long list at a latency that is usual on the internet, where nearly all the time is spent waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from .measuring import BEFORE, PRUNE, THREADS, Bench
from .plays import Plays
from .table import Goal, Quantity, Row, at_most

LATENCY = 0.05
PAGE = 50
TYPE = "freezeDevices"
DEFAULT = 10  # the default of the option concurrency
# What a gateway usually allows.
_A_SECOND = 200
_MOST_REQUESTS = 1.25
# How many times as fast as one page after the other, from so many tasks on.
_AS_FAST = ((20_000, THREADS, 7), (8000, THREADS, 5), (8000, DEFAULT, 5))
_TIMES = 3


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    found = []
    for tasks in bench.size.lists:
        bench.say(f"a list of {tasks} tasks at {LATENCY * 1000:.0f} ms")
        bench.service.fresh(LATENCY)
        start = _best(partial(_read, bench.plays, DEFAULT))
        bench.service.add(tasks)
        bench.say("the same by the official SDK, page after page")
        beside = {"the official SDK, page after page": bench.by_peer("sdk", [], "--read", TYPE).seconds + LATENCY}
        if bench.plays_before:
            bench.say(f"the same by {BEFORE}")
            beside[BEFORE] = _read(bench.plays_before, THREADS) - start
        for concurrency in (THREADS, DEFAULT):
            found += _compared(bench, tasks, concurrency, start, beside)
    return found


def _compared(bench: Bench, tasks: int, concurrency: int, start: float, beside: Mapping[str, float]) -> list[Row]:
    """Compare with ``beside``, what else took how many seconds; all of these are given one page after the other."""
    earlier = bench.service.requests()
    seconds = _best(partial(_read, bench.plays, concurrency)) - start
    sent = (bench.service.requests() - earlier) / _TIMES
    pages = -(-tasks // PAGE)
    what = f"A list of {tasks:,} tasks, {LATENCY * 1000:.0f} ms, concurrency {concurrency}"
    measured = Quantity(seconds, "s", "less the play's start")
    return [
        *(
            Row(what, measured, name, Quantity(other, "s"), _goals(tasks, concurrency, seconds, other))
            for name, other in beside.items()
        ),
        Row(what, measured, f"all requests at {_A_SECOND} a second", Quantity(sent / _A_SECOND, "s")),
        Row(
            f"{what}: requests",
            Quantity(sent, "requests"),
            "pages",
            Quantity(pages, "requests"),
            (at_most(_MOST_REQUESTS, sent / pages),),
        ),
    ]


def _goals(tasks: int, concurrency: int, seconds: float, other: float) -> tuple[Goal, ...]:
    times = max((times for least, one, times in _AS_FAST if one == concurrency and tasks >= least), default=None)
    return (at_most(1 / times, seconds / other, f"at least {times} times as fast"),) if times else ()


def _read(plays: Plays, concurrency: int) -> float:
    """Read the list by a prune that nothing matches."""
    return plays.seconds(PRUNE, {"older_than": "9000d", "task_type": [TYPE], "concurrency": concurrency})


def _best(measure: Callable[[], float]) -> float:
    """Return the shortest: other work on the machine makes it longer only."""
    return min(measure() for _time in range(_TIMES))
