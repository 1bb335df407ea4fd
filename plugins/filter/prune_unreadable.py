# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_unreadable
short_description: The variables of hosts that the role prune cannot read
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role). Values that look like templates are the usual reason.
positional: hosts
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
"""

EXAMPLES = r"""
- name: Show them
  ansible.builtin.debug:
    msg: "{{ hostvars | huaweicloud.iotda.prune_unreadable(ansible_play_hosts) }}"
"""

RETURN = r"""
_value:
  description: By the names of hosts, a list of sentences. Hosts all of whose variables can be read are left out.
  type: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import unreadable


def prune_unreadable(hostvars: Mapping[str, Mapping[str, Any]], hosts: Iterable[str]) -> dict[str, list[str]]:
    """Return what cannot be read, by host."""
    found = {host: unreadable(hostvars[host]) for host in hosts}
    return {host: sentences for host, sentences in found.items() if sentences}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_unreadable": prune_unreadable}
