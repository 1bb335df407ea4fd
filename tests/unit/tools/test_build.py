# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a build in a clone packs."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# As ade, pytest-ansible, tox-ansible, nox, molecule and editors leave them.
LEFTOVERS = (
    ".tox/py312-ansible2.19/bin/python",
    ".nox/lint/pyvenv.cfg",
    ".venv/pyvenv.cfg",
    ".cache/collections/x.yml",
    ".coverage.host.1",
    ".vscode/settings.json",
    "ansible.cfg",
    "extensions/molecule/default/converge.yml",
    "molecule/default/molecule.yml",
    "noxfile.py",
    "tox-ansible.ini",
)


def test_a_build_leaves_out_what_tools_leave_in_a_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("galaxy.yml", "README.md", "LICENSE", "requirements.txt"):
        shutil.copy(ROOT / name, clone)
    shutil.copytree(ROOT / "meta", clone / "meta")
    for name in LEFTOVERS:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("[defaults]\n", encoding="utf-8")
    # pytest-ansible makes a tree in which the collection contains itself.
    links = clone / "collections/ansible_collections/huaweicloud/iotda"
    links.mkdir(parents=True)
    (links / "meta").symlink_to(clone / "meta")
    subprocess.run(
        ["ansible-galaxy", "collection", "build", "--output-path", str(tmp_path)], cwd=clone, timeout=60, check=True
    )
    (tarball,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(tarball) as packed:
        names = {name.split("/")[0] for name in packed.getnames()}
    assert names == {"FILES.json", "MANIFEST.json", "LICENSE", "README.md", "meta", "requirements.txt"}
