# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set up a virtual environment in .venv and the staged copy of the collection, then run a command there.

As in: ``python3 tests/tools/workspace.py pytest -q tests/unit``. Each Python has an environment of its own, which its
first run makes in a minute or two. The command finds the tools in it, a home directory of its own in .work, and no
settings of the user. ``--pythons`` in place of a command lists the Pythons that it can run with.

This file alone must also compile on Pythons that are too old, to be able to say so.
"""

import fcntl
import glob
import hashlib
import os
import pwd
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

OLDEST = (3, 10)
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
ERROR_LINES = 15


def use_a_python_that_serves() -> None:
    """Go on with another Python if this one is too old or has no venv; end with a sentence if there is none."""
    if sys.version_info >= OLDEST and _makes_environments(sys.executable):
        return
    for found in filter(None, map(find_python, reversed(VERSIONS))):
        os.execv(found, [found, *sys.argv])
    sys.exit(
        "Python 3.10 or later with the modules venv and ensurepip is needed, but {} is Python {}.{} or lacks them. "
        "Install one (on Debian and Ubuntu with the package python3-venv), "
        "or name it, as in: make PYTHON=/usr/bin/python3.12 test".format(sys.executable, *sys.version_info[:2])
    )


def find_python(version: str) -> "str | None":
    """Return an interpreter of this version that can make environments, on the PATH or where pyenv keeps them."""
    name = "python" + version
    pyenv = os.environ.get("PYENV_ROOT") or os.path.join(pwd.getpwuid(os.getuid()).pw_dir, ".pyenv")
    kept = sorted(glob.glob(os.path.join(pyenv, "versions", version + ".*", "bin", name)))
    return next((path for path in [*kept, shutil.which(name)] if path and _makes_environments(path)), None)


def _makes_environments(python: str) -> bool:
    # Some have no ensurepip; and what pyenv puts on the PATH for a version that is not chosen runs nothing.
    return subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) == 0


def pythons() -> "list[str]":
    """Return an interpreter of each version that is here and can run the tests, the oldest first."""
    own = "{}.{}".format(*sys.version_info[:2])
    found = (sys.executable if version == own else find_python(version) for version in VERSIONS)
    return [path for path in found if path]


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
    if sys.argv[1:] == ["--pythons"]:
        print("\n".join(pythons()))
        return
    set_up()
    if len(sys.argv) > 1:
        os.chdir(STAGED)
        os.execvpe(sys.argv[1], sys.argv[1:], environment())


if __name__ == "__main__":
    main()
