# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role ``awx`` sends to AWX, mistakes in its variables, and unexpected schedules in AWX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from ..module_utils._batch_tasks.criteria import parse_age
from ..module_utils._core.errors import ConfigurationError
from ._prune.request import is_false, options

Data = Mapping[str, Any]

# AWX looks these up by name among all of them.
_ONE_NAMESPACE = ("awx_project", "awx_job_template", "awx_inventory_source")
# With an answer to the survey, these cannot be used.
_EXCLUDED = ("prune_created_before", "prune_rules")
_PROTECTED = "iotda_protected"


def setup(given: Data, credential_type: Data, survey: Data, found: Data | None = None) -> dict[str, Any]:
    """Return what the role sends for the variables ``given``, or a sentence for each mistake in them.

    ``found`` is what the API of AWX lists: ``schedules`` and ``credentials`` of the job template, ``hosts`` of the
    inventory. What nobody named in the variables stays as it is there.
    """
    questions = {question["variable"]: question for question in survey["spec"]}
    mistakes = [
        *_credential_mistakes(given, [field["id"] for field in credential_type["inputs"]["fields"]]),
        *_instance_mistakes(given, list(questions)),
        *_name_mistakes(given),
        *_schedule_mistakes(given, questions),
    ]
    if mistakes:
        return {"mistakes": mistakes}
    found = found or {}
    defaults = {name: question["default"] for name, question in questions.items()}
    return {
        "mistakes": [],
        "instances": _instances(given.get("awx_instances") or {}, found.get("hosts", ())),
        "credentials": [given["awx_credential"], *_others(found.get("credentials", ()), credential_type["name"])],
        "schedule_answers": {**defaults, **given["awx_schedule_answers"]},
        "schedule_notes": _schedule_notes(
            found.get("schedules", ()), given["awx_schedule"], not is_false(given["awx_schedule_enabled"])
        ),
    }


def _instances(instances: Data, hosts: Sequence[Data]) -> dict[str, Any]:
    """Return the variables of each instance. A protection that was set in AWX stays until the variables lift it."""
    # As a stream, since libyaml takes no subclass of str, as ansible-core before 2.19 passes them.
    in_awx = {host["name"]: yaml_load(StringIO(host.get("variables") or "{}")) or {} for host in hosts}
    protected = {name: {_PROTECTED: True} for name, one in in_awx.items() if not is_false(one.get(_PROTECTED, False))}
    return {name: {**protected.get(str(name), {}), **variables} for name, variables in instances.items()}


def _others(credentials: Sequence[Data], own_type: str) -> list[str]:
    """Return the IDs of the credentials of other types: AWX allows one of each type."""
    return [str(one["id"]) for one in credentials if one["summary_fields"]["credential_type"]["name"] != own_type]


def _credential_mistakes(given: Data, fields: Sequence[str]) -> Iterator[str]:
    inputs = given["awx_credential_inputs"]
    unknown = [str(name) for name in inputs if name not in fields]
    if not inputs:
        yield "awx_credential_inputs is empty: give it access_key and secret_key, for example"
    if unknown:
        yield f"awx_credential_inputs has no field {' or '.join(unknown)}: its fields are {', '.join(fields)}"
    if not all(isinstance(value, str) for value in inputs.values()):
        yield "put the values of awx_credential_inputs in quotation marks: AWX accepts only text"


def _instance_mistakes(given: Data, asked: Sequence[str]) -> Iterator[str]:
    instances = given.get("awx_instances") or {}
    if bool(instances) == bool(given.get("awx_inventory_file")):
        yield "set either awx_instances or awx_inventory_file, so that the inventory has instances"
    secrets = [name for name, spec in options().items() if spec.get("no_log")]
    for name, variables in instances.items():
        where = f"{name} in awx_instances"
        if ":" in str(name):
            yield f"{where} has a colon in its name: AWX reads what follows as a port"
        if not isinstance(variables, Mapping) or not (variables.get("iotda_endpoint") or variables.get("iotda_region")):
            yield f"{where} needs variables, at least iotda_endpoint or iotda_region"
            continue
        overruled = sorted(set(variables) & {*asked, *_EXCLUDED})
        if overruled:
            yield (
                f"{where} cannot have {' and '.join(overruled)}: the answers to the survey override it; an instance "
                "with its own rule needs its own job template"
            )
        exposed = sorted(set(variables) & set(secrets))
        if exposed:
            yield (
                f"{where} cannot have {' and '.join(exposed)}: AWX stores variables in clear text; put secrets into "
                "awx_credential_inputs"
            )
    both = sorted(set(map(str, instances)) & set(map(str, given["awx_removed_instances"])))
    if both:
        yield f"{' and '.join(both)} cannot be in awx_instances and in awx_removed_instances"


def _name_mistakes(given: Data) -> Iterator[str]:
    names = Counter(given[name] for name in _ONE_NAMESPACE)
    for name, count in names.items():
        if count > 1:
            yield f"only one of {', '.join(_ONE_NAMESPACE)} can be named {name!r}: AWX could not tell them apart"


def _schedule_mistakes(given: Data, questions: Mapping[str, Data]) -> Iterator[str]:
    if int(given["awx_slices"]) < 1 or int(given["awx_forks"]) < 0:
        yield "awx_slices must be at least 1, and awx_forks at least 0"
    answers = given["awx_schedule_answers"]
    unknown = sorted(set(answers) - set(questions))
    if unknown:
        yield f"awx_schedule_answers cannot have {' or '.join(unknown)}: the survey asks for {', '.join(questions)}"
    if "prune_dry_run" not in answers:
        yield 'awx_schedule_answers needs prune_dry_run: "true" only lists, "false" deletes'
    for name, question in questions.items():
        if name in answers:
            wrong = _wrong_answer(question, answers[name])
            if wrong:
                yield f"{name} in awx_schedule_answers {wrong}, not {answers[name]!r}"
    if isinstance(answers.get("prune_older_than"), str):
        try:
            parse_age(answers["prune_older_than"], "prune_older_than in awx_schedule_answers")
        except ConfigurationError as error:
            yield str(error)


def _wrong_answer(question: Data, answer: object) -> str:
    """Return what AWX would demand of ``answer``, or an empty text; see its ``_survey_element_validation``."""
    if question["type"] == "multiplechoice":
        choices = question["choices"]
        return "" if answer in choices else f"must be {' or '.join(map(repr, choices))}, in quotation marks"
    low, high = question["min"], question["max"]
    if question["type"] == "integer":
        right = isinstance(answer, int) and not isinstance(answer, bool) and low <= answer <= high
        return "" if right else f"must be a number from {low} to {high}, without quotation marks"
    right = isinstance(answer, str) and low <= len(answer) <= high
    return "" if right else f"must be a text of {low} to {high} characters"


def _schedule_notes(schedules: Sequence[Data], name: str, enabled: bool) -> list[str]:
    """Return what an operator should know of the schedules that AWX has for the job template."""
    notes = []
    for schedule in schedules:
        running = bool(schedule.get("enabled"))
        if schedule["name"] == name:
            if enabled and not running:
                notes.append(f"The schedule '{name}' stays disabled in AWX. To run it, enable it in AWX.")
            elif running and not enabled:
                deletes = is_false((schedule.get("extra_data") or {}).get("prune_dry_run", "true"))
                does = "runs and deletes" if deletes else "runs, and lists what it would delete"
                notes.append(f"The schedule '{name}' still {does}. To stop it, disable it in AWX.")
        elif running:
            notes.append(
                f"The schedule '{schedule['name']}' of this job template is also enabled, and awx_schedule does not "
                "name it. Was it renamed? Disable or delete it in AWX if it should not run."
            )
    return notes
