# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_setup
short_description: Checks the variables of the role awx, and adds what AWX has already
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.awx#role).
positional: credential_type, survey, found
options:
  _input:
    description: The variables that begin with C(awx_).
    type: dict
    required: true
  credential_type:
    description: The definition of the credential type.
    type: dict
    required: true
  survey:
    description: The survey of the job template.
    type: dict
    required: true
  found:
    description:
      - What the API of AWX lists for them, as C(schedules) and C(credentials) of the job template, and C(hosts) of the
        inventory.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what is wrong with the variables
  ansible.builtin.debug:
    msg: "{{ (variables | huaweicloud.iotda.awx_setup(credential_type, survey)).mistakes }}"
"""

RETURN = r"""
_value:
  description:
    - The C(mistakes) in the variables, one sentence each. Without any, also what the role sends (C(instances),
      C(credentials) and C(schedule_answers)) and shows (C(schedule_notes)).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils._awx import setup


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"awx_setup": setup}
