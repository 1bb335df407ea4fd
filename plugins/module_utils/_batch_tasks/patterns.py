# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shell patterns of task names, and which tasks are protected by their ID or name."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import Any

from .._core.errors import ConfigurationError
from .._core.redaction import clear

_LONGEST_SHOWN = 60
_LONGEST_NAME = 128
# What a name can contain, as the API has it; an ID contains nothing else.
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OF_NAMES = f"{_LETTERS}{_LETTERS.upper()}0123456789_" + "".join(map(chr, range(0x4E00, 0x9FA6)))
# A set, a wildcard, or anything else; fnmatch takes a [ without its ] as it is.
_PARTS = re.compile(r"\[!?\]?[^]]*\]|.", re.DOTALL)


def parse_patterns(option: str, entries: Sequence[str]) -> list[str]:
    """Return ``entries``, IDs and shell patterns of names, without the blanks that ``a, b`` has around ``b``.

    Raises ConfigurationError for an entry that can match no name and no ID: it would protect nothing.
    """
    stripped = [entry.strip() for entry in entries]
    for entry in stripped:
        if not _can_match(entry):
            raise ConfigurationError(
                f"{option} contains '{clear(entry[:_LONGEST_SHOWN])}', which no task name and no ID can match, since "
                f"they are at most {_LONGEST_NAME} letters, digits, _ and Chinese characters; write a list with one "
                "entry for each, or separate them by commas"
            )
    return stripped


def _can_match(entry: str) -> bool:
    parts = _PARTS.findall(entry)
    return sum(part != "*" for part in parts) <= _LONGEST_NAME and all(map(_has_match, parts))


def _has_match(part: str) -> bool:
    if len(part) == 1:
        return part in "*?" or part in _OF_NAMES
    return any(map(re.compile(fnmatch.translate(part)).match, _OF_NAMES))


class NamePatterns:
    """Shell patterns such as ``nightly_*``. Case-sensitive, as the names of tasks are."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._regex = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))

    def matches(self, name: Any) -> bool:
        """Whether one of the patterns matches the whole of ``name``. Something else than text matches none."""
        return isinstance(name, str) and self._regex.match(name) is not None


class Protection:
    """Entries of ``protect``: each protects the task with this ID, and every task whose name the pattern matches.

    A task whose name is not known may be one of these, and is protected.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._ids = frozenset(entry.lower() for entry in entries)
        self._names = NamePatterns(entries)

    def covers(self, task_id: str, task_name: Any) -> bool:
        """Whether the task is protected."""
        return not isinstance(task_name, str) or task_id in self._ids or self._names.matches(task_name)
