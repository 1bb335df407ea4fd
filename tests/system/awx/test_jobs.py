# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook as jobs of AWX: the credential, the survey and the schedule are those that awx.yml sets up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.awx import jobs, rules
from ansible_collections.huaweicloud.iotda.tests.system.awx.jobs import NAME, Job
from ansible_collections.huaweicloud.iotda.tests.system.playbooks.fleets import Fleet

Launch = Callable[..., Job]


@pytest.fixture
def fleet(simulator: Simulator) -> Fleet:
    return Fleet.of(simulator, 4)


@pytest.fixture
def keys(simulator: Simulator) -> dict[str, str]:
    """The fields of a credential that were filled in."""
    return {"access_key": simulator.access_key, "secret_key": simulator.secret_key}


def _data(installed: Path, name: str) -> Any:
    return yaml.safe_load((installed / NAME / f"playbooks/awx_data/{name}.yml").read_text(encoding="utf-8"))


@pytest.fixture
def launch(installed: Path, tmp_path: Path, fleet: Fleet, keys: dict[str, str]) -> Launch:
    """Launch the job template, with these answers to its survey."""
    credential_type, survey = _data(installed, "credential_type"), _data(installed, "survey")

    def start(
        answers: Mapping[str, Any] | None = None, job_id: int = 41, hosts: list[str] | None = None, **fields: str
    ) -> Job:
        chosen = {name: fleet.hosts[name] for name in hosts or fleet.hosts}
        environ = rules.injected(credential_type, fields or keys)
        assert set(environ) == set(credential_type["injectors"]["env"])
        extra_vars = rules.launched(survey, answers or {})
        return jobs.run(tmp_path, installed, job_id, chosen, environ, extra_vars)

    return start


@pytest.fixture
def weekly(installed: Path) -> dict[str, Any]:
    """What the schedule answers, except that it keeps fewer tasks than the fleet has."""
    answers: dict[str, Any] = _data(installed, "schedule")["extra_data"]
    return {**answers, "iotda_keep_last": 1}


def test_a_job_with_the_defaults_only_looks(launch: Launch, fleet: Fleet) -> None:
    job = launch()
    assert (job.status, job.code) == ("successful", 0)
    assert fleet.simulator.journal.unsafe() == []
    assert fleet.simulator.journal.count("GET") >= len(fleet.hosts)
    assert job.artifacts["iotda_prune"]["dry_run"] is True
    # The survey keeps the 20 newest of each type.
    assert job.lines[-2] == "4 instances, 0 failed: 0 of 20 batch tasks would be deleted, 20 kept"


def test_a_job_of_the_schedule_deletes(launch: Launch, fleet: Fleet, weekly: dict[str, Any]) -> None:
    job = launch(weekly)
    assert (job.status, job.code) == ("successful", 0)
    assert set(fleet.left.values()) == {2}
    figures = job.artifacts["iotda_prune"]
    assert (figures["deleted"], figures["kept"], figures["failed"], figures["dry_run"]) == (12, 8, [], False)
    assert job.artifacts["iotda_prune_41"] == figures
    changed = [event["event_data"]["host"] for event in job.of_kind("runner_on_ok") if _deletes(event)]
    assert sorted(changed) == sorted(fleet.hosts)


def _deletes(event: dict[str, Any]) -> bool:
    data = event["event_data"]
    return data["task_action"] == "huaweicloud.iotda.batch_task_prune" and bool(data["res"]["changed"])


def test_a_failed_job_says_which_instance_and_hands_on_the_figures(
    launch: Launch, fleet: Fleet, weekly: dict[str, Any]
) -> None:
    fleet.hosts["plant-03"]["iotda_project_id"] = "0" * 32
    job = launch(weekly)
    assert (job.status, job.code) == ("failed", 2)
    assert fleet.left == {"plant-01": 2, "plant-02": 2, "plant-03": 5, "plant-04": 2}
    assert job.artifacts["iotda_prune"]["failed"] == ["plant-03"]
    last = job.of_kind("runner_on_failed")[-1]["event_data"]
    assert last["host"] == "plant-03"
    assert last["res"]["msg"].startswith("plant-03 could not be pruned: Could not read batch tasks:")
    written = job.written()
    assert "plant-03 could not be pruned" in written
    assert fleet.simulator.secret_key not in written


def test_a_user_with_password_serves_as_well(launch: Launch, simulator: Simulator, fleet: Fleet) -> None:
    # Derived signing is for keys; instances take tokens too.
    fields = {
        "username": simulator.username,
        "password": simulator.password,
        "domain_name": simulator.domain_name,
        "iam_endpoint": simulator.url,
    }
    job = launch({"iotda_keep_last": 1, "iotda_dry_run": "false"}, hosts=["plant-02"], **fields)
    assert (job.status, fleet.left["plant-02"]) == ("successful", 2)
    assert simulator.journal.count("POST", "/v3/auth/tokens") == 1
    assert simulator.password not in job.written()


def test_slices_hand_on_what_one_job_would(launch: Launch, fleet: Fleet, weekly: dict[str, Any]) -> None:
    ended = [launch(weekly, 50 + number, fleet.slice(number, 2)) for number in (1, 2)]
    assert set(fleet.left.values()) == {2}
    figures = [value for name, value in jobs.handed_on(ended).items() if name.startswith("iotda_prune_")]
    assert [one["deleted"] for one in figures] == [6, 6]
    names = [report["instance"] for one in figures for report in one["reports"]]
    assert sorted(names) == sorted(fleet.hosts)
