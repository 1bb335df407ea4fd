# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matrix leaves out what cannot run here, but does not pass when that is all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.tools import matrix


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[matrix.Row]:
    """Return the rows that run."""
    rows: list[matrix.Row] = []
    monkeypatch.setattr("sys.argv", ["matrix", str(tmp_path)])
    monkeypatch.setattr(matrix, "run", lambda row, environments, quick: rows.append(row))
    monkeypatch.setattr(matrix, "beside_niquests", lambda environments: "refused")
    return rows


def test_what_cannot_run_here_is_left_out(
    ran: list[matrix.Row], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matrix, "find_python", lambda python: None if python in ("3.9", "3.13") else python)
    matrix.main()
    assert [row.module_python for row in ran] == ["3.10", "3.11"]
    assert capsys.readouterr().out.count("left out, no Python 3.9 here") == 1


def test_to_have_run_nothing_is_a_failure(ran: list[matrix.Row], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "find_python", lambda python: None)
    with pytest.raises(SystemExit, match="No Python of the matrix is here"):
        matrix.main()
    assert ran == []
