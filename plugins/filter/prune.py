# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune
short_description: What the role and the playbook prune work out from variables and results
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role) and the playbook C(huaweicloud.iotda.prune). Use these instead.
  - Reads other variables, such as the results that the role registers, from the context.
positional: step
options:
  _input:
    description: What the step starts from.
    type: raw
    required: true
  step:
    description:
      - V(hosts), from C(iotda_hosts), for the host patterns of the playbook. It is an error if C(--limit) leaves no
        host, if C(--tags) are given, or if C(--skip-tags) leaves no task.
      - V(begin) for the name of a call of the role. It is part of the paths of the files in which the modules leave
        the batch tasks.
      - V(mistakes) for why the hosts of the play cannot be pruned together, one sentence each.
      - V(protect) for the hosts of protected instances. It leaves where these are in a file that the steps below read.
      - V(request), from the names of the variables of a host, for the C(mistakes) in these, why batch tasks are listed
        and not deleted (C(listed_because)), and what the report must know of the request (C(told)).
      - V(options), from the same names, for the options of the module. It is an error if a variable is wrong, or if
        the checks of the role have not run for this host.
      - V(figures) for the totals, and the figures of each instance.
      - V(file), from the figures, for the content of the report file. The figures are empty before the run has ended.
      - V(stats), from the figures, for what is passed to M(ansible.builtin.set_stats).
      - V(lines), from the figures, for the report as it is printed.
    type: str
    required: true
    choices: [hosts, begin, mistakes, protect, request, options, figures, file, stats, lines]
"""

EXAMPLES = r"""
- name: Show what is wrong with the variables
  ansible.builtin.debug:
    msg: "{{ (query('ansible.builtin.varnames', '^(iotda|prune)_') | huaweicloud.iotda.prune('request')).mistakes }}"
"""

RETURN = r"""
_value:
  description: What the step works out.
  type: raw
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from jinja2 import pass_context
from jinja2.runtime import Context

from ..plugin_utils._prune.figures import figures_of, handed_on, tasks_file
from ..plugin_utils._prune.files import as_csv, as_html, as_json
from ..plugin_utils._prune.hosts import FORMS, begin, lacking_checks, matching, mistakes_of_run, patterns, report_file
from ..plugin_utils._prune.protection import protect, with_protection
from ..plugin_utils._prune.report import lines
from ..plugin_utils._prune.request import options, place_of, request_of, told
from ..plugin_utils._unsafe import unsafe

Read = Callable[[str], Any]
"""Returns the value of a variable, None if it is not set."""

NOT_YET = "This run has not ended."
FILES = dict(zip(FORMS, (as_json, as_csv, as_html)))


@pass_context  # type: ignore[misc,unused-ignore] # Jinja comes without types for some versions
def prune(context: Context, value: Any, step: str) -> Any:
    """Return what ``step`` works out from ``value``; raises AnsibleFilterError where it must not go on.

    Names and errors in it come from outside and are never templates.
    """
    return unsafe(STEPS[step](value, context.get))


def _hosts(asked: object, read: Read) -> list[str]:
    """Return the patterns of the hosts of the playbook. Ansible ends with success when a play has no host.

    The role fails on localhost.
    """
    groups, limit = read("groups"), read("ansible_limit")
    if list(read("ansible_run_tags")) != ["all"] or {"all", "untagged"}.intersection(read("ansible_skip_tags")):
        raise AnsibleFilterError("The playbook huaweicloud.iotda.prune has no tags: leave out --tags and --skip-tags.")
    # Ansible forks this process for each task of a host. What is read here is not read again there.
    options()
    found = patterns(asked, groups)
    if not matching(found, groups):
        return ["localhost"]
    if not matching(found, groups, limit):
        raise AnsibleFilterError("No host matches both iotda_hosts and --limit, so there is nothing to prune.")
    return found


def _request(names: Iterable[str], read: Read) -> dict[str, Any]:
    request = request_of(names, read)
    because = with_protection(request.listed_because, read("__prune_run"), place_of(request))
    request = request._replace(listed_because=because)
    return {**request._asdict(), "told": told(read("inventory_hostname"), request)}


def _options(names: Iterable[str], read: Read) -> dict[str, Any]:
    request = request_of(names, read)
    mistakes = [*request.mistakes, *lacking_checks(read)]
    if mistakes:
        raise AnsibleFilterError("; ".join(mistakes))
    # The result of the module must not grow with the number of batch tasks. The report finds them in a file.
    given = {**request.options, "returned": "none"}
    if read("prune_report") is not None:
        given["tasks_file"] = tasks_file(read("__prune_run"), read("inventory_hostname"))
    return given


def _file(figures: Mapping[str, Any], read: Read) -> str:
    text = FILES[Path(report_file(read)).suffix](figures) if figures else NOT_YET
    # No file in UTF-8 can hold half of a character, as a hostile answer may have it.
    return text.encode("utf-8", "replace").decode("utf-8")


def _stats(figures: Mapping[str, Any], read: Read) -> dict[str, Any]:
    """Each slice of a job of AWX sets iotda_prune, and the last overwrites the others: so each has one by its ID."""
    job = read("awx_job_id")
    names = ["iotda_prune", *([] if job is None else [f"iotda_prune_{job}"])]
    return dict.fromkeys(names, handed_on(figures))


STEPS: dict[str, Callable[[Any, Read], Any]] = {
    "hosts": _hosts,
    "begin": lambda _value, _read: begin(),
    "mistakes": lambda _value, read: list(mistakes_of_run(read)),
    "protect": lambda _value, read: protect(read),
    "request": _request,
    "options": _options,
    "figures": lambda _value, read: figures_of(read),
    "file": _file,
    "stats": _stats,
    "lines": lambda figures, read: lines(figures, read("__prune_written") or {}),
}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune": prune}
