# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deletes in one play where the service allows only so many requests a second."""

from __future__ import annotations

from .measuring import Bench
from .table import Quantity, Row, at_least, at_most

ALLOWED = 200  # requests a second
SHORT_RUN = 800  # deletes, of which the first are needed to find the rate


def rows(bench: Bench) -> list[Row]:
    """Measure without and with a Retry-After header."""
    runs = [(min(SHORT_RUN, bench.size.limited), 0.8), (bench.size.limited, 0.9)]
    return [row for number, share in runs for asks in (None, 1) for row in _limited(bench, number, share, asks)]


def _limited(bench: Bench, number: int, share: float, retry_after: int | None) -> list[Row]:
    bench.say(f"{number} deletes where {ALLOWED} a second are allowed, Retry-After: {retry_after}")
    bench.service.fresh(per_second=ALLOWED, retry_after=retry_after)
    bench.delete_by_play(bench.service.add(number))
    met = bench.service.met()
    bench.expect_left(0)
    refused = 100 * met.throttled / met.requests
    said = "no Retry-After" if retry_after is None else f"Retry-After: {retry_after}"
    what = f"{number:,} deletes where {ALLOWED} a second are allowed ({said})"
    return [
        Row(
            f"{what}: the rate",
            Quantity(met.rate, "a second"),
            "the allowed rate",
            Quantity(ALLOWED, "a second"),
            (at_least(share, met.rate / ALLOWED),),
        ),
        Row(
            f"{what}: answers of 429",
            Quantity(refused, "of 100"),
            "all requests",
            Quantity(100, "of 100"),
            (at_most(5, refused, "fewer than 5 of 100"),),
        ),
    ]
