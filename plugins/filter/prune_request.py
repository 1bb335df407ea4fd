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
options:
  _input:
    description: The names of the variables of the host that begin with C(iotda_) or C(prune_).
    type: list
    elements: str
    required: true
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
    common:
      description: The options of the module that all rules share.
      type: dict
    rules:
      description: The options of each rule.
      type: list
      elements: dict
"""

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from ..plugin_utils._prune.request import request_of


@pass_context  # type: ignore[misc,unused-ignore] # Jinja comes without types for some versions
def prune_request(context: Context, names: Iterable[str]) -> dict[str, Any]:
    """Return the request as a dictionary."""
    request = request_of(names, context.resolve_or_missing)
    return {"mistakes": request.mistakes, "common": request.common, "rules": request.rules}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_request": prune_request}
