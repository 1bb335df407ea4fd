# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the collection awx.awx, and behind it for AWX: modules that check what they are given and keep it.

The arguments are those of the modules in awx_collection/plugins/modules of https://github.com/ansible/awx, as far as
a playbook such as awx.yml can need them. What a module refers to by name must exist by then, as in AWX.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

STORE = "AWX_STAND_IN"

_TEXT: dict[str, Any] = {"type": "str"}
_DICT: dict[str, Any] = {"type": "dict"}
_BOOL: dict[str, Any] = {"type": "bool"}
_INT: dict[str, Any] = {"type": "int"}
_NAMES: dict[str, Any] = {"type": "list", "elements": "str"}
_NAMED: dict[str, Any] = {"name": {"type": "str", "required": True}, "description": _TEXT}
_REQUIRED: dict[str, Any] = {"type": "str", "required": True}

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
        "timeout": _INT,
    },
    "inventory": {"organization": _REQUIRED, "variables": _DICT, "kind": _TEXT},
    "host": {"inventory": _REQUIRED, "enabled": _BOOL, "variables": _DICT},
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
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "unified_job_template": "job_template",
}

_MODULE = """
import json, os
from ansible.module_utils.basic import AnsibleModule

KIND, ARGUMENTS, REFERENCES, STORE = json.loads({facts!r})
module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
with open(os.environ[STORE], encoding="utf-8") as file:
    store = json.load(file)
for argument, kind in REFERENCES.items():
    names = module.params.get(argument) or []
    for name in [names] if isinstance(names, str) else names:
        if argument != KIND and name not in store.get(kind, {{}}):
            module.fail_json(msg="there is no %s %s" % (kind, name))
given = {{name: value for name, value in module.params.items() if value is not None}}
things = store.setdefault(KIND, {{}})
changed = things.get(given["name"]) != given
things[given["name"]] = given
if not module.check_mode:
    with open(os.environ[STORE], "w", encoding="utf-8") as file:
        json.dump(store, file)
module.exit_json(changed=changed)
"""


def write_collection(folder: Path) -> None:
    """Write the collection awx.awx into ``folder``, a path of collections."""
    modules = folder / "ansible_collections/awx/awx/plugins/modules"
    modules.mkdir(parents=True)
    for kind, arguments in ARGUMENTS.items():
        facts = json.dumps([kind, {**_NAMED, **arguments}, REFERENCES, STORE])
        (modules / f"{kind}.py").write_text(_MODULE.format(facts=facts), encoding="utf-8")
