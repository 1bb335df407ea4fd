# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release is made only of a clean, tagged commit whose changes are told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.tools.release import obstacles


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout that can be released."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.com")
    (tmp_path / "changelogs/fragments").mkdir(parents=True)
    (tmp_path / "galaxy.yml").write_text("version: 1.2.3\n", encoding="utf-8")
    (tmp_path / "changelogs/changelog.yaml").write_text("releases: {1.2.3: {}}\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Release")
    git(tmp_path, "tag", "1.2.3")
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], timeout=60, check=True)


def commit(root: Path, path: str, text: str) -> None:
    (root / path).write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Change")
    git(root, "tag", "--force", "1.2.3")


def test_clean_tagged_commit_with_changelog_is_allowed(root: Path) -> None:
    assert list(obstacles(root)) == []


def test_what_is_not_committed_is_in_the_way(root: Path) -> None:
    (root / "new").touch()
    assert list(obstacles(root)) == ["there are changes that are not committed"]


def test_commit_without_its_version_tag_blocks_release(root: Path) -> None:
    git(root, "tag", "--delete", "1.2.3")
    assert list(obstacles(root)) == [
        "the commit has no tag, but galaxy.yml says 1.2.3; tag it with 'git tag 1.2.3'",
    ]
    git(root, "tag", "1.0.0")
    assert "has only 1.0.0" in next(obstacles(root))


def test_a_fragment_that_is_left_is_in_the_way(root: Path) -> None:
    commit(root, "changelogs/fragments/wait.yml", "bugfixes: []\n")
    (obstacle,) = obstacles(root)
    assert "still holds wait.yml" in obstacle


def test_version_missing_in_changelog_blocks_release(root: Path) -> None:
    commit(root, "changelogs/changelog.yaml", "releases: {1.0.0: {}}\n")
    (obstacle,) = obstacles(root)
    assert "does not tell of 1.2.3" in obstacle
