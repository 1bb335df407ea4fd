# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has been done to one batch task until now, and how that ends.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Callable, Union

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import Shown
from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import AnswerDetails, RequestFailed
from ansible_collections.huaweicloud.iotda.plugins.module_utils._exchange import Reply
from ansible_collections.huaweicloud.iotda.plugins.module_utils._outcomes import (
    ABSENT,
    FAILED,
    UNCONFIRMED,
    Outcome,
    failed,
)


@dataclass(frozen=True)
class Tried:
    """One task, and what this run has done to it until now; ``known`` is what is known of the task."""

    task_id: str
    known: Mapping[str, Any]
    attempts: int = 0
    uncertain: bool = False
    stopped: bool = False

    def once_more(self, end: Reply | RequestFailed) -> Tried:
        """Return what has been done once a further DELETE has had this end."""
        return replace(self, attempts=self.attempts + end.attempts, uncertain=self.uncertain or end.uncertain)

    def ended(
        self, outcome: str, details: AnswerDetails | None = None, clause: str = "", hint: str | None = None
    ) -> Outcome:
        """Return its end; ``clause`` and ``hint`` tell a failure."""
        return Outcome(
            self.task_id, outcome, self.attempts, details, clause, hint, stopped=self.stopped, task=self.known
        )

    def gone(self, error: RequestFailed) -> Outcome:
        """Return what it means that IoTDA says, by ``error``, that there is no such task."""
        return self.ended(UNCONFIRMED if self.uncertain else ABSENT, error.details)

    def failed(self, error: RequestFailed, deed: str) -> Outcome:
        """Return the failure of ``deed``, such as ``delete`` or ``show``."""
        outcome = failed(self.task_id, error, self.attempts, deed, self.known, self.uncertain)
        return replace(outcome, stopped=self.stopped)


@dataclass(frozen=True)
class Pending:
    """A task that has not finished. ``details``: the refusal to delete it, None where none was asked for."""

    tried: Tried
    shown: Shown
    details: AnswerDetails | None = None

    @classmethod
    def of(cls, tried: Tried, shown: Shown, details: AnswerDetails | None = None) -> Pending:
        return cls(replace(tried, known=shown.task), shown, details)


Step = Union[Outcome, Pending]


def whatever_happens(tried: Tried, step: Callable[[], Step]) -> Step:
    """Return what ``step`` comes to. An error that nobody foresaw must not cost the outcomes of all other tasks."""
    try:
        return step()
    except Exception as error:  # whichever it is: see above
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}, line {place.lineno}"
        clause = f"it met an unforeseen {type(error).__name__} ({where}), and whether it is deleted is not known"
        return replace(tried.ended(FAILED, None, clause, "report this, and run it again"), in_doubt=True)
