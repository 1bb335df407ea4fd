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
    description: What P(huaweicloud.iotda.prune_figures#filter) returned. Empty before the run has ended.
    type: dict
    required: true
  form:
    description:
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
    msg: >-
      {{ hostvars | huaweicloud.iotda.prune_figures(ansible_play_hosts_all, ansible_check_mode)
         | huaweicloud.iotda.prune_report }}
"""

RETURN = r"""
_value:
  description: The lines, the dictionary for set_stats, or the text of the file.
  type: raw
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._prune.figures import handed_on
from ..plugin_utils._prune.page import as_html
from ..plugin_utils._prune.report import as_csv, as_json, lines
from ..plugin_utils._unsafe import unsafe

NOT_YET = "This run has not ended."


def prune_report(figures: Mapping[str, Any], form: str = "lines", job: object = None) -> Any:
    """Return the report in a form; raises AnsibleFilterError for a file that cannot be one."""
    if form == "lines":
        return unsafe(lines(figures))
    if form == "stats":
        names = ["iotda_prune", *([] if job is None else [f"iotda_prune_{job}"])]
        return unsafe(dict.fromkeys(names, handed_on(figures)))
    return _printable(_content(figures, Path(form)))


def _content(figures: Mapping[str, Any], path: Path) -> str:
    if path.suffix not in (".json", ".csv", ".html") or path.expanduser().is_dir():
        raise AnsibleFilterError(
            f"prune_report must be the path of a file that ends in .json, .csv or .html, not '{path}'."
        )
    if not figures:
        return NOT_YET
    if path.suffix == ".html":
        return as_html(figures, datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"))
    return as_json(figures) if path.suffix == ".json" else as_csv(figures)


def _printable(text: str) -> str:
    """Return ``text`` without what no file in UTF-8 can hold: half of a character, as a hostile answer may have it."""
    return text.encode("utf-8", "replace").decode("utf-8")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"prune_report": prune_report}
