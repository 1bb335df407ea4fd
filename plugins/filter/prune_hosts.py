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
positional: limited, tags, skipped, limit
options:
  _input:
    description: The hosts that match.
    type: list
    elements: str
    required: true
  limited:
    description: The hosts that C(--limit) leaves.
    type: list
    elements: str
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
    description: C(--limit) as it was written. It may name files with names of hosts, as V(@failed.retry) does.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the hosts
  ansible.builtin.debug:
    msg: "{{ groups['all'] | huaweicloud.iotda.prune_hosts(groups['all'], ansible_run_tags) }}"
"""

RETURN = r"""
_value:
  description: The hosts.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.inventory.manager import split_host_pattern

from ..plugin_utils._prune.request import options


def prune_hosts(
    matching: Sequence[str],
    limited: Sequence[str],
    tags: Sequence[str],
    skipped: Sequence[str] = (),
    limit: str = "",
) -> list[str]:
    """Return the hosts that match and are not left out; raises AnsibleFilterError when a play would do nothing."""
    if list(tags) != ["all"] or {"all", "untagged"}.intersection(skipped):
        raise AnsibleFilterError("The playbook huaweicloud.iotda.prune has no tags: leave out --tags and --skip-tags.")
    # Ansible forks a process for each task of a host, from the one that runs this: they need not read it again.
    options()
    chosen = {*limited, *_named_in_files(limit)}
    found = [host for host in matching if host in chosen]
    if matching and not found:
        raise AnsibleFilterError("No host matches both iotda_hosts and --limit, so there is nothing to prune.")
    return found or ["localhost"]


def _named_in_files(limit: str) -> Iterator[str]:
    for pattern in split_host_pattern(limit):
        if pattern.startswith("@"):
            yield from Path(pattern[1:]).read_text(encoding="utf-8").split()


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_hosts": prune_hosts}
