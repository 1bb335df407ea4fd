# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the start of the module costs, measured in a process of its own: prints milliseconds as JSON."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

COLLECTION = "ansible_collections.huaweicloud.iotda.plugins"
_TIMES = 100
_KEYS = ("access_key", "secret_key")
_PLACE = ("credentials_file", "config_file", "profile", "region", "project_id", "iam_endpoint")
_OPTIONS = ("auth_token", *_KEYS, "security_token", "username", "password", "domain_name", *_PLACE)


def _milliseconds(work: Callable[[], object], times: int = 1) -> float:
    started = time.perf_counter()
    for _time in range(times):
        work()
    return (time.perf_counter() - started) * 1000 / times


def _is_compiled(module: ModuleType) -> bool:
    return Path(getattr(module, "__cached__", None) or "").is_file()


def _credentials(file: Path) -> dict[str, float]:
    resolve = importlib.import_module(f"{COLLECTION}.module_utils._auth.credentials").resolve
    asked = importlib.import_module(f"{COLLECTION}.module_utils._auth.credentials").ProviderContext
    none = dict.fromkeys(_OPTIONS)
    file.write_text("[basic]\nak = invented\nsk = invented\n", encoding="utf-8")

    def cost(options: Mapping[str, Any], environ: Mapping[str, str]) -> float:
        return _milliseconds(lambda: resolve(asked({**none, **options}, environ)), _TIMES)

    return {
        "options": cost(dict.fromkeys(_KEYS, "invented"), {}),
        "environment": cost({}, {"HW_ACCESS_KEY": "invented", "HW_SECRET_KEY": "invented"}),
        "credentials file": cost({"credentials_file": str(file)}, {}),
    }


def main() -> None:
    """Measure each part in the order in which the module needs them."""
    # Ansible compiles a module, its own files and those of ansible-core anew each time: none may be compiled before.
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as folder:
        _without_bytecode(Path(folder))
        _measure()


def _without_bytecode(folder: Path) -> None:
    """Let ``ansible.module_utils`` be imported from a copy of its sources alone."""
    spec = importlib.util.find_spec("ansible")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    shutil.copytree(package / "module_utils", folder / "ansible/module_utils", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(package / "release.py", folder / "ansible")
    (folder / "ansible/__init__.py").touch()
    sys.path.insert(0, str(folder))


def _measure() -> None:
    found = {
        "basic": _milliseconds(lambda: importlib.import_module("ansible.module_utils.basic")),
        "requests": _milliseconds(lambda: importlib.import_module("requests")),
        "own": _milliseconds(lambda: importlib.import_module(f"{COLLECTION}.modules.batch_task")),
    }
    compiled = [name for name, module in sys.modules.items() if name.startswith(COLLECTION) and _is_compiled(module)]
    if compiled:
        raise SystemExit(f"these were compiled before, so importing them shows nothing: {compiled}")
    with tempfile.TemporaryDirectory() as folder:
        found.update(_credentials(Path(folder, "credentials")))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
