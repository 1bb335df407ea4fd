# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times and ages: how users write them, and how the API does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
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
