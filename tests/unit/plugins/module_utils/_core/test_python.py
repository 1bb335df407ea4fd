# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python that is too old reaches the sentence that says so: nothing on the way there needs a newer one."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core import python
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.python import refuse_old_python

PLUGINS = Path(python.__file__).resolve().parents[2]
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
GUARD = "ansible_collections.huaweicloud.iotda.plugins.module_utils._core.python"


def test_this_python_is_new_enough(capsys: pytest.CaptureFixture[str]) -> None:
    refuse_old_python()
    assert capsys.readouterr().out == ""


def test_an_older_one_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    with pytest.raises(SystemExit) as ended:
        refuse_old_python()
    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out) == {
        "failed": True,
        "msg": f"Modules of huaweicloud.iotda need Python 3.9 or later, but {sys.executable} is Python 3.8.18; "
        "set ansible_python_interpreter to one.",
    }


@pytest.mark.parametrize("path", [*MODULES, Path(python.__file__)], ids=lambda path: str(path.name))
def test_what_comes_before_it_compiles_on_old_pythons(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 6))
    assert "from __future__ import annotations" not in text  # since Python 3.7


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.name))
def test_a_module_asks_before_it_imports_anything_else(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    first, second = [node for node in body if not isinstance(node, ast.Assign)][:2]
    assert ast.unparse(first) == f"from {GUARD} import refuse_old_python"
    assert ast.unparse(second) == "refuse_old_python()"
