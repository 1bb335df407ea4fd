# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command behind ``make bench``: that it measures everything and writes its table, not how fast anything is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

BENCHMARKS = "ansible_collections.huaweicloud.iotda.tests.benchmarks"


def test_a_short_run_writes_the_table(commands: Commands, tmp_path: Path) -> None:
    written = tmp_path / "docs" / "benchmarks.md"
    ended = subprocess.run(
        [sys.executable, "-m", BENCHMARKS, "--quick", "--output", str(written)],
        env=commands.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    lines = written.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    assert rows[0] == ["What", "Measured", "Beside", "Its measure", "Ratio", "Goal"]
    for beside in ("ansible.builtin.ping", "ansible.builtin.uri, the same DELETE", "the allowed rate"):
        assert beside in [row[2] for row in rows]
    for row in rows[1:]:
        assert all(row[:5]), row
        assert row[5] == ""  # too little was measured for a verdict
    assert all(line in ended.stdout for line in lines if line.startswith("| "))
