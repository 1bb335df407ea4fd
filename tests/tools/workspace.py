# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set up a virtual environment in .venv and the staged copy of the collection, then run a command there.

As in: ``python3 tests/tools/workspace.py pytest -q tests/unit``. Each Python has an environment of its own, which its
first run makes in a minute or two. The command finds the tools in it, a home directory of its own in .work, and no
settings of the user.

This file alone must also compile on Pythons that are too old, to be able to say so.
"""

import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REQUIREMENTS = os.path.join(ROOT, "tests", "requirements.txt")
WITHOUT_DEPENDENCIES = os.path.join(ROOT, "tests", "requirements-nodeps.txt")
VENV = os.path.join(ROOT, ".venv", "{}.{}".format(*sys.version_info[:2]))
PYTHON = os.path.join(VENV, "bin", "python")
WORK = os.path.join(ROOT, ".work")
PYCACHE = os.path.join(WORK, "pycache")
HOME = os.path.join(WORK, "home")
STAGED = os.path.join(WORK, "ansible_collections", "huaweicloud", "iotda")

USABLE = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))"
OTHER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11", "python3.10")
ERROR_LINES = 15


def use_a_python_that_serves() -> None:
    """Go on with another Python if this one is too old or has no venv; end with a sentence if there is none."""
    if _serves(sys.executable):
        return
    for name in OTHER_PYTHONS:
        found = shutil.which(name)
        if found and _serves(found):
            os.execv(found, [found, *sys.argv])
    sys.exit(
        "Python 3.10 or later with the modules venv and ensurepip is needed, but {} is Python {}.{} or lacks them. "
        "Install one (on Debian and Ubuntu with the package python3-venv), "
        "or name it, as in: make PYTHON=/usr/bin/python3.12 test".format(sys.executable, *sys.version_info[:2])
    )


def _serves(python: str) -> bool:
    return subprocess.call([python, "-c", USABLE], stderr=subprocess.DEVNULL) == 0


def set_up() -> None:
    """Install what the tests require into the environment, unless that has been done, and stage the checkout."""
    os.makedirs(HOME, exist_ok=True)
    with open(os.path.join(WORK, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
        stage = os.path.join(ROOT, "tests", "tools", "stage.py")
        subprocess.check_call([PYTHON, stage, "--work", WORK, "--quiet"])
        for outdated in glob.glob(PYCACHE + os.path.join(tempfile.gettempdir(), "pytest-of-*")):
            shutil.rmtree(outdated, ignore_errors=True)


def _install() -> None:
    pins = _read(REQUIREMENTS) + _read(WITHOUT_DEPENDENCIES)
    wanted = hashlib.sha256(pins.encode()).hexdigest()
    marker = os.path.join(VENV, "installed")
    if os.path.exists(marker) and _read(marker) == wanted:
        return
    print("Setting up", os.path.relpath(VENV, ROOT) + "; this takes a minute or two.", flush=True)
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", VENV])
    log_path = os.path.join(WORK, "pip.log")
    with open(log_path, "w+") as log:
        # The commands keep their bytecode in PYCACHE; that of pip would serve none of them.
        pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
        for options in (["-r", REQUIREMENTS], ["--no-deps", "-r", WITHOUT_DEPENDENCIES]):
            if subprocess.call(pip + options, stdout=log, stderr=log):
                log.seek(0)
                sys.exit("".join(log.readlines()[-ERROR_LINES:]) + "pip failed; its whole output is in " + log_path)
    with open(marker, "w") as done:
        done.write(wanted)


def _read(path: str) -> str:
    with open(path) as file:
        return file.read()


def environment() -> "dict[str, str]":
    """Return the environment in which commands run.

    Python may store bytecode there, whatever the user's environment says. Without it, Ansible takes seconds to start.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    own = {
        "HOME": HOME,
        "PATH": os.path.join(VENV, "bin") + os.pathsep + os.environ["PATH"],
        "VIRTUAL_ENV": VENV,
        "PYTHONPATH": WORK,
        "PYTHONPYCACHEPREFIX": PYCACHE,
        "ANSIBLE_COLLECTIONS_PATH": WORK,
        "ANSIBLE_HOME": os.path.join(HOME, ".ansible"),
        "ANSIBLE_NOCOWS": "1",
        "CHECKOUT": ROOT,
    }
    return dict(inherited, **own)


def main() -> None:
    """Set up, and become the command that the command line names, if it names one."""
    use_a_python_that_serves()
    set_up()
    if len(sys.argv) > 1:
        os.chdir(STAGED)
        os.execvpe(sys.argv[1], sys.argv[1:], environment())


if __name__ == "__main__":
    main()
