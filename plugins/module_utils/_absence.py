# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an answer is IoTDA's own word that a batch task does not exist.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import RequestFailed, ServiceError

_WRONG_PATH = "IOTDA.000029"


def says_absent(error: RequestFailed) -> bool:
    """Whether ``error`` is IoTDA's own word that the task does not exist, and not a gateway's or a stranger's 404."""
    if not isinstance(error, ServiceError) or error.details.http_status != 404:
        return False
    code = error.details.error_code or ""
    return error.details.body == "empty" or (code.startswith("IOTDA.") and code != _WRONG_PATH)
