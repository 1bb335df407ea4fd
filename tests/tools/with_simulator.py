# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command beside a simulator of its own, whose address and keys are in the command's environment.

As in: ``python -m ansible_collections.huaweicloud.iotda.tests.tools.with_simulator --fleet demo -- bash run.sh``
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SIMULATOR = "ansible_collections.huaweicloud.iotda.tests.simulator"
READY_WITHIN = 30.0  # seconds
ENDS_WITHIN = 30.0

# Variables of the user's own that would lead a command elsewhere, by the beginnings or ends of their names.
ELSEWHERE = ("HW_", "HUAWEICLOUD_", "OS_")
PROXIES = ("_PROXY", "_proxy")


@contextmanager
def simulator(fleet: str) -> Iterator[dict[str, str]]:
    """Run the simulator with ``fleet`` and yield the environment variables by which modules reach it."""
    with tempfile.TemporaryDirectory(prefix="iotda-simulator-") as folder:
        ready = Path(folder, "ready.json")
        output = Path(folder, "output.txt")
        command = [sys.executable, "-m", SIMULATOR, "--fleet", fleet, "--ready-file", str(ready)]
        with output.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield _wait_until_ready(process, ready, output)
        finally:
            process.terminate()
            process.wait(ENDS_WITHIN)
        if process.returncode:
            raise SystemExit(f"the simulator failed:\n{output.read_text(encoding='utf-8')}")


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, output: Path) -> dict[str, str]:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            values: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.05)
            continue
        return {name: value for name, value in values.items() if name.isupper()}
    raise SystemExit(f"the simulator did not start:\n{output.read_text(encoding='utf-8')}")


def without_elsewhere(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without what names another service, account or proxy."""
    return {
        name: value for name, value in environ.items() if not name.startswith(ELSEWHERE) and not name.endswith(PROXIES)
    }


def main() -> None:
    """Run what the command line says, and end with its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fleet", default="empty", help="the batch tasks there are at first (%(default)s)")
    parser.add_argument("command", nargs="+", help="what to run")
    options = parser.parse_args()
    with simulator(options.fleet) as variables:
        done = subprocess.run(options.command, env={**without_elsewhere(os.environ), **variables}, check=False)
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
