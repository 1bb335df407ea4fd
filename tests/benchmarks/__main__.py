# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the benchmarks, print the table, and write it where ``--output`` says."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import deletes, fleets, inventories, lists, prunes, rate_limits, start_up, task_types
from .machine import described
from .measuring import FULL, QUICK, Bench
from .plays import PlayFailed, Plays
from .service import service
from .table import Row, markdown

GROUPS = {
    "start-up": start_up.rows,
    "deletes": deletes.rows,
    "rate-limits": rate_limits.rows,
    "prunes": prunes.rows,
    "task_types": task_types.rows,
    "fleets": fleets.rows,
    "lists": lists.rows,
    "inventories": inventories.rows,
}

_HEAD = """<!--
Copyright (c) 2026 The huaweicloud.iotda authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Benchmarks

`make bench` writes this page. It measures all rows in one run on one machine, against the simulator. The simulator is a
process of its own and shares the CPU with what is measured. The ratio is the measured value divided by the value with
which it is compared.

- Times of plays are the median of several runs, taken in turn with the runs they are compared with.
- A rate, and the time of a program that is compared, count from the first request that the simulator receives to the
  last. The start of that program is not included.
- A row without a goal is there for comparison only.
- A prune that lists 100,000 tasks in its result needs about 110 MB until it ends. The rest is what Ansible takes to
  write the result: its text of 26 MB twice, and up to ansible-core 2.21 a copy of each entry.
"""
_HEAD_BEFORE = "- *The version before* is an earlier one, measured in the same run (`--before`).\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the groups that the command line names, or all of them."""
    options = _options(arguments)
    try:
        rows = _measured(options)
    except PlayFailed as error:
        print(f"A measured command failed:\n{error}", file=sys.stderr)
        return 1
    table = markdown(rows)
    print(f"{table}\n\n{described()}")
    if options.groups or options.quick or not options.output:
        print("Not written to a file: this was not a full run.")
    else:
        head = _HEAD + (_HEAD_BEFORE if options.before else "")
        options.output.write_text(f"{head}\n{described()}\n\n{table}\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="measure very little, to see that everything works")
    parser.add_argument(
        "--before", type=Path, metavar="CHECKOUT", help="also measure start-up and lists of an earlier version"
    )
    parser.add_argument("--output", type=Path, help="where to write the table of a full run, in Markdown")
    options = parser.parse_args(arguments)
    unknown = set(options.groups) - set(GROUPS)
    if unknown:
        parser.error(f"unknown group {', '.join(sorted(unknown))}: choose from {', '.join(GROUPS)}")
    return options


def _measured(options: argparse.Namespace) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="iotda-bench-") as folder, service() as served:
        before = _staged(options.before.resolve(), Path(folder, "before")) if options.before else None
        bench = Bench(served, Plays(Path(folder), served.variables), QUICK if options.quick else FULL, _say, before)
        found = [row for name in options.groups or GROUPS for row in GROUPS[name](bench)]
    # Too little is measured in a quick run for a verdict.
    return [replace(row, goals=()) for row in found] if options.quick else found


def _staged(checkout: Path, work: Path) -> Path:
    """Stage another checkout below ``work``, and return where its collections are."""
    work.mkdir()
    command = [sys.executable, str(checkout / "tests/tools/stage.py"), "--work", str(work), "--quiet"]
    subprocess.run(command, check=True)
    return work


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
