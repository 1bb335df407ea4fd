# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deletion that IoTDA answers at once has to load: nothing that only other ends and other states need."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

MOST = 20
# Waiting, refusals, the other states, reading, the audit log, failures.
OF_OTHERS = (
    "wait",
    "refusals",
    "transitions",
    "present",
    "create",
    "definition",
    "listing",
    "read",
    "prune",
)
RARE = ("models", "hints", "audit_log")
SCRIPT = """
import json, sys
from ansible_collections.huaweicloud.iotda.tests.unit.in_process import run
result = json.loads(run("batch_task", json.load(sys.stdin)).splitlines()[-1])
own = [module for name, module in sys.modules.items() if ".iotda.plugins." in name]
files = [module.__file__ for module in own if getattr(module, "__file__", None)]
names = sorted(file.partition("/plugins/")[2] for file in files if not file.endswith("__init__.py"))
print(json.dumps([[task["outcome"] for task in result["tasks"]], names]))
"""


def test_a_deletion_that_succeeds_loads_few_files(simulator: Simulator, options: dict[str, Any]) -> None:
    given = {**options, "task_id": [simulator.add_task()], "state": "absent"}
    output = subprocess.check_output([sys.executable, "-c", SCRIPT], input=json.dumps(given), text=True)
    outcomes, files = json.loads(output)
    print(f"{len(files)} files: {', '.join(files)}")  # for whoever asks with -s
    assert outcomes == ["deleted"]
    assert len(files) <= MOST
    loaded = {file.removeprefix("module_utils/_batch_tasks/").removesuffix(".py") for file in files}
    assert not loaded.intersection((*OF_OTHERS, *RARE))
