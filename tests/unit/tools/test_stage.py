# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Staging copies what has changed, removes what is gone, and leaves alone what the tools have written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.tools.stage import Staged, sources, stage


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small checkout without git."""
    for path in ("galaxy.yml", "plugins/modules/one.py", "plugins/modules/two.py"):
        write(tmp_path / "checkout" / path, path)
    return tmp_path / "checkout"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def staged(root: Path) -> Staged:
    return stage(root, target(root), root.parent / "staged.txt")


def target(root: Path) -> Path:
    return root.parent / "stage"


def test_all_is_copied_once(root: Path) -> None:
    assert staged(root) == Staged(files=3, copied=3, removed=0)
    assert staged(root) == Staged(files=3, copied=0, removed=0)
    assert (target(root) / "plugins/modules/one.py").read_text(encoding="utf-8") == "plugins/modules/one.py"


def test_what_changed_is_copied_again(root: Path) -> None:
    staged(root)
    write(root / "galaxy.yml", "other text of the same age")
    assert staged(root).copied == 1
    assert (target(root) / "galaxy.yml").read_text(encoding="utf-8") == "other text of the same age"


def test_a_change_of_the_same_size_and_age_is_seen(root: Path) -> None:
    staged(root)
    before = (root / "galaxy.yml").stat()
    write(root / "galaxy.yml", "yalaxg.yml")
    os.utime(root / "galaxy.yml", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert staged(root).copied == 1


def test_the_mode_is_copied(root: Path) -> None:
    staged(root)
    (root / "galaxy.yml").chmod(0o755)
    assert staged(root).copied == 1
    assert os.access(target(root) / "galaxy.yml", os.X_OK)


def test_what_is_gone_is_removed_with_its_folder(root: Path) -> None:
    staged(root)
    write(target(root) / "plugins/modules/__pycache__/one.pyc", "")
    (root / "plugins/modules/one.py").unlink()
    (root / "plugins/modules/two.py").unlink()
    assert staged(root) == Staged(files=1, copied=0, removed=2)
    assert not (target(root) / "plugins").exists()


def test_what_the_tools_wrote_stays(root: Path) -> None:
    staged(root)
    write(target(root) / "tests/output/result.txt", "result")
    staged(root)
    assert (target(root) / "tests/output/result.txt").exists()


def test_without_git_nothing_generated_is_a_source(root: Path) -> None:
    generated = (
        ".venv/bin/python",
        ".work/a",
        "plugins/__pycache__/a.pyc",
        "a-0.1.0.tar.gz",
        "tests/output/a",
        ".coverage",
    )
    for path in (*generated, "tests/integration/integration_config.yml"):
        write(root / path, "")
    assert sources(root) == ["galaxy.yml", "plugins/modules/one.py", "plugins/modules/two.py"]


def test_with_git_its_word_counts(root: Path) -> None:
    write(root / ".gitignore", "*.log\n")
    write(root / "a.log", "")
    subprocess.run(["git", "init", "--quiet", str(root)], timeout=60, check=True)
    subprocess.run(["git", "-C", str(root), "add", "galaxy.yml", "plugins"], timeout=60, check=True)
    (root / "plugins/modules/two.py").unlink()
    write(root / "plugins/modules/ümläut three.py", "")
    assert sources(root) == [".gitignore", "galaxy.yml", "plugins/modules/one.py", "plugins/modules/ümläut three.py"]
