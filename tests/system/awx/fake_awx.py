# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake of the collection awx.awx, and behind it of AWX: it keeps what it is given, by name.

What a module refers to by name must exist by then, as in AWX. AWX's other rules are not here: the set-up was compared
with a real AWX, and test_data.py has what guards against a slip in the data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

STORE = "FAKE_AWX"

_TEXT: dict[str, Any] = {"type": "str"}
_DICT: dict[str, Any] = {"type": "dict"}
_BOOL: dict[str, Any] = {"type": "bool"}
_INT: dict[str, Any] = {"type": "int"}
_NAMES: dict[str, Any] = {"type": "list", "elements": "str"}
_NAMED: dict[str, Any] = {"name": {"type": "str", "required": True}, "description": _TEXT, "organization": _TEXT}
_STATE: dict[str, Any] = {"type": "str", "choices": ["present", "absent"], "default": "present"}

# Of the arguments of awx_collection/plugins/modules in https://github.com/ansible/awx, those that the role uses.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "credential_type": {"kind": _TEXT, "inputs": _DICT, "injectors": _DICT},
    "credential": {
        "credential_type": _TEXT,
        "inputs": {"type": "dict", "no_log": True},
        "update_secrets": {"type": "bool", "default": True, "no_log": False},
    },
    "execution_environment": {"image": _TEXT, "credential": _TEXT, "pull": _TEXT},
    "project": {
        "scm_type": _TEXT,
        "scm_url": _TEXT,
        "scm_branch": _TEXT,
        "credential": _TEXT,
        "update_project": {"type": "bool", "default": False},
    },
    "inventory": {"kind": _TEXT},
    "host": {"inventory": _TEXT, "variables": _DICT, "state": _STATE},
    "inventory_source": {
        "inventory": _TEXT,
        "source": _TEXT,
        "source_project": _TEXT,
        "source_path": _TEXT,
        "credential": _TEXT,
        "execution_environment": _TEXT,
        "overwrite": _BOOL,
        "overwrite_vars": _BOOL,
        "update_on_launch": _BOOL,
    },
    "job_template": {
        "job_type": _TEXT,
        "project": _TEXT,
        "playbook": _TEXT,
        "inventory": _TEXT,
        "credentials": _NAMES,
        "execution_environment": _TEXT,
        "forks": _INT,
        "job_slice_count": _INT,
        "ask_job_type_on_launch": _BOOL,
        "ask_limit_on_launch": _BOOL,
        "ask_diff_mode_on_launch": _BOOL,
        "notification_templates_error": _NAMES,
        "survey_enabled": _BOOL,
        "survey_spec": _DICT,
    },
    "schedule": {"unified_job_template": _TEXT, "rrule": _TEXT, "extra_data": _DICT, "enabled": _BOOL},
}
# By which argument each kind of thing is referred to.
REFERENCES = {
    "credential_type": "credential_type",
    "project": "project",
    "source_project": "project",
    "inventory": "inventory",
    "credential": "credential",
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "unified_job_template": "job_template",
    "notification_templates_error": "notification_template",
}

# Action plugins, not modules: they do the same for a play, without a process for each.
_ACTION = """
import json, os
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

KIND, ARGUMENTS, REFERENCES, STORE = json.loads({facts!r})


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _validated, params = self.validate_argument_spec(ARGUMENTS)
        given = {{name: value for name, value in params.items() if value is not None}}
        with open(os.environ[STORE], encoding="utf-8") as file:
            store = json.load(file)
        things = store.setdefault(KIND, {{}})
        old = things.get(given["name"])
        for argument, kind in REFERENCES.items():
            names = given.get(argument) or []
            for name in [names] if isinstance(names, str) else names:
                if argument != KIND and name not in store.get(kind, {{}}):
                    raise AnsibleActionFail("%s %s: there is no %s %s" % (KIND, given["name"], kind, name))
        check_mode = self._task.check_mode
        again = given.pop("update_secrets", False) or given.pop("update_project", False) and check_mode
        if KIND == "credential" and old and not again:
            # AWX does not return secrets: without update_secrets, they count as unchanged.
            given["inputs"] = old["inputs"]
        if KIND == "inventory" and check_mode and "kind" not in given:
            again = True
        absent = given.pop("state", None) == "absent"
        new = {{**(old or {{}}), **given}}
        changed = old is not None if absent else old != new
        things.pop(given["name"], None)
        if not absent:
            things[given["name"]] = new
        if not check_mode:
            with open(os.environ[STORE], "w", encoding="utf-8") as file:
                json.dump(store, file)
        return {{"changed": bool(changed or again)}}
"""

_LOOKUP = """
import json, os
from ansible.plugins.lookup import LookupBase

TYPES = {{"schedules": "schedule", "hosts": "host", "job_templates": "job_template"}}


def api_objects(things):
    for number, thing in enumerate(things.values(), 1):
        yield {{"id": number, **thing, "variables": json.dumps(thing.get("variables", {{}}))}}


class LookupModule(LookupBase):
    def run(self, terms, variables=None, query_params=None, **options):
        with open(os.environ[{store!r}], encoding="utf-8") as file:
            store = json.load(file)
        (term,) = terms
        if term.endswith("/credentials"):
            number = int(term.split("/")[1])
            template = list(store["job_template"].values())[number - 1]
            things = [(name, store["credential"][name]) for name in template["credentials"]]
            return [
                {{"id": name, "summary_fields": {{"credential_type": {{"name": thing["credential_type"]}}}}}}
                for name, thing in things
            ]
        ((parameter, wanted),) = query_params.items()
        field = parameter.split("__")[0]
        return [one for one in api_objects(store.get(TYPES[term], {{}})) if one[field] == wanted]
"""


def write_collection(folder: Path, name: str = "awx.awx") -> None:
    """Write the collection ``name`` into ``folder``, a path of collections."""
    plugins = folder / "ansible_collections" / name.replace(".", "/") / "plugins"
    for part in ("action", "lookup"):
        (plugins / part).mkdir(parents=True)
    (plugins / "lookup/controller_api.py").write_text(_LOOKUP.format(store=STORE), encoding="utf-8")
    for kind, arguments in ARGUMENTS.items():
        facts = json.dumps([kind, {**_NAMED, **arguments}, REFERENCES, STORE])
        (plugins / f"action/{kind}.py").write_text(_ACTION.format(facts=facts), encoding="utf-8")
