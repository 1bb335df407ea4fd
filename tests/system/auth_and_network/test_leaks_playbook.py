# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret gets out of whole runs of ansible-playbook: -vvvv, diff, check mode, a log file, what is left on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import DEVICE_SECRET
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import KINDS_OF_SECRETS, Wiretap
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.secret_scanner import (
    AUTH_TOKEN,
    PASSWORD,
    SecretScanner,
    plant,
)
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

# A module that meets a bug of its own, or of a library: requests cannot send.
BUG = """
import requests

def prepare(self):
    raise RuntimeError("a bug that nobody thought of")

requests.Request.prepare = prepare
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: [secrets.json]
  module_defaults:
    group/huaweicloud.iotda.all: "{{ place | combine(secrets) }}"
  tasks:
    - huaweicloud.iotda.batch_task:
        task_id: "{{ lookup('env', 'TASKS') }}"
        state: absent
      ignore_errors: true
    - huaweicloud.iotda.batch_task_info:
        details: true
    - huaweicloud.iotda.batch_task_prune:
        older_than: 0d
        project_id: "0badc0de"
        iam_endpoint: http://127.0.0.1:1
      ignore_errors: true
    - huaweicloud.iotda.batch_task:
        task_id: abc
        state: absent
      environment:
        PYTHONPATH: "{{ playbook_dir }}/bug"
      ignore_errors: true
    - huaweicloud.iotda.batch_task_info:
        limit: 1
      environment:
        PYTHONPATH: "{{ playbook_dir }}/bug"
      ignore_errors: true
"""
# As in AWX: nothing but the environment says who comes and where to go.
BARE_PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - huaweicloud.iotda.batch_task_info:
        details: true
    - huaweicloud.iotda.batch_task:
        task_id: abc
        state: absent
      ignore_errors: true
    - huaweicloud.iotda.batch_task_prune:
        older_than: 0d
        instance_id: "00000000-0000-0000-0000-000000000000"
      ignore_errors: true
"""


def hunted(simulator: Simulator, tap: Wiretap, told: str, commands: Commands, home: Path) -> SecretScanner:
    scanner = SecretScanner()
    scanner.look_for_all_of(simulator)
    scanner.look_for("the secrets of devices", DEVICE_SECRET)
    for number, heard in enumerate(tap.heard):
        for _name, value in heard.headers:
            if "Signature=" in value:
                scanner.look_for(f"signature {number}", value.rpartition("Signature=")[2], as_it_is=True)
    scanner.look_in("output", told)
    scanner.look_in_files(commands.folder, but=commands.folder / "secrets.json")
    scanner.look_in_files(home)
    return scanner


@pytest.fixture
def loud(commands: Commands) -> dict[str, str]:
    """An environment in which Ansible says all, and writes it down."""
    return {"ANSIBLE_LOG_PATH": str(commands.folder / "ansible.log"), "ANSIBLE_DISPLAY_TRACEBACK": "always"}


@pytest.mark.parametrize("kind", KINDS_OF_SECRETS)
def test_nothing_leaks_from_a_playbook(
    simulator: Simulator,
    commands: Commands,
    home: Path,
    loud: dict[str, str],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place: dict[str, Any] = {"endpoint": simulator.url, "iam_endpoint": simulator.url, "region": simulator.region}
    place.update(project_id=simulator.project_id, timeout=5, retry_timeout=0)
    secrets = {"place": place, "secrets": plant(simulator)[kind]}
    (commands.folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    (commands.folder / "bug").mkdir()
    (commands.folder / "bug/sitecustomize.py").write_text(BUG, encoding="utf-8")
    ids = [simulator.add_task("createDevices", status) for status in ("Success", "Processing")]
    simulator.add_task("createDevices")
    tap = Wiretap().listen(simulator, monkeypatch)
    ended = commands.playbook(PLAY, "-vvvv", "--diff", environ={**loud, "TASKS": ",".join(ids)})
    assert ended.returncode == 0, ended.stdout
    assert "ok=5 " in ended.stdout
    assert "ignored=4" in ended.stdout
    # Once tasks may have been deleted, their outcomes come before the words of a bug; a login comes earlier.
    reported = "an unexpected RuntimeError occurred (sitecustomize.py, line 5)" in ended.stdout
    assert reported is (kind != "password")
    assert "a bug that nobody thought of" in ended.stdout
    assert simulator.task_ids() > {ids[1]}
    scanner = hunted(simulator, tap, ended.stdout, commands, home)
    assert "ansible.log" in str(list(scanner.places))
    assert scanner.hits() == []
    assert scanner.size >= 40


def test_playbook_does_not_leak_environment_secrets(
    simulator: Simulator, commands: Commands, home: Path, loud: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(simulator)
    simulator.add_task("createDevices")
    who = {"HW_USER_NAME": simulator.username, "HW_USER_PASSWORD": PASSWORD, "HW_DOMAIN_NAME": simulator.domain_name}
    where = {"HUAWEICLOUD_IOTDA_ENDPOINT": simulator.url, "HW_AUTH_URL": simulator.url, "HW_REGION_NAME": "cn-north-4"}
    others = {"OS_PASSWORD": "mark-password-of-no-use", "HTTPS_PROXY": f"http://proxy-user:{AUTH_TOKEN}@127.0.0.1:1"}
    tap = Wiretap().listen(simulator, monkeypatch)
    ended = commands.playbook(BARE_PLAY, "-vvvv", "--diff", environ={**loud, **who, **where, **others})
    assert ended.returncode == 0, ended.stdout
    assert "ignored=1" in ended.stdout
    scanner = hunted(simulator, tap, ended.stdout, commands, home)
    scanner.look_for("a password of no use", others["OS_PASSWORD"])
    assert scanner.hits() == []
    assert scanner.size >= 40


# What a module writes into the log of its host, kept in a file.
LOG = """
import os, syslog

def keep(*told):
    with open(os.environ["KEPT_LOG"], "a", encoding="utf-8") as file:
        print(*told, file=file)

syslog.syslog = keep
"""
REGISTERING_PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: [secrets.json]
  environment:
    PYTHONPATH: "{{ playbook_dir }}/log"
    KEPT_LOG: "{{ playbook_dir }}/kept.log"
  tasks:
    - huaweicloud.iotda.batch_task_info:
      register: found
    - huaweicloud.iotda.batch_task_info:
        endpoint: "{{ address }}"
      register: refused
      ignore_errors: true
    - huaweicloud.iotda.batch_task_info:
        secret_key: "{{ of_an_option }}"
        access_key: AKMARK0000000000001
      register: by_option
    - ansible.builtin.debug:
        var: item
      loop: "{{ [found, refused, by_option] }}"
    - ansible.builtin.copy:
        content: "{{ [found, refused, by_option, found.batch_tasks | map(attribute='task_name')] | to_json }}"
        dest: "{{ playbook_dir }}/kept.json"
        mode: "0600"
"""


def test_registered_results_and_files_of_them_hold_no_secret(
    simulator: Simulator, commands: Commands, home: Path, loud: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the service repeats, and on versions that keep values in results, too."""
    keys = plant(simulator)["keys"]
    (home / ".huaweicloud").mkdir()
    file = home / ".huaweicloud/credentials"
    file.write_text(f"[basic]\nak = {keys['access_key']}\nsk = {keys['secret_key'].replace('%', '%%')}\n")
    address_password = "mark-password-in-an-address"
    secrets = {"address": f"https://user:{address_password}@iotda.example", "of_an_option": keys["secret_key"]}
    (commands.folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    (commands.folder / "log").mkdir()
    (commands.folder / "log/sitecustomize.py").write_text(LOG, encoding="utf-8")
    simulator.add_task("createDevices", task_name=f"repeats {keys['secret_key']} of the user")
    where = {"HUAWEICLOUD_IOTDA_ENDPOINT": simulator.url, "HW_AUTH_URL": simulator.url, "HW_REGION_NAME": "cn-north-4"}
    tap = Wiretap().listen(simulator, monkeypatch)
    ended = commands.playbook(REGISTERING_PLAY, "-vvv", environ={**loud, **where})
    assert ended.returncode == 0, ended.stdout
    assert "ignored=1" in ended.stdout
    kept = json.loads((commands.folder / "kept.json").read_text(encoding="utf-8"))
    assert kept[3] == ["repeats *** of the user"]
    assert "must not contain a user name or a password" in kept[1]["msg"]
    assert "Invoked with" in (commands.folder / "kept.log").read_text(encoding="utf-8")
    file.unlink()
    scanner = hunted(simulator, tap, ended.stdout, commands, home)
    scanner.look_for("the password in an address", address_password)
    assert {"kept.json", "kept.log", "ansible.log"} <= {place.rpartition("/")[2] for place in scanner.places}
    assert scanner.hits() == []
