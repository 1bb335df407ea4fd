# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook over inventories with mistakes: none makes it delete more, show a secret, or lose the summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.argument_spec import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.modules.batch_task_prune import ARGUMENT_SPEC
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import AGES, OLD, PLAYBOOK, Fleet, prune

VARIABLES = Path(__file__).parents[3] / "playbooks/vars/prune.yml"
FOR_REAL = {"iotda_older_than": "30d", "iotda_dry_run": False}
KEPT, ALL = len(AGES) - OLD, len(AGES)
UNKNOWN = "something went wrong outside the module; look above for the task that failed for this host"


def _with(simulator: Simulator, *variables: dict[str, Any]) -> Fleet:
    """Return a fleet with an instance for each of these host variables."""
    fleet = Fleet.of(simulator, len(variables))
    for host, more in zip(fleet.hosts.values(), variables, strict=True):
        host.update(more)
    return fleet


def _left(fleet: Fleet) -> list[int]:
    return [fleet.left[name] for name in sorted(fleet.left)]


def test_an_empty_choice_is_not_every_choice(commands: Commands, simulator: Simulator) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"iotda_task_type": []}, "iotda_task_type is empty: give it task types such as freezeDevices, or"),
        ({"iotda_app_id": None}, "iotda_app_id is empty:"),
        ({"iotda_status": []}, "iotda_status is empty: give it Success, Fail, PartialSuccess or Stopped, or"),
        ({"iotda_status": ""}, "iotda_status is empty:"),
        ({"iotda_app_id": ""}, "iotda_app_id is empty: give it the ID of a resource space, or"),
        ({"iotda_created_before": [], "iotda_older_than": "", "iotda_keep_last": 1}, "iotda_created_before must be a"),
        ({"iotda_keep_last": []}, "iotda_keep_last must be a whole number, not '[]'"),
        ({"iotda_dry_run": None}, "iotda_dry_run must be true or false, not"),
        ({"iotda_task_type": "{{ a_name_with_a_slip }}"}, UNKNOWN),
    ]
    fleet = _with(simulator, *({**FOR_REAL, **variables} for variables, dummy in cases))
    done = prune(commands, fleet, {})
    assert done.code == 2
    assert len(simulator.journal) == 0, done.text
    for line, (_dummy, words) in zip(done.lines, cases, strict=False):
        assert f": FAILED: {words}" in line


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_answer_to_a_survey_is_none(commands: Commands, simulator: Simulator, empty: str | None) -> None:
    names = ("task_type", "keep_last", "created_before", "concurrency", "timeout", "retry_timeout", "validate_certs")
    fleet = Fleet.of(simulator, 1)
    done = prune(commands, fleet, {**FOR_REAL, **{f"iotda_{name}": empty for name in names}})
    assert (done.code, _left(fleet)) == (0, [KEPT]), done.text


def test_hosts_chosen_where_it_is_too_late_are_left_alone(commands: Commands, simulator: Simulator) -> None:
    fleet = _with(simulator, *[{"iotda_hosts": ["plant-01", "plant-03"]}] * 3)
    done = prune(commands, fleet, FOR_REAL)
    assert (done.code, _left(fleet)) == (2, [KEPT, ALL, KEPT])
    assert done.lines[1].startswith("plant-02: FAILED: iotda_hosts must be given with -e (-e iotda_hosts=")


def test_a_secret_that_looks_like_a_template_is_not_shown(commands: Commands, simulator: Simulator) -> None:
    texts = [f"SEKRET{brace}SEKRET" for brace in ("{{", "{%", "{#", "{{ no_such }}")]
    fleet = _with(simulator, *({"iotda_access_key": "AK", "iotda_secret_key": text} for text in texts), {}, {})
    marked = commands.folder / "marked.yml"
    keys = "{iotda_access_key: AK, iotda_secret_key: !unsafe 'SEKRET{{SEKRET'}"
    marked.write_text(f"all: {{hosts: {{plant-05: {keys}}}}}\n", encoding="utf-8")
    done = prune(commands, fleet, FOR_REAL, "-i", str(marked), "-vvv")
    assert (done.code, _left(fleet)) == (2, [ALL] * 5 + [KEPT])
    for line in done.lines[:4]:
        assert ": FAILED: a secret (iotda_access_key or iotda_secret_key) could not be read: if its value has" in line
    assert done.lines[4].startswith("plant-05: FAILED: Could not read batch tasks: ")
    # What Ansible itself shows of a line of the inventory that it cannot read comes before.
    assert "SEKRET" not in done.text.partition("TASK [Check the variables]")[2]


def test_no_instance_takes_the_others_along(commands: Commands, simulator: Simulator) -> None:
    elsewhere = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}
    unreachable = {"ansible_remote_tmp": "/proc/no/such"}
    unreadable = {"iotda_dry_run": "{{ 1 / 0 }}"}
    lost = {"ansible_pipelining": "{{ no_such }}"}
    fleet = _with(simulator, lost, elsewhere, unreachable, unreadable, {})
    for host in fleet.hosts.values():
        host.setdefault("iotda_dry_run", False)
    settings = {"ANSIBLE_STRATEGY": "free", "ANSIBLE_ANY_ERRORS_FATAL": "true"}
    done = prune(commands, fleet, {"iotda_older_than": "30d"}, environ=settings)
    assert (done.code, _left(fleet)) == (2, [ALL, KEPT, ALL, ALL, KEPT]), done.text
    assert done.text.count("5 instances, ") == 1
    assert done.lines[:7] == [
        f"plant-01: FAILED: {UNKNOWN}",
        "plant-02: 3 of 5 batch tasks deleted, 2 kept",
        f"plant-03: FAILED: {UNKNOWN}",
        f"plant-04: FAILED: {UNKNOWN}",
        "plant-05: 3 of 5 batch tasks deleted, 2 kept",
        "5 instances, 3 failed: 6 of 10 batch tasks deleted, 4 kept",
        "Failed: plant-01, plant-03, plant-04",
    ]
    assert done.figures["failed"] == ["plant-01", "plant-03", "plant-04"]
    keys = {tuple(sorted(report)) for report in done.figures["reports"]}
    assert len(keys) == 1, keys


def test_a_second_play_does_not_tell_the_figures_of_the_first(commands: Commands, simulator: Simulator) -> None:
    fleet = _with(simulator, {}, {"iotda_max_deletions": 0})
    plays = [{"import_playbook": PLAYBOOK, "vars": {**FOR_REAL, "iotda_older_than": age}} for age in ("30d", "30x")]
    playbook = commands.folder / "twice.yml"
    playbook.write_text(yaml.safe_dump(plays), encoding="utf-8")
    done = prune(commands, fleet, {}, playbook=str(playbook))
    assert (done.code, _left(fleet)) == (2, [KEPT, ALL])
    assert done.lines[0].startswith("plant-01: FAILED: iotda_older_than must be a whole number")
    # Ansible leaves out of later plays what has failed.
    assert done.lines[1] == f"plant-02: FAILED: {UNKNOWN}"
    assert done.lines[2] == "2 instances, 2 failed: 0 of 0 batch tasks deleted, 0 kept"
    assert (done.figures["deleted"], done.figures["examined"]) == (0, 0)


def test_every_option_is_read_before_it_counts() -> None:
    variables = yaml.safe_load(VARIABLES.read_text(encoding="utf-8"))
    read = [*variables["iotda_options"], *variables["iotda_secret_options"]]
    assert sorted(read) == sorted([*ARGUMENT_SPEC, *CONNECTION_OPTIONS, "hosts", "dry_run"])
