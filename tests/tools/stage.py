# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy the checkout to where Ansible's tools expect a collection: ``ansible_collections/huaweicloud/iotda``.

Only what has changed is copied, and what an earlier run copied and is gone since is removed. Whatever else the tools
have written there stays. The copy is a git repository of its own, without commits: inside another checkout, tools that
ask git for the files would find none, since the copy is ignored there.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# What a checkout without git, such as an unpacked archive, may hold that is not part of it; as in .gitignore.
GENERATED_DIRECTORIES = {
    ".ansible",
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    ".work",
    "__pycache__",
}
GENERATED_FILES = ("*.pyc", "*.tar.gz", ".coverage*", "tests/output/*", "tests/integration/integration_config.yml")


@dataclass(frozen=True)
class Staged:
    """How many files the stage holds, and how many of them this run copied and removed."""

    files: int
    copied: int
    removed: int


def sources(root: Path) -> list[str]:
    """Return the paths of the files of the checkout, relative to ``root``."""
    found = _known_to_git(root) if (root / ".git").exists() else _found_by_walking(root)
    return sorted(path for path in found if (root / path).is_file())


def _known_to_git(root: Path) -> Iterable[str]:
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return os.fsdecode(listed).rstrip("\0").split("\0")


def _found_by_walking(root: Path) -> Iterator[str]:
    for directory, directories, files in os.walk(root):
        directories[:] = [name for name in directories if name not in GENERATED_DIRECTORIES]
        for name in files:
            path = (Path(directory) / name).relative_to(root)
            if not any(path.match(pattern) for pattern in GENERATED_FILES):
                yield path.as_posix()


def stage(root: Path, target: Path, manifest: Path) -> Staged:
    """Bring ``target`` to the state of the checkout in ``root``; ``manifest`` is the list of what was copied."""
    paths = sources(root)
    earlier = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    stale = sorted(set(earlier) - set(paths))
    removed = sum(_remove(target, path) for path in stale)
    copied = sum(_copy(root / path, target / path) for path in paths)
    manifest.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    return Staged(len(paths), copied, removed)


def _copy(source: Path, target: Path) -> bool:
    with suppress(FileNotFoundError):
        if filecmp.cmp(source, target, shallow=False) and source.stat().st_mode == target.stat().st_mode:
            return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
    return True


def _remove(target: Path, path: str) -> bool:
    """Remove one file, and the directories that are empty without it."""
    try:
        (target / path).unlink()
    except FileNotFoundError:
        return False
    for directory in Path(path).parents:
        shutil.rmtree(target / directory / "__pycache__", ignore_errors=True)
        try:
            (target / directory).rmdir()
        except OSError:
            break
    return True


def main() -> None:
    """Stage the checkout that this file is in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work"), help="the folder to stage in (%(default)s)")
    parser.add_argument("--quiet", action="store_true", help="say nothing")
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[2]
    target = options.work.resolve() / "ansible_collections" / "huaweicloud" / "iotda"
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    done = stage(root, target, options.work / "staged.txt")
    if not options.quiet:
        print(f"{target}: {done.files} files, {done.copied} copied, {done.removed} removed")


if __name__ == "__main__":
    main()
