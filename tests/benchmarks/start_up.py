# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One delete as a whole play: its time, its payload, and where the time goes."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from statistics import median
from typing import Any

from .measuring import BATCH_TASK, BEFORE, BENCHMARKS, Bench, in_turn
from .plays import Plays
from .table import Goal, Quantity, Row, at_most

PING = "ansible.builtin.ping"
URI = "ansible.builtin.uri"
IMPORTING_BASIC = "importing ansible.module_utils.basic"
_REASONABLE = 5.0  # ms for finding the credentials


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    return [*_whole_plays(bench), *_payloads(bench), *_starts(bench)]


def uri_options(bench: Bench, task_id: str) -> dict[str, Any]:
    """Return the options by which ``uri`` sends the same DELETE."""
    headers = {"X-Auth-Token": bench.service.token}
    return {"url": f"{bench.service.root}/{task_id}", "method": "DELETE", "headers": headers, "status_code": [204]}


def _whole_plays(bench: Bench) -> list[Row]:
    bench.say("one delete")
    bench.service.fresh()

    def by_uri() -> float:
        return bench.plays.seconds(URI, uri_options(bench, bench.service.add(1)[0]))

    def by_module(plays: Plays) -> float:
        return plays.seconds(BATCH_TASK, {"task_id": bench.service.add(1), "state": "absent"})

    before = [partial(by_module, bench.plays_before)] if bench.plays_before else []
    by_ping = partial(bench.plays.seconds, PING, {})
    ours, ping, uri, *earlier = in_turn(bench.size.single, partial(by_module, bench.plays), by_ping, by_uri, *before)
    bench.expect_left(0)
    what, measured = "One delete, a whole play", Quantity(ours, "s")
    return [
        Row(what, measured, PING, Quantity(ping, "s"), (at_most(1.35, ours / ping),)),
        Row(what, measured, f"{URI}, the same DELETE", Quantity(uri, "s"), (at_most(1.05, ours / uri),)),
        *(Row(what, measured, BEFORE, Quantity(seconds, "s")) for seconds in earlier),
    ]


def _payloads(bench: Bench) -> list[Row]:
    bench.say("payloads")
    bench.service.fresh()

    def kilobytes(plays: Plays, module: str, options: dict[str, Any]) -> Quantity:
        return Quantity(plays.payload(module, options) / 1e3, "KB")

    nothing: dict[str, Any] = {"task_id": [], "state": "absent"}
    what, ours = "Payload sent to the host (AnsiballZ)", kilobytes(bench.plays, BATCH_TASK, nothing)
    uri = kilobytes(bench.plays, URI, uri_options(bench, bench.service.add(1)[0]))
    before = [kilobytes(bench.plays_before, BATCH_TASK, nothing)] if bench.plays_before else []
    return [
        Row(what, ours, URI, uri, (at_most(280, ours.value, "at most 280 KB"),)),
        *(Row(what, ours, BEFORE, earlier) for earlier in before),
    ]


def _starts(bench: Bench) -> list[Row]:
    bench.say("imports and credentials")
    found = [_start(bench.plays) for _time in range(bench.size.single)]
    before = [_start(bench.plays_before) for _time in range(bench.size.single)] if bench.plays_before else []

    def typical(name: str) -> Quantity:
        return Quantity(median(one[name] for one in found), "ms")

    what, own, basic = "Importing the module's own files", typical("own"), typical("basic")
    rows = [Row(what, own, IMPORTING_BASIC, basic, (at_most(0.45, own.value / basic.value),))]
    if before:
        rows.append(Row(what, own, BEFORE, Quantity(median(one["own"] for one in before), "ms")))
    rows.append(Row("Importing requests", typical("requests"), IMPORTING_BASIC, basic))
    sources = ("options", "environment", "credentials file")
    return [*rows, *(_credentials_row(source, typical(source), basic) for source in sources)]


def _credentials_row(source: str, measured: Quantity, basic: Quantity) -> Row:
    goals: tuple[Goal, ...] = ()
    if source in ("options", "environment"):
        goals = (at_most(_REASONABLE, measured.value, f"under {_REASONABLE:g} ms"),)
    return Row(f"Finding the credentials: {source}", measured, IMPORTING_BASIC, basic, goals)


def _start(plays: Plays) -> dict[str, float]:
    command = [sys.executable, "-m", f"{BENCHMARKS}.start"]
    # Without it, Python finds the compiled files of the installed libraries, and none of the collection.
    environ = {name: value for name, value in plays.environ.items() if name != "PYTHONPYCACHEPREFIX"}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
