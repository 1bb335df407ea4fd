# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents of the repository as tests read them: their code blocks and the tables of errors."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs/docsite/rst"

_RST_BLOCK = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>\S+)\n(?P<body>(?:(?P=indent) +\S.*\n| *\n)+)", re.MULTILINE
)
_RST_TITLE = re.compile(r"^(?P<title>\S.*)\n(?P<line>[=~-]{3,})$", re.MULTILINE)
_MD_BLOCK = re.compile(r"^```(?P<language>\S*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MD_TITLE = re.compile(r"^#+ (?P<title>.*)$", re.MULTILINE)
_CAPTION = re.compile(r"\A:caption: (\S+)\n\n?")
_FILE = re.compile(r"\A# file: (\S+)\n")


@dataclass(frozen=True)
class Block:
    """A code block: ``caption`` is the name of the file that it is, if it is one; ``section`` the title above it."""

    document: str
    line: int
    section: str
    language: str
    text: str
    caption: str | None

    @property
    def where(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """Return the code blocks of a document, RST or Markdown, in their order."""
    text = path.read_text(encoding="utf-8")
    return list(_rst_blocks(path.name, text) if path.suffix == ".rst" else _md_blocks(path.name, text))


def _rst_blocks(name: str, text: str) -> Iterator[Block]:
    for found in _RST_BLOCK.finditer(text):
        body = textwrap.dedent(found["body"]).strip("\n") + "\n"
        caption = _CAPTION.match(body)
        yield Block(
            document=name,
            line=_line(text, found.start()),
            section=_title(_RST_TITLE, text, found.start()),
            language=found["language"],
            text=body[caption.end() :] if caption else body,
            caption=caption[1] if caption else None,
        )


def _md_blocks(name: str, text: str) -> Iterator[Block]:
    for found in _MD_BLOCK.finditer(text):
        file = _FILE.match(found["body"])
        yield Block(
            document=name,
            line=_line(text, found.start()),
            section=_title(_MD_TITLE, text, found.start()),
            language=found["language"],
            text=found["body"],
            caption=file[1] if file else None,
        )


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _title(pattern: re.Pattern[str], text: str, position: int) -> str:
    titles = [found["title"] for found in pattern.finditer(text, 0, position)]
    return titles[-1] if titles else ""


def table_of_errors(path: Path) -> list[str]:
    """Return the first column of a guide's table under "Errors and solutions": what the errors say."""
    text = path.read_text(encoding="utf-8")
    after = text.partition("\nErrors and solutions\n--------------------\n")[2]
    table = after.partition(".. list-table::")[2]
    end = re.search(r"^\S", table, re.MULTILINE)
    return re.findall(r"^   \* - ``(.+)``$", table[: end.start()] if end else table, re.MULTILINE)
