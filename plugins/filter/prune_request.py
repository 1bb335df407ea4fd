# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_request
short_description: Reads what the role prune is to do from the variables of a host
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role), whose argument specification says what the variables can be.
positional: checked
options:
  _input:
    description: The names of the variables of the host that begin with C(iotda_) or C(prune_).
    type: list
    elements: str
    required: true
  checked:
    description:
      - If true, a mistake in the variables is an error, and so is a host for which the checks of the role have not run
        in this run.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what is wrong with the variables
  ansible.builtin.debug:
    msg: "{{ (query('ansible.builtin.varnames', '^prune_') | huaweicloud.iotda.prune_request).mistakes }}"
"""

RETURN = r"""
_value:
  description: What to do.
  type: dict
  contains:
    mistakes:
      description: What is wrong with the variables, one sentence each.
      type: list
      elements: str
    options:
      description: The options of the module. Empty if there are mistakes.
      type: dict
    listed_because:
      description:
        - Why the batch tasks are listed and not deleted, or an empty text. Only values of C(prune_dry_run) and
          C(iotda_protected) that clearly mean false let the role delete; any other, an empty one included, does not.
      type: str
    told:
      description: What the report must know of it, as a word and JSON.
      type: str
"""

from collections.abc import Callable, Iterable
from typing import Any

from ansible.errors import AnsibleFilterError
from jinja2 import pass_context
from jinja2.runtime import Context

from ..plugin_utils._prune.files import tasks_file
from ..plugin_utils._prune.hosts import lacking_checks
from ..plugin_utils._prune.request import request_of, told


@pass_context  # type: ignore[misc,unused-ignore] # Jinja comes without types for some versions
def prune_request(context: Context, names: Iterable[str], checked: bool = False) -> dict[str, Any]:
    """Return the request as a dictionary; raises AnsibleFilterError where it must be ``checked`` and was not."""
    request = request_of(names, context.resolve_or_missing, bool(context["ansible_check_mode"]))
    mistakes = [*request.mistakes, *lacking_checks(context.resolve_or_missing)] if checked else request.mistakes
    if checked and mistakes:
        raise AnsibleFilterError("; ".join(mistakes))
    if checked:
        # The result of the module must not grow with the number of batch tasks. The report finds them in a file.
        request.options["returned"] = "none"
        if context.get("prune_report") is not None:
            request.options["tasks_file"] = tasks_file(context["__prune_run"], context["inventory_hostname"])
    return {**request._asdict(), "told": told(context["inventory_hostname"], request)}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_request": prune_request}
