# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure all, print the table, and write it where ``--output`` says."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from . import many, pruning, single
from .bench import FULL, QUICK, Bench, Size
from .machine import described
from .plays import PlayFailed, Plays
from .service import service
from .table import Row, markdown

_HEAD = """<!--
Copyright (c) 2026 The huaweicloud.iotda authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# How fast it is

`make bench` writes this page. All rows are measured in turn on one machine, against the simulator in a process of its
own, which shares the processors with whoever is measured. The ratio is what was measured by what stands beside it.
Where a play is run several times, the median counts. A rate, and the time of a peer in threads or one by one, count
from the first request that the service gets to the last: the start of the peer is left out.

Two goals are hard to meet. A module on `requests` starts a little more slowly than `uri`, whose library is Ansible's
own: the import of `requests` costs what the table says, and Ansible has each small file of a collection compiled anew
at every start. And where a hundred thousand tasks go, most of the memory is their outcomes, which Ansible copies and
writes as text at the end.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it."""
    options = _options(arguments)
    try:
        rows = _without_goals(_measured(QUICK)) if options.quick else _measured(FULL)
    except PlayFailed as error:
        print(f"This should not have ended so:\n{error}", file=sys.stderr)
        return 1
    table = markdown(rows)
    print(f"{table}\n\n{described()}")
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(f"{_HEAD}\n{described()}\n\n{table}\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="much less of all, to see that it works; proves nothing")
    parser.add_argument("--output", type=Path, help="where to write the table, in Markdown")
    return parser.parse_args(arguments)


def _measured(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="iotda-bench-") as folder, service() as served:
        bench = Bench(served, Plays(Path(folder), served.variables), size, _say)
        return [*single.rows(bench), *many.rows(bench), *pruning.rows(bench)]


def _without_goals(rows: Iterable[Row]) -> list[Row]:
    """Return rows that were measured on too little to be judged."""
    return [replace(row, goals=()) for row in rows]


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
