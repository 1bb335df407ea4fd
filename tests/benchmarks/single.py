# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One delete as a whole play, what is sent for it, and what its start costs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from statistics import median
from typing import Any

from .bench import BATCH_TASK, BENCHMARKS, Bench, in_turn
from .table import Goal, Quantity, Row, at_most

PING = "ansible.builtin.ping"
URI = "ansible.builtin.uri"
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

    def by_module() -> float:
        return bench.delete_by_play(bench.service.add(1))

    def by_uri() -> float:
        return bench.plays.seconds(URI, uri_options(bench, bench.service.add(1)[0]))

    ours, ping, uri = in_turn(bench.size.single, by_module, partial(bench.plays.seconds, PING, {}), by_uri)
    bench.expect_left(0)
    what, measured = "One delete, a whole play", Quantity(ours, "s")
    return [
        Row(what, measured, PING, Quantity(ping, "s"), (at_most(1.35, ours / ping),)),
        Row(what, measured, f"{URI}, the same DELETE", Quantity(uri, "s"), (at_most(1.0, ours / uri),)),
    ]


def _payloads(bench: Bench) -> list[Row]:
    bench.say("what is sent to the host")
    bench.service.fresh()
    ours = bench.plays.payload(BATCH_TASK, {"task_id": [], "state": "absent"})
    uri = bench.plays.payload(URI, uri_options(bench, bench.service.add(1)[0]))
    what = "What is sent to the host for it (AnsiballZ)"
    return [Row(what, Quantity(ours / 1e3, "KB"), URI, Quantity(uri / 1e3, "KB"))]


def _starts(bench: Bench) -> list[Row]:
    bench.say("imports and credentials")
    found = [_start(bench) for _time in range(bench.size.single)]

    def typical(name: str) -> Quantity:
        return Quantity(median(one[name] for one in found), "ms")

    basic = typical("basic")
    imported = Row("Importing the module's own parts", typical("own"), "importing ansible.module_utils.basic", basic)
    library = Row("Importing requests", typical("requests"), "importing ansible.module_utils.basic", basic)
    sources = [
        _credentials_row(source, typical(source), basic) for source in ("options", "environment", "credentials file")
    ]
    return [imported, library, *sources]


def _credentials_row(source: str, measured: Quantity, basic: Quantity) -> Row:
    goals: tuple[Goal, ...] = ()
    if source in ("options", "environment"):
        goals = (at_most(_REASONABLE, measured.value, f"under {_REASONABLE:g} ms"),)
    return Row(f"Finding the credentials: {source}", measured, "importing ansible.module_utils.basic", basic, goals)


def _start(bench: Bench) -> dict[str, float]:
    command = [sys.executable, "-m", f"{BENCHMARKS}.start"]
    done = subprocess.run(command, env=bench.plays.environ, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
