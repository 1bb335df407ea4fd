# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays with ansible-playbook: how long a user waits for them, and what they send and need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.tools.with_simulator import without_elsewhere

# Stands in for the Python of the modules, and writes down how much memory the run of a module took at most, in KiB.
_MEASURING_PYTHON = """#!{python} -SE
import os, sys
child = os.spawnv(os.P_NOWAIT, {python!r}, [{python!r}, *sys.argv[1:]])
_child, status, usage = os.wait4(child, 0)
with open({log!r}, "a") as log:
    print(usage.ru_maxrss, file=log)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class PlayFailed(Exception):
    """A measured command failed, or did not do its work; the text is its output."""


class Plays:
    """Runs plays of one task against this machine, in ``folder``, with ``variables`` in the environment."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        own = {"HOME": str(folder), "ANSIBLE_HOME": str(folder / "ansible"), "ANSIBLE_LOCALHOST_WARNING": "false"}
        self.environ = {**without_elsewhere(os.environ), **variables, **own}

    def with_collections(self, path: Path) -> Plays:
        """Return the same with the collections below ``path``."""
        return Plays(self.folder, {**self.environ, "ANSIBLE_COLLECTIONS_PATH": str(path), "PYTHONPATH": str(path)})

    def seconds(self, module: str, options: Mapping[str, Any], **play: Any) -> float:
        """Run a play and return how long it took. ``play`` is what its task has besides, as ``loop``."""
        return self._run(module, options, play, {}, {})

    def command(
        self, program: str, *arguments: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> tuple[float, str]:
        """Run a program of Ansible and return how long it took, and its output."""
        started = time.perf_counter()
        done = subprocess.run(
            [str(Path(sys.executable).parent / program), *arguments],
            cwd=folder or self.folder,
            env={**self.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode != 0:
            raise PlayFailed(done.stdout[-2000:])
        return seconds, done.stdout

    def peak_memory(self, module: str, options: Mapping[str, Any]) -> tuple[float, float]:
        """Run a play and return how long it took, and how many MB the process of the module took at most."""
        log = self.folder / "memory.txt"
        log.unlink(missing_ok=True)
        python = self.folder / "measuring-python"
        python.write_text(_MEASURING_PYTHON.format(python=sys.executable, log=str(log)), encoding="utf-8")
        python.chmod(0o700)
        seconds = self._run(module, options, {}, {"ansible_python_interpreter": str(python)}, {})
        return seconds, max(map(int, log.read_text(encoding="utf-8").split())) * 1024 / 1e6

    def payload(self, module: str, options: Mapping[str, Any]) -> int:
        """Run a play and return how many bytes of Python it sent to where the module runs."""
        sent_to = self.folder / "sent"
        shutil.rmtree(sent_to, ignore_errors=True)
        kept = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_REMOTE_TEMP": str(sent_to)}
        self._run(module, options, {}, {}, kept)
        return max(path.stat().st_size for path in sent_to.rglob("AnsiballZ_*.py"))

    def _run(
        self,
        module: str,
        options: Mapping[str, Any],
        play: Mapping[str, Any],
        variables: Mapping[str, Any],
        environ: Mapping[str, str],
    ) -> float:
        path = self.folder / "play.json"
        task = {"name": "Measured", module: options, **play}
        whole = [{"name": "A play", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}]
        path.write_text(json.dumps(whole), encoding="utf-8")
        return self.command("ansible-playbook", str(path), environ=environ)[0]
