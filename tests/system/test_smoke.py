# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole module against the simulator: smoke, from which the other files go into detail."""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands, run_module


def test_a_finished_task_is_deleted_by_one_request(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task()
    ended = run_module("batch_task", {**options, "task_id": [task_id], "state": "absent"})
    assert ended.outcomes == ["deleted"]
    assert ended.changed
    assert simulator.task_ids() == set()
    assert [entry.method for entry in simulator.journal.entries()] == ["DELETE"]


def test_a_second_run_changes_nothing(simulator: Simulator, options: dict[str, Any]) -> None:
    task_id = simulator.add_task()
    run_module("batch_task", {**options, "task_id": [task_id], "state": "absent"})
    again = run_module("batch_task", {**options, "task_id": [task_id], "state": "absent"})
    assert again.outcomes == ["absent"]
    assert not again.changed
    assert not again.failed


def test_a_playbook_deletes_a_list(simulator: Simulator, commands: Commands) -> None:
    ids = [simulator.add_task() for dummy in range(3)]
    play = f"""
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/huaweicloud.iotda.all:
      endpoint: {simulator.url}
      region: {simulator.region}
      project_id: {simulator.project_id}
      auth_token: {simulator.auth_token}
  tasks:
    - huaweicloud.iotda.batch_task:
        task_ids: {ids}
        state: absent
      register: done
    - ansible.builtin.assert:
        that:
          - done is changed
          - done.summary.deleted == 3
"""
    ended = commands.playbook(play)
    assert ended.returncode == 0, ended.stdout
    assert simulator.task_ids() == set()
