# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does with the data that awx.yml sends it: which it refuses, and what a job gets from the rest.

Written after awx/main/fields.py, awx/main/models (credential.py, mixins.py, inventory.py), awx/main/constants.py,
awx/main/utils/ansible.py and awx/api (serializers.py, views) of https://github.com/ansible/awx.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Data = Mapping[str, Any]

KINDS = ("cloud", "net")  # those of credential types that users define
FIELD_KEYS = {
    "id": str,
    "label": str,
    "type": str,
    "format": str,
    "choices": list,
    "help_text": str,
    "multiline": bool,
    "secret": bool,
    "ask_at_runtime": bool,
    "default": object,
}
FOR_STRINGS_ONLY = ("choices", "multiline", "format", "secret")
ENVIRONMENT_OF_AWX = [
    "VIRTUAL_ENV",
    "PATH",
    "PYTHONPATH",
    "JOB_ID",
    "INVENTORY_ID",
    "INVENTORY_SOURCE_ID",
    "INVENTORY_UPDATE_ID",
    "AD_HOC_COMMAND_ID",
    "REST_API_URL",
    "REST_API_TOKEN",
    "MAX_EVENT_RES",
    "CALLBACK_QUEUE",
    "CALLBACK_CONNECTION",
    "CACHE",
    "JOB_CALLBACK_DEBUG",
    "INVENTORY_HOSTVARS",
    "AWX_HOST",
    "PROJECT_REVISION",
    "SUPERVISOR_CONFIG_PATH",
]
QUESTION_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str,),
    "integer": (int,),
    "float": (float, int),
}
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
PLAYBOOK_LINE = re.compile(r"\s*-?\s*(hosts|((ansible\.builtin\.)?(include|import_playbook))):")


def credential_type_faults(data: Data) -> Iterator[str]:
    """Yield why AWX would refuse a credential type."""
    if data["kind"] not in KINDS:
        yield f"kind {data['kind']!r}"
    yield from _unknown("inputs", data["inputs"], ("fields", "required"))
    fields = data["inputs"]["fields"]
    yield from chain.from_iterable(map(_field_faults, fields))
    ids = [field.get("id") for field in fields]
    yield from (f"{name} is there twice" for name in sorted(set(ids)) if ids.count(name) > 1)
    yield from (f"{name} is required, but no field" for name in data["inputs"].get("required", []) if name not in ids)
    yield from _injector_faults(data["injectors"], ids)


def _unknown(where: str, data: Data, known: Sequence[str]) -> Iterator[str]:
    yield from (f"{where} cannot have {name}" for name in data if name not in known)


def _field_faults(field: Data) -> Iterator[str]:
    name = field.get("id", "?")
    yield from _unknown(f"field {name}", field, list(FIELD_KEYS))
    yield from (f"field {name} lacks {key}" for key in ("id", "label") if key not in field)
    for key, kind in FIELD_KEYS.items():
        if key in field and not isinstance(field[key], kind):
            yield f"field {name} has a {key} that is no {kind.__name__}"
    if not NAME.match(str(name)) or name == "tower":
        yield f"{name} cannot be a field"
    kind = field.get("type", "string")
    if kind not in ("string", "boolean"):
        yield f"field {name} has type {kind!r}"
    if kind != "string":
        yield from (f"field {name} is {kind} and has {key}" for key in FOR_STRINGS_ONLY if key in field)
    if field.get("format", "url") not in ("ssh_private_key", "url"):
        yield f"field {name} has format {field['format']!r}"
    if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}.get(kind, ())):
        yield f"field {name} has a default that is no {kind}"


def _injector_faults(injectors: Data, fields: Sequence[str]) -> Iterator[str]:
    yield from _unknown("injectors", injectors, ("file", "env", "extra_vars"))
    for name, template in injectors.get("env", {}).items():
        if name.startswith("ANSIBLE_") or name in ENVIRONMENT_OF_AWX or not NAME.match(name):
            yield f"{name} cannot be injected"
        if not isinstance(template, str) or not template.isascii():
            yield f"{name} is no ASCII text"
            continue
        try:
            _render(template, dict.fromkeys(fields, "EXAMPLE"), strict=True)
        except TemplateError as error:
            yield f"{name}: {error}"


def _render(template: str, values: Data, strict: bool = False) -> str:
    options: dict[str, Any] = {"undefined": StrictUndefined} if strict else {}
    return ImmutableSandboxedEnvironment(**options).from_string(template).render(**values)


def injected(credential_type: Data, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a job gets from a credential; fields that were left empty are undefined."""
    filled = {name: value for name, value in inputs.items() if value}
    return {name: _render(template, filled) for name, template in credential_type["injectors"]["env"].items()}


def survey_faults(survey: Data) -> Iterator[str]:
    """Yield why AWX would refuse a survey, change what it stores, or drop a default."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(name), kind) or survey[name] == []:
            yield f"{name} is missing, empty, or no {kind.__name__}"
    questions = survey.get("spec", [])
    yield from chain.from_iterable(map(_question_faults, questions))
    names = [question.get("variable") for question in questions]
    yield from (f"{name} is asked twice" for name in sorted(set(names)) if names.count(name) > 1)


def _question_faults(question: Data) -> Iterator[str]:
    name = question.get("variable", "?")
    for key, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(key), kind):
            yield f"{name}: {key} is missing, or no {kind.__name__}"
    if question.get("type") not in QUESTION_TYPES:
        yield f"{name}: there is no type {question.get('type')!r}"
        return
    for key in ("min", "max"):
        if question.get(key) is not None and not isinstance(question[key], int):
            yield f"{name}: {key} is no integer"
    if question["type"] in ("multiplechoice", "multiselect") and not question.get("choices"):
        yield f"{name}: lacks choices"
        return
    yield from _default_faults(name, question)


def _default_faults(name: str, question: Data) -> Iterator[str]:
    default = question.get("default")
    if default is None:
        return
    if default != "" and not isinstance(default, QUESTION_TYPES[question["type"]]):
        yield f"{name}: the default is no {question['type']}"
    if isinstance(default, str) and default.startswith("$encrypted$"):
        yield f"{name}: the default is a word that AWX reserves"
    # Without a word, a job that nobody answers a survey for goes without a default that is no valid answer.
    yield from (
        f"{name}: the default does not serve as an answer: {fault}" for fault in answer_faults(question, default)
    )


def answer_faults(question: Data, answer: Any) -> Iterator[str]:
    """Yield why AWX would refuse an answer."""
    kind = question["type"]
    if kind in ("text", "textarea", "password"):
        if not isinstance(answer, str):
            yield f"{answer!r} is no text"
        else:
            yield from _range_faults(question, len(answer))
    elif kind == "integer" and (isinstance(answer, bool) or not isinstance(answer, int)):
        yield f"{answer!r} is no integer"
    elif kind == "float" and type(answer) not in (float, int):
        yield f"{answer!r} is no number"
    elif kind in ("integer", "float"):
        yield from _range_faults(question, answer)
    elif kind == "multiselect" and not isinstance(answer, list):
        yield f"{answer!r} is no list"
    else:
        chosen = answer if kind == "multiselect" else [answer]
        choices = question["choices"]
        allowed = choices.splitlines() if isinstance(choices, str) else choices
        yield from (f"{one!r} is no choice" for one in chosen if one not in allowed)


def _range_faults(question: Data, value: float) -> Iterator[str]:
    if question.get("min") is not None and value < question["min"]:
        yield f"{value} is less than {question['min']}"
    if question.get("max") is not None and value > question["max"]:
        yield f"{value} is more than {question['max']}"


def answers_faults(survey: Data, answers: Data) -> Iterator[str]:
    """Yield why AWX would refuse these answers at a launch, where it asks for no other variables."""
    questions = {question["variable"]: question for question in survey["spec"]}
    yield from (f"{name} is not asked for" for name in answers if name not in questions)
    for name, question in questions.items():
        if name in answers:
            yield from (f"{name}: {fault}" for fault in answer_faults(question, answers[name]))
        elif question["required"]:
            yield f"{name} is required"


def launched(survey: Data, answers: Data) -> dict[str, Any]:
    """Return the extra variables of a job: defaults that are valid, and over them the answers."""
    defaults = {
        question["variable"]: question["default"]
        for question in survey["spec"]
        if question.get("default") is not None and not list(answer_faults(question, question["default"]))
    }
    return {**defaults, **answers}


def rrule_faults(text: str) -> Iterator[str]:
    """Yield why AWX would refuse the rule of a schedule."""
    starts = re.findall(r"DTSTART(?:;TZID=[^:]+)?:\d{8}T\d{6}Z?", text)
    rules = re.findall(r"RULE:(\S*)", text)
    if len(starts) != 1:
        yield "needs exactly one DTSTART"
    elif re.fullmatch(r"DTSTART:\d{8}T\d{6}", starts[0]):
        yield "DTSTART has no time zone"
    elif not _is_moment(starts[0]):
        yield "DTSTART is no moment"
    if "RRULE:" not in text:
        yield "needs an RRULE"
    if re.search("(EXDATE|RDATE):", text):
        yield "EXDATE and RDATE are not for schedules"
    if re.sub(r"(DTSTART\S*|(EX|R)RULE:\S*|(EX|R)DATE:\S*)", "", text).strip() or text != " ".join(text.split()):
        yield "is more than DTSTART and rules with one space between"
    yield from chain.from_iterable(map(_rule_faults, rules))


def _is_moment(start: str) -> bool:
    try:
        datetime.strptime(start.rpartition(":")[2].rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        return False
    return True


def _rule_faults(rule: str) -> Iterator[str]:
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    if parts.get("FREQ") not in ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        yield f"FREQ {parts.get('FREQ')!r}"
    if not parts.get("INTERVAL", "").isdigit():
        yield "INTERVAL is required"
    if re.search(r"\d", parts.get("BYDAY", "")):
        yield "BYDAY with a number"
    if "COUNT" in parts and "UNTIL" in parts:
        yield "COUNT and UNTIL together"
    if int(parts.get("COUNT", 0)) > 999:
        yield "COUNT is more than 999"
    known = [
        "FREQ",
        "INTERVAL",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYHOUR",
        "BYMINUTE",
        "BYSETPOS",
        "BYWEEKNO",
        "BYYEARDAY",
        "WKST",
        "COUNT",
        "UNTIL",
    ]
    yield from _unknown("RRULE", parts, known)


def offers(path: str, text: str) -> bool:
    """Whether AWX would offer a file of a project as a playbook: only then a job template can have it."""
    folders = path.split("/")[:-1]
    hidden = any(name in ("roles", "tasks", "group_vars", "host_vars") or name.startswith(".") for name in folders)
    return path.endswith((".yml", ".yaml")) and not hidden and any(map(PLAYBOOK_LINE.match, text.splitlines()))
