# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook over inventories with mistakes: none makes it delete more."""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import AGES, OLD, Fleet, prune

FOR_REAL = {"iotda_older_than": "30d", "iotda_dry_run": False}
KEPT, ALL = len(AGES) - OLD, len(AGES)


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
        ({"iotda_task_type": None}, "iotda_task_type is empty:"),
        ({"iotda_status": []}, "iotda_status is empty: give it Success, Fail, PartialSuccess or Stopped, or"),
        ({"iotda_status": ""}, "iotda_status is empty:"),
        ({"iotda_app_id": ""}, "iotda_app_id is empty: give it the ID of a resource space, or"),
        ({"iotda_created_before": [], "iotda_older_than": "", "iotda_keep_last": 1}, "iotda_created_before must be a"),
        ({"iotda_keep_last": []}, "iotda_keep_last must be a whole number, not '[]'"),
        ({"iotda_dry_run": None}, "iotda_dry_run must be true or false, not"),
    ]
    fleet = _with(simulator, *({**FOR_REAL, **variables} for variables, _ in cases))
    done = prune(commands, fleet, {})
    assert done.code == 2
    assert len(simulator.journal) == 0, done.text
    for line, (_, words) in zip(done.lines, cases, strict=False):
        assert f": FAILED: {words}" in line


def test_an_empty_answer_to_a_survey_is_none(commands: Commands, simulator: Simulator) -> None:
    names = ("task_type", "keep_last", "created_before", "concurrency", "timeout", "retry_timeout", "validate_certs")
    done = prune(commands, fleet := Fleet.of(simulator, 1), {**FOR_REAL, **{f"iotda_{name}": "" for name in names}})
    assert (done.code, _left(fleet)) == (0, [KEPT]), done.text


def test_hosts_chosen_where_it_is_too_late_are_left_alone(commands: Commands, simulator: Simulator) -> None:
    fleet = _with(simulator, *[{"iotda_hosts": ["plant-01", "plant-03"]}] * 3)
    done = prune(commands, fleet, FOR_REAL)
    assert (done.code, _left(fleet)) == (2, [KEPT, ALL, KEPT])
    assert done.lines[1].startswith("plant-02: FAILED: iotda_hosts must be given with -e (-e iotda_hosts=")
