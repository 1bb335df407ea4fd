# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the sanity tests of ansible-test in .venv; to be started in a staged copy of the collection.

ansible-test installs the tools of each sanity test with pip. What pip prints goes to a file, which is shown if a test
fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ansible_collections.huaweicloud.iotda.tests.tools import sanity_home

OUTPUT = Path("tests/output")
LOG = Path(os.environ["CHECKOUT"], ".work/sanity.log")


def main() -> None:
    """Run all sanity tests, or those that the command line names."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    sanity_home.prepare(Path.home(), sanity_home.home_of_the_user())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = ["ansible-test", "sanity", "--local", "--python", version, "--color", "no", "--truncate", "0"]
    print(f"ansible-test sanity (output in {LOG})", flush=True)
    with LOG.open("w", encoding="utf-8") as log:
        status = subprocess.run([*command, *sys.argv[1:]], stdout=log, stderr=log, check=False).returncode
    text = LOG.read_text(encoding="utf-8")
    if status:
        print(text)
        raise SystemExit(status)
    print(f"{text.count('Running sanity test')} sanity tests passed")


if __name__ == "__main__":
    main()
