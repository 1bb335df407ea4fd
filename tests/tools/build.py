# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball of the collection, and check it with Galaxy's importer; to be started in a staged copy."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

COMPLAINT = re.compile(r"^(WARNING|ERROR|CRITICAL)", re.MULTILINE)


def build(folder: Path) -> Path:
    """Build the tarball in ``folder``, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", str(folder)], check=True)
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


def complaints(tarball: Path) -> str:
    """Return what Galaxy's importer prints about ``tarball`` if it complains or fails; else an empty text.

    As on Galaxy, no other copy of the collection is where Ansible looks for one.
    """
    with tempfile.TemporaryDirectory() as home:
        known = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
        done = subprocess.run(
            ["python", "-m", "galaxy_importer.main", tarball.name],
            cwd=tarball.parent,
            env={**known, "HOME": home},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return done.stdout if done.returncode or COMPLAINT.search(done.stdout) else ""


def main() -> None:
    """Build in the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    tarball = build(parser.parse_args().folder)
    found = complaints(tarball)
    if found:
        raise SystemExit(f"{found}\nGalaxy would complain about {tarball.name}: see above")
    print(f"Galaxy's importer accepts it. SHA-256: {hashlib.sha256(tarball.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
