# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader who does what a document says: saves its files, runs its commands, and compares what they print.

The reader's machine knows the hosts of Huawei Cloud, as the documents name them, and all of them are the simulator. So
nothing in a document has to be changed for a test but the words that stand for the reader's own secrets.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from .documents import ROOT, Block
from .harness import BIN, check_no_secret

COMMANDS = ("bash",)
OUTPUT = "ansible-output"
FILES = ("yaml", "yaml+jinja", "ini", "json")

# Python imports this module by itself when it starts, if it is on its path.
HOSTS_MODULE = """
import json, os, socket

_known = json.loads(os.environ["KNOWN_HOSTS"])
_look_up = socket.getaddrinfo

def _redirected(host, port, *args, **options):
    name = host.decode() if isinstance(host, bytes) else host
    if name in _known:
        return _look_up("127.0.0.1", _known[name], *args, **options)
    if name in (None, "localhost", "127.0.0.1", socket.gethostname()):
        return _look_up(host, port, *args, **options)
    raise socket.gaierror(socket.EAI_NONAME, f"a document may not reach {name}")

socket.getaddrinfo = _redirected
"""


class Mismatch(AssertionError):
    """What the document tells is not what happens."""


@dataclass
class Reader:
    """One reader: a folder, an environment that lives on from command to command, and the last output."""

    folder: Path
    environ: Mapping[str, str]
    words: Mapping[str, str]
    output: str = ""
    status: int = 0
    ran: int = 0

    def follow(self, block: Block, fails: bool) -> None:
        """Do what ``block`` says; ``fails`` is whether its commands are shown to fail. Raises Mismatch."""
        if block.language == OUTPUT:
            self._compare(block)
        elif block.caption == "crontab":
            self._run(block, command_of(block.text), fails)
        elif block.caption:
            self._save(block)
            if block.caption == ".gitlab-ci.yml":
                self._run_job(block)
        elif block.language in COMMANDS:
            self._run(block, block.text, fails)
        else:
            raise Mismatch(f"{block.where}: nobody can do anything with a block of {block.language} without a name")

    def _own(self, text: str) -> str:
        """Return ``text`` with the reader's own values in the place of words such as YOUR-TOKEN."""
        for word, value in self.words.items():
            text = text.replace(word, value)
        left = re.search(r"YOUR-[A-Z-]+", text)
        if left:
            raise Mismatch(f"nobody knows what {left[0]} stands for")
        return text

    def _save(self, block: Block) -> None:
        path = Path(block.caption.replace("~", self.environ["HOME"], 1)) if block.caption else self.folder
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self._own(block.text), encoding="utf-8")

    def _run_job(self, block: Block) -> None:
        for job in yaml.safe_load(block.text).values():
            variables = "".join(f"export {name}={value}\n" for name, value in job["variables"].items())
            self._run(block, variables + "\n".join([*job["before_script"], *job["script"]]), fails=False)

    def _run(self, block: Block, text: str, fails: bool) -> None:
        commands = [line for line in text.splitlines() if not line.startswith("make ")]
        _check_targets(block, text)
        if not commands:
            return
        memory = self.folder / ".environment"
        lines = ["set -eu", f"if [ -e {memory} ]; then . {memory}; fi", self._own("\n".join(commands))]
        script = "\n".join([*lines, f"export -p > {memory}"])
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**self.environ, "PATH": f"{BIN}:{self.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        self.output, self.status = ended.stdout, ended.returncode
        self.ran += 1
        check_no_secret(self.output)
        if fails != (ended.returncode != 0):
            raise Mismatch(f"{block.where} ended with {ended.returncode}:\n{text}\n{ended.stdout}")

    def _compare(self, block: Block) -> None:
        """Hold each shown line against the last output: all must be there, in their order. ``...`` stands for more."""
        lines = iter(self.output.splitlines())
        for line in block.text.splitlines():
            wanted = _plain(line)
            if wanted and not any(wanted in _plain(printed) for printed in lines):
                raise Mismatch(f"{block.where} shows a line that was not printed there:\n{line}\nin:\n{self.output}")


def _plain(line: str) -> str:
    """Return ``line`` without what depends on the width of a terminal, or stands for more."""
    return re.sub(r"\s*(\*{3,}|\.\.\.)$", "", line).strip()


def command_of(line: str) -> str:
    """Return the command of a line for cron."""
    when, command = re.fullmatch(r"((?:[0-9*/,-]+ ){5})(.*)\n", line).groups()  # type: ignore[union-attr] # or it fails
    assert when
    return str(command)


def _check_targets(block: Block, text: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z]+)", text, re.MULTILINE):
        if not re.search(rf"^{target}:", makefile, re.MULTILINE):
            raise Mismatch(f"{block.where} names a command that the Makefile lacks: {target}")
