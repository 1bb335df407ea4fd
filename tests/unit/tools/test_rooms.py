# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of imports against the table of rooms: what it finds in a checkout made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.tools.rooms import CODE, PACKAGE, TABLE, problems

ROOMS = """
| room | files | what it knows |
| --- | --- | --- |
| below | `_a.py`, `_sources/` | little |
| above | `_b.py`, `_module.py` | more |
"""
RIGHT = {
    "_a.py": "import json\n",
    "_sources/one.py": f"from {PACKAGE}._a import a\n",
    "_b.py": f"from {PACKAGE} import _a\nfrom {PACKAGE}._sources import one\n",
    "_module.py": f"from ansible.module_utils.basic import AnsibleModule\nfrom {PACKAGE}._b import b\n",
}


def found(root: Path, **changed: str) -> list[str]:
    files = {**RIGHT, **{name.replace("__", "/") + ".py": text for name, text in changed.items()}}
    (root / TABLE).parent.mkdir(parents=True)
    (root / TABLE).write_text(ROOMS, encoding="utf-8")
    for name, text in files.items():
        (root / CODE / name).parent.mkdir(parents=True, exist_ok=True)
        (root / CODE / name).write_text(text, encoding="utf-8")
    return list(problems(root))


def test_imports_from_the_same_room_and_from_earlier_ones_are_right(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "text", "imported"),
    [
        ("_a", f"from {PACKAGE}._b import b\n", "_b.py"),
        ("_a", f"from {PACKAGE} import _b\n", "_b.py"),
        ("_sources__one", f"def late():\n    from {PACKAGE}._b import b\n", "_b.py"),
    ],
)
def test_an_import_from_a_later_room_is_told(tmp_path: Path, file: str, text: str, imported: str) -> None:
    (problem,) = found(tmp_path, **{file: text})
    assert f"imports {imported}, which stands in a later room" in problem


def test_an_import_of_ansible_is_told(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, _b="from ansible.module_utils.basic import AnsibleModule\n")
    assert "which only _module.py may" in problem


def test_a_file_without_a_room_and_a_room_without_a_file_are_told(tmp_path: Path) -> None:
    assert found(tmp_path, _c="") == [f"{TABLE} has no room for {CODE}/_c.py"]
    (tmp_path / CODE / "_c.py").unlink()
    (tmp_path / CODE / "_b.py").unlink()
    assert f"{TABLE} has a room for _b.py, which is not in {CODE}" in list(problems(tmp_path))
