# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A target that lacks what a module needs: the error says what is missing, where, and how to install it."""

from __future__ import annotations

import json
import venv
from pathlib import Path

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands


def test_missing_requests_is_an_error_with_the_command(
    simulator: Simulator, commands: Commands, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False, symlinks=True)
    python = str(bare / "bin" / "python")
    options = json.dumps({"task_id": "5c8b", "state": "absent"})
    command = ["ansible", "localhost", "-m", "huaweicloud.iotda.batch_task", "-a", options]
    without = {name: value for name, value in commands.environ.items() if name != "PYTHONPATH"}
    ended = Commands(commands.folder, without).run(
        [*command, "-e", f"ansible_python_interpreter={python}"], simulator.environ()
    )
    assert ended.returncode == 2, ended.stdout
    text = " ".join(ended.stdout.split())
    assert python in text
    assert "pip install" in text
    assert "requests>=2.28" in text
    assert "ansible_python_interpreter" in text
    assert "Traceback" not in text
    assert len(simulator.journal) == 0
