# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log of a run: opened where it is wanted, and only checked where nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import open_log
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service


@pytest.mark.parametrize("dry_run", [False, True])
def test_no_log_is_wanted(dry_run: bool) -> None:
    with open_log(None, Service(), "absent", dry_run) as log:
        assert log is None


def test_a_log_says_where_and_to_what_state_tasks_were_brought(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with open_log(str(path), Service(), "absent", False) as log:
        assert log
        log.record("a", "deleted")
    line = json.loads(path.read_text(encoding="utf-8"))
    assert (line["endpoint"], line["state"], line["task_id"]) == ("https://iotda.example", "absent", "a")


def test_a_dry_run_only_checks_the_path(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with open_log(str(path), Service(), "absent", True) as log:
        assert log is None
    assert not path.exists()
    with pytest.raises(ConfigurationError, match="audit_log cannot be written"):
        open_log(str(tmp_path / "nowhere" / "audit.jsonl"), Service(), "absent", True)
