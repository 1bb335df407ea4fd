# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that a checkout is what a release can be made of: a clean commit, tagged, with its changes told.

Needs PyYAML and git.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def obstacles(root: Path) -> Iterator[str]:
    """Yield one sentence for each thing that stands in the way of a release."""
    version = str(_yaml(root / "galaxy.yml")["version"])
    if _git(root, "status", "--porcelain"):
        yield "there are changes that are not committed"
    tags = _git(root, "tag", "--points-at", "HEAD").split()
    if version not in tags:
        told = f"only {', '.join(tags)}" if tags else "no tag"
        yield f"the commit has {told}, but galaxy.yml says {version}; tag it with 'git tag {version}'"
    fragments = sorted(path.name for path in (root / "changelogs/fragments").glob("*.y*ml"))
    if fragments:
        yield f"changelogs/fragments still holds {', '.join(fragments)}; run 'antsibull-changelog release'"
    changelog = root / "changelogs/changelog.yaml"
    released = _yaml(changelog)["releases"] if changelog.exists() else {}
    if version not in released:
        yield f"changelogs/changelog.yaml does not tell of {version}; run 'antsibull-changelog release'"


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> None:
    """Check the checkout that is named on the command line."""
    found = list(obstacles(Path(sys.argv[1])))
    for obstacle in found:
        print(f"No release: {obstacle}.", file=sys.stderr)
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
