# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook huaweicloud.iotda.awx against a stand-in for AWX: in the right order, whole, and only once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
    "iotda_awx_project_url": "https://git.example.com/mirrors/huaweicloud.iotda.git",
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

    def set_up(
        self, settings: Mapping[str, Any], *options: str, playbook: str = "huaweicloud.iotda.awx"
    ) -> subprocess.CompletedProcess[str]:
        path = self.commands.folder / "settings.yml"
        path.write_text(yaml.safe_dump(dict(settings), sort_keys=False), encoding="utf-8")
        return self.commands.run(["ansible-playbook", playbook, "-e", f"@{path}", *options], self.environ)

    def refuses(self, sentence: str, **settings: Any) -> None:
        """Assert that the playbook says so before it changes anything."""
        done = self.set_up({**SETTINGS, **settings})
        assert done.returncode == 2, done.stdout
        assert self.things == {}
        assert sentence in " ".join(done.stdout.split())
        assert SECRET not in done.stdout

    @property
    def things(self) -> dict[str, dict[str, Any]]:
        things: dict[str, dict[str, Any]] = json.loads(self.store.read_text(encoding="utf-8"))
        return things


@pytest.fixture
def name() -> str:
    """The name of the collection that the stand-in is."""
    return "awx.awx"


@pytest.fixture
def awx(commands: Commands, tmp_path: Path, name: str) -> Awx:
    collections, store = tmp_path / "collections", tmp_path / "awx.json"
    stand_in.write_collection(collections, name)
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
    assert (
        things["project"]["scm_branch"] == yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    )
    # A second run repairs what did not get through in the first.
    assert things["project"]["update_project"] is True
    assert not {"credential"} & {*things["project"], *things["execution_environment"]}
    template = {name: value for name, value in things["job_template"].items() if name != "survey_spec"}
    assert template == {
        "name": "Prune IoTDA batch tasks",
        "organization": "Default",
        "job_type": "run",
        "project": "IoTDA",
        "playbook": "playbooks/prune.yml",
        "inventory": "IoTDA instances",
        "credentials": ["IoTDA"],
        "execution_environment": "IoTDA",
        "forks": 10,
        "job_slice_count": 1,
        "ask_limit_on_launch": True,
        "diff_mode": True,
        "survey_enabled": True,
    }
    assert things["project"]["scm_url"] == SETTINGS["iotda_awx_project_url"]
    assert (things["schedule"]["unified_job_template"], things["schedule"]["enabled"]) == (template["name"], True)
    assert things["credential"]["inputs"] == SETTINGS["iotda_awx_credential_inputs"]


def test_names_and_numbers_can_be_chosen(awx: Awx) -> None:
    chosen = {"iotda_awx_slices": 4, "iotda_awx_credential": "Mine", "iotda_awx_schedule_enabled": False}
    done = awx.set_up({**SETTINGS, **chosen})
    assert done.returncode == 0, done.stdout
    (template,), (schedule,) = (list(awx.things[kind].values()) for kind in ("job_template", "schedule"))
    assert (template["job_slice_count"], template["credentials"], schedule["enabled"]) == (4, ["Mine"], False)


def test_secrets_are_stored_again_when_asked(awx: Awx) -> None:
    def run(**settings: Any) -> tuple[str, str]:
        done = awx.set_up({**SETTINGS, "iotda_awx_schedule_enabled": False, **settings}, "-v")
        assert done.returncode == 0, done.stdout
        assert "new-secret" not in done.stdout
        return "changed=0 " in done.stdout, awx.things["credential"]["IoTDA"]["inputs"]["secret_key"]

    run()
    new = {"iotda_awx_credential_inputs": {"access_key": "INVENTED", "secret_key": "new-secret"}}
    assert run(**new) == (True, SECRET)
    assert run(**new, iotda_awx_update_secrets=True) == (False, "new-secret")


def test_instances_go_when_they_are_named(awx: Awx) -> None:
    assert awx.set_up(SETTINGS).returncode == 0
    fewer = {**SETTINGS, "iotda_awx_instances": {"beijing": SETTINGS["iotda_awx_instances"]["beijing"]}}
    assert "changed=0 " in awx.set_up(fewer).stdout
    assert set(awx.things["host"]) == {"beijing", "shanghai"}
    done = awx.set_up({**fewer, "iotda_awx_removed_instances": ["shanghai", "never-there"]})
    assert "changed=1 " in done.stdout, done.stdout
    assert set(awx.things["host"]) == {"beijing"}


def test_registry_and_repository_can_have_credentials(awx: Awx) -> None:
    names = {"iotda_awx_registry_credential": "Registry", "iotda_awx_project_credential": "Git"}
    assert "there is no credential Registry" in awx.set_up({**SETTINGS, **names}).stdout
    awx.store.write_text(json.dumps({"credential": {one: {"credential_type": "x"} for one in names.values()}}))
    done = awx.set_up({**SETTINGS, **names})
    assert done.returncode == 0, done.stdout
    things = awx.things
    assert things["execution_environment"]["IoTDA"]["credential"] == "Registry"
    assert things["project"]["IoTDA"]["credential"] == "Git"


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"iotda_awx_schedule": {"rrule": "DTSTART:20260105T030000Z RRULE:FREQ=DAILY"}}, "INTERVAL is required"),
        ({"iotda_awx_schedule": {"extra_data": {}}}, "iotda_older_than is required"),
        ({"iotda_awx_survey": {"spec": []}}, "spec is missing, empty, or no list"),
        ({"iotda_awx_credential_type": {"inputs": {"fields": [{"id": "access_key"}]}, "injectors": {}}}, "lacks label"),
    ],
)
def test_what_awx_refuses_fails(awx: Awx, setting: dict[str, Any], sentence: str) -> None:
    ((name, values),) = setting.items()
    data = yaml.safe_load((ROOT / f"playbooks/awx_data/{name[10:]}.yml").read_text(encoding="utf-8"))
    done = awx.set_up({**SETTINGS, "iotda_awx_credential_inputs": {"access_key": "x"}, name: {**data, **values}})
    assert done.returncode == 2
    assert sentence in done.stdout, done.stdout


@pytest.mark.parametrize("name", ["ansible.controller"])
def test_a_copy_serves_automation_platform(awx: Awx, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "playbooks", copy)
    playbook = (copy / "awx.yml").read_text(encoding="utf-8").replace("awx.awx", "ansible.controller")
    (copy / "awx.yml").write_text(playbook, encoding="utf-8")
    done = awx.set_up(SETTINGS, playbook=str(copy / "awx.yml"))
    assert done.returncode == 0, done.stdout
    _as_the_files_say(awx.things)


def test_what_is_missing_is_said_at_once(awx: Awx) -> None:
    done = awx.set_up({"iotda_awx_credential_inputs": {"ak": "x"}})
    assert done.returncode == 2
    assert awx.things == {}
    assert "set iotda_awx_image to the image of an execution environment" in done.stdout
    assert "set iotda_awx_project_url to the git repository of this collection" in done.stdout
    assert "iotda_awx_credential_inputs can have access_key, secret_key," in done.stdout
    assert "and no ak" in done.stdout
    assert "set iotda_awx_instances to the instances by name" in done.stdout


QUESTIONS = ("iotda_older_than", "iotda_keep_last", "iotda_task_type", "iotda_max_deletions", "iotda_dry_run")


@pytest.mark.parametrize("variable", [*QUESTIONS, "iotda_created_before"])
def test_what_the_survey_answers_is_no_variable_of_an_instance(awx: Awx, variable: str) -> None:
    awx.refuses(
        f"take {variable} of shanghai out of iotda_awx_instances: the answers of the survey overrule or exclude them, "
        "so an instance with a rule of its own needs a job template of its own",
        iotda_awx_instances={
            "shanghai": {"iotda_region": "cn-east-3", variable: "x"},
            "beijing": {"iotda_region": "x"},
        },
    )


def test_all_such_variables_are_named(awx: Awx) -> None:
    first = {"iotda_region": "cn-east-3", "iotda_dry_run": True, "iotda_created_before": date(2026, 1, 1)}
    awx.refuses(
        "take iotda_created_before, iotda_dry_run of shanghai and iotda_keep_last of beijing out of",
        iotda_awx_instances={"shanghai": first, "beijing": {"iotda_region": "x", "iotda_keep_last": 5}},
    )


def test_what_the_survey_does_not_ask_is_left_to_the_instance(awx: Awx) -> None:
    survey = yaml.safe_load((ROOT / "playbooks/awx_data/survey.yml").read_text(encoding="utf-8"))
    schedule = yaml.safe_load((ROOT / "playbooks/awx_data/schedule.yml").read_text(encoding="utf-8"))
    survey["spec"] = [question for question in survey["spec"] if question["variable"] == "iotda_dry_run"]
    schedule["extra_data"] = {"iotda_dry_run": "false"}
    variables = {"iotda_region": "cn-east-3", "iotda_created_before": "2026-01-01T00:00:00Z"}
    done = awx.set_up(
        {
            **SETTINGS,
            "iotda_awx_survey": survey,
            "iotda_awx_schedule": schedule,
            "iotda_awx_instances": {"shanghai": variables},
        }
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("variable", ["iotda_auth_token", "iotda_secret_key", "iotda_security_token", "iotda_password"])
def test_secrets_are_no_variables_of_an_instance(awx: Awx, variable: str) -> None:
    awx.refuses(
        f"take {variable} of shanghai out of iotda_awx_instances: AWX stores the variables of hosts in clear text, and "
        "secrets belong into iotda_awx_credential_inputs",
        iotda_awx_instances={"shanghai": {"iotda_region": "cn-east-3", variable: SECRET}},
    )


@pytest.mark.parametrize("variables", [None, "cn-east-3", ["iotda_region"], {}, {"iotda_region": ""}])
def test_an_instance_says_where_it_is(awx: Awx, variables: Any) -> None:
    awx.refuses(
        "give shanghai in iotda_awx_instances variables, with iotda_endpoint or iotda_region among them",
        iotda_awx_instances={"shanghai": variables, "beijing": {"iotda_endpoint": "https://example.com"}},
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"iotda_awx_instances": ["shanghai"]}, "set iotda_awx_instances to the instances by name"),
        (
            {"iotda_awx_credential_inputs": {"access_key": "x", "secret_key": 12345678}},
            "put the fields of iotda_awx_credential_inputs into quotation marks, since AWX takes nothing but text",
        ),
        ({"iotda_awx_credential_inputs": {"access_key": "x", "secret_key": None}}, "takes nothing but text"),
        (
            {"iotda_awx_removed_instances": ["wuhan", "shanghai", "beijing"]},
            "beijing, shanghai cannot be in iotda_awx_instances and in iotda_awx_removed_instances",
        ),
        ({"iotda_awx_forks": -1}, "iotda_awx_forks must be a whole number, not '-1'"),
        ({"iotda_awx_slices": 0}, "iotda_awx_slices must be a whole number of at least 1, not '0'"),
        ({"iotda_awx_slices": "many"}, "iotda_awx_slices must be a whole number of at least 1, not 'many'"),
    ],
)
def test_what_awx_could_not_use_is_said_at_once(awx: Awx, settings: dict[str, Any], sentence: str) -> None:
    awx.refuses(sentence, **settings)


def test_a_secret_of_ansible_vault_is_text(awx: Awx, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("invented\n", encoding="utf-8")
    vault = ["--vault-password-file", str(tmp_path / "password")]
    encrypted = awx.commands.run(["ansible-vault", "encrypt_string", *vault, SECRET, "--name", "secret_key"]).stdout
    settings = tmp_path / "vaulted.yml"
    inputs = encrypted[encrypted.index("secret_key:") : encrypted.rindex("\n")].replace("\n", "\n  ")
    settings.write_text(f"iotda_awx_credential_inputs:\n  access_key: x\n  {inputs}\n", encoding="utf-8")
    plain = {name: value for name, value in SETTINGS.items() if name != "iotda_awx_credential_inputs"}
    done = awx.set_up(plain, "-e", f"@{settings}", *vault)
    assert done.returncode == 0, done.stdout
    assert awx.things["credential"]["IoTDA"]["inputs"]["secret_key"] == SECRET
