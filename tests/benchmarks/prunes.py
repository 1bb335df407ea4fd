# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prunes of many tasks: time, requests, memory."""

from __future__ import annotations

from .measuring import PRUNE, THREADS, Bench
from .table import Goal, Quantity, Row, at_most

PAGE = 50
_MOST = 150  # MB
_A_FEW_TENS = 40  # MB above the start, for as many as _FEW that go
_FEW = 10_000


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    bench.say("a prune that matches nothing")
    bench.service.fresh()
    start, least = bench.plays.peak_memory(PRUNE, _options(1))
    return [row for tasks, going in bench.size.populations for row in _prune(bench, tasks, going, start, least)]


def _options(most: int) -> dict[str, object]:
    return {"older_than": "30d", "max_deletions": most, "concurrency": THREADS}


def _fill(bench: Bench, tasks: int, going: int) -> list[str]:
    bench.service.fresh()
    bench.service.add(tasks - going, age_days=1)
    return bench.service.add(going, age_days=100)


def _prune(bench: Bench, tasks: int, going: int, start: float, least: float) -> list[Row]:
    bench.say(f"a prune of {going} among {tasks}")
    _fill(bench, tasks, going)
    whole, memory = bench.plays.peak_memory(PRUNE, _options(going))
    bench.expect_left(tasks - going)
    sent = bench.service.requests()
    needed = going + -(-tasks // PAGE)
    what = f"Prune of {going:,} among {tasks:,}"
    return [
        Row(
            f"{what}, less the play's start",
            Quantity(whole - start, "s"),
            f"bare requests, {THREADS} threads",
            _by_bare_requests(bench, tasks, going),
        ),
        Row(f"{what}: requests", Quantity(sent, "requests"), "pages and deletions", Quantity(needed, "requests")),
        Row(
            f"{what}: memory of the module at most",
            Quantity(memory, "MB"),
            "a prune of nothing",
            Quantity(least, "MB"),
            _goals(memory, least, going, tasks),
        ),
    ]


def _by_bare_requests(bench: Bench, tasks: int, going: int) -> Quantity:
    bench.say("the same by bare requests")
    share = min(1.0, _FEW / going)
    task_ids = _fill(bench, round(tasks * share), round(going * share))
    met = bench.by_peer("requests", task_ids, "--threads", str(THREADS), "--list")
    return Quantity(met.seconds / share, "s", f"measured on {_FEW:,}, and scaled" if share < 1 else "")


def _goals(memory: float, least: float, going: int, tasks: int) -> tuple[Goal, ...]:
    most = at_most(_MOST, memory, f"under {_MOST} MB")
    if going == tasks <= _FEW:
        return most, at_most(_A_FEW_TENS, memory - least, f"at most {_A_FEW_TENS} MB more")
    return (most,)
