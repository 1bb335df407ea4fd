# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of batch_task beyond their table: which the state accepts, how to run, and how task IDs are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .._core.errors import ConfigurationError
from .constants import FINISHED, is_task_id

if TYPE_CHECKING:
    from .._account.options import Table
    from .._core.runtime import Cancellation

SHORTEST_DELAY = 0.5  # seconds, so that waiting with no delay does not flood the service
_LONGEST_SHOWN = 60


class RunOptions(NamedTuple):
    """How to bring tasks to a state. ``wait_timeout`` and ``wait_delay`` are seconds, counted for all tasks together.

    ``dry_run``: only read. ``targets`` empty: all devices of a task. ``accept``: the final statuses that are a success.
    ``unfinished_hint`` is what helps with an unfinished task; None: the options ``wait`` and ``force``.
    """

    wait: bool = False
    wait_timeout: float = 600.0
    wait_delay: float = 5.0
    concurrency: int = 10
    dry_run: bool = False
    force: bool = False
    targets: Sequence[str] = ()
    accept: tuple[str, ...] = ("Success",)
    unfinished_hint: str | None = None

    def pause(self, cancellation: Cancellation, most: float = math.inf) -> None:
        """Wait between two reads, ``most`` seconds at most, or until the run is cancelled."""
        cancellation.sleep(max(0.0, min(max(self.wait_delay, SHORTEST_DELAY), most)))


def parse_run_options(options: Mapping[str, Any], dry_run: bool) -> RunOptions:
    """Return how batch_task is to bring tasks to a state; raises ConfigurationError."""
    targets: Sequence[str] = ()
    if options["targets"] is not None and options["state"] != "present":
        from .targets import parse_targets

        targets = parse_targets("targets", options["targets"])
    return RunOptions(
        options["wait"],
        options["wait_timeout"],
        options["wait_delay"],
        options["concurrency"],
        dry_run,
        options["force"],
        targets,
        tuple(options["accept"] or RunOptions().accept),
    )


def check_state_options(table: Table, options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a missing option, or one that the state does not accept."""
    state = options["state"]
    missing = [
        name for name, option in table.items() if option.required and state in option.states and options[name] is None
    ]
    if missing:
        raise ConfigurationError(f"state={state} needs {' and '.join(missing)}")
    for name, option in table.items():
        if option.states and state not in option.states and options[name] not in (None, False):
            raise ConfigurationError(f"{name} cannot be used with state={state}, only with {', '.join(option.states)}")
    if options["accept"] is not None and not options["accept"]:
        raise ConfigurationError(f"accept must name at least one of {', '.join(FINISHED)}")


def parse_task_ids(task_ids: Sequence[str]) -> list[str]:
    """Return ``task_ids`` in their order without repeats and without blanks around them.

    Raises ConfigurationError, which names all that are not IDs.
    """
    given = list(dict.fromkeys(task_id.strip() for task_id in task_ids))
    invalid = [task_id for task_id in given if not is_task_id(task_id)]
    if invalid:
        raise ConfigurationError(
            "task_id must be 1 to 24 characters from 0-9 and a-f, in lower case, "
            f"not {', '.join(map(quoted, invalid))}; nothing was sent"
        )
    return given


def quoted(value: str) -> str:
    """Return what was given as an ID as messages show it: cut, since it may be a whole task.

    What is not ASCII is escaped: an invisible or a full-width character would look like a right ID.
    """
    return ascii(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}...")
