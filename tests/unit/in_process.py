# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module of the collection in this process as Ansible would, with any ansible-core: it costs milliseconds."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

from ansible.module_utils import basic

MODULES = "ansible_collections.huaweicloud.iotda.plugins.modules"


def run(name: str, options: Mapping[str, Any], check: bool = False, diff: bool = False) -> str:
    """Run the module ``name`` and return all that reaches the controller's tasks; its result is the last line."""
    module = importlib.import_module(f"{MODULES}.{name}")
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_remote_tmp": "/nonexistent"}
    output = io.StringIO()
    with _arguments(arguments), contextlib.redirect_stdout(output):
        try:
            module.main()
        except SystemExit:
            pass
        else:
            raise AssertionError(f"{name} came back without a result")
    *lines, last = output.getvalue().rstrip().splitlines()
    result = json.loads(last)
    # From ansible-core 2.22 on, this tells the controller what to mask, which takes it out first of all.
    if result.pop("_ansible_new_secrets", None):
        last = json.dumps(result)
    return "\n".join([*lines, last])


@contextlib.contextmanager
def _arguments(arguments: Mapping[str, Any]) -> Iterator[None]:
    encoded = json.dumps({"ANSIBLE_MODULE_ARGS": dict(arguments)}).encode()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(basic, "_ANSIBLE_ARGS", encoded))
        if hasattr(basic, "_ANSIBLE_PROFILE"):  # since ansible-core 2.19
            stack.enter_context(mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy"))
        if hasattr(basic, "_PARSED_MODULE_ARGS"):
            stack.enter_context(mock.patch.object(basic, "_PARSED_MODULE_ARGS", None))
        internal = sys.modules.get("ansible.module_utils._internal")  # since ansible-core 2.19
        if hasattr(internal, "is_controller"):
            # Where a test has loaded code of the controller, warnings would be printed in place of being returned.
            stack.enter_context(mock.patch.object(internal, "is_controller", False))
        if sys.modules.get("ansible.module_utils.common.warnings"):
            _forget_warnings(stack)
        secrets = sys.modules.get("ansible.module_utils._internal._secrets")  # since ansible-core 2.22
        if secrets:
            _forget_secrets(stack, secrets._secret_masker)
        yield


def _forget_secrets(stack: contextlib.ExitStack, masker: Any) -> None:
    """Mask in one run only what that run has registered: in a process of its own it would know no more."""
    known = {"_secrets": set(), "_forms": set(), "_json_forms": {}, "_matcher": type(masker._matcher)()}
    stack.enter_context(mock.patch.multiple(masker, **known))


def _forget_warnings(stack: contextlib.ExitStack) -> None:
    """Keep the warnings of one run, which Ansible collects in the process, out of the next."""
    warnings = sys.modules["ansible.module_utils.common.warnings"]
    for name in ("_global_warnings", "_global_deprecations"):
        if hasattr(warnings, name):
            kind = type(getattr(warnings, name))
            stack.enter_context(mock.patch.object(warnings, name, kind()))
