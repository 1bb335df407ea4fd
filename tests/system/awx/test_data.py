# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data that awx.yml sends to AWX, held against AWX's own rules; and the rules, held against what breaks them."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.providers import environment
from ansible_collections.huaweicloud.iotda.tests.system.awx import rules

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = ROOT / "playbooks"
START = "DTSTART:20260105T030000Z RRULE:"
# The inputs of each credential type that there has been, by its name: the beginning of their SHA-256 as JSON.
INPUTS = {"Huawei Cloud IoTDA": "8f2633edda61745f"}


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


def test_inputs_of_a_credential_type_stay_as_they_are(credential_type: Any) -> None:
    digest = hashlib.sha256(json.dumps(credential_type["inputs"]).encode()).hexdigest()[:16]
    assert digest == INPUTS.get(credential_type["name"]), (
        "AWX changes no inputs of a credential type that is in use: give the type a new name, and add it to INPUTS"
    )


def test_awx_takes_the_survey(survey: Any) -> None:
    assert list(rules.survey_faults(survey)) == []
    assert list(rules.survey_doubts(survey)) == []


def test_no_question_is_an_optional_number(survey: Any) -> None:
    """AWX refuses an empty answer to one: it is a text."""
    assert [one["variable"] for one in survey["spec"] if one["type"] == "integer" and not one["required"]] == []


def test_awx_takes_the_schedule(schedule: Any, survey: Any) -> None:
    assert list(rules.rrule_faults(schedule["rrule"])) == []
    # Otherwise each run would be a change.
    assert rules.stored_rrule(schedule["rrule"]) == schedule["rrule"]
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


def _inject(kind: str, **templates: Any) -> Callable[[Any], None]:
    return lambda data: data["injectors"].update({kind: templates})


@pytest.mark.parametrize(
    ("break_it", "fault"),
    [
        (lambda data: data.update(kind="ssh"), "kind 'ssh'"),
        (lambda data: data["inputs"].update(dependencies={}), "inputs cannot have dependencies"),
        (lambda data: data["inputs"].update(required="access_key"), "required is no list of texts"),
        (_field(placeholder="x"), "field access_key cannot have placeholder"),
        (_field(id="1st"), "1st cannot be a field"),
        (_field(id="tower"), "tower cannot be a field"),
        (_field(id="secret_key"), "secret_key is there twice"),
        (_field(type="integer"), "field access_key has type 'integer'"),
        (_field(type="boolean", secret=True), "field access_key is boolean and has secret"),
        (_field(default=1), "field access_key has a default that is no string"),
        (_field(format="email"), "field access_key has format 'email'"),
        (_field(secret="yes"), "field access_key has a secret that is no bool"),
        (_field(ask_at_runtime=True), "field access_key has ask_at_runtime"),
        (_field(choices=[]), "field access_key has choices that are none"),
        (_field(choices=["a", 1]), "field access_key has choices that are none, no texts"),
        (_field(choices=["a", "a"]), "field access_key has choices that are none, no texts, or not different"),
        (lambda data: data["inputs"]["fields"][0].pop("label"), "field access_key lacks label"),
        (lambda data: data["injectors"].update(environment={}), "injectors cannot have environment"),
        (_inject("env", ANSIBLE_HOST_KEY_CHECKING="no"), "ANSIBLE_HOST_KEY_CHECKING cannot be injected"),
        (_inject("env", PYTHONPATH="/"), "PYTHONPATH cannot be injected"),
        (_inject("env", **{"HW-KEY": "x"}), "HW-KEY cannot be injected"),
        (_inject("env", HW_KEY="schlüssel"), "HW_KEY is no ASCII text"),
        (_inject("env", HW_KEY="{{ acces_key }}"), "HW_KEY: 'acces_key' is undefined"),
        (_inject("env", HW_KEY="{{ access_key"), "HW_KEY: unexpected end of template"),
        (_inject("env", HW_FILE="{{ tower.filename }}"), "HW_FILE: only what is in it can be used"),
        (_inject("env", HW_FILE="{{ tower.filename.key }}"), "HW_FILE: '"),
        (_inject("file", key="{{ secret_key }}"), "file cannot have key"),
        (_inject("file", **{"template.1st": ""}), "file cannot have template.1st"),
        (_inject("file", template="", **{"template.key": ""}), "file has template, and others besides"),
        (_inject("file", template="{{ acces_key }}"), "template: 'acces_key' is undefined"),
        (_inject("file", template=1), "template is no text"),
        (_inject("extra_vars", **{"iotda-key": "x"}), "extra_vars.iotda-key is no text"),
        (_inject("extra_vars", iotda_keys=["{{ acces_key }}"]), "extra_vars.iotda_keys[0]: 'acces_key' is undefined"),
        (_inject("extra_vars", iotda_timeout=30), "extra_vars.iotda_timeout is no text"),
    ],
)
def test_credential_types_that_awx_refuses(credential_type: Any, break_it: Callable[[Any], None], fault: str) -> None:
    broken = copy.deepcopy(credential_type)
    break_it(broken)
    assert any(found.startswith(fault) for found in rules.credential_type_faults(broken))


@pytest.mark.parametrize(
    "change_it",
    [
        _field(choices=["a", "b"], default="c"),
        _field(ask_at_runtime=False),
        lambda data: data["inputs"].update(required=["nothing"]),
        lambda data: data["injectors"].update(file={"template": "{{ secret_key }}"}, env={"F": "{{ tower.filename }}"}),
        lambda data: data["injectors"].update(file={"template.a": ""}, env={"F": "{{ tower.filename.a }}"}),
        _inject("extra_vars", iotda_key={"{{access_key}}": ["{{ secret_key }}"]}),
        lambda data: (data.pop("inputs"), data.pop("injectors")),
    ],
)
def test_credential_types_that_awx_takes(credential_type: Any, change_it: Callable[[Any], None]) -> None:
    change_it(credential_type)
    assert list(rules.credential_type_faults(credential_type)) == []


@pytest.mark.parametrize(
    ("question", "values", "fault"),
    [
        (0, {"required": "yes"}, "required is missing, or no bool"),
        (0, {"question_name": None}, "question_name is missing, or no str"),
        (0, {"type": "string"}, "there is no type 'string'"),
        (0, {"min": "2"}, "min is no integer"),
        (0, {"variable": "iotda_keep_last"}, "iotda_keep_last is asked twice"),
        (0, {"default": "$encrypted$"}, "the default is a word that AWX reserves"),
        (0, {"default": None}, "the default is no text"),
        (0, {"type": "multiplechoice"}, "lacks choices"),
        (1, {"default": "20"}, "the default is no integer"),
        (4, {"default": True}, "the default is no multiplechoice"),
        (4, {"default": "yes"}, "the default 'yes' is no choice"),
        (4, {"default": "true\nfalse"}, "the default is more than one choice"),
        (4, {"choices": []}, "the default 'true' is no choice"),
    ],
)
def test_surveys_that_awx_refuses(survey: Any, question: int, values: dict[str, Any], fault: str) -> None:
    survey["spec"][question].update(values)
    assert any(fault in found for found in rules.survey_faults(survey))


@pytest.mark.parametrize(
    ("question", "values", "doubt"),
    [
        (
            0,
            {"default": "more than twelve"},
            "iotda_older_than: the default does not serve as an answer: 16 is more than 12",
        ),
        (1, {"default": -1}, "iotda_keep_last: the default does not serve as an answer: -1 is less than 0"),
        (1, {"default": True}, "iotda_keep_last: the default does not serve as an answer: True is no integer"),
        (4, {"type": "multiselect"}, "iotda_dry_run: the default does not serve as an answer: 'true' is no list"),
        (4, {"default": ""}, "iotda_dry_run: the default does not serve as an answer: '' is no choice"),
    ],
)
def test_defaults_that_awx_takes_and_does_not_use(
    survey: Any, question: int, values: dict[str, Any], doubt: str
) -> None:
    survey["spec"][question].update(values)
    assert list(rules.survey_faults(survey)) == []
    assert list(rules.survey_doubts(survey)) == [doubt]
    assert survey["spec"][question]["variable"] not in rules.launched(survey, {})


def test_blank_lines_are_no_choices(survey: Any) -> None:
    survey["spec"][4]["choices"] = "true\n\n \nfalse\n"
    assert list(rules.survey_faults(survey)) == []
    assert list(rules.answer_faults(survey["spec"][4], "")) == ["'' is no choice"]
    assert list(rules.answer_faults(survey["spec"][4], "false")) == []


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"iotda_older_than": "30d", "iotda_dry_run": "no"}, "iotda_dry_run: 'no' is no choice"),
        ({"iotda_older_than": 30}, "iotda_older_than: 30 is no text"),
        ({"iotda_keep_last": ""}, "iotda_keep_last: '' is no integer"),
        ({"iotda_older_than": "30d", "iotda_app_id": "x"}, "iotda_app_id is not asked for"),
        ({}, "iotda_older_than is required"),
    ],
)
def test_answers_that_awx_refuses(survey: Any, answers: dict[str, Any], fault: str) -> None:
    assert fault in list(rules.answers_faults(survey, answers))


@pytest.mark.parametrize(
    ("inputs", "faults"),
    [
        ({"access_key": "a", "secret_key": "b"}, []),
        ({"access_key": 1, "ak": "b"}, ["inputs cannot have ak", "access_key is no string"]),
    ],
)
def test_credentials_that_awx_refuses(credential_type: Any, inputs: dict[str, Any], faults: list[str]) -> None:
    assert list(rules.credential_faults(credential_type, inputs)) == faults


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=1", "needs exactly one DTSTART"),
        (START + "FREQ=DAILY;INTERVAL=1 DTSTART:20260105T030000Z", "needs exactly one DTSTART"),
        ("DTSTART:20260105T030000 RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART has no time zone"),
        ("DTSTART:20261305T030000Z RRULE:FREQ=DAILY;INTERVAL=1", "cannot be read: month must be in 1..12"),
        ("DTSTART;TZID=Nowhere/Atall:20260105T030000 RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART has no time zone"),
        ("DTSTART:20260105T030000Z", "needs an RRULE"),
        (START + "FREQ=DAILY", "INTERVAL is required"),
        (START + "FREQ=SECONDLY;INTERVAL=1", "SECONDLY is not supported"),
        (START + "INTERVAL=1", "cannot be read: "),
        (START + "FREQ=OFTEN;INTERVAL=1", "cannot be read: invalid 'FREQ': OFTEN"),
        (START + "FREQ=DAILY;INTERVAL=x", "cannot be read: invalid 'INTERVAL': X"),
        (START + "FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO", "BYDAY begins with a number"),
        (START + "FREQ=DAILY;INTERVAL=1;COUNT=1000", "COUNT is more than 999"),
        (START + "FREQ=DAILY;INTERVAL=1;COUNT=x", "cannot be read: invalid 'COUNT': X"),
        (START + "FREQ=DAILY;INTERVAL=1;COUNT=1;UNTIL=20270101T000000Z", "COUNT and UNTIL together"),
        (START + "FREQ=DAILY;INTERVAL=1;UNTIL=20270101", "UNTIL has no time"),
        (START + "FREQ=DAILY;INTERVAL=1 EXDATE:20260112T030000Z", "EXDATE and RDATE are not for schedules"),
        (START + "FREQ=WEEKLY;INTERVAL=1;DAY=MO", "cannot be read: unknown parameter 'DAY'"),
        (START + "FREQ=WEEKLY;INTERVAL=1 every week", "cannot be read: "),
    ],
)
def test_schedules_that_awx_refuses(rule: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in rules.rrule_faults(rule))


@pytest.mark.parametrize(
    "rule",
    [
        START + "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1MO",
        START + "FREQ=DAILY;INTERVAL=1;BYHOUR=3;BYMINUTE=0;BYSECOND=0",
        START + "FREQ=DAILY;INTERVAL=1;UNTIL=20270101T000000",
        START + "FREQ=DAILY;INTERVAL=1 EXRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU",
        "DTSTART;TZID=Asia/Shanghai:20260105T030000 RRULE:FREQ=DAILY;INTERVAL=1;COUNT=999",
        "DTSTART:20260105T030000Z\nRRULE:FREQ=WEEKLY;INTERVAL=1\n",
    ],
)
def test_schedules_that_awx_takes(rule: str) -> None:
    assert list(rules.rrule_faults(rule)) == []
    assert rules.stored_rrule(rule).split() == rules.stored_rrule(rule).split(" ")
