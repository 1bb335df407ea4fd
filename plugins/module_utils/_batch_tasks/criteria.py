# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users write to select tasks: times, ages, patterns of names. And times as the API writes them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from string import ascii_letters
from typing import Any

from .._core.errors import ConfigurationError
from .._core.redaction import clear

_API_FORMAT = "%Y%m%dT%H%M%SZ"
_API_FORM = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z\Z")
_AGE = re.compile(r"([0-9]{1,9})\s*([wdhm])\Z")
# What fromisoformat accepts depends on the version of Python; all of them accept this.
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{3}(\d{3})?)?)?([+-]\d\d:\d\d)?)?\Z")
# As date +%z writes it.
_OFFSET = re.compile(r"(?<=[0-9])([+-][0-9]{2})([0-9]{2})\Z")
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_LONGEST_SHOWN = 60
_LONGEST_NAME = 128
# What a name can contain, as the API has it; an ID contains nothing else.
_OF_NAMES = f"{ascii_letters}0123456789_" + "".join(map(chr, range(0x4E00, 0x9FA6)))
# A set, a wildcard, or anything else; fnmatch takes a [ without its ] as it is.
_WILD = re.compile(r"[*?[]")
_PARTS = re.compile(r"\[!?\]?[^]]*\]|.", re.DOTALL)


def parse_age(text: str, option: str) -> timedelta:
    """Return an age such as ``30d``, ``2w``, ``12h`` or ``90m``; raises ConfigurationError, which names ``option``."""
    match = _AGE.match(text.strip())
    if match:
        try:
            return int(match.group(1)) * _UNITS[match.group(2)]
        except OverflowError:
            return timedelta.max
    raise ConfigurationError(
        f"{option} must be a whole number of w, d, h or m such as 30d (weeks, days, hours, minutes), "
        f"not '{clear(text)}'"
    )


def parse_moment(text: str, option: str) -> datetime:
    """Return a time given as ISO 8601 or as ``yyyyMMdd'T'HHmmss'Z'``, UTC unless it says otherwise.

    Raises ConfigurationError, which names ``option``.
    """
    moment = parse_api_time(text.strip()) or _iso(text.strip())
    if moment is None:
        raise ConfigurationError(
            f"{option} must be a time such as 2026-01-31T00:00:00Z or 20260131T000000Z, not '{clear(text)}'"
        )
    return moment


def parse_api_time(text: Any) -> datetime | None:
    """Return the time that the API means by ``yyyyMMdd'T'HHmmss'Z'`` (UTC), or None for anything else."""
    found = _API_FORM.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        # Of 100,000 tasks, strptime would take seconds.
        return datetime(*map(int, found.groups()), tzinfo=timezone.utc)  # type: ignore[arg-type,misc] # six numbers
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    # Python 3.9 and 3.10 do not know Z.
    plain = text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else _OFFSET.sub(r"\1:\2", text)
    if not _ISO.match(plain):
        return None
    try:
        moment = datetime.fromisoformat(plain)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def subtract(moment: datetime, age: timedelta) -> datetime:
    """Return the time ``age`` before ``moment``, or the earliest that can be represented."""
    try:
        return moment - age
    except OverflowError:
        return datetime.min.replace(tzinfo=timezone.utc)


def format_api_time(moment: datetime) -> str:
    """Return ``moment`` as the API writes it."""
    return moment.astimezone(timezone.utc).strftime(_API_FORMAT)


def parse_patterns(option: str, entries: Sequence[str]) -> list[str]:
    """Return ``entries``, IDs and shell patterns of names, without the blanks that ``a, b`` has around ``b``.

    Raises ConfigurationError for an entry that can match no name and no ID: it would protect nothing.
    """
    stripped = [entry.strip() for entry in entries]
    for entry in stripped:
        if not _can_match(entry):
            raise ConfigurationError(
                f"{option} contains '{clear(entry[:_LONGEST_SHOWN])}', which cannot match any task name or ID: these "
                f"have at most {_LONGEST_NAME} letters, digits, _ and Chinese characters; write several entries as a "
                "list, or put an ASCII comma between them"
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
        self._entries = entries
        self._ids = frozenset(entry.lower() for entry in entries)
        self._names = NamePatterns(entries)

    def covers(self, task_id: str, task_name: Any) -> bool:
        """Whether the task is protected."""
        return not isinstance(task_name, str) or task_id in self._ids or self._names.matches(task_name)

    def unmatched(self, tasks: Mapping[str, Any]) -> list[str]:
        """Return the entries that are neither the ID nor match the name of any of ``tasks``, which are names by ID."""
        names = {name for name in tasks.values() if isinstance(name, str)}
        return [
            entry
            for entry in self._entries
            if not (entry.lower() in tasks or entry in names or _WILD.search(entry) and _any_matches(entry, names))
        ]


def _any_matches(pattern: str, names: Iterable[str]) -> bool:
    return any(map(NamePatterns([pattern]).matches, names))
