# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's commands with the plugin, as a user and as AWX run them, and the examples of its documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.inventory import instances
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.inventory.conftest import Source

EXAMPLES = [
    yaml.safe_load(instances.EXAMPLES),
    yaml.safe_load((ROOT / "docs/examples/awx-project/iotda.yml").read_text(encoding="utf-8")),
]

SHOW = """
- hosts: iotda
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ iotda_name }} {{ iotda_tags }} {{ copied }} {{ hostvars[inventory_hostname].iotda_tags.owner }}"
      delegate_to: localhost
"""


def test_graph_and_list(simulator: Simulator, source: Source, commands: Commands) -> None:
    simulator.add_instance("enterprise", "meters", tags={"env": "prod"})
    path = source.write(keyed_groups=[{"key": "iotda_tags.env", "prefix": "env"}])
    graph = commands.run(["ansible-inventory", "-i", path, "--graph", "iotda"])
    assert graph.stdout.splitlines() == ["@iotda:", "  |--meters"]
    listed = json.loads(commands.run(["ansible-inventory", "-i", path, "--list"]).stdout)
    assert listed["env_prod"]["hosts"] == ["meters"]
    host = listed["_meta"]["hostvars"]["meters"]
    assert (host["iotda_edition"], host["iotda_tags"]) == ("enterprise", {"env": "prod"})


class _Loader(yaml.SafeLoader):
    """Reads what Ansible before 2.19 marks as no template, too."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


@pytest.mark.parametrize("form", [["--list"], ["--list", "--export"], ["--list", "--yaml"], ["--host", "meters"]])
def test_what_is_no_template_is_shown_as_it_is(
    simulator: Simulator, source: Source, commands: Commands, form: list[str]
) -> None:
    """On each version of Ansible, as AWX stores it; what could be a template stays marked in JSON."""
    simulator.add_instance(name="meters", tags={"env": "prod", "odd": "{{ 1 + 1 }}"}, hostile=True)
    path = source.write(compose={"team": "iotda_tags.env ~ '-1'", "here": "inventory_hostname", "copy": "iotda_tags"})
    ended = commands.run(["ansible-inventory", "-i", path, *form])
    assert ended.returncode == 0, ended.stdout
    shown = yaml.load(ended.stdout, Loader=_Loader)
    if "--host" not in form:
        shown = shown["all"]["children"]["iotda"]["hosts"] if "--yaml" in form else shown["_meta"]["hostvars"]
        shown = shown["meters"]
    odd = shown["iotda_tags"].pop("odd")
    assert odd in ("{{ 1 + 1 }}", {"__ansible_unsafe": "{{ 1 + 1 }}"})
    if form[0] == "--list" and "--yaml" not in form:
        assert odd == {"__ansible_unsafe": "{{ 1 + 1 }}"}
    assert "__ansible" not in json.dumps({name: value for name, value in shown.items() if name != "copy"})
    assert (shown["iotda_name"], shown["team"], shown["here"]) == ("meters", "prod-1", "meters")
    assert shown["iotda_access_infos"][0]["type"] == "APP_HTTPS"


def test_hostile_names_are_never_run(simulator: Simulator, source: Source, commands: Commands) -> None:
    """Neither at once, nor after AWX kept what it imported, and gave it to Ansible as the output of a script."""
    hostile = f"{{{{ lookup('pipe', 'touch {commands.folder}/RUN') }}}}"
    simulator.add_instance(name=hostile, hostile=True, tags={"owner": hostile})
    path = source.write(compose={"copied": "iotda_name"}, keyed_groups=[{"key": "iotda_tags.owner"}])
    played = commands.playbook(SHOW, "-i", path)
    assert played.stdout.count("lookup('pipe'") >= 4
    exported = commands.folder / "exported.json"
    listed = commands.run(["ansible-inventory", "-i", path, "--list", "--export", "--output", str(exported)])
    assert listed.returncode == 0
    script = commands.folder / "script"
    script.write_text(f"#!/bin/sh\ncat {exported}\n", encoding="utf-8")
    script.chmod(0o755)
    replayed = commands.playbook(SHOW, "-i", str(script))
    assert replayed.stdout.count("lookup('pipe'") >= 4
    assert not (commands.folder / "RUN").exists()


@pytest.mark.parametrize("status", [None, 401])
def test_verbose_output_holds_no_secret(
    simulator: Simulator, source: Source, commands: Commands, status: int | None
) -> None:
    simulator.add_instance(name="meters")
    if status:
        body = json.dumps({"error_code": "APIGW.0301", "error_msg": f"key {simulator.secret_key}"})
        simulator.fault(path="iotda-instances", status=status, body=body)
    path = source.write(username="", password=None)
    # The command looks for the simulator's secrets in all that is printed.
    ended = commands.run(["ansible-inventory", "-i", path, "--list", "-vvvv"])
    assert ("key ***" if status else "meters") in ended.stdout


def test_secret_can_be_vaulted(simulator: Simulator, source: Source, commands: Commands) -> None:
    simulator.add_instance(name="meters")
    (commands.folder / "vault-password").write_text("invented", encoding="utf-8")
    vault = ["--vault-password-file", "vault-password"]
    encrypt = ["ansible-vault", "encrypt_string", *vault, "--name", "secret_key", simulator.secret_key]
    encrypted = commands.run(encrypt).stdout.partition("secret_key:")[2].partition("\nEncryption")[0]
    path = Path(source.write(secret_key=None))
    with path.open("a", encoding="utf-8") as file:
        file.write(f"secret_key:{encrypted}\n")
    graph = commands.run(["ansible-inventory", "-i", str(path), *vault, "--graph", "iotda"])
    assert graph.stdout.splitlines() == ["@iotda:", "  |--meters"]
    without = " ".join(commands.run(["ansible-inventory", "-i", str(path), "--graph"]).stdout.split())
    ours = "secret_key is encrypted with Ansible Vault and cannot be decrypted; give the password"
    # Before 2.19, Ansible itself decrypts when it reads the file.
    assert ours in without or "Attempting to decrypt but no vault secrets found" in without


def test_extra_variables_in_options(simulator: Simulator, source: Source, commands: Commands) -> None:
    simulator.add_instance(name="meters", tags={"env": "prod"})
    path = source.write(tags={"env": "{{ stage }}"})
    graph = commands.run(["ansible-inventory", "-i", path, "--graph", "iotda", "-e", "stage=prod"])
    assert graph.stdout.splitlines() == ["@iotda:", "  |--meters"]


def test_without_requests_it_says_so(source: Source, commands: Commands) -> None:
    (commands.folder / "requests.py").write_text("raise ImportError('none here')\n", encoding="utf-8")
    search = f"{commands.folder}:{commands.environ.get('PYTHONPATH', '')}"
    ended = commands.run(["ansible-inventory", "-i", source.write(), "--list"], {"PYTHONPATH": search})
    told = " ".join(ended.stdout.split())
    assert "The Python library requests cannot be imported by" in told
    assert "Traceback" not in told


def test_documentation_is_shown(commands: Commands) -> None:
    shown = commands.run(["ansible-doc", "-t", "inventory", "huaweicloud.iotda.instances"])
    assert shown.returncode == 0, shown.stdout
    for option in ("skip_failed_regions", "auth_token", "keyed_groups", "cache_timeout"):
        assert option in shown.stdout
    assert "HUAWEICLOUD_IOTDA_ENDPOINT" not in shown.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_find_instances(
    simulator: Simulator, source: Source, example: dict[str, Any], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    for prefix in ("TEAM", "HW"):
        monkeypatch.setenv(f"{prefix}_ACCESS_KEY", simulator.access_key)
        monkeypatch.setenv(f"{prefix}_SECRET_KEY", simulator.secret_key)
    simulator.add_instance(name="meters", tags={"env": "prod", "owner": "city"})
    simulator.add_region("cn-east-3")
    found = source.read(**{"region": None, "access_key": None, "secret_key": None, **example})
    assert (len(found.hosts), found.output) == (1, "")
    if "keyed_groups" in example:
        assert {"region_cn_north_4", "edition_standard", "owner_city"} <= found.groups.keys()
