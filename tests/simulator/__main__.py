# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the simulator by itself: ``python -m ansible_collections.huaweicloud.iotda.tests.simulator``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import fleet
from .oracle import Violation
from .settings import from_report
from .simulator import Simulator


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted or terminated."""
    options = _options(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    demo = options.fleet == "demo"
    try:
        settings = {**(fleet.SETTINGS if demo else {}), **(from_report(options.settings) if options.settings else {})}
        simulator = Simulator(tls=options.tls, port=options.port, fill=fleet.fill if demo else None, **settings)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    try:
        with simulator:
            if demo and options.tls:
                # Where instances are found, their addresses are those of HTTPS.
                fleet.add_instances(simulator)
            _announce(simulator)
            if options.ready_file:
                values = {**simulator.environ(), **simulator.described(), "ca_file": simulator.ca_file}
                _write(options.ready_file, values)
            ended.wait()
    except Violation as violation:
        print(violation, file=sys.stderr)
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="Simulate Huawei Cloud IoTDA on this machine.")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--tls", action="store_true", help="serve HTTPS with a certificate made for the occasion")
    parser.add_argument("--fleet", choices=("demo", "empty"), default="demo", help="the batch tasks to begin with")
    parser.add_argument("--settings", type=Path, help="a report of make conformance, whose settings to take")
    parser.add_argument("--ready-file", type=Path, help="where to write the endpoint and the credentials as JSON")
    return parser.parse_args(arguments)


def _announce(simulator: Simulator) -> None:
    lines = [
        f"IoTDA, IAM and ECS metadata: {simulator.url} (Ctrl+C ends it)",
        "",
    ]
    lines += [_row(task) for task in simulator.tasks()]
    named = [instance for instance in simulator.instances if instance.url != simulator.url]
    if named:
        lines += ["", *(f"{instance.url}  {instance.name}" for instance in named), ""]
        lines += ["Add to each file of the inventory plugin:", "", f"management_endpoint: {simulator.url}"]
        # The addresses of real instances show that they need it.
        lines += ["compose:", "  iotda_signing: \"'derived'\""]
    lines += ["", *(f"export {name}={value}" for name, value in simulator.environ().items())]
    print("\n".join(lines), flush=True)


def _row(task: Mapping[str, object]) -> str:
    widths = {"task_id": 24, "task_type": 19, "status": 14, "create_time": 16, "task_name": 0}
    return "  ".join(str(task[name]).ljust(width) for name, width in widths.items()).rstrip()


def _write(ready_file: Path, values: Mapping[str, object]) -> None:
    # Whoever waits for the file must never see half of it.
    unfinished = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(ready_file)


if __name__ == "__main__":
    sys.exit(main())
