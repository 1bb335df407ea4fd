# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at the simulator's batch tasks from outside, for the demo; and answer in place of a wrong host.

Needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

SHOWN = {"task_id": 24, "task_name": 32, "status": 14}


def tasks() -> list[dict[str, str]]:
    """Return the batch tasks that there are now, oldest first."""
    with urllib.request.urlopen(f"{_control()}/tasks") as answer:
        found: list[dict[str, str]] = json.load(answer)["tasks"]
    return sorted(found, key=lambda task: task["task_id"])


def _control() -> str:
    return f"{os.environ['HUAWEICLOUD_IOTDA_ENDPOINT']}/_simulator"


def create_running(seconds: float) -> str:
    """Create a task that is still running, and finishes after ``seconds``; return its ID."""
    task = {"task_type": "freezeDevices", "task_name": "freeze_just_started", "status": "Processing"}
    body = json.dumps({**task, "finishes_in": seconds}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{_control()}/tasks", data=body, method="POST")) as answer:
        return str(json.load(answer)["task_id"])


def show(before: list[dict[str, str]], after: list[dict[str, str]]) -> str:
    """Return a table of the tasks before, and beside each what is true of it after."""
    left = {task["task_id"]: task for task in after}
    rows = [_row({name: name for name in SHOWN}, "before", "after")]
    rows += [
        _row(task, task["status"], left.get(task["task_id"], {}).get("status", "-- deleted --")) for task in before
    ]
    return "\n".join([*rows, "", f"{len(before)} batch tasks before, {len(after)} after"])


def _row(task: dict[str, str], *states: str) -> str:
    names = [str(task[name]).ljust(width) for name, width in SHOWN.items() if name != "status"]
    return "  ".join([*names, *(state.ljust(SHOWN["status"]) for state in states)]).rstrip()


class OtherServer(BaseHTTPRequestHandler):
    """A web server that has nothing to do with IoTDA: it finds nothing, whatever it is asked."""

    def do_DELETE(self) -> None:
        """Answer as most web servers do."""
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve_other(address: Path) -> None:
    """Serve on a free port until ended, and write the address to the file ``address``."""
    server = HTTPServer(("127.0.0.1", 0), OtherServer)
    unfinished = address.with_suffix(".part")
    unfinished.write_text(f"http://127.0.0.1:{server.server_port}", encoding="utf-8")
    unfinished.replace(address)
    server.serve_forever()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, metavar="FILE", help="save the tasks that there are")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="show the saved tasks beside those of now")
    parser.add_argument("--create-running", type=float, metavar="SECONDS", help="create a task; print its ID")
    parser.add_argument("--other-server", type=Path, metavar="FILE", help="serve what is not IoTDA; write its address")
    options = parser.parse_args()
    if options.save:
        options.save.write_text(json.dumps(tasks()), encoding="utf-8")
    if options.compare:
        print(show(json.loads(options.compare.read_text(encoding="utf-8")), tasks()))
    if options.create_running:
        print(create_running(options.create_running))
    if options.other_server:
        serve_other(options.other_server)


if __name__ == "__main__":
    main()
