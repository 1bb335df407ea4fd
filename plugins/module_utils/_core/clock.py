# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a local clock that is wrong."""

from __future__ import annotations

from .errors import ErrorDetails

_LARGEST_SKEW = 15 * 60  # seconds, beyond which the gateway refuses a signature


def clock_hint(details: ErrorDetails) -> str | None:
    """Return what to do where a request was refused because the local clock is wrong, None where it was not."""
    if details.http_status not in (401, 403) or details.skew is None or abs(details.skew) <= _LARGEST_SKEW:
        return None
    direction = "behind" if details.skew > 0 else "ahead of"
    return f"set this machine's clock, which is {abs(details.skew):.0f} s {direction} the service's"
