# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of a batch task's ID (https://support.huaweicloud.com/intl/en-us/api-iothub/DeleteBatchTask.html)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .._core.errors import ConfigurationError

_LONGEST_SHOWN = 60
_TASK_ID = re.compile(r"[0-9a-f]{1,24}\Z")


def is_task_id(value: Any) -> bool:
    """Whether ``value`` has the form of an ID."""
    return isinstance(value, str) and _TASK_ID.match(value) is not None


def sort_key(task_id: str) -> str:
    """Return the sort key of an ID, as the service orders them: hexadecimal numbers, the newer the larger."""
    return task_id.rjust(24, "0")


def parse_task_ids(task_ids: Sequence[str]) -> list[str]:
    """Return ``task_ids`` in their order without repeats and without blanks around them.

    Raises ConfigurationError, which names all that are not IDs.
    """
    given = list(dict.fromkeys(task_id.strip() for task_id in task_ids))
    invalid = [task_id for task_id in given if not is_task_id(task_id)]
    if invalid:
        raise ConfigurationError(
            "task_id must be 1 to 24 characters from 0-9 and a-f, in lower case, "
            f"not {', '.join(map(_quoted, invalid))}; nothing was sent"
        )
    return given


def _quoted(value: str) -> str:
    """Return ``value`` as messages show it, cut: it may be a whole task, given in place of its ID."""
    return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}...")
