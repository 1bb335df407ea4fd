# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deletes in one play, with and without network latency."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import median

from .measuring import THREADS, Bench, in_turn
from .service import Met
from .start_up import PING, URI, uri_options
from .table import Quantity, Row, at_least, at_most

LATENCY = 0.05  # seconds


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    return [*_far_away(bench), *_near_by(bench)]


def _far_away(bench: Bench) -> list[Row]:
    size = bench.size
    bench.say(f"{size.many} deletes at {LATENCY * 1000:.0f} ms")
    bench.service.fresh(LATENCY)

    def by_module() -> float:
        return bench.delete_by_play(bench.service.add(size.many))

    whole, start = in_turn(size.repeats, by_module, bench.start_of_play)
    bench.expect_left(0)
    bound = LATENCY * size.many / THREADS
    work = whole - start
    what = f"{size.many:,} deletes at {LATENCY * 1000:.0f} ms, concurrency {THREADS}"
    play, looped, one_by_one, threads = Quantity(whole, "s"), _loop(bench), _one_by_one(bench), _by_threads(bench)
    return [
        Row(
            f"{what}, less the play's start",
            Quantity(work, "s"),
            f"the bound {LATENCY * 1000:.0f} ms × {size.many:,} / {THREADS}",
            Quantity(bound, "s"),
            (at_most(1.25, work / bound),),
        ),
        Row(f"{what}, a whole play", play, f"a loop over {URI}", looped, (at_most(0.01, whole / looped.value),)),
        Row(f"{what}, a whole play", play, "the official SDK, one by one", one_by_one),
        Row(f"{what}, less the play's start", Quantity(work, "s"), f"the official SDK, {THREADS} threads", threads),
    ]


def _loop(bench: Bench) -> Quantity:
    """Return the seconds of a play that deletes one task after the other with ``uri``."""
    size = bench.size
    bench.say(f"a loop over uri, {size.looped} times")
    bench.service.fresh(LATENCY)
    options = uri_options(bench, "{{ item }}")
    seconds = bench.plays.seconds(URI, options, loop=bench.service.add(size.looped))
    bench.expect_left(0)
    start = bench.plays.seconds(PING, {})
    return Quantity(
        start + (seconds - start) * size.many / size.looped, "s", f"measured on {size.looped:,}, and scaled"
    )


def _one_by_one(bench: Bench) -> Quantity:
    size = bench.size
    bench.say(f"the official SDK one by one, {size.one_by_one} times")
    bench.service.fresh(LATENCY)
    met = bench.by_peer("sdk", bench.service.add(size.one_by_one))
    bench.expect_left(0)
    scaled = (met.seconds + LATENCY) * size.many / size.one_by_one
    return Quantity(scaled, "s", f"measured on {size.one_by_one:,}, and scaled")


def _by_threads(bench: Bench) -> Quantity:
    def measure() -> float:
        bench.service.fresh(LATENCY)
        met = bench.by_peer("sdk", bench.service.add(bench.size.many), "--threads", str(THREADS))
        return met.seconds + LATENCY

    bench.say(f"the official SDK in {THREADS} threads")
    return Quantity(median(measure() for _time in range(bench.size.repeats)), "s")


def _near_by(bench: Bench) -> list[Row]:
    number = bench.size.at_once
    bench.say(f"{number} deletes at 0 ms")

    def by_play(**options: str) -> Met:
        bench.delete_by_play(bench.service.add(number), **options)
        return bench.service.met()

    def by_peer(name: str) -> Met:
        return bench.by_peer(name, bench.service.add(number), "--threads", str(THREADS))

    def rate(work: Callable[[], Met]) -> float:
        bench.service.fresh()
        met = work()
        bench.expect_left(0)
        return met.rate

    token, bare, keys, sdk = in_turn(
        bench.size.repeats,
        partial(rate, partial(by_play, auth_token=bench.service.token)),
        partial(rate, partial(by_peer, "requests")),
        partial(rate, by_play),
        partial(rate, partial(by_peer, "sdk")),
    )
    what = f"{number:,} deletes at 0 ms, concurrency {THREADS}"
    bare_rate, goal = Quantity(bare, "a second"), at_least(0.7, token / bare)
    peers = f"bare requests, {THREADS} threads, a token", f"the official SDK, {THREADS} threads, access keys"
    return [
        Row(f"{what}, a token", Quantity(token, "a second"), peers[0], bare_rate, (goal,)),
        Row(f"{what}, access keys", Quantity(keys, "a second"), peers[1], Quantity(sdk, "a second")),
    ]
