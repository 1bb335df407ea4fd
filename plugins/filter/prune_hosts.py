# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_hosts
short_description: The hosts that the playbook prune uses
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the playbook C(huaweicloud.iotda.prune). Ansible itself ends with success when a play has no host.
  - When no host matches, the result is V(localhost), on which the role fails. It is an error if C(--limit) leaves no
    host, if C(--tags) are given, since the playbook has no tags, or if C(--skip-tags) leaves no task.
positional: groups, tags, skipped, limit
options:
  _input:
    description:
      - A host pattern, or a list of them. A name of a host or group always means that host or group, whatever
        characters it contains.
    type: raw
    required: true
  groups:
    description: The hosts of each group, V(groups).
    type: dict
    required: true
  tags:
    description: What C(--tags) chose.
    type: list
    elements: str
    required: true
  skipped:
    description: What C(--skip-tags) chose.
    type: list
    elements: str
    default: []
  limit:
    description: C(--limit) as it was written.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the hosts
  ansible.builtin.debug:
    msg: "{{ 'plant north' | huaweicloud.iotda.prune_hosts(groups, ansible_run_tags) }}"
"""

RETURN = r"""
_value:
  description: The host patterns for the play.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._prune.hosts import matching, patterns
from ..plugin_utils._prune.request import options


def prune_hosts(
    hosts: object,
    groups: Mapping[str, Sequence[str]],
    tags: Sequence[str],
    skipped: Sequence[str] = (),
    limit: str = "",
) -> list[str]:
    """Return the patterns of a play's hosts; raises AnsibleFilterError when the play would do nothing."""
    if list(tags) != ["all"] or {"all", "untagged"}.intersection(skipped):
        raise AnsibleFilterError("The playbook huaweicloud.iotda.prune has no tags: leave out --tags and --skip-tags.")
    # Ansible forks a process for each task of a host, from the one that runs this: they need not read it again.
    options()
    asked = patterns(hosts, groups)
    if not matching(asked, groups):
        return ["localhost"]
    if not matching(asked, groups, limit):
        raise AnsibleFilterError("No host matches both iotda_hosts and --limit, so there is nothing to prune.")
    return asked


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_hosts": prune_hosts}
