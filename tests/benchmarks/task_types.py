# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and pruning all task types: IoTDA lists one type at a time."""

from __future__ import annotations

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    DOCUMENTED_TYPES,
    KNOWN_TYPES,
)

from .measuring import PRUNE, THREADS, Bench
from .table import Quantity, Row, at_most

INFO = "huaweicloud.iotda.batch_task_info"
PAGE = 50
_MOST = 90  # MB
_LINEAR = 1.3


def rows(bench: Bench) -> list[Row]:
    """Measure it."""
    tasks, _going = bench.size.populations[-1]
    return [*_read(bench, tasks), *_prune(bench, tasks)]


def _fill(bench: Bench, tasks: int) -> int:
    """Spread about so many tasks over the documented types; return how many pages all lists have."""
    bench.service.fresh()
    each = max(1, tasks // len(DOCUMENTED_TYPES))
    for task_type in DOCUMENTED_TYPES:
        bench.service.add(each, age_days=100, task_type=task_type)
    undocumented = len(KNOWN_TYPES) - len(DOCUMENTED_TYPES)
    return len(DOCUMENTED_TYPES) * max(1, -(-each // PAGE)) + undocumented


def _read(bench: Bench, tasks: int) -> list[Row]:
    options = {"limit": 3, "concurrency": THREADS}
    bench.say(f"the 3 newest of {tasks} tasks of all types")
    bench.service.fresh()
    start, least = bench.plays.peak_memory(INFO, options)
    _fill(bench, tasks)
    seconds, memory = bench.plays.peak_memory(INFO, options)
    sent = bench.service.requests()
    what = f"The 3 newest of {tasks:,} tasks of {len(DOCUMENTED_TYPES)} types"
    types = len(KNOWN_TYPES)
    return [
        Row(f"{what}, with the play's start", Quantity(seconds, "s"), "no tasks", Quantity(start, "s")),
        Row(
            f"{what}: requests",
            Quantity(sent, "requests"),
            "one for each type that is known",
            Quantity(types, "requests"),
            (at_most(types, sent, f"at most {types} requests"),),
        ),
        Row(f"{what}: memory of the module at most", Quantity(memory, "MB"), "no tasks", Quantity(least, "MB")),
    ]


def _prune(bench: Bench, tasks: int) -> list[Row]:
    options = {
        "older_than": "30d",
        "max_deletions": tasks + len(DOCUMENTED_TYPES),
        "concurrency": THREADS,
        "returned": "none",
    }
    bench.say(f"a prune of {tasks} tasks of all types, returned: none, after one of a tenth of them")
    bench.service.fresh()
    start, _least = bench.plays.peak_memory(PRUNE, options)
    _fill(bench, tasks // 10)
    tenth = bench.service.left()
    tenth_seconds, tenth_memory = bench.plays.peak_memory(PRUNE, options)
    bench.expect_left(0)
    pages = _fill(bench, tasks)
    going = bench.service.left()
    seconds, memory = bench.plays.peak_memory(PRUNE, options)
    bench.expect_left(0)
    sent = bench.service.requests()
    what = f"Prune of all {going:,} tasks of {len(DOCUMENTED_TYPES)} types, returned: none"
    linear = (tenth_seconds - start) * going / tenth
    return [
        Row(
            f"{what}, less the play's start",
            Quantity(seconds - start, "s"),
            f"{going / tenth:.1f} times a prune of {tenth:,}",
            Quantity(linear, "s"),
            (at_most(_LINEAR * linear, seconds - start, f"ratio at most {_LINEAR}"),),
        ),
        Row(
            f"{what}: requests",
            Quantity(sent, "requests"),
            "pages and deletions",
            Quantity(pages + going, "requests"),
        ),
        Row(
            f"{what}: memory of the module at most",
            Quantity(memory, "MB"),
            f"a prune of {tenth:,}",
            Quantity(tenth_memory, "MB"),
            (at_most(_MOST, memory, f"at most {_MOST} MB"),),
        ),
    ]
