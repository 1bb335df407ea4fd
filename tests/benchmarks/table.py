# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table of measurements: each row compares a value with one measured in the same run on the same machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_DIGITS = {"s": 2, "ms": 2, "MB": 0, "KB": 0, "a second": 0, "requests": 0, "of 100": 1, "%": 1}


@dataclass(frozen=True)
class Quantity:
    """A number with its unit; ``note`` says how it was calculated, where it was not simply measured."""

    value: float
    unit: str
    note: str = ""

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.value:,.{_DIGITS[self.unit]}f} {self.unit}{note}"


@dataclass(frozen=True)
class Goal:
    """A goal, and whether it was met."""

    text: str
    met: bool

    def __str__(self) -> str:
        return f"{self.text}: {'met' if self.met else 'MISSED'}"


@dataclass(frozen=True)
class Row:
    """One measurement, what it is compared with, and its goals."""

    what: str
    measured: Quantity
    peer: str
    beside: Quantity
    goals: tuple[Goal, ...] = ()

    @property
    def ratio(self) -> float:
        return self.measured.value / self.beside.value if self.beside.value else 0.0

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the columns of the table."""
        goals = "; ".join(map(str, self.goals))
        return self.what, str(self.measured), self.peer, str(self.beside), fraction(self.ratio), goals


HEADINGS = ("What", "Measured", "Compared with", "Measured there", "Ratio", "Goal")


def at_most(limit: float, value: float, text: str = "") -> Goal:
    """Return the goal that ``value`` is no more than ``limit``; ``text`` where a ratio is not what counts."""
    return Goal(text or f"ratio at most {fraction(limit)}", value <= limit)


def at_least(limit: float, value: float, text: str = "") -> Goal:
    """Return the goal that ``value`` is no less than ``limit``."""
    return Goal(text or f"ratio at least {fraction(limit)}", value >= limit)


def fraction(ratio: float) -> str:
    """Return a ratio so that it can be read: a small one as ``1/150``."""
    return f"1/{1 / ratio:.0f}" if 0 < ratio < 0.1 else f"{ratio:.2f}"


def markdown(rows: Iterable[Row]) -> str:
    """Return the table in Markdown, with columns of one width, so that it can also be read in a terminal."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    rule = "|".join("-" * (width + 2) for width in widths)
    written = [_line(line, widths) for line in lines]
    return "\n".join((written[0], f"|{rule}|", *written[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
