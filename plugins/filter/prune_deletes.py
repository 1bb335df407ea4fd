# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_deletes
short_description: Whether the role prune deletes, or only lists
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role).
  - Only values that clearly mean false let it delete. Every other value, including an empty one, means a dry run.
positional: protected
options:
  _input:
    description: Whether to do a dry run.
    type: raw
    required: true
  protected:
    description: Whether the instance is protected.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show whether it deletes
  ansible.builtin.debug:
    msg: "{{ 'false' | huaweicloud.iotda.prune_deletes(protected=true) }}"
"""

RETURN = r"""
_value:
  description: Whether to delete.
  type: bool
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils._prune.request import deletes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_deletes": deletes}
