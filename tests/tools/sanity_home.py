# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a home directory for ansible-test, so that it leaves the user's own alone.

ansible-test fetches a script that installs pip, unless it finds one in its cache. What it finds here uses the pip that
comes with Python, so that sanity tests need no other server than a package index.

Needs ansible-core.
"""

from __future__ import annotations

import argparse
import os
import pwd
import re
from importlib.util import find_spec
from pathlib import Path

BOOTSTRAP = '''\
"""Install the pip that comes with this Python."""

import ensurepip

ensurepip.bootstrap(upgrade=True)
'''

# Where pip looks for the user's package index, relative to the home directory.
PIP_SETTINGS = (".config/pip", ".pip", ".netrc")


def pip_versions() -> set[str]:
    """Return the versions of pip that the installed ansible-test may ask for."""
    package = find_spec("ansible_test")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("ansible-test is not installed")
    source = Path(package.submodule_search_locations[0], "_internal", "python_requirements.py")
    versions = set(re.findall(r"\bpip='([0-9.]+)'", source.read_text(encoding="utf-8")))
    if not versions:
        raise SystemExit(f"{source} names no version of pip: ansible-test has changed, and this script must follow")
    return versions


def prepare(home: Path, user_home: Path) -> None:
    """Write the scripts into the cache under ``home``, and let pip find the settings of the user."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in pip_versions():
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(BOOTSTRAP, encoding="utf-8")
    for name in PIP_SETTINGS:
        link = home / name
        if (user_home / name).exists() and not link.is_symlink():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(user_home / name)


def home_of_the_user() -> Path:
    """Return the home directory of the user, whatever the environment says."""
    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def main() -> None:
    """Prepare the home directory that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    prepare(parser.parse_args().home.resolve(), home_of_the_user())


if __name__ == "__main__":
    main()
