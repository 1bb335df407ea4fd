# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_schedule_notes
short_description: Describes unexpected schedules of the job template of the role awx
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.awx#role).
positional: name, enabled
options:
  _input:
    description: The schedules that AWX has for the job template.
    type: list
    elements: dict
    required: true
  name:
    description: The name of the schedule that the role adds.
    type: str
    required: true
  enabled:
    description: Whether the role adds it.
    type: bool
    required: true
"""

EXAMPLES = r"""
- name: Show what to know
  ansible.builtin.debug:
    msg: "{{ [] | huaweicloud.iotda.awx_schedule_notes('Weekly', true) }}"
"""

RETURN = r"""
_value:
  description: One sentence for each.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils._awx import schedule_notes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"awx_schedule_notes": schedule_notes}
