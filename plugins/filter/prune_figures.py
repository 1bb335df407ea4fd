# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_figures
short_description: The figures of a run of the role prune
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role). Reads what the role registered for each host.
positional: hosts, check_mode
options:
  _input:
    description: The variables of all hosts, V(hostvars).
    type: dict
    required: true
  hosts:
    description: The hosts of the play.
    type: list
    elements: str
    required: true
  check_mode:
    description: Whether it was check mode.
    type: bool
    required: true
"""

EXAMPLES = r"""
- name: Show the figures
  ansible.builtin.debug:
    msg: "{{ hostvars | huaweicloud.iotda.prune_figures(ansible_play_hosts_all, ansible_check_mode) }}"
"""

RETURN = r"""
_value:
  description: The totals, and the figures of each instance in C(reports).
  type: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils._prune.figures import figures_of
from ..plugin_utils._unsafe import unsafe


def prune_figures(hostvars: Mapping[str, Mapping[str, Any]], hosts: Iterable[str], check_mode: bool) -> Any:
    """Return the figures. Names and errors in them come from outside and are never templates."""
    return unsafe(figures_of(hostvars, hosts, check_mode))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_figures": prune_figures}
