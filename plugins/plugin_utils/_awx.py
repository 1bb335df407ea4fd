# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes in the variables of the role ``awx``, and unexpected schedules in AWX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._prune.request import options

Data = Mapping[str, Any]

# AWX looks these up by name among all of them.
_ONE_NAMESPACE = ("awx_project", "awx_job_template", "awx_inventory_source")
# With an answer to the survey, these cannot be used.
_EXCLUDED = ("prune_created_before", "prune_rules")


def mistakes(given: Data, credential_type: Data, survey: Data) -> list[str]:
    """Return a sentence for each mistake in the variables ``awx_*``."""
    asked = [question["variable"] for question in survey["spec"]]
    return [
        *_credential_mistakes(given, [field["id"] for field in credential_type["inputs"]["fields"]]),
        *_instance_mistakes(given, asked),
        *_name_mistakes(given),
        *_schedule_mistakes(given, asked),
    ]


def _credential_mistakes(given: Data, fields: Sequence[str]) -> Iterator[str]:
    inputs = given["awx_credential_inputs"]
    unknown = [str(name) for name in inputs if name not in fields]
    if not inputs:
        yield "awx_credential_inputs is empty: give it access_key and secret_key, for example"
    if unknown:
        yield f"awx_credential_inputs has no field {' or '.join(unknown)}: its fields are {', '.join(fields)}"
    if not all(isinstance(value, str) for value in inputs.values()):
        yield "put the fields of awx_credential_inputs into quotation marks: AWX accepts only text"


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


def _schedule_mistakes(given: Data, asked: Sequence[str]) -> Iterator[str]:
    if int(given["awx_slices"]) < 1 or int(given["awx_forks"]) < 0:
        yield "awx_slices must be at least 1, and awx_forks at least 0"
    unknown = sorted(set(given["awx_schedule_answers"]) - set(asked))
    if unknown:
        yield f"awx_schedule_answers cannot have {' or '.join(unknown)}: the survey asks for {', '.join(asked)}"


def schedule_notes(schedules: Sequence[Data], name: str, enabled: bool) -> list[str]:
    """Return what an operator should know of the schedules that AWX has for the job template."""
    notes = []
    for schedule in schedules:
        running = bool(schedule.get("enabled"))
        if schedule["name"] == name:
            if enabled and not running:
                notes.append(f"The schedule '{name}' stays disabled in AWX. To run it, enable it in AWX.")
            elif running and not enabled:
                notes.append(f"The schedule '{name}' still runs and deletes. To stop it, disable it in AWX.")
        elif running:
            notes.append(
                f"The schedule '{schedule['name']}' of this job template is enabled too, and awx_schedule does not "
                "name it. Was it renamed? Disable or delete it in AWX if it should not run."
            )
    return notes
