# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What playbooks write and comes to nothing is an error where the option selects, on any ansible-core."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

REFUSED = {
    "by_none": ("task_type", "'{{ missing | default(none) }}'"),
    "by_false_condition": ("keep_last", "'{% if false %}1{% endif %}'"),
    "by_empty_entry": ("task_type", "['{{ missing | default(none) }}']"),
}
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/huaweicloud.iotda.all: {options}
  tasks:
    - huaweicloud.iotda.batch_task_prune:
        older_than: 0d
        app_id: "{{{{ missing | default(omit) }}}}"
        task_type: "{{{{ missing | default(omit) }}}}"
        protect: "{{{{ missing | default(omit) }}}}"
      check_mode: true
      register: omitted
    - ansible.builtin.assert:
        that: omitted.matched == 2
    {refused}
    - ansible.builtin.assert:
        that: {checks}
"""
TASK = """
    - huaweicloud.iotda.batch_task_prune:
        older_than: 0d
        {name}: {value}
      register: {way}
      ignore_errors: true
"""


def test_nothing_in_a_playbook_is_an_error(simulator: Simulator, options: dict[str, Any], commands: Commands) -> None:
    tasks = {simulator.add_task(status="Success") for dummy in range(2)}
    refused = "".join(TASK.format(way=way, name=name, value=value) for way, (name, value) in REFUSED.items())
    checks = [f"{way} is failed and '{name}' in {way}.msg" for way, (name, _value) in REFUSED.items()]
    playbook = PLAYBOOK.format(options=json.dumps(options), refused=refused.strip("\n "), checks=json.dumps(checks))
    ended = commands.playbook(playbook)
    assert ended.returncode == 0, ended.stdout
    assert simulator.journal.unsafe() == []
    assert simulator.task_ids() == tasks
