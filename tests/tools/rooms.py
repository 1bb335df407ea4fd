# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold the imports of ``plugins/module_utils`` against the table of rooms in ``docs/architecture.md``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TABLE = Path("docs/architecture.md")
CODE = Path("plugins/module_utils")
PACKAGE = "ansible_collections.huaweicloud.iotda.plugins.module_utils"
ONLY_ONE_WITH_ANSIBLE = "_module.py"
_ROW = re.compile(r"^\| (?P<room>[^|]+) \| (?P<files>`_[^|]+) \|", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence for each file without a room, and each import that goes the wrong way."""
    rooms = _rooms((root / TABLE).read_text(encoding="utf-8"))
    there = sorted(path.relative_to(root / CODE).as_posix() for path in (root / CODE).rglob("*.py"))
    for file in (file for file in rooms if not (root / CODE / file).exists()):
        yield f"{TABLE} has a room for {file}, which is not in {CODE}"
    for file in there:
        if _room(file, rooms) is None:
            yield f"{TABLE} has no room for {CODE / file}"
        yield from _wrong_ways(file, ast.parse((root / CODE / file).read_text(encoding="utf-8")), rooms)


def _rooms(text: str) -> dict[str, int]:
    """Return the number of the room of each file, and of each folder, counted from the top of the table."""
    rows = enumerate(_ROW.finditer(text), start=1)
    return {file: number for number, row in rows for file in re.findall(r"`([^`]+)`", row["files"])}


def _room(file: str, rooms: dict[str, int]) -> int | None:
    return rooms.get(file) or rooms.get(file.partition("/")[0] + "/")


def _wrong_ways(file: str, code: ast.Module, rooms: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(code):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.startswith("ansible.") and file != ONLY_ONE_WITH_ANSIBLE:
            yield f"{file} imports {node.module}, which only {ONLY_ONE_WITH_ANSIBLE} may"
        for imported in _own(node):
            if (_room(imported, rooms) or 0) > (_room(file, rooms) or 0):
                yield f"{file} imports {imported}, which stands in a later room of {TABLE}"


def _own(node: ast.ImportFrom) -> Iterator[str]:
    """Yield the files of ours that ``node`` imports from."""
    parent, _dot, name = (node.module or "").rpartition(".")
    if node.module == PACKAGE:
        yield from (f"{alias.name}.py" for alias in node.names)
    elif parent == PACKAGE and name == "_sources":
        yield from (f"{name}/{alias.name}.py" for alias in node.names)
    elif parent == PACKAGE:
        yield f"{name}.py"
    elif parent == f"{PACKAGE}._sources":
        yield f"_sources/{name}.py"
