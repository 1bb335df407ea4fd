# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version that the collection tells services in its User-Agent; a test holds it equal to galaxy.yml.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

VERSION = "1.0.0"
