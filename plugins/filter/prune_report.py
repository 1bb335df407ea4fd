# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: prune_report
short_description: The report of a run of the role prune
version_added: 1.0.0
author:
  - The huaweicloud.iotda authors (@huaweicloud-iotda)
description:
  - Used by the role P(huaweicloud.iotda.prune#role).
positional: form, job
options:
  _input:
    description:
      - With V(run) and V(figures), V(hostvars). What else is needed is read from the context, and from the files in
        which the modules left the batch tasks.
      - With any other form, what V(figures) returned. Empty before the run has ended.
    type: dict
    required: true
  form:
    description:
      - V(run) for the name of a run that begins. It is part of the paths of the files in which the modules leave the
        batch tasks.
      - V(figures) for the totals, and the figures of each instance.
      - V(lines) for a list of lines, V(stats) for what is passed to M(ansible.builtin.set_stats), or the path of a
        file that ends in C(.json), C(.csv) or C(.html) for its content.
    type: str
    default: lines
  job:
    description:
      - With V(stats), the ID of the job in AWX. Each slice of a job sets C(iotda_prune), and the last one overwrites
        the others. C(iotda_prune_ID) keeps the figures of each slice.
    type: str
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: "{{ hostvars | huaweicloud.iotda.prune_report('figures') | huaweicloud.iotda.prune_report }}"
"""

RETURN = r"""
_value:
  description: The name, the figures, the lines, the dictionary for set_stats, or the text of the file.
  type: raw
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from jinja2 import pass_context
from jinja2.runtime import Context

from ..plugin_utils._prune.figures import figures_of, handed_on
from ..plugin_utils._prune.files import as_csv, as_html, as_json
from ..plugin_utils._prune.hosts import begin
from ..plugin_utils._prune.report import lines
from ..plugin_utils._unsafe import unsafe

NOT_YET = "This run has not ended."
FILES = {".json": as_json, ".csv": as_csv, ".html": as_html}


@pass_context  # type: ignore[misc,unused-ignore] # Jinja comes without types for some versions
def prune_report(context: Context, figures: Mapping[str, Any], form: str = "lines", job: object = None) -> Any:
    """Return the report in a form; raises AnsibleFilterError for a file that cannot be one.

    Names and errors in it come from outside and are never templates.
    """
    if form == "run":
        return begin()
    if form == "figures":
        return unsafe(figures_of(context.resolve_or_missing))
    if form == "lines":
        begun, written = (context.get(f"__prune_{name}") or {} for name in ("begun", "written"))
        # If it could not even be begun, that is the cause of all failures.
        failed = written.get("failed") and not begun.get("failed")
        unwritten = str(written.get("msg") or "see the error above") if failed else ""
        file = str(context.get("prune_report") or "") if written.get("failed") is False else ""
        return unsafe(lines(figures, file, unwritten))
    if form == "stats":
        names = ["iotda_prune", *([] if job is None else [f"iotda_prune_{job}"])]
        return unsafe(dict.fromkeys(names, handed_on(figures)))
    return _printable(_content(figures, Path(form)))


def _content(figures: Mapping[str, Any], path: Path) -> str:
    if path.suffix not in FILES or path.expanduser().is_dir():
        raise AnsibleFilterError(
            f"prune_report must be the path of a file that ends in .json, .csv or .html, not '{path}'."
        )
    return FILES[path.suffix](figures) if figures else NOT_YET


def _printable(text: str) -> str:
    """Return ``text`` without what no file in UTF-8 can hold: half of a character, as a hostile answer may have it."""
    return text.encode("utf-8", "replace").decode("utf-8")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_report": prune_report}
