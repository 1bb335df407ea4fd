# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done with one batch task for each state, and how its answers are judged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .._core.errors import RequestError
from .._http.answers import success_details
from .outcomes import DELETED

if TYPE_CHECKING:
    from .engine import Pending, Run, Step, Verb
    from .outcomes import Outcome


def verb_of(state: str) -> Verb:
    """Return what brings a task to ``state``, one of absent, stopped, retried and confirmed."""
    if state == "absent":
        return Absent()
    from .transitions import TRANSITIONS

    return TRANSITIONS[state]


class Absent:
    """Deletes a task. Nothing is read first: a task that has finished costs one request."""

    done = DELETED

    def begin(self, run: Run, outcome: Outcome) -> Step:
        """Delete the task."""
        if run.options.dry_run:
            from .refusals import predict

            return predict(run, outcome)
        return self._delete(run, outcome)

    def _delete(self, run: Run, outcome: Outcome, may_repeat: bool = True) -> Step:
        try:
            response = run.change("delete", lambda: run.client.delete(outcome.task_id))
        except RequestError as error:
            from .refusals import judge_refusal

            repeat = partial(self._delete, run, may_repeat=False) if may_repeat else None
            return judge_refusal(run, outcome.tried(error), error, repeat)
        return outcome.tried(response).changed_to(DELETED, success_details(response))

    def look(self, run: Run, pending: Pending) -> Step:
        """Delete the task if it has finished by now."""
        from .refusals import look_again

        return look_again(run, pending, partial(self._delete, run))

    def give_up(self, run: Run, pending: Pending, reason: str) -> Outcome:
        """Return the failure of a task that did not finish in time, or before the run was cancelled for ``reason``."""
        from .refusals import give_up

        return give_up(run.options, pending, reason)
