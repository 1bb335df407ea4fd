# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook huaweicloud.iotda.awx against a stand-in for AWX: in the right order, whole, and only once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.tests.system.awx import rules, stand_in
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

ROOT = Path(__file__).resolve().parents[3]
SECRET = "invented-secret-key"
SETTINGS: dict[str, Any] = {
    "iotda_awx_image": "registry.example.com/iotda:1.0.0",
    "iotda_awx_credential_inputs": {"access_key": "INVENTED", "secret_key": SECRET},
    "iotda_awx_instances": {
        "shanghai": {"iotda_endpoint": "https://a.iotda-app.cn-east-3.example.com", "iotda_region": "cn-east-3"},
        "beijing": {"iotda_region": "cn-north-4", "iotda_project_id": "0" * 32},
    },
}


@dataclass(frozen=True)
class Awx:
    """The stand-in, and the playbook that sets it up."""

    commands: Commands
    store: Path
    environ: Mapping[str, str]

    def set_up(self, settings: Mapping[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
        command = ["ansible-playbook", "huaweicloud.iotda.awx", "-e", json.dumps(dict(settings)), *options]
        return self.commands.run(command, self.environ)

    @property
    def things(self) -> dict[str, dict[str, Any]]:
        things: dict[str, dict[str, Any]] = json.loads(self.store.read_text(encoding="utf-8"))
        return things


@pytest.fixture
def awx(commands: Commands, tmp_path: Path) -> Awx:
    collections, store = tmp_path / "collections", tmp_path / "awx.json"
    stand_in.write_collection(collections)
    store.write_text("{}", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(collections), os.environ.get("ANSIBLE_COLLECTIONS_PATH")]))
    return Awx(commands, store, {"ANSIBLE_COLLECTIONS_PATH": path, stand_in.STORE: str(store)})


def test_awx_is_set_up_once(awx: Awx) -> None:
    first = awx.set_up(SETTINGS, "-v")
    assert first.returncode == 0, first.stdout
    assert SECRET not in first.stdout
    things = awx.things
    assert {kind: len(named) for kind, named in things.items()} == {**dict.fromkeys(stand_in.ARGUMENTS, 1), "host": 2}
    again = awx.set_up(SETTINGS)
    assert "changed=0 " in again.stdout, again.stdout
    assert awx.things == things
    _as_the_files_say(things)


def _as_the_files_say(stored: Mapping[str, Mapping[str, Any]]) -> None:
    things = {kind: next(iter(named.values())) for kind, named in stored.items() if kind != "host"}
    data = {
        name: yaml.safe_load((ROOT / f"playbooks/awx_data/{name}.yml").read_text(encoding="utf-8"))
        for name in ("credential_type", "survey", "schedule")
    }
    # The templates in it are for AWX: Ansible must have left them alone.
    assert things["credential_type"] == data["credential_type"]
    assert list(rules.credential_type_faults(things["credential_type"])) == []
    assert things["job_template"]["survey_spec"] == data["survey"]
    assert things["job_template"]["survey_enabled"] is True
    schedule = things["schedule"]
    assert (schedule["rrule"], schedule["extra_data"]) == (data["schedule"]["rrule"], data["schedule"]["extra_data"])
    assert stored["host"]["beijing"]["variables"] == SETTINGS["iotda_awx_instances"]["beijing"]
    assert things["credential"]["update_secrets"] is False
    assert (things["job_template"]["forks"], things["job_template"]["job_slice_count"]) == (10, 1)


def test_names_and_numbers_can_be_chosen(awx: Awx) -> None:
    chosen = {"iotda_awx_slices": 4, "iotda_awx_credential": "Mine", "iotda_awx_schedule_enabled": False}
    done = awx.set_up({**SETTINGS, **chosen})
    assert done.returncode == 0, done.stdout
    (template,), (schedule,) = (list(awx.things[kind].values()) for kind in ("job_template", "schedule"))
    assert (template["job_slice_count"], template["credentials"], schedule["enabled"]) == (4, ["Mine"], False)


def test_what_is_missing_is_said_at_once(awx: Awx) -> None:
    done = awx.set_up({"iotda_awx_credential_inputs": {"ak": "x"}})
    assert done.returncode == 2
    assert awx.things == {}
    assert "set iotda_awx_image to the image of an execution environment" in done.stdout
    assert "iotda_awx_credential_inputs can have access_key, secret_key," in done.stdout
    assert "and no ak" in done.stdout
    assert "set iotda_awx_instances to the instances by name" in done.stdout
