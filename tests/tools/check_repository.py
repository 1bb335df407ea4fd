# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check what several files of the repository say about the same thing, and what none of them may hold.

Needs PyYAML.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence for each thing that does not hold."""
    yield from _versions(root)
    yield from _action_groups(root)
    yield from _ignore_files(root)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _versions(root: Path) -> Iterator[str]:
    released = _yaml(root / "galaxy.yml")["version"]
    # The project of AWX is to have the playbook of this version.
    branch = _yaml(root / "roles/awx/defaults/main.yml")["awx_project_branch"]
    if branch != released:
        yield f"galaxy.yml has version {released}, awx_project_branch in roles/awx/defaults/main.yml {branch}"


def _action_groups(root: Path) -> Iterator[str]:
    modules = sorted(path.stem for path in (root / "plugins/modules").glob("[!_]*.py"))
    group = sorted(_yaml(root / "meta/runtime.yml")["action_groups"]["all"])
    if modules != group:
        yield f"the modules are {modules}, but the action group in meta/runtime.yml has {group}"


def _ignore_files(root: Path) -> Iterator[str]:
    for path in sorted((root / "tests/sanity").glob("ignore*")):
        yield f"{path.relative_to(root)} silences sanity tests; solve what they find instead"


def main() -> None:
    """Check the checkout that is named on the command line, or that this file is in."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = list(problems(root))
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        raise SystemExit(1)
    print("versions and action group agree")


if __name__ == "__main__":
    main()
