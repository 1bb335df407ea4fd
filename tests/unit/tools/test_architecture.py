# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of imports between packages, and the count: what they find in a checkout made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.tools.architecture import NAMESPACE, count, problems

UTILS = f"{NAMESPACE}module_utils"
FILES = {
    "module_utils/_core/errors.py": "import json\n",
    "module_utils/_http/client.py": f"from {UTILS}._core.errors import ApiError\nfrom . import urls\n",
    "module_utils/_http/urls.py": f"from {UTILS}._core import errors\n",
    "module_utils/_auth/iam.py": f"from {UTILS}._http.client import HttpClient\n",
    "module_utils/_instances/api.py": "import json\n",
    "module_utils/_module/runner.py": "from .._auth import iam\nfrom ansible.module_utils.basic import AnsibleModule\n",
    "modules/batch_task.py": f"from {UTILS}._module.runner import run\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout in which all imports go one way."""
    for file, text in FILES.items():
        write(tmp_path, file, text)
    return tmp_path


def write(root: Path, file: str, text: str) -> None:
    path = root / "plugins" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_imports_from_earlier_layers_are_right(root: Path) -> None:
    assert list(problems(root)) == []


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        (
            "_core/a",
            f"from {UTILS}._http.client import HttpClient",
            "_http/client.py, which module_utils/_core may not",
        ),
        ("_core/a", f"def later():\n    from {UTILS}._http import client", "_core may not"),
        ("_http/a", "from .._auth import iam", "iam.py, which module_utils/_http may not"),
        ("_batch_tasks/a", f"from {UTILS}._instances.api import Client", "which module_utils/_batch_tasks may not"),
        ("_http/a", "from ansible.module_utils.basic import AnsibleModule", "basic.AnsibleModule, which only"),
        ("_new/a", "import json", "has no layer"),
    ],
)
def test_other_imports_are_found(root: Path, file: str, text: str, problem: str) -> None:
    write(root, f"module_utils/{file}.py", text)
    (found,) = problems(root)
    assert problem in found


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("inventory/instances", f"from {UTILS}._module.runner import run", "runner.py, which inventory may not"),
        ("modules/other", f"from {NAMESPACE}plugin_utils import report", "report.py, which modules may not"),
    ],
)
def test_modules_and_plugins_stay_apart(root: Path, file: str, text: str, problem: str) -> None:
    write(root, "plugin_utils/report.py", "")
    write(root, f"{file}.py", text)
    (found,) = problems(root)
    assert problem in found


def test_packages_and_files_are_counted(root: Path) -> None:
    assert count(root, lambda file: file) == (7, 6, 6)
    assert count(root, lambda file: file.rpartition("/")[0]) == (6, 5, 4)


def test_imports_for_type_checkers_do_not_count(root: Path) -> None:
    write(root, "module_utils/_core/a.py", f"if TYPE_CHECKING:\n    from {UTILS}._http.client import HttpClient\n")
    assert list(problems(root)) == []


def test_a_circle_is_an_error(root: Path) -> None:
    write(root, "module_utils/_http/urls.py", f"from {UTILS}._http import client\n")
    with pytest.raises(SystemExit, match="in a circle"):
        count(root, lambda file: file)
