# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as it is released: built once, and installed where nothing else is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, clean_environment

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path of collections that has this one, installed from its tarball."""
    folder = tmp_path_factory.mktemp("installed")
    environ = {
        **clean_environment(),
        "HOME": str(folder),
        "ANSIBLE_HOME": str(folder / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        # What can be imported counts as installed.
        "PYTHONPATH": "",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }

    def galaxy(*arguments: str) -> None:
        done = subprocess.run(
            [BIN / "ansible-galaxy", "collection", *arguments],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    galaxy("build", "--output-path", str(folder), str(ROOT))
    (tarball,) = folder.glob("huaweicloud-iotda-*.tar.gz")
    galaxy("install", "--offline", "--collections-path", str(folder), str(tarball))
    return folder
