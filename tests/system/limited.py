# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module under limits of the system, each time in a process of its own: ``python limited.py < plan.json``.

The plan names the ``module``, the ``limit`` (``files`` or ``threads``) and ``runs``, pairs of a value and the options.
For each run, one line is written: the result, or null where there is none.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import sys
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins import module_utils
from ansible_collections.huaweicloud.iotda.tests.unit import in_process

UNUSED_UID = 61_947


def import_all() -> None:
    """Import what a module would import later, when root's files cannot be read any more."""
    for module in pkgutil.walk_packages(module_utils.__path__, f"{module_utils.__name__}."):
        importlib.import_module(module.name)


def limit_threads(most: int) -> None:
    """Allow this process ``most`` threads in all; for root there is no such limit, so it becomes somebody else."""
    others = 0
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(UNUSED_UID)
        os.setuid(UNUSED_UID)
    else:
        tasks = [path for path in Path("/proc").glob("[0-9]*/task/*") if path.stat().st_uid == os.getuid()]
        others = len(tasks) - 1
    resource.setrlimit(resource.RLIMIT_NPROC, (others + most, others + most))


def limit_files(most: int) -> None:
    """Allow this process ``most`` open files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def run(module: str, limit: str, most: int, options: dict[str, Any]) -> str:
    """Run the module in a child process, and return what it wrote."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        os.dup2(writer, 1)
        os.close(writer)
        {"threads": limit_threads, "files": limit_files}[limit](most)
        try:
            os.write(1, in_process.run(module, options).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as output:
        text = output.read()
    os.wait()
    return text


def main() -> None:
    """Make all runs of the plan."""
    plan = json.load(sys.stdin)
    os.closerange(3, 256)
    importlib.import_module(f"{in_process.MODULES}.{plan['module']}")
    if plan["limit"] == "threads":
        import_all()
    for most, options in plan["runs"]:
        text = run(plan["module"], plan["limit"], most, options).strip()
        sys.stdout.write((text.splitlines()[-1] if text else "null") + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
