# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service wrote, as messages show it.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import one_line

_LONGEST = 300
_LAST_WORD = re.compile(r"\S+\Z")


def short_line(text: Any, longest: int = _LONGEST) -> str:
    """Return ``text`` as one line of at most about ``longest`` characters.

    A word that does not fit is left out whole: the beginning of a secret would not be recognized as one later.
    """
    line = one_line(str(text)[: longest * 10])
    return line if len(line) <= longest else _LAST_WORD.sub("", line[:longest]) + "..."
