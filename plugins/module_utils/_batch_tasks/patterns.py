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

# What separates entries, or surrounds them, and is in no name and no ID.
_SEPARATOR = re.compile(r"""[\s,;|"']""")

_LONGEST_SHOWN = 60


def parse_patterns(option: str, entries: Sequence[str]) -> list[str]:
    """Return ``entries``, IDs and shell patterns of names, without the blanks that ``a, b`` has around ``b``.

    Raises ConfigurationError for an entry that can match no name: several in one text would protect nothing.
    """
    stripped = [entry.strip() for entry in entries]
    for entry in stripped:
        if _SEPARATOR.search(entry) or not entry.isprintable():
            raise ConfigurationError(
                f"{option} contains {entry[:_LONGEST_SHOWN]!r}, which no name can match; write a list with one entry "
                "for each, or separate them by commas"
            )
    return stripped


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
