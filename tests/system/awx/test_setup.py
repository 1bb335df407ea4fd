# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx against a fake AWX: complete, in the right order, once, and careful with schedules."""

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

from ansible_collections.huaweicloud.iotda.tests.system.awx import fake_awx
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

SECRET = "invented-secret-key"
SCHEDULE = "Prune IoTDA batch tasks every week"
SETTINGS: dict[str, Any] = {
    "awx_image": "registry.example.com/iotda:1.0.0",
    "awx_project_url": "https://git.example.com/mirrors/huaweicloud.iotda.git",
    "awx_credential_inputs": {"access_key": "INVENTED", "secret_key": SECRET},
    "awx_instances": {
        "shanghai": {"iotda_endpoint": "https://a.iotda-app.cn-east-3.example.com", "iotda_region": "cn-east-3"},
        "beijing": {"iotda_region": "cn-north-4", "iotda_project_id": "0" * 32},
    },
}


@dataclass(frozen=True)
class Awx:
    """The fake, and the playbook that sets it up."""

    commands: Commands
    store: Path
    environ: Mapping[str, str]

    def set_up(self, settings: Mapping[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
        path = self.commands.folder / "settings.yml"
        path.write_text(yaml.safe_dump(dict(settings), sort_keys=False), encoding="utf-8")
        return self.commands.run(
            ["ansible-playbook", "huaweicloud.iotda.awx", "-e", f"@{path}", *options], self.environ
        )

    @property
    def things(self) -> dict[str, dict[str, Any]]:
        things: dict[str, dict[str, Any]] = json.loads(self.store.read_text(encoding="utf-8"))
        return things

    def keep(self, kind: str, name: str, **values: Any) -> None:
        things = self.things
        things.setdefault(kind, {})[name] = {**values, "name": name}
        self.store.write_text(json.dumps(things), encoding="utf-8")


@pytest.fixture
def awx(commands: Commands, tmp_path: Path) -> Awx:
    collections, store = tmp_path / "collections", tmp_path / "awx.json"
    fake_awx.write_collection(collections)
    store.write_text("{}", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(collections), os.environ.get("ANSIBLE_COLLECTIONS_PATH")]))
    return Awx(commands, store, {"ANSIBLE_COLLECTIONS_PATH": path, fake_awx.STORE: str(store)})


def _file(name: str) -> Any:
    return yaml.safe_load((ROOT / f"roles/awx/files/{name}.yml").read_text(encoding="utf-8"))


def test_a_set_up_is_complete_and_idempotent(awx: Awx) -> None:
    first = awx.set_up({**SETTINGS, "awx_schedule_enabled": True}, "-v")
    assert first.returncode == 0, first.stdout
    assert SECRET not in first.stdout
    things = awx.things
    counts = {kind: len(things.get(kind, {})) for kind in fake_awx.ARGUMENTS}
    assert counts == {**dict.fromkeys(counts, 1), "host": 2, "inventory_source": 0}
    # A new secret is not stored unless that is asked for: AWX does not show the old one.
    new = {"awx_credential_inputs": {"access_key": "INVENTED", "secret_key": "new-secret"}}
    for options in ((), ("--check",)):
        again = awx.set_up({**SETTINGS, **new, "awx_schedule_enabled": True}, *options)
        assert "changed=0 " in again.stdout, again.stdout
    assert awx.things == things
    # The templates in it are for AWX: Ansible must have left them alone.
    assert things["credential_type"]["Huawei Cloud IoTDA"].items() >= _file("credential_type").items()
    template = things["job_template"]["Prune IoTDA batch tasks"]
    assert template["survey_spec"] == _file("survey")
    assert (template["playbook"], template["execution_environment"]) == ("playbooks/prune.yml", "IoTDA")
    assert template["ask_limit_on_launch"] is True
    assert things["execution_environment"]["IoTDA"]["organization"] == "Default"
    assert things["host"]["beijing"]["variables"] == SETTINGS["awx_instances"]["beijing"]
    schedule = things["schedule"][SCHEDULE]
    assert (schedule["enabled"], schedule["extra_data"]["prune_dry_run"]) == (True, "false")


def test_an_inventory_file_without_an_image(awx: Awx) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != "awx_image"} | {"awx_instances": None}
    awx.keep("notification_template", "Mail")
    chosen = {"awx_inventory_file": "iotda.yml", "awx_slices": 4, "awx_notify_on_error": ["Mail"]}
    done = awx.set_up({**settings, **chosen})
    assert done.returncode == 0, done.stdout
    things = awx.things
    assert {"execution_environment", "schedule", "host"} & set(things) == set()
    (source,) = things["inventory_source"].values()
    assert (source["source"], source["source_path"], source["update_on_launch"]) == ("scm", "iotda.yml", True)
    # An update must keep what was set in AWX on a host that it finds again.
    assert (source["overwrite"], source["overwrite_vars"]) == (True, False)
    (template,) = things["job_template"].values()
    # AWX ignores what a launch asks for if the template does not ask for it.
    assert (template["job_slice_count"], template["ask_limit_on_launch"], template["ask_job_type_on_launch"]) == (
        4,
        True,
        True,
    )
    assert template["notification_templates_error"] == ["Mail"]
    assert "execution_environment" not in template


def test_another_run_keeps_schedules_and_removes_instances(awx: Awx) -> None:
    assert awx.set_up({**SETTINGS, "awx_schedule_enabled": True}).returncode == 0
    template = next(iter(awx.things["job_template"]))
    own = {key: value for key, value in awx.things["schedule"][SCHEDULE].items() if key != "name"}
    awx.keep("schedule", SCHEDULE, **{**own, "enabled": False})
    awx.keep("schedule", "My nights", unified_job_template=template, enabled=True)
    fewer = {**SETTINGS, "awx_instances": {"beijing": SETTINGS["awx_instances"]["beijing"]}}
    removed = {"awx_removed_instances": ["shanghai", "never-there"]}
    done = awx.set_up({**fewer, **removed, "awx_schedule_enabled": True})
    assert "changed=1 " in done.stdout, done.stdout
    assert set(awx.things["host"]) == {"beijing"}
    assert awx.things["schedule"][SCHEDULE]["enabled"] is False
    assert f"The schedule '{SCHEDULE}' stays disabled in AWX." in done.stdout
    assert "The schedule 'My nights' of this job template is also enabled" in done.stdout


def test_what_nobody_named_is_left_as_it_is_in_awx(awx: Awx) -> None:
    awx.keep("credential", "Vault", credential_type="Vault")
    awx.keep("notification_template", "Mail")
    assert awx.set_up(SETTINGS).returncode == 0
    things = awx.things
    (template,) = things["job_template"].values()
    template.update(credentials=["IoTDA", "Vault"], notification_templates_error=["Mail"])
    things["host"]["beijing"].update(enabled=False)
    things["host"]["beijing"]["variables"]["iotda_protected"] = True
    awx.store.write_text(json.dumps(things), encoding="utf-8")
    for options in ((), ("--check",)):
        again = awx.set_up(SETTINGS, *options)
        assert "changed=0 " in again.stdout, again.stdout
    assert awx.things == things
    # The settings can lift it.
    lifted = {"beijing": {**SETTINGS["awx_instances"]["beijing"], "iotda_protected": False}}
    assert awx.set_up({**SETTINGS, "awx_instances": lifted}).returncode == 0
    assert awx.things["host"]["beijing"]["variables"]["iotda_protected"] is False


def test_answers_of_a_schedule_are_completed(awx: Awx) -> None:
    answers = {"prune_older_than": "45d", "prune_dry_run": "true"}
    enabled = {"awx_schedule_enabled": True, "awx_schedule_answers": answers}
    assert awx.set_up({**SETTINGS, **enabled}).returncode == 0
    sent = {"prune_older_than": "45d", "prune_keep_last": 20, "prune_max_deletions": 1000, "prune_dry_run": "true"}
    assert awx.things["schedule"][SCHEDULE]["extra_data"] == sent
    assert f"The schedule '{SCHEDULE}' still runs, and lists what it would delete." in awx.set_up(SETTINGS).stdout


def test_secrets_are_stored_again_when_asked(awx: Awx) -> None:
    new = {"awx_credential_inputs": {"access_key": "INVENTED", "secret_key": "new-secret"}}
    assert awx.set_up(SETTINGS).returncode == 0
    done = awx.set_up({**SETTINGS, **new, "awx_update_secrets": True}, "-v")
    assert "new-secret" not in done.stdout
    assert awx.things["credential"]["IoTDA"]["inputs"]["secret_key"] == "new-secret"


def test_mistakes_are_reported_before_any_change(awx: Awx) -> None:
    wrong = {"awx_instances": {"a:1": {}}, "awx_project": "x", "awx_job_template": "x", "awx_slices": 0}
    done = awx.set_up({**SETTINGS, **wrong})
    assert (done.returncode, awx.things) == (2, {})
    for words in ("a:1 in awx_instances has a colon in its name", "AWX could not tell them apart", "at least 1"):
        assert words in done.stdout
    assert "required" in awx.set_up({"awx_image": "x"}).stdout
    assert SECRET not in done.stdout
