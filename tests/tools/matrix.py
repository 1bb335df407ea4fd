# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests with other versions of ansible-core, Python, requests and urllib3 than those of ``.venv``.

To be started in a staged copy of the collection; ``make matrix`` sees to that. A row whose Python is not installed is
left out, and the output says so. ``--quick`` runs only what ``make test`` cannot prove: the integration targets with
older libraries, the jobs of AWX with other versions of ansible-core, and the unit tests of the oldest Python, two rows
at once. Otherwise, the last row is the newest pre-release of ansible-core that pip can get. It is allowed to fail, and
the output says so: it shows early what a coming release changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ansible import release

from ansible_collections.huaweicloud.iotda.tests.integration.run import as_roles, config_for, run_or_exit
from ansible_collections.huaweicloud.iotda.tests.tools.with_simulator import simulator
from ansible_collections.huaweicloud.iotda.tests.tools.workspace import find_python

REQUIREMENTS = Path("tests/requirements.txt")
WITHOUT_DEPENDENCIES = "tests/requirements-nodeps.txt"
PYYAML = "PyYAML==6.0.3"
# A Python on which only modules run has no newer ansible-core, of which the unit tests need a part, nor newer tools.
OF_OLD_UNITS = "2.15.13"
FOR_OLD_UNITS = (
    *(
        f"ansible-core=={OF_OLD_UNITS}",
        "hypothesis==6.141.1",
        "pytest==8.4.2",
        "pytest-mock==3.15.1",
        "pytest-timeout==2.4.0",
    ),
    *("pytest-xdist==3.8.0", "trustme==1.2.1", PYYAML),
)
OLDEST = ("requests==2.28.0", "urllib3==1.21.1")
OLD = ("requests==2.28.0", "urllib3==1.26.9")  # Python 3.10 and later cannot import much older ones
NEWEST = ("requests==2.34.2", "urllib3==2.8.0")

LEAKS = tuple(
    f"tests/system/auth_and_network/test_leaks{kind}.py" for kind in ("", "_altered", "_exchanged", "_playbook")
)
# It replaces urllib3 by a library of its own.
NIQUESTS = "niquests==3.21.2"
REFUSED = """
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.transport import requests_error
assert "urllib3-future" in (requests_error() or "")
"""

AWX = ("tests/system/awx/test_jobs.py", "tests/system/awx/test_setup.py")
QUICK = (*LEAKS, *AWX)
MORE = ("tests/system/inventory", "tests/system/playbooks", "tests/system/test_compatibility.py")
UNITS = ("tests/unit/plugins",)

# What pip also takes a pre-release for, since it names one.
PRE_RELEASE = "ansible-core>=2.22.0b1"
PYTHON_OF_PRE_RELEASE = "3.13"


@dataclass(frozen=True)
class Row:
    """One combination: ``python`` runs Ansible, and ``module_python``, with ``libraries``, the modules.

    Where it is not ``whole``, only inventories, playbooks and ways to run Ansible are tested.
    """

    ansible_core: str
    python: str
    module_python: str
    libraries: tuple[str, ...]
    whole: bool = True

    @property
    def one_python(self) -> bool:
        """Whether the modules run on the Python that runs Ansible."""
        return self.python == self.module_python

    @property
    def controller_packages(self) -> tuple[str, ...]:
        """What is installed where Ansible runs: where it runs the modules, too, also what these need."""
        return (f"ansible-core=={self.ansible_core}", PYYAML, *(self.libraries if self.one_python else ()))

    @property
    def title(self) -> str:
        return f"ansible-core {self.ansible_core} on Python {self.python}, " + (
            f"modules on Python {self.module_python} with {' and '.join(self.libraries)}"
        )


ROWS = (
    Row("2.16.14", "3.10", "3.9", OLDEST),
    Row("2.16.14", "3.10", "3.10", NEWEST),
    Row("2.19.14", "3.11", "3.11", OLD),
    Row("2.21.5", "3.13", "3.13", NEWEST),
    Row("2.22.0rc1", "3.13", "3.13", NEWEST),
    # Between the others: only what needs the version of ansible-core.
    Row("2.18.19", "3.11", "3.11", NEWEST, whole=False),
    Row("2.20.10", "3.12", "3.12", NEWEST, whole=False),
)


def needed_by_tests() -> tuple[str, ...]:
    """Return what ``make test`` needs beside ansible-core and what a row names, as pinned for it."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").partition("# Checks.")[0].splitlines()
    return tuple(line for line in lines if "==" in line and not line.startswith(("ansible-core", "requests")))


class Environments:
    """Virtual environments by what is installed in them, made when they are first asked for, and kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, python: str, packages: Sequence[str], for_tests: bool = False) -> Path:
        """Return the ``bin`` of an environment with ``packages`` and what the tests need, for a Python that is here."""
        if for_tests:
            packages = (*packages, *needed_by_tests())
        which = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]
        names = (package.partition(" ")[0].replace("==", "") for package in packages[:3])
        place = self._folder / "-".join((python, *names, which))
        if not (place / "ready").exists():
            own = _of_the_user()
            run_or_exit(
                [str(find_python(python)), "-m", "venv", "--clear", str(place)],
                own,
                "the environment could not be made",
            )
            pip = [str(place / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            for options in (packages, *([["--no-deps", "-r", WITHOUT_DEPENDENCIES]] if for_tests else [])):
                run_or_exit([*pip, "--no-compile", *options], own, f"pip could not install {' '.join(options)}")
            (place / "ready").touch()
        return place / "bin"


def _of_the_user() -> dict[str, str]:
    """Return the environment with the home of the user, where pip's settings say where packages come from."""
    return {**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}


def integration(row: Row, controller: Path, modules: Path) -> None:
    """Run the integration targets against a simulator, as roles: so the modules can have a Python of their own."""
    with simulator("empty") as variables:
        given = {**json.loads(config_for(variables)), "ansible_python_interpreter": str(modules / "python")}
        with as_roles(given, controller / "ansible-playbook", ()) as (command, environ):
            run_or_exit(command, environ, f"the integration targets failed with {row.title}")


def pytest(row: Row, environment: Path, tests: Sequence[str]) -> None:
    """Run ``tests`` in an environment."""
    command = [str(environment / "python"), "-m", "pytest", "-q", "-n", "4", *tests]
    run_or_exit(command, {**os.environ, "EVERY_PLAY": "1"}, f"tests failed with {row.title}")


def sanity(row: Row, controller: Path) -> None:
    """Run the sanity tests of the row's ansible-core."""
    home = [str(controller / "python"), "tests/tools/sanity_home.py", os.environ["HOME"]]
    run_or_exit(home, _of_the_user(), "the home of the sanity tests could not be prepared")
    environ = {**os.environ, "PATH": f"{controller}:{os.environ['PATH']}", "VIRTUAL_ENV": str(controller.parent)}
    command = [str(controller / "ansible-test"), "sanity", "--local", "--python", row.python, "--color", "no"]
    run_or_exit(command, environ, f"the sanity tests failed with {row.title}")


def beside_niquests(environments: Environments) -> str:
    """Check that modules refuse what niquests puts in the place of urllib3: with it, each list would wait for ever."""
    python = environments.get("{}.{}".format(*sys.version_info[:2]), (NEWEST[0], NIQUESTS)) / "python"
    run_or_exit([str(python), "-c", REFUSED], os.environ, "what niquests puts in the place of urllib3 is not refused")
    return f"beside {NIQUESTS}: refused"


def missing(row: Row) -> str | None:
    """Return a Python that the row needs and that is not here, None if there is none."""
    return next((python for python in (row.python, row.module_python) if find_python(python) is None), None)


def run(row: Row, environments: Environments, quick: bool) -> str:
    """Run what is asked for with one row, and return how it ended. No two rows share an environment."""
    began = time.monotonic()
    controller = environments.get(row.python, row.controller_packages, for_tests=row.one_python)
    if not row.whole:
        pytest(row, controller, MORE)
        return f"{row.title}: inventory, playbooks and ways to run passed in {time.monotonic() - began:.0f} s"
    done = []
    if not quick or row.libraries != NEWEST:
        modules = controller if row.one_python else environments.get(row.module_python, row.libraries)
        integration(row, controller, modules)
        done.append("integration targets")
    if not row.one_python:
        pytest(row, environments.get(row.module_python, (*row.libraries, *FOR_OLD_UNITS)), UNITS)
        done.append("units")
    elif not quick or row.ansible_core != release.__version__:  # that one is in make test
        pytest(row, controller, QUICK if quick else (*UNITS, *MORE, *QUICK))
        done.append("leaks and AWX jobs" if quick else "units, leaks, inventory, playbooks and AWX jobs")
    if not quick and row.one_python and row.ansible_core.replace(".", "").isdigit():
        # Of pre-releases, pip cannot install what pylint needs.
        sanity(row, controller)
        done.append("sanity")
    return f"{row.title}: {', '.join(done)} passed in {time.monotonic() - began:.0f} s"


def with_pre_release(environments: Environments) -> str:
    """Run the row of the newest pre-release of ansible-core, and return how it ended, a failure included."""
    python = find_python(PYTHON_OF_PRE_RELEASE)
    if python is None:
        return f"newest pre-release of ansible-core: left out, no Python {PYTHON_OF_PRE_RELEASE} here"
    # What pip would install, which it tells without doing so.
    pip = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps", "--report", "-"]
    asked = subprocess.run([*pip, PRE_RELEASE], env=_of_the_user(), stdout=subprocess.PIPE, check=True)
    version = json.loads(asked.stdout)["install"][0]["metadata"]["version"]
    if version in [row.ansible_core for row in ROWS]:
        return f"newest pre-release of ansible-core: {version}, tested above"
    try:
        return run(Row(version, PYTHON_OF_PRE_RELEASE, PYTHON_OF_PRE_RELEASE, NEWEST), environments, quick=False)
    except SystemExit as failure:
        return f"{failure}\nnewest pre-release of ansible-core: {version} FAILED, which is allowed: see above"


def main() -> None:
    """Run the rows that can run; a failure of one is the failure of all, and so is it if none can."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the virtual environments are kept")
    parser.add_argument("--quick", action="store_true", help="only what breaks most easily, see above")
    options = parser.parse_args()
    here = []
    for row in ROWS:
        python = missing(row)
        if python:
            print(f"{row.title}: left out, no Python {python} here", flush=True)
        elif options.quick and not row.whole:
            print(f"{row.title}: left out, since the versions before and after it are tested", flush=True)
        elif options.quick and row.libraries == NEWEST and row.ansible_core == release.__version__:
            print(f"{row.title}: left out, make test has just that", flush=True)
        else:
            here.append(row)
    if not here and not options.quick:
        raise SystemExit("No Python of the matrix is here, so nothing was tested.")
    environments = Environments(options.folder)
    # The sanity tests of two versions would disturb each other.
    with ThreadPoolExecutor(2 if options.quick else 1) as rows_at_once:
        for ended in rows_at_once.map(lambda row: run(row, environments, options.quick), here):
            print(ended, flush=True)
    if not options.quick:
        print(beside_niquests(environments), flush=True)
        print(with_pre_release(environments), flush=True)


if __name__ == "__main__":
    main()
