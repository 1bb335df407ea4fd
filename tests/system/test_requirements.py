# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A target that lacks what a module needs: the error says what is missing, where, and how to install it."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands


def test_missing_requests_is_an_error_with_the_command(
    simulator: Simulator, commands: Commands, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False, symlinks=True)
    python = str(bare / "bin" / "python")
    options = json.dumps({"task_id": "5c8b", "state": "absent"})
    command = ["ansible", "localhost", "-m", "huaweicloud.iotda.batch_task", "-a", options]
    without = {name: value for name, value in commands.environ.items() if name != "PYTHONPATH"}
    ended = Commands(commands.folder, without).run(
        [*command, "-e", f"ansible_python_interpreter={python}"], simulator.environ()
    )
    assert ended.returncode == 2, ended.stdout
    text = " ".join(ended.stdout.split())
    assert python in text
    assert "pip install" in text
    assert "requests>=2.28" in text
    assert "ansible_python_interpreter" in text
    assert "Traceback" not in text
    assert len(simulator.journal) == 0


def python_of(version: str) -> str | None:
    """Return the path of a Python that runs, on the PATH or among those of pyenv."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    of_pyenv = Path(os.environ.get("PYENV_ROOT") or f"{home}/.pyenv") / "versions"
    found = [shutil.which(f"python{version}"), *map(str, sorted(of_pyenv.glob(f"{version}.*/bin/python{version}")))]
    works = [path for path in found if path and not subprocess.run([path, "-c", ""], check=False).returncode]
    return works[0] if works else None


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8"])
def test_an_older_python_is_named(simulator: Simulator, tmp_path: Path, version: str) -> None:
    """On the Python itself, without Ansible: newer versions of it refuse such a target themselves."""
    python = python_of(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here; what it must be able to read is checked by a unit test")
    collection = Path(__file__).resolve().parents[2]
    script = (
        "import runpy, sys; sys.path.insert(0, sys.argv[1]); "
        "runpy.run_module('ansible_collections.huaweicloud.iotda.plugins.modules.' + sys.argv[2], run_name='__main__')"
    )
    for module in ("batch_task", "batch_task_info", "batch_task_prune"):
        command = [python, "-B", "-c", script, str(collection.parents[2]), module]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env={}, timeout=60)
        assert ended.stderr == ""
        assert ended.returncode == 1
        result = json.loads(ended.stdout)
        assert result["failed"] is True
        assert f"need Python 3.9 or later, but {python} is Python {version}." in result["msg"]
    assert len(simulator.journal) == 0


# Each is a package, or several, that stand before those that are installed.
BROKEN = {
    "no requests": {"requests/__init__.py": "raise ImportError('No module named requests')"},
    "an empty package": {"requests/__init__.py": ""},
    "code for another Python": {"requests/__init__.py": "print 'hello'"},
    "an old urllib3": {"urllib3/__init__.py": "__version__ = '1.0'"},
    "a urllib3 of nothing": {"urllib3/__init__.py": ""},
    "an error in urllib3": {"urllib3/__init__.py": "raise AttributeError('module has no attribute x')"},
    "no idna": {"idna/__init__.py": "raise ImportError('idna')"},
    "a version that is none": {"requests/__init__.py": "", "requests/adapters.py": "class HTTPAdapter: pass"},
    "an exit": {"requests/__init__.py": "raise SystemExit(3)"},
    "a panic": {"requests/__init__.py": "class Panic(BaseException): pass\nraise Panic('of a library')"},
    "a lack of memory": {"requests/__init__.py": "raise MemoryError"},
    "an endless import": {"requests/__init__.py": "def again(): again()\nagain()"},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_requests_that_cannot_be_imported_is_named(tmp_path: Path, kind: str) -> None:
    """The role ``prune`` knows by ``check_mode`` that the module ended by itself, and deleted nothing."""
    for name, text in BROKEN[kind].items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    options = {"ANSIBLE_MODULE_ARGS": {"older_than": "30d"}}
    script = (
        "import sys, ansible.module_utils.basic as basic; sys.path.insert(0, sys.argv[1]); "
        "basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = sys.argv[2].encode(), 'legacy'; "
        "from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task_prune; batch_task_prune.main()"
    )
    command = [sys.executable, "-c", script, str(tmp_path), json.dumps(options)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.stderr == ""
    result = json.loads(ended.stdout)
    assert result["check_mode"] is False
    msg = result["msg"]
    assert msg.startswith("The Python library requests ")
    assert sys.executable in msg
    assert msg.endswith(" or set ansible_python_interpreter to a Python that has it.")
