# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data that awx.yml sends to AWX, held against AWX's own rules; and the rules, held against what breaks them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.module_utils._sources import environment
from ansible_collections.huaweicloud.iotda.tests.system.awx import rules

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = ROOT / "playbooks"


def _load(name: str) -> Any:
    return yaml.safe_load((PLAYBOOKS / "awx_data" / f"{name}.yml").read_text(encoding="utf-8"))


@pytest.fixture
def credential_type() -> Any:
    return _load("credential_type")


@pytest.fixture
def survey() -> Any:
    return _load("survey")


@pytest.fixture
def schedule() -> Any:
    return _load("schedule")


def test_awx_takes_the_credential_type(credential_type: Any) -> None:
    assert list(rules.credential_type_faults(credential_type)) == []


def test_awx_takes_the_survey(survey: Any) -> None:
    assert list(rules.survey_faults(survey)) == []


def test_awx_takes_the_schedule(schedule: Any, survey: Any) -> None:
    assert list(rules.rrule_faults(schedule["rrule"])) == []
    assert list(rules.answers_faults(survey, schedule["extra_data"])) == []


def test_the_schedule_begins_on_a_day_of_its_own(schedule: Any) -> None:
    start = datetime.strptime(schedule["rrule"].split()[0], "DTSTART:%Y%m%dT%H%M%SZ")
    assert f"BYDAY={start:%a}"[:8].upper() in schedule["rrule"]


def test_every_field_reaches_a_variable_that_the_modules_read(credential_type: Any) -> None:
    templates = credential_type["injectors"]["env"]
    fields = [field["id"] for field in credential_type["inputs"]["fields"]]
    assert sorted(templates.values()) == sorted(f"{{{{ {name} }}}}" for name in fields)
    families = [family for family in (*environment.KEYS, *environment.PASSWORDS) if "HW" in str(family)]
    read = {name: value for family in families for value, names in family.items() for name in names}
    read["HUAWEICLOUD_SDK_IAM_ENDPOINT"] = "iam_endpoint"
    assert {name: read.get(name) for name in templates} == {name: value[3:-3] for name, value in templates.items()}


def test_secret_fields_are_hidden(credential_type: Any) -> None:
    hidden = {field["id"] for field in credential_type["inputs"]["fields"] if field.get("secret")}
    assert hidden == {"secret_key", "security_token", "password"}


def test_the_survey_asks_for_what_the_playbook_reads(survey: Any) -> None:
    playbook = (PLAYBOOKS / "prune.yml").read_text(encoding="utf-8") + (PLAYBOOKS / "vars/prune.yml").read_text(
        encoding="utf-8"
    )
    for question in survey["spec"]:
        assert question["variable"] in playbook


def test_the_survey_looks_and_the_schedule_deletes(survey: Any, schedule: Any) -> None:
    assert rules.launched(survey, {})["iotda_dry_run"] == "true"
    assert rules.launched(survey, schedule["extra_data"])["iotda_dry_run"] == "false"


def test_the_playbook_can_be_chosen() -> None:
    job_template = next(
        task["awx.awx.job_template"]
        for task in yaml.safe_load((PLAYBOOKS / "awx.yml").read_text(encoding="utf-8"))[0]["tasks"]
        if "awx.awx.job_template" in task
    )
    path = job_template["playbook"]
    assert rules.offers(path, (ROOT / path).read_text(encoding="utf-8"))
    for data in ("vars/prune.yml", "awx_data/survey.yml", "awx_data/schedule.yml", "awx_data/credential_type.yml"):
        assert not rules.offers(f"playbooks/{data}", (PLAYBOOKS / data).read_text(encoding="utf-8"))


def _field(**values: Any) -> Callable[[Any], None]:
    return lambda data: data["inputs"]["fields"][0].update(values)


def _env(name: str, template: Any) -> Callable[[Any], None]:
    return lambda data: data["injectors"]["env"].update({name: template})


@pytest.mark.parametrize(
    ("break_it", "fault"),
    [
        (lambda data: data.update(kind="ssh"), "kind 'ssh'"),
        (lambda data: data["inputs"].update(dependencies={}), "inputs cannot have dependencies"),
        (lambda data: data["inputs"].update(required=["nothing"]), "nothing is required, but no field"),
        (_field(placeholder="x"), "field access_key cannot have placeholder"),
        (_field(id="1st"), "1st cannot be a field"),
        (_field(id="tower"), "tower cannot be a field"),
        (_field(id="secret_key"), "secret_key is there twice"),
        (_field(type="integer"), "field access_key has type 'integer'"),
        (_field(type="boolean", secret=True), "field access_key is boolean and has secret"),
        (_field(default=1), "field access_key has a default that is no string"),
        (_field(format="email"), "field access_key has format 'email'"),
        (_field(secret="yes"), "field access_key has a secret that is no bool"),
        (lambda data: data["inputs"]["fields"][0].pop("label"), "field access_key lacks label"),
        (lambda data: data["injectors"].update(environment={}), "injectors cannot have environment"),
        (_env("ANSIBLE_HOST_KEY_CHECKING", "no"), "ANSIBLE_HOST_KEY_CHECKING cannot be injected"),
        (_env("PYTHONPATH", "/"), "PYTHONPATH cannot be injected"),
        (_env("HW-KEY", "x"), "HW-KEY cannot be injected"),
        (_env("HW_KEY", "schlüssel"), "HW_KEY is no ASCII text"),
        (_env("HW_KEY", "{{ acces_key }}"), "HW_KEY: 'acces_key' is undefined"),
        (_env("HW_KEY", "{{ access_key"), "HW_KEY: unexpected end of template"),
    ],
)
def test_credential_types_that_awx_refuses(credential_type: Any, break_it: Callable[[Any], None], fault: str) -> None:
    broken = copy.deepcopy(credential_type)
    break_it(broken)
    assert any(found.startswith(fault) for found in rules.credential_type_faults(broken))


@pytest.mark.parametrize(
    ("question", "values", "fault"),
    [
        (0, {"required": "yes"}, "required is missing, or no bool"),
        (0, {"question_name": None}, "question_name is missing, or no str"),
        (0, {"type": "string"}, "there is no type 'string'"),
        (0, {"min": "2"}, "min is no integer"),
        (0, {"variable": "iotda_keep_last"}, "iotda_keep_last is asked twice"),
        (0, {"default": "$encrypted$"}, "the default is a word that AWX reserves"),
        (0, {"default": "more than twelve"}, "the default does not serve as an answer: 16 is more than 12"),
        (1, {"default": "20"}, "the default is no integer"),
        (1, {"default": -1}, "the default does not serve as an answer: -1 is less than 0"),
        (4, {"default": True}, "the default is no multiplechoice"),
        (4, {"default": "yes"}, "the default does not serve as an answer: 'yes' is no choice"),
        (4, {"choices": []}, "lacks choices"),
        (4, {"type": "multiselect"}, "the default does not serve as an answer: 'true' is no list"),
    ],
)
def test_surveys_that_awx_refuses(survey: Any, question: int, values: dict[str, Any], fault: str) -> None:
    survey["spec"][question].update(values)
    assert any(fault in found for found in rules.survey_faults(survey))


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"iotda_older_than": "30d", "iotda_dry_run": "no"}, "iotda_dry_run: 'no' is no choice"),
        ({"iotda_older_than": 30}, "iotda_older_than: 30 is no text"),
        ({"iotda_older_than": "30d", "iotda_app_id": "x"}, "iotda_app_id is not asked for"),
        ({}, "iotda_older_than is required"),
    ],
)
def test_answers_that_awx_refuses(survey: Any, answers: dict[str, Any], fault: str) -> None:
    assert fault in list(rules.answers_faults(survey, answers))


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=1", "needs exactly one DTSTART"),
        ("DTSTART:20260105T030000 RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART has no time zone"),
        ("DTSTART:20261305T030000Z RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART is no moment"),
        ("DTSTART:20260105T030000Z", "needs an RRULE"),
        ("DTSTART:20260105T030000Z RRULE:FREQ=DAILY", "INTERVAL is required"),
        ("DTSTART:20260105T030000Z RRULE:FREQ=SECONDLY;INTERVAL=1", "FREQ 'SECONDLY'"),
        ("DTSTART:20260105T030000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO", "BYDAY with a number"),
        ("DTSTART:20260105T030000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000", "COUNT is more than 999"),
        (
            "DTSTART:20260105T030000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1;UNTIL=20270101T000000Z",
            "COUNT and UNTIL together",
        ),
        (
            "DTSTART:20260105T030000Z RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20260112T030000Z",
            "EXDATE and RDATE are not for schedules",
        ),
        ("DTSTART:20260105T030000Z RRULE:FREQ=WEEKLY;INTERVAL=1;DAY=MO", "RRULE cannot have DAY"),
        (
            "DTSTART:20260105T030000Z\nRRULE:FREQ=WEEKLY;INTERVAL=1\n",
            "is more than DTSTART and rules with one space between",
        ),
    ],
)
def test_schedules_that_awx_refuses(rule: str, fault: str) -> None:
    assert fault in list(rules.rrule_faults(rule))
