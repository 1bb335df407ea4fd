# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsing of the expiry times of tokens and keys."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from .._http.messages import Response

_FRACTION = re.compile(r"\.[0-9]+")


def seconds_until(moment: Any, response: Response) -> float | None:
    """Return the seconds from now until ``moment``, such as ``2026-01-08T02:56:19.587000Z``, or None if unreadable.

    Now is the clock of the service that sent ``response``, if it sent one: a local clock may be wrong.
    """
    if not isinstance(moment, str):
        return None
    try:
        # Python before 3.11 reads neither a Z nor fractions of any length.
        parsed = datetime.fromisoformat(_FRACTION.sub("", moment.strip()).replace("Z", "+00:00"))
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    now = response.service_now() or datetime.now(timezone.utc)
    return (parsed - now).total_seconds()
