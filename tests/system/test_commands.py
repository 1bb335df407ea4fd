# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only a whole run of Ansible shows: module defaults, ad hoc commands, loops, what is printed, and what is not."""

from __future__ import annotations

import json
import sys
import venv
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import DEVICE_SECRET
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

OLD = datetime.now(timezone.utc) - timedelta(days=100)


@pytest.fixture
def environ(simulator: Simulator) -> dict[str, str]:
    """The variables by which a user tells who he is and where to go."""
    return simulator.environ()


def ad_hoc(module: str, **options: object) -> list[str]:
    return ["ansible", "localhost", "-m", f"huaweicloud.iotda.{module}", "-a", json.dumps(options)]


def test_ad_hoc_with_the_environment(simulator: Simulator, commands: Commands, environ: dict[str, str]) -> None:
    task_id = simulator.add_task()
    ended = commands.run([*ad_hoc("batch_task", task_id=task_id, state="absent"), "--check", "--diff"], environ)
    assert ended.returncode == 0, ended.stdout
    assert "CHANGED" in ended.stdout
    assert f'-            "task_id": "{task_id}"' in ended.stdout
    assert simulator.journal.unsafe() == []
    ended = commands.run(ad_hoc("batch_task", task_id=task_id, state="absent"), environ)
    assert ended.returncode == 0, ended.stdout
    assert "CHANGED" in ended.stdout
    assert simulator.task_ids() == set()


PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/huaweicloud.iotda.all:
      endpoint: {url}
      iam_endpoint: {url}
      region: {region}
      username: {username}
      password: {password}
      domain_name: {domain_name}
  tasks:
    - name: One by one
      huaweicloud.iotda.batch_task:
        task_id: "{{{{ item }}}}"
        state: absent
      loop: {loop}
      register: looped
    - name: What is there
      huaweicloud.iotda.batch_task_info:
        details: true
      register: there
    - name: Old ones
      huaweicloud.iotda.batch_task_prune:
        older_than: 30d
      register: pruned
    - ansible.builtin.assert:
        that:
          - looped.results | map(attribute="changed") | list == [true, true, false]
          - looped.results | map(attribute="tasks") | map("first") | map(attribute="outcome") | list
            == ["deleted", "deleted", "absent"]
          - there is not changed
          - there.count == 2
          - there.batch_tasks[0].task_details | length == 3
          - pruned is changed
          - pruned.tasks | map(attribute="task_id") | list == ["{old}"]
    - name: One that runs
      huaweicloud.iotda.batch_task:
        task_id: "{running}"
        state: absent
"""


def test_a_playbook_with_defaults_for_the_group_tells_no_secret(simulator: Simulator, commands: Commands) -> None:
    """All modules in one play, a loop and a failure, with all that Ansible can say about it."""
    ids = [simulator.add_task() for dummy in range(2)]
    old = simulator.add_task("createDevices", create_time=OLD, devices=3)
    running = simulator.add_task(status="Processing", devices=3)
    known = {name: getattr(simulator, name) for name in ("url", "region", "username", "password", "domain_name")}
    play = PLAYBOOK.format(**known, loop=json.dumps([*ids, ids[0]]), old=old, running=running)
    ended = commands.playbook(play, "-vvvv", "--diff")
    assert ended.returncode == 2, ended.stdout
    assert f"Could not delete batch task {running}: it is Processing, 1 of 3 devices done" in ended.stdout
    assert "TASK [ansible.builtin.assert]" in ended.stdout
    assert simulator.task_ids() == {running}
    assert "Traceback" not in ended.stdout
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in ended.stdout
    for secret in (simulator.password, DEVICE_SECRET):
        assert secret not in ended.stdout
    tokens = list(simulator.accounts.tokens)
    assert len(tokens) > 1
    assert not any(token in ended.stdout for token in tokens)


def test_keys_from_everywhere_are_not_printed(
    simulator: Simulator, commands: Commands, environ: dict[str, str]
) -> None:
    """A temporary key by options or environment, good or bad: neither it nor a signature made with it is printed."""
    access, secret, token = simulator.temporary_key()
    own = {"access_key": access, "secret_key": secret, "security_token": token}
    named = {"HW_ACCESS_KEY": access, "HW_SECRET_KEY": secret, "HW_SECURITY_TOKEN": "not-the-token-of-this-key"}
    by_option = commands.run([*ad_hoc("batch_task", task_id="5c8b", state="absent", **own), "-vvvv"], environ)
    assert by_option.returncode == 0, by_option.stdout
    by_environment = commands.run([*ad_hoc("batch_task_info", limit=1), "-vvvv"], {**environ, **named})
    assert by_environment.returncode == 2
    assert "HW_SECURITY_TOKEN" in by_environment.stdout
    for ended in (by_option, by_environment):
        assert "Traceback" not in ended.stdout
        assert "Signature" not in ended.stdout
        for hidden in (secret, token, "not-the-token-of-this-key"):
            assert hidden not in ended.stdout


def test_check_and_diff_show_what_a_prune_takes(
    simulator: Simulator, commands: Commands, environ: dict[str, str]
) -> None:
    old = simulator.add_task(create_time=OLD, task_name="freeze_lost_meters")
    new = simulator.add_task(task_name="freeze_found_meters")
    play = """
- hosts: localhost
  gather_facts: false
  tasks:
    - huaweicloud.iotda.batch_task_prune:
        older_than: 30d
"""
    ended = commands.playbook(play, "--check", "--diff", environ=environ)
    assert ended.returncode == 0, ended.stdout
    assert "changed=1" in ended.stdout
    assert "--- before" in ended.stdout
    assert '"task_name": "freeze_lost_meters"' in ended.stdout
    assert "freeze_found_meters" not in ended.stdout
    assert simulator.task_ids() == {old, new}
    assert simulator.journal.unsafe() == []


def test_a_doubt_is_a_warning_that_is_seen(simulator: Simulator, commands: Commands, environ: dict[str, str]) -> None:
    task_id = simulator.add_task()
    simulator.fault("DELETE", status=502, when="after")
    ended = commands.run(ad_hoc("batch_task", task_id=task_id, state="absent"), environ)
    assert ended.returncode == 0, ended.stdout
    assert "[WARNING]" in ended.stdout
    assert f"Batch task {task_id} is gone" in " ".join(ended.stdout.split())
    assert "CHANGED" in ended.stdout


def test_without_requests_the_message_names_the_interpreter_and_the_cure(
    simulator: Simulator, commands: Commands, environ: dict[str, str], tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False, symlinks=True)
    python = str(bare / "bin" / "python")
    command = [*ad_hoc("batch_task", task_id="5c8b", state="absent"), "-e", f"ansible_python_interpreter={python}"]
    without = {name: value for name, value in commands.environ.items() if name != "PYTHONPATH"}
    ended = Commands(commands.folder, without).run(command, environ)
    assert ended.returncode == 2, ended.stdout
    text = " ".join(ended.stdout.split())
    assert python in text
    assert "pip install" in text
    assert "requests>=2.28" in text
    assert "ansible_python_interpreter" in text
    assert "Traceback" not in text
    assert len(simulator.journal) == 0
    assert python != sys.executable
