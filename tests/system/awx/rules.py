# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does with the data that awx.yml sends it: which it refuses, and what a job gets from the rest.

Faults are what AWX refuses; doubts are what it takes, but hardly as meant. Written after awx/main/fields.py,
awx/main/models (credential.py, mixins.py, schedules.py), awx/main/constants.py, awx/main/utils/ansible.py and awx/api
(serializers.py, views) of https://github.com/ansible/awx. The modules of the stand-in have a copy of this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from types import SimpleNamespace
from typing import Any

from dateutil.rrule import rrulestr
from dateutil.tz import tzutc
from jinja2 import StrictUndefined, TemplateError, UndefinedError
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
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*$")
EXTRA_VAR = re.compile(r"[a-zA-Z_{}][a-zA-Z0-9_{}]*$")
FILE = re.compile(r"template(\.[a-zA-Z_][a-zA-Z0-9_]*)?$")
PLAYBOOK_LINE = re.compile(r"\s*-?\s*(hosts|((ansible\.builtin\.)?(include|import_playbook))):")


def credential_type_faults(data: Data) -> Iterator[str]:
    """Yield why AWX would refuse a credential type."""
    if data.get("kind") not in KINDS:
        yield f"kind {data.get('kind')!r}"
    inputs = data.get("inputs", {})
    yield from _unknown("inputs", inputs, ("fields", "required"))
    if not _are_texts(inputs.get("required", [])):
        yield "required is no list of texts"
    fields = inputs.get("fields", [])
    yield from chain.from_iterable(map(_field_faults, fields))
    ids = [field.get("id") for field in fields]
    yield from (f"{name} is there twice" for name in sorted(set(ids)) if ids.count(name) > 1)
    yield from _injector_faults(data.get("injectors", {}), ids)


def _unknown(where: str, data: Data, known: Sequence[str]) -> Iterator[str]:
    yield from (f"{where} cannot have {name}" for name in data if name not in known)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _field_faults(field: Data) -> Iterator[str]:
    name = field.get("id", "?")
    yield from _unknown(f"field {name}", field, list(FIELD_KEYS))
    yield from (f"field {name} lacks {key}" for key in ("id", "label") if key not in field)
    for key, kind in FIELD_KEYS.items():
        if key in field and not isinstance(field[key], kind):
            yield f"field {name} has a {key} that is no {kind.__name__}"
    if not NAME.match(str(name)) or name == "tower":
        yield f"{name} cannot be a field"
    if field.get("ask_at_runtime"):
        yield f"field {name} has ask_at_runtime, which is not for types that users define"
    choices = field.get("choices", ["one"])
    if not _are_texts(choices) or not choices or len(set(choices)) < len(choices):
        yield f"field {name} has choices that are none, no texts, or not different"
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
    files, env, extra_vars = (injectors.get(kind, {}) for kind in ("file", "env", "extra_vars"))
    yield from (f"file cannot have {name}" for name in files if not FILE.match(name))
    if "template" in files and len(files) > 1:
        yield "file has template, and others besides"
    for name, template in env.items():
        if name.startswith("ANSIBLE_") or name in ENVIRONMENT_OF_AWX or not NAME.match(name):
            yield f"{name} cannot be injected"
        if not isinstance(template, str) or not template.isascii():
            yield f"{name} is no ASCII text"
    values = {**dict.fromkeys(fields, "EXAMPLE"), "tower": _tower(files)}
    for name, template in chain(files.items(), env.items(), _of_extra_vars(extra_vars)):
        yield from _template_faults(name, template, values)


class _Names(SimpleNamespace):
    """Names behind a dot, and nothing by themselves."""

    def __str__(self) -> str:
        raise UndefinedError("only what is in it can be used")


def _tower(files: Data) -> _Names:
    """Return what templates can use of the files."""
    if "template" in files:
        return _Names(filename="EXAMPLE")
    return _Names(filename=_Names(**{name.partition(".")[2]: "EXAMPLE" for name in files if "." in name}))


def _of_extra_vars(node: Any, path: str = "extra_vars") -> Iterator[tuple[str, Any]]:
    """Yield each template in ``node``, with where it is."""
    if isinstance(node, Mapping):
        for name, inner in node.items():
            # As a template with a fault, since that is what AWX would say of it.
            yield f"{path}.{name}", name if EXTRA_VAR.match(name) else None
            yield from _of_extra_vars(inner, f"{path}.{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _of_extra_vars(inner, f"{path}[{number}]")
    else:
        yield path, node


def _template_faults(name: str, template: Any, values: Data) -> Iterator[str]:
    if not isinstance(template, str):
        yield f"{name} is no text"
        return
    try:
        _render(template, values, strict=True)
    except TemplateError as error:
        yield f"{name}: {error}"


def _render(template: str, values: Data, strict: bool = False) -> str:
    options: dict[str, Any] = {"undefined": StrictUndefined} if strict else {}
    return ImmutableSandboxedEnvironment(**options).from_string(template).render(**values)


def credential_faults(credential_type: Data, inputs: Data) -> Iterator[str]:
    """Yield why AWX would refuse the inputs of a credential."""
    kinds = {field["id"]: field.get("type", "string") for field in credential_type["inputs"]["fields"]}
    yield from _unknown("inputs", inputs, list(kinds))
    for name, value in inputs.items():
        if not isinstance(value, {"string": str, "boolean": bool}.get(kinds.get(name, ""), object)):
            yield f"{name} is no {kinds[name]}"


def injected(credential_type: Data, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a job gets from a credential; fields that were left empty are undefined."""
    filled = {name: value for name, value in inputs.items() if value}
    return {name: _render(template, filled) for name, template in credential_type["injectors"]["env"].items()}


def survey_faults(survey: Data) -> Iterator[str]:
    """Yield why AWX would refuse a survey."""
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
    chosen = question["type"] in ("multiplechoice", "multiselect")
    if chosen and "choices" not in question:
        yield f"{name}: lacks choices"
    elif "default" in question:
        yield from (f"{name}: {fault}" for fault in _default_faults(question, chosen))


def _default_faults(question: Data, chosen: bool) -> Iterator[str]:
    default = question["default"]
    if default != "" and not isinstance(default, QUESTION_TYPES[question["type"]]):
        yield f"the default is no {question['type']}"
        return
    if isinstance(default, str) and default.startswith("$encrypted$"):
        yield "the default is a word that AWX reserves"
    if chosen:
        defaults = _lines(default)
        if question["type"] == "multiplechoice" and len(defaults) > 1:
            yield "the default is more than one choice"
        yield from (f"the default {one!r} is no choice" for one in defaults if one not in _lines(question["choices"]))


def _lines(choices: str | Sequence[str]) -> Sequence[str]:
    """Return choices as a list: as a text they are one a line, and AWX drops blank lines."""
    return [line for line in choices.splitlines() if line.strip()] if isinstance(choices, str) else choices


def survey_doubts(survey: Data) -> Iterator[str]:
    """Yield which defaults AWX takes, and then does not use, without a word, for a job that nobody answers for."""
    for question in survey["spec"]:
        if "default" in question:
            faults = answer_faults(question, question["default"])
            yield from (f"{question['variable']}: the default does not serve as an answer: {fault}" for fault in faults)


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
    elif kind == "float" and (isinstance(answer, bool) or not isinstance(answer, (float, int))):
        yield f"{answer!r} is no number"
    elif kind in ("integer", "float"):
        yield from _range_faults(question, answer)
    elif kind == "multiselect" and not isinstance(answer, list):
        yield f"{answer!r} is no list"
    else:
        chosen = answer if kind == "multiselect" else [answer]
        yield from (f"{one!r} is no choice" for one in chosen if one not in _lines(question["choices"]))


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
    starts = re.findall(r"DTSTART(?:;[^:]+)?:\d+T\d+Z?", text)
    if len(starts) != 1:
        yield "needs exactly one DTSTART"
    if "rrule:" not in text.lower():
        yield "needs an RRULE"
    if re.search("(exdate|rdate):", text.lower()):
        yield "EXDATE and RDATE are not for schedules"
    yield from chain.from_iterable(map(_rule_faults, re.findall(r"RULE:\S*", text)))
    try:
        rules = rrulestr(stored_rrule(text), forceset=True, tzinfos={"UTC": tzutc(), "GMT": tzutc(), "Z": tzutc()})
        next(iter(rules), None)
        if any(rule._dtstart.tzinfo is None for rule in rules._rrule):
            yield "DTSTART has no time zone"
    except Exception as error:  # whatever goes wrong there, AWX calls it a fault
        yield f"cannot be read: {error}"


def stored_rrule(text: str) -> str:
    """Return the rule as AWX stores it, apart from the time zone of an UNTIL that has none."""
    return " ".join(re.sub(r"(UNTIL=\d+T\d+)(?![\dZ])", r"\1Z", text).split())


def _rule_faults(rule: str) -> Iterator[str]:
    if "interval" not in rule.lower():
        yield "INTERVAL is required"
    if "secondly" in rule.lower():
        yield "SECONDLY is not supported"
    if re.search(r"BYDAY[:=]\d+[a-zA-Z]{2}", rule):
        yield "BYDAY begins with a number"
    if "COUNT" in rule and "UNTIL" in rule:
        yield "COUNT and UNTIL together"
    if "until=" in rule.lower() and not re.search(r"UNTIL=\d+T\d", rule):
        yield "UNTIL has no time"
    count = re.search(r"COUNT=(\d+)", rule)
    if count and int(count[1]) > 999:
        yield "COUNT is more than 999"


def offers(path: str, text: str) -> bool:
    """Whether AWX would offer a file of a project as a playbook: only then a job template can have it."""
    folders = path.split("/")[:-1]
    hidden = any(name in ("roles", "tasks", "group_vars", "host_vars") or name.startswith(".") for name in folders)
    return path.endswith((".yml", ".yaml")) and not hidden and any(map(PLAYBOOK_LINE.match, text.splitlines()))
