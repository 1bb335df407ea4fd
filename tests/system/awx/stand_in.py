# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the collection awx.awx, and behind it for AWX: modules that check what they are given and keep it.

What a module refers to by name must exist by then, as in AWX, and what AWX refuses by rules.py fails.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.system.awx import rules

STORE = "AWX_STAND_IN"

_TEXT: dict[str, Any] = {"type": "str"}
_DICT: dict[str, Any] = {"type": "dict"}
_BOOL: dict[str, Any] = {"type": "bool"}
_INT: dict[str, Any] = {"type": "int"}
_NAMES: dict[str, Any] = {"type": "list", "elements": "str"}
_NAMED: dict[str, Any] = {"name": {"type": "str", "required": True}, "description": _TEXT}
_REQUIRED: dict[str, Any] = {"type": "str", "required": True}

# Of the arguments in awx_collection/plugins/modules of https://github.com/ansible/awx, those that a playbook such as
# awx.yml can need.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "credential_type": {
        "kind": {"type": "str", "choices": ["cloud", "net", "scm", "ssh", "vault", "insights"]},
        "inputs": _DICT,
        "injectors": _DICT,
    },
    "credential": {
        "organization": _TEXT,
        "credential_type": _REQUIRED,
        "inputs": {"type": "dict", "no_log": True},
        "update_secrets": {"type": "bool", "default": True, "no_log": False},
    },
    "execution_environment": {
        "organization": _TEXT,
        "image": _TEXT,
        "credential": _TEXT,
        "pull": {"type": "str", "choices": ["always", "missing", "never"], "default": "missing"},
    },
    "project": {
        "organization": _TEXT,
        "scm_type": {"type": "str", "choices": ["manual", "git", "svn", "insights", "archive"]},
        "scm_url": _TEXT,
        "scm_branch": _TEXT,
        "scm_clean": _BOOL,
        "scm_update_on_launch": _BOOL,
        "default_environment": _TEXT,
        "credential": _TEXT,
        "wait": {"type": "bool", "default": True},
        "update_project": {"type": "bool", "default": False},
        "timeout": _INT,
    },
    "inventory": {"organization": _REQUIRED, "variables": _DICT, "kind": _TEXT},
    "host": {
        "inventory": _REQUIRED,
        "enabled": _BOOL,
        "variables": _DICT,
        "state": {"type": "str", "choices": ["present", "absent", "exists"], "default": "present"},
    },
    "job_template": {
        "organization": _TEXT,
        "job_type": {"type": "str", "choices": ["run", "check"]},
        "project": _TEXT,
        "playbook": _TEXT,
        "inventory": _TEXT,
        "credentials": _NAMES,
        "execution_environment": _TEXT,
        "forks": _INT,
        "job_slice_count": _INT,
        "limit": _TEXT,
        "timeout": _INT,
        "extra_vars": _DICT,
        "allow_simultaneous": _BOOL,
        "ask_limit_on_launch": _BOOL,
        "diff_mode": _BOOL,
        "ask_variables_on_launch": _BOOL,
        "survey_enabled": _BOOL,
        "survey_spec": _DICT,
    },
    "schedule": {
        "organization": _TEXT,
        "unified_job_template": _TEXT,
        "rrule": _TEXT,
        "extra_data": _DICT,
        "enabled": _BOOL,
    },
}
# By which argument each kind of thing is referred to.
REFERENCES = {
    "credential_type": "credential_type",
    "project": "project",
    "inventory": "inventory",
    "credential": "credential",
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "unified_job_template": "job_template",
}

_MODULE = """
import json, os
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.{name}.plugins.module_utils import rules

KIND, ARGUMENTS, REFERENCES, STORE = json.loads({facts!r})
module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
with open(os.environ[STORE], encoding="utf-8") as file:
    store = json.load(file)
given = {{name: value for name, value in module.params.items() if value is not None}}
things = store.setdefault(KIND, {{}})
old = things.get(given["name"])


def faults():
    for argument, kind in REFERENCES.items():
        names = given.get(argument) or []
        for name in [names] if isinstance(names, str) else names:
            if argument != KIND and name not in store.get(kind, {{}}):
                yield "there is no %s %s" % (kind, name)
    if KIND == "credential_type":
        yield from rules.credential_type_faults(given)
        in_use = [one for one in store.get("credential", {{}}).values() if one["credential_type"] == given["name"]]
        if in_use and given["inputs"] != old["inputs"]:
            yield "inputs of a credential type that is in use"
    if KIND == "credential":
        yield from rules.credential_faults(store["credential_type"][given["credential_type"]], given["inputs"])
    if KIND == "job_template" and given.get("survey_enabled"):
        yield from rules.survey_faults(given["survey_spec"])
    if KIND == "schedule":
        yield from rules.rrule_faults(given["rrule"])
        template = store["job_template"][given["unified_job_template"]]
        survey = template["survey_spec"] if template.get("survey_enabled") else {{"spec": []}}
        asked = template.get("ask_variables_on_launch")
        for fault in rules.answers_faults(survey, given.get("extra_data", {{}})):
            if not (asked and fault.endswith("is not asked for")):
                yield fault


for fault in faults():
    module.fail_json(msg="%s %s: %s" % (KIND, given["name"], fault))
if KIND == "schedule":
    given["rrule"] = rules.stored_rrule(given["rrule"])
again = given.pop("update_secrets", False)
if KIND == "credential" and old and not again:
    # AWX does not tell which secrets it has: without update_secrets, they pass for the same.
    fields = store["credential_type"][given["credential_type"]]["inputs"]["fields"]
    secrets = [field["id"] for field in fields if field.get("secret")]
    shown, known = (
        {{name: name in secrets or value for name, value in one["inputs"].items()}} for one in (given, old)
    )
    if shown == known:
        given["inputs"] = old["inputs"]
absent = given.pop("state", None) == "absent"
changed = old is not None if absent else old != given
things.pop(given["name"], None)
if not absent:
    things[given["name"]] = given
if not module.check_mode:
    with open(os.environ[STORE], "w", encoding="utf-8") as file:
        json.dump(store, file)
module.exit_json(changed=changed or again)
"""


def write_collection(folder: Path, name: str = "awx.awx") -> None:
    """Write the collection ``name`` into ``folder``, a path of collections."""
    plugins = folder / "ansible_collections" / name.replace(".", "/") / "plugins"
    for part in ("modules", "module_utils"):
        (plugins / part).mkdir(parents=True)
    shutil.copy(Path(rules.__file__), plugins / "module_utils")
    for kind, arguments in ARGUMENTS.items():
        facts = json.dumps([kind, {**_NAMED, **arguments}, REFERENCES, STORE])
        (plugins / f"modules/{kind}.py").write_text(_MODULE.format(name=name, facts=facts), encoding="utf-8")
