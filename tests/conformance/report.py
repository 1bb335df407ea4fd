# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of answers, and the file that can be sent as an issue. Neither holds an ID, an endpoint or a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One question with its answers; ``service`` is None where nobody but the simulator was asked."""

    name: str
    documents: str
    simulator: str
    service: str | None
    wrong: bool = False

    @property
    def verdict(self) -> str:
        if self.wrong:
            return "against the documents"
        if self.service is None:
            return "ok"
        return "same" if self.service == self.simulator else "differs"


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| question | documents | simulator | service | verdict |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        cells = (row.name, row.documents, row.simulator, row.service or "not asked", row.verdict)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def document(rows: Sequence[Row], settings: Mapping[str, Any], edition: str) -> str:
    """Return the file: the table, and the simulator's settings that follow from the service's answers."""
    return "\n".join(
        [
            "# Conformance of the simulator with IoTDA",
            "",
            f"Asked: {edition}.",
            "",
            table(rows),
            "",
            "Settings of the simulator that follow from the answers:",
            "",
            "```json",
            json.dumps(settings, indent=2, ensure_ascii=False),
            "```",
            "",
        ]
    )
