# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook prune given wrong or hostile variables: it deletes no more, shows no secret, reports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import AGES, OLD, PLAYBOOK, Fleet, prune

ROLE = ROOT / "roles/prune"
FOR_REAL = {"prune_older_than": "30d", "prune_dry_run": False}
REPORT = {"prune_report": "report.json"}
KEPT, ALL = len(AGES) - OLD, len(AGES)
EVERYTHING = {"older_than": "0d"}
# For each variable of the role, a value by which somebody could hope to have more deleted.
HOSTILE: dict[str, Any] = {
    "prune_dry_run": False,
    "prune_min_instances": 0,
    "prune_older_than": "0d",
    "__prune_request": {"mistakes": [], "options": {"rules": [EVERYTHING]}, "listed_because": "", "told": "checked {}"},
    "__prune_mistakes": [],
    "groups": {"all": []},
    "__prune_ready": {"failed": False},
    "__prune_begun": {"failed": False},
    "__prune_written": {},
    "__prune_checked": {},
    "__prune_protected": [],
    "__prune_listed": {},
    "__prune_deleted": {},
    "__prune_figures": {},
    "ansible_check_mode": False,
    "ansible_play_hosts_all": [],
    "ansible_play_hosts": [],
    "ansible_play_batch": [],
    "hostvars": {},
    "omit": "",
    "check_mode": False,
    "environment": {},
}
# Without a value that deletes: what a user may set, and what only says where the module runs. The name of the run
# cannot be known before it, and with another nothing is deleted.
HARMLESS = {
    "__prune_run",
    *("prune_report", "iotda_hosts", "iotda_protected", "iotda_prune"),
    *("__prune_report_path", "ansible_become", "ansible_connection", "ansible_playbook_python"),
    "inventory_hostname",
    *("ansible_python_interpreter", "ansible_limit", "ansible_run_tags", "ansible_skip_tags", "awx_job_id"),
}


@pytest.fixture
def fleet(simulator: Simulator) -> Fleet:
    return Fleet.of(simulator, 1)


def _hostile(fleet: Fleet) -> dict[str, Any]:
    options = {name[6:]: value for name, value in fleet.hosts["plant-01"].items() if name != "iotda_protected"}
    return {**HOSTILE, "__prune_options": {**options, **EVERYTHING}}


def test_every_variable_of_the_role_is_tried() -> None:
    files = [ROOT / "playbooks/prune.yml", *(path for path in ROLE.rglob("*.yml") if path.parent.name != "meta")]
    lines = "\n".join(path.read_text(encoding="utf-8") for path in files)
    code = re.sub(r"#.*|huaweicloud\.iotda\.\w+|iotda_\(.*?\)", "", lines)
    found = set(re.findall(r"\b(?:__prune|prune|iotda|ansible|awx)_\w+", code)) - {"iotda_", "prune_"}
    plugins = [ROOT / "plugins/filter/prune.py", *(ROOT / "plugins/plugin_utils/_prune").glob("*.py")]
    for path in plugins:
        found.update(re.findall(r"""read\("(\w+)"\)""", path.read_text(encoding="utf-8")))
    assert {"ansible_limit", "ansible_play_batch"} <= found
    assert found - {*HOSTILE, "__prune_options"} - HARMLESS == set()


def test_check_mode_of_module_is_never_an_expression() -> None:
    text = (ROLE / "tasks/main.yml").read_text(encoding="utf-8")
    (whole,) = yaml.safe_load(text)
    tasks = [task for task in whole["block"] if "huaweicloud.iotda.batch_task_prune" in task]
    assert [task.get("check_mode") for task in tasks] == [True, None]
    assert "check_mode" not in whole


@pytest.mark.parametrize("prevented_by", ["--check", "iotda_protected", "nothing"])
def test_no_variable_overrules_protection(commands: Commands, fleet: Fleet, prevented_by: str) -> None:
    if prevented_by == "iotda_protected":
        fleet.hosts["plant-01"]["iotda_protected"] = True
    options = ["--check"] if prevented_by == "--check" else []
    prune(commands, fleet, _hostile(fleet), *options)
    assert fleet.left["plant-01"] == (0 if prevented_by == "nothing" else ALL)


PLAYS = """
- hosts: all
  gather_facts: false
  check_mode: false
  tasks:
    - ansible.builtin.include_role:
        name: huaweicloud.iotda.prune
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: huaweicloud.iotda.prune
        apply: {check_mode: false}
"""


def test_no_keyword_overrules_check_mode(commands: Commands, fleet: Fleet) -> None:
    playbook = commands.folder / "own.yml"
    playbook.write_text(PLAYS, encoding="utf-8")
    done = prune(commands, fleet, FOR_REAL, "--check", playbook=str(playbook))
    assert (done.code, fleet.left) == (0, {"plant-01": ALL}), done.text
    assert done.text.count(f"plant-01: {OLD} of {ALL} would be deleted") == 2


PLAY_WITH_PLACES = """
- hosts: all
  gather_facts: false
  vars:
    iotda_endpoint: "{{ url }}"
    iotda_protected: "{{ inventory_hostname == 'plant-04' }}"
  tasks:
    - ansible.builtin.import_role:
        name: huaweicloud.iotda.prune
"""


@pytest.mark.parametrize("limited", [False, True])
def test_every_name_of_a_protected_instance_is_protected(
    commands: Commands, simulator: Simulator, limited: bool
) -> None:
    """Also where the name that is protected has a mistake, or is left out by --limit."""
    fleet = Fleet.of(simulator, 3)
    bare = {name: value for name, value in fleet.hosts["plant-01"].items() if name != "iotda_instance_id"}
    fleet.hosts["north"] = {**bare, "iotda_endpoint": f"{bare['iotda_endpoint']}/", "iotda_protected": True}
    fleet.hosts["south"] = {"iotda_endpoint": fleet.hosts["plant-02"]["iotda_endpoint"], "iotda_protected": "{{ 1/0 }}"}
    fleet.hosts["elsewhere"] = {**bare, "iotda_project_id": "0" * 32, "iotda_protected": True, "prune_keep_lst": 1}
    hostile = {**HOSTILE, "inventory_hostname": "x", "__prune_checked": {"msg": 'checked {"host": "x"}'}}
    options = ["--limit", "plant-01,plant-02,plant-03"] if limited else []
    asked = {**FOR_REAL, "prune_report": "report.json", **(hostile if limited else {})}
    done = prune(commands, fleet, asked, *options)
    assert (fleet.left["plant-01"], fleet.left["plant-02"]) == (ALL, ALL), done.text
    if not limited:
        assert fleet.left["plant-03"] == KEPT
        assert f"plant-01: {OLD} of {ALL} would be deleted (iotda_protected as north), {KEPT} kept" in done.lines
        assert f"plant-02: {OLD} of {ALL} would be deleted (iotda_protected as south), {KEPT} kept" in done.lines
        assert (done.figures["deleted"], done.figures["only_listed"], done.figures["would_delete"]) == (OLD, 3 * OLD, 0)
        outcomes = {(task["instance"], task["outcome"]) for task in done.report["tasks"]}
        assert {("plant-01", "only_listed"), ("north", "only_listed"), ("plant-03", "deleted")} == outcomes - {
            ("plant-02", "only_listed")
        }
        assert done.figures["same_instance"] == []


def test_the_variables_of_a_play_say_which_instance_is_protected(commands: Commands, simulator: Simulator) -> None:
    fleet = Fleet.of(simulator, 2)
    for name, one in list(fleet.hosts.items()):
        one["url"] = one.pop("iotda_endpoint")
        fleet.hosts[name.replace("plant-0", "name-0")] = one
    fleet.hosts["plant-04"] = dict(fleet.hosts["plant-02"])
    playbook = commands.folder / "own.yml"
    playbook.write_text(PLAY_WITH_PLACES, encoding="utf-8")
    done = prune(commands, fleet, FOR_REAL, playbook=str(playbook))
    assert fleet.left == {"plant-01": KEPT, "plant-02": ALL}, done.text
    assert f"name-02: {OLD} of {ALL} would be deleted (iotda_protected as plant-04), {KEPT} kept" in done.lines


def test_the_protection_itself_can_be_lifted(commands: Commands, fleet: Fleet) -> None:
    fleet.hosts["plant-01"]["iotda_protected"] = True
    done = prune(commands, fleet, {**FOR_REAL, "iotda_protected": False})
    assert (done.code, fleet.left) == (0, {"plant-01": KEPT})


def test_mistakes_are_reported_before_any_request(commands: Commands, simulator: Simulator) -> None:
    """What Ansible makes of a value before the role sees it, and what the module alone finds."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({"prune_keep_last": "few"}, "prune_keep_last must be of type int, not 'few'"),
        ({"prune_keep_lst": 5}, "prune_keep_lst is not a variable of this role: did you mean prune_keep_last?"),
        ({"prune_app_id": None}, "prune_app_id is empty: set it to a value, or leave it out"),
        ({"prune_rules": "older_than=30d"}, "prune_rules must be a list such as"),
        ({"prune_task_name": 20260131}, "prune_task_name contains 20260131, which is not text"),
        ({"prune_status": "{{ none }}"}, "prune_status is empty"),
        ({"iotda_endpoint": None, "iotda_region": None}, "neither iotda_endpoint nor iotda_region is set"),
        ({"prune_task_type": "{{ a_name_with_a_slip }}"}, "cannot be read: 'a_name_with_a_slip' is undefined"),
        ({"iotda_protected": "{{ 1 / 0 }}"}, "iotda_protected cannot be read: its value is read as a template"),
        ({"prune_older_than": "a month"}, "prune_older_than must be a whole number"),
        ({"prune_created_before": "2026-01-01"}, "prune_older_than and prune_created_before are mutually exclusive"),
        ({"prune_protect": "Audit-*"}, "prune_protect contains 'Audit-*', which cannot match"),
    ]
    fleet = Fleet.of(simulator, len(cases))
    for host, (variables, _words) in zip(fleet.hosts.values(), cases, strict=True):
        host.update({**FOR_REAL, **variables})
    done = prune(commands, fleet, REPORT)
    assert (done.code, len(simulator.journal)) == (2, 0), done.text
    for name, (_variables, words) in zip(sorted(fleet.hosts), cases, strict=True):
        assert words in done.causes[name]
    assert len(json.dumps(done.lines[:6])) < 1000


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"prune_report": "/nonexistent/report.html"}, "prune_report cannot be written: "),
        ({"prune_report": "report.pdf"}, "FAILED: plant-01: prune_report must be the path of a file that ends in"),
        ({"prune_report": "{{ no_such }}"}, "FAILED: plant-01: prune_report cannot be read: 'no_such' is undefined"),
        ({"prune_report": None}, "FAILED: plant-01: prune_report is empty"),
        ({"prune_min_instances": 3}, "The play has fewer instances to prune (1) than prune_min_instances (3)"),
    ],
)
def test_a_run_that_cannot_be_right_deletes_nothing(
    commands: Commands, fleet: Fleet, variables: dict[str, Any], words: str
) -> None:
    done = prune(commands, fleet, {**FOR_REAL, **variables})
    assert (done.code, len(fleet.simulator.journal)) == (2, 0)
    assert done.lines[0] == "1 instance, 1 failed: nothing was deleted"
    assert words in done.lines[1]
    assert "FAILED: the report could not be written" not in done.text


def test_hosts_that_come_too_late_stop_the_run(commands: Commands, simulator: Simulator) -> None:
    fleet = Fleet.of(simulator, 2)
    for host in fleet.hosts.values():
        host["iotda_hosts"] = "plant-01"
    done = prune(commands, fleet, FOR_REAL)
    assert (done.code, len(simulator.journal)) == (2, 0)
    assert "iotda_hosts must be given with -e" in done.lines[1]
    assert prune(commands, fleet, {**FOR_REAL, "iotda_hosts": "plant-01"}).figures["instances"] == 1
    assert fleet.left == {"plant-01": KEPT, "plant-02": ALL}


# As an inventory plugin or script may name hosts; each is also a pattern of others.
ODD = ("plant north", "meters:1", "west[0]", "!south", "a,b")
PLAIN = ("plant", "north", "meters", "west", "south", "a", "b")
INVENTORY = """#!/bin/sh
cat "$0.json"
"""


def test_host_names_are_names(commands: Commands, simulator: Simulator) -> None:
    fleet = Fleet(simulator)
    for name in (*ODD, *PLAIN):
        fleet.add(name)
    source = commands.folder / "inventory.sh"
    found = {"_meta": {"hostvars": fleet.hosts}, "all": {"hosts": list(fleet.hosts)}}
    source.with_name("inventory.sh.json").write_text(json.dumps(found), encoding="utf-8")
    source.write_text(INVENTORY, encoding="utf-8")
    source.chmod(0o755)
    (commands.folder / "limit").write_text("w*\nplant*\nnorth\n!no*\n", encoding="utf-8")

    def run(hosts: object, *options: str) -> set[str]:
        """Return which instances lost tasks."""
        before = fleet.left
        asked = {**FOR_REAL, **({"iotda_hosts": hosts} if hosts else {})}
        command = ["ansible-playbook", PLAYBOOK, "-i", str(source), "-e", json.dumps(asked), *options]
        done = commands.run(command, fleet.environ)
        assert done.returncode == 0, done.stdout
        return {name for name, left in fleet.left.items() if left < before[name]}

    assert run("plant north") == {"plant north"}
    assert run(["a,b", "!south"]) == {"a,b", "!south"}
    assert run(None, "--limit", "@limit") == {"west[0]", "west", "plant"}
    assert run(None) == {"meters:1", "north", "meters", "south", "a", "b"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-e", "iotda_hosts=no_such"], "iotda_hosts (no_such) matches no host of the inventory"),
        (["-e", "iotda_hosts=other", "--limit", "plant-01"], "No host matches both iotda_hosts and --limit"),
        (["--tags", "no_such"], "has no tags: leave out --tags"),
    ],
)
def test_nothing_to_do_is_a_failure(commands: Commands, fleet: Fleet, options: list[str], words: str) -> None:
    fleet.hosts["other"] = {}
    done = prune(commands, fleet, FOR_REAL, *options)
    assert done.code != 0
    assert words in " ".join(done.text.split())
    assert len(fleet.simulator.journal) == 0


def test_an_empty_inventory_is_a_failure(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "empty.yml").write_text("all:\n  hosts: {}\n", encoding="utf-8")
    done = commands.run(["ansible-playbook", PLAYBOOK, "-i", str(tmp_path / "empty.yml")])
    assert done.returncode != 0
    assert "fewer instances to prune (0) than prune_min_instances (1), so nothing was deleted" in " ".join(
        done.stdout.split()
    )


def test_secrets_are_not_shown(commands: Commands, simulator: Simulator) -> None:
    texts = [f"SEKRET{brace}SEKRET" for brace in ("{{", "{%", "{#", "{{ no_such }}")]
    fleet = Fleet.of(simulator, len(texts) + 1)
    for host, text in zip(fleet.hosts.values(), texts, strict=False):
        host.update(iotda_access_key="AK", iotda_secret_key=text)
    own = {"iotda_access_key": simulator.access_key, "iotda_secret_key": simulator.secret_key}
    fleet.hosts["plant-05"].update(own, iotda_project_id="0" * 32)
    done = prune(commands, fleet, {**FOR_REAL, **REPORT}, "-vvvv")
    assert done.code == 2
    assert set(done.causes) == set(fleet.hosts)
    assert done.causes["plant-01"].startswith("iotda_secret_key cannot be read: its value is read as a template")
    # What Ansible itself shows of an inventory that it cannot read comes before.
    assert "SEKRET" not in done.text.partition("Check the variables]")[2]
