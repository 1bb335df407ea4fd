# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that modules of the collection document."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the changed status prediction without modifying the target.
  diff_mode:
    description: Returns details on what has changed, or in check mode would change, when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled or queried by the module has not changed in a relevant way.
  platform:
    description: Target OS or families that can be operated against.
    support: full
    platforms: posix
    details:
      - Runs on any host with Python 3.9 or later and C(requests) 2.28 or later, usually on the control node with
        C(connection=local) or C(delegate_to=localhost).
"""

    ACTION_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/huaweicloud.iotda.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - huaweicloud.iotda.all
"""
