# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_mistakes
short_description: Why the role prune cannot prune the hosts of a play together
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role). Its report covers all hosts of a play, so it refuses plays whose
    hosts do not go through it together, and plays with too few hosts.
options:
  _input:
    description: The variables of all hosts, V(hostvars). Others are read from the context.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the mistakes
  ansible.builtin.debug:
    msg: "{{ hostvars | huaweicloud.iotda.prune_mistakes }}"
"""

RETURN = r"""
_value:
  description: One sentence for each.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from ..plugin_utils._prune.hosts import mistakes_of_run


@pass_context  # type: ignore[misc,unused-ignore] # Jinja comes without types for some versions
def prune_mistakes(context: Context, _hostvars: object) -> list[str]:
    """Return why the hosts cannot be pruned together."""
    return list(mistakes_of_run(context.resolve_or_missing))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_mistakes": prune_mistakes}
