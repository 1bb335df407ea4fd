# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data that the role awx sends to AWX: what AWX would refuse, or hardly use as it is meant."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

import pytest
import yaml
from dateutil.rrule import rrulestr

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import credentials
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import options
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT

ROLE = ROOT / "roles/awx"
# The inputs of each credential type that there has been, by its name: the beginning of their SHA-256 as JSON.
INPUTS = {"Huawei Cloud IoTDA": "8f2633edda61745f"}


def _load(name: str) -> Any:
    return yaml.safe_load((ROLE / name).read_text(encoding="utf-8"))


@pytest.fixture
def credential_type() -> Any:
    return _load("files/credential_type.yml")


@pytest.fixture
def questions() -> dict[str, Any]:
    return {question["variable"]: question for question in _load("files/survey.yml")["spec"]}


def test_inputs_of_a_credential_type_stay_as_they_are(credential_type: Any) -> None:
    digest = hashlib.sha256(json.dumps(credential_type["inputs"]).encode()).hexdigest()[:16]
    assert digest == INPUTS.get(credential_type["name"]), (
        "AWX changes no inputs of a credential type that is in use: give the type a new name, and add it to INPUTS"
    )


def test_fields_become_variables_that_the_modules_read(credential_type: Any) -> None:
    templates = credential_type["injectors"]["env"]
    fields = [field["id"] for field in credential_type["inputs"]["fields"]]
    assert sorted(templates.values()) == sorted(f"{{{{ {name} }}}}" for name in fields)
    assert not [name for name in templates if name.startswith("ANSIBLE_")]
    families = [family for family in (*credentials.KEYS, *credentials.PASSWORDS) if "HW" in str(family)]
    read = {name: value for family in families for value, names in family.items() for name in names}
    read["HUAWEICLOUD_SDK_IAM_ENDPOINT"] = "iam_endpoint"
    assert {name: read.get(name) for name in templates} == {name: value[3:-3] for name, value in templates.items()}


def test_secret_fields_are_hidden(credential_type: Any) -> None:
    hidden = {field["id"] for field in credential_type["inputs"]["fields"] if field.get("secret")}
    assert hidden == {"secret_key", "security_token", "password"}


def test_the_survey_asks_for_variables_of_the_role(questions: dict[str, Any]) -> None:
    assert set(questions) < set(options())


def test_a_launch_without_answers_only_lists(questions: dict[str, Any]) -> None:
    """AWX uses a default that is valid, and refuses a launch that leaves out what is required."""
    assert not any(question["required"] for question in questions.values())
    for question in questions.values():
        default, kind = question["default"], question["type"]
        assert isinstance(default, int if kind == "integer" else str)
        size = len(default) if kind == "text" else default
        assert kind == "multiplechoice" or question["min"] <= size <= question["max"]
    assert questions["prune_dry_run"]["default"] in questions["prune_dry_run"]["choices"]
    assert questions["prune_dry_run"]["default"] == "true"


def test_the_schedule_answers_the_survey(questions: dict[str, Any]) -> None:
    defaults = _load("defaults/main.yml")
    answers, rule = defaults["awx_schedule_answers"], defaults["awx_schedule_rrule"]
    assert set(answers) == set(questions)
    assert answers["prune_dry_run"] in questions["prune_dry_run"]["choices"]
    assert all(type(answers[name]) is type(question["default"]) for name, question in questions.items())
    # AWX refuses a rule without INTERVAL, and stores one in its own form: another form would be a change each time.
    assert re.fullmatch(r"DTSTART:\d{8}T\d{6}Z RRULE:FREQ=\w+;INTERVAL=\d+(;BY\w+=\w+)*", rule)
    start = datetime.strptime(rule.split()[0], "DTSTART:%Y%m%dT%H%M%S%z")
    assert next(iter(rrulestr(rule.replace(" ", "\n")))) == start
    assert defaults["awx_schedule_enabled"] is False


def test_defaults_are_those_of_the_specification() -> None:
    specified = _load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert _load("defaults/main.yml") == {name: one["default"] for name, one in specified.items() if "default" in one}
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert specified["awx_project_branch"]["default"] == version


def test_awx_offers_the_playbooks() -> None:
    """AWX takes a file for a playbook by a line that begins with hosts: or import_playbook:."""
    for path in ("playbooks/prune.yml", "docs/examples/awx-project/prune.yml"):
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        assert any(re.match(r"\s*-?\s*(hosts|(ansible\.builtin\.)?import_playbook):", line) for line in lines)


class _Loader(yaml.SafeLoader):
    """Knows what Ansible's own loader knows."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def test_controller_configuration_example_matches_role() -> None:
    text = (ROOT / "docs/examples/controller_configuration.yml").read_text(encoding="utf-8")
    data = yaml.load(text, _Loader)  # a safe loader
    defaults = _load("defaults/main.yml")
    (credential_type,), (template,) = data["controller_credential_types"], data["controller_templates"]
    (schedule,) = data["controller_schedules"]
    assert credential_type == _load("files/credential_type.yml")
    assert template["survey"] == _load("files/survey.yml")
    (task,) = (one for one in _load("tasks/main.yml")[0]["block"] if "awx.awx.job_template" in one)
    asked = {name: value for name, value in task["awx.awx.job_template"].items() if name.startswith("ask_")}
    assert {name: value for name, value in template.items() if name.startswith("ask_")} == asked
    assert (schedule["rrule"], schedule["extra_data"]) == (
        defaults["awx_schedule_rrule"],
        defaults["awx_schedule_answers"],
    )
    assert text.count('!unsafe "{{') == len(credential_type["injectors"]["env"])
