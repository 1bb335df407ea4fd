# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook as jobs of AWX: the credential, the survey and the schedule are those that the role awx sets up."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.awx import jobs
from ansible_collections.huaweicloud.iotda.tests.system.awx.jobs import NAME, Job
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
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
    return yaml.safe_load((installed / NAME / f"roles/awx/{name}.yml").read_text(encoding="utf-8"))


@pytest.fixture
def launch(installed: Path, tmp_path: Path, fleet: Fleet, keys: dict[str, str]) -> Launch:
    """Launch the job template, with these answers to its survey."""
    credential_type, survey = _data(installed, "files/credential_type"), _data(installed, "files/survey")

    def start(
        answers: Mapping[str, Any] | None = None,
        job_id: int = 41,
        hosts: list[str] | None = None,
        options: str = "",
        **fields: str,
    ) -> Job:
        chosen = {name: fleet.hosts[name] for name in hosts or fleet.hosts}
        environ = jobs.injected(credential_type, fields or keys)
        assert set(environ) == set(credential_type["injectors"]["env"])
        extra_vars = jobs.launched(survey, answers or {})
        return jobs.run(tmp_path, installed, job_id, chosen, environ, extra_vars, options)

    return start


@pytest.fixture
def weekly(installed: Path) -> dict[str, Any]:
    """What the schedule answers, except that it keeps fewer tasks than the fleet has."""
    answers: dict[str, Any] = _data(installed, "defaults/main")["awx_schedule_answers"]
    return {**answers, "prune_keep_last": 1}


def test_a_job_with_the_defaults_only_lists(launch: Launch, fleet: Fleet) -> None:
    job = launch(hosts=["plant-01", "plant-02"])
    assert (job.status, job.code) == ("successful", 0)
    assert fleet.simulator.journal.unsafe() == []
    assert fleet.simulator.journal.count("GET") >= 2
    assert job.artifacts["iotda_prune"]["dry_run"] is True
    # The survey keeps the 20 newest of each type.
    assert job.lines[0] == "2 instances, 0 failed: 0 of 10 batch tasks would be deleted, 10 kept"


def test_slices_of_the_schedule_hand_on_their_figures(launch: Launch, fleet: Fleet, weekly: dict[str, Any]) -> None:
    fleet.hosts["plant-03"]["iotda_project_id"] = "0" * 32
    ended = [launch(weekly, 50 + number, fleet.slice(number, 2)) for number in (1, 2)]
    assert [(job.status, job.code) for job in ended] == [("failed", 2), ("successful", 0)]
    assert fleet.left == {"plant-01": 2, "plant-02": 2, "plant-03": 5, "plant-04": 2}
    figures = [value for name, value in jobs.handed_on(ended).items() if name.startswith("iotda_prune_")]
    assert [(one["deleted"], one["failed"]) for one in figures] == [(3, ["plant-03"]), (6, [])]
    # AWX shows and stores the first 1,024 bytes of what an event prints.
    shown = ended[0].report_event["stdout"][:1024]
    assert "2 instances, 1 failed: 3 of 5 batch tasks deleted" in shown
    assert "FAILED: plant-03: Could not read batch tasks" in shown
    written = ended[0].written()
    assert fleet.simulator.secret_key not in written


def test_no_event_grows_with_the_number_of_tasks(
    launch: Launch, fleet: Fleet, weekly: dict[str, Any], tmp_path: Path
) -> None:
    """The report file has each task."""
    options = f"--check -e prune_report={tmp_path}/report.json"
    few = launch(weekly, 41, ["plant-01"], options=options)
    old = fleet.simulator.clock.now() - timedelta(days=90)
    fleet.simulator.add_tasks(500, instance=fleet.instances["plant-01"], create_time=old)
    many = launch(weekly, 42, ["plant-01"], options=options)
    assert many.artifacts["iotda_prune"]["would_delete"] > few.artifacts["iotda_prune"]["would_delete"] + 400
    listed = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["tasks"]
    assert len(listed) == many.artifacts["iotda_prune"]["would_delete"]
    sizes = [sum(len(json.dumps(event)) for event in job.events) for job in (few, many)]
    assert sizes[1] < min(sizes[0] + 500, 55_000)


def test_instances_that_an_update_finds_are_pruned(installed: Path, tmp_path: Path, weekly: dict[str, Any]) -> None:
    source = yaml.safe_load((ROOT / "docs/examples/awx-project/iotda.yml").read_text(encoding="utf-8"))
    with Simulator(tls=True) as simulator:
        fleet = Fleet.of(simulator, 2)
        fields = {"access_key": simulator.access_key, "secret_key": simulator.secret_key, "iam_endpoint": simulator.url}
        environ = jobs.injected(_data(installed, "files/credential_type"), fields)
        environ["OS_CACERT"] = str(simulator.ca_file)
        source.update(management_endpoint=simulator.management_endpoint(), compose={"iotda_signing": "'derived'"})
        found = jobs.update(tmp_path, installed, yaml.safe_dump(source), environ)
        job = jobs.run(tmp_path, installed, 41, found, environ, weekly)
    assert (job.status, len(found), fleet.left) == ("successful", 2, {"plant-01": 2, "plant-02": 2}), job.lines


def test_a_user_with_password_serves_as_well(launch: Launch, simulator: Simulator, fleet: Fleet) -> None:
    # Derived signing is for keys; instances take tokens too.
    fields = {
        "username": simulator.username,
        "password": simulator.password,
        "domain_name": simulator.domain_name,
        "iam_endpoint": simulator.url,
    }
    job = launch({"prune_keep_last": 1, "prune_dry_run": "false"}, hosts=["plant-02"], **fields)
    assert (job.status, fleet.left["plant-02"]) == ("successful", 2)
    assert simulator.journal.count("POST", "/v3/auth/tokens") == 1
    assert simulator.password not in job.written()
