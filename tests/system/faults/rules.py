# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which a run ends that has met a fault. They are about what a user can rely on, not about the code."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.huaweicloud.iotda.tests.system.faults.calls import WAIT, Call
from ansible_collections.huaweicloud.iotda.tests.system.faults.kinds import Kind

FIRST, LATER, ALWAYS = "first attempt", "later attempt", "always"
WHERE = (FIRST, LATER, ALWAYS)


@dataclass(frozen=True)
class End:
    """How a run must end: with ``outcome`` for each task (None: there are none), and the cause in ``words``."""

    outcome: str | None
    changed: bool
    words: str | None = None

    @property
    def failed(self) -> bool:
        return self.words is not None


def end_of(kind: Kind, call: Call, where: str) -> End:
    """Return how a run must end in which ``kind`` is met by ``call``."""
    if kind.harmless or call.name == "leap":
        # Where leaps fail, the list is read one page after the other.
        return _good(call)
    if call.name == "delete":
        return _deletion(kind, call, where)
    if call.name == "stop":
        return _stop(kind, call, where)
    if kind.is_retried(call) and where != ALWAYS:
        return _good(call)
    # Whatever was only to be read, or to be begun with, leaves the tasks alone.
    return End("failed" if call.name == "predict" else None, False, kind.words)


def _good(call: Call) -> End:
    return End(call.good, call.good is not None)


def _deletion(kind: Kind, call: Call, where: str) -> End:
    survived = where != ALWAYS
    if kind.is_retried(call) and survived:
        # Its own trace is all that the next attempt finds.
        return End("deleted_unconfirmed", True) if kind.acted else _good(call)
    if _is_success(kind) and kind.acted:
        return End("deleted_unconfirmed", True)
    if kind.shown and survived:
        return _good(call)
    return End("failed", kind.ambiguous, _cause(kind))


def _stop(kind: Kind, call: Call, where: str) -> End:
    if kind.is_retried(call) and where != ALWAYS:
        return _good(call)
    if kind.acted:
        # The task itself tells that it was stopped.
        return _good(call)
    # A success that cannot be read may have stopped the task.
    ambiguous = kind.ambiguous or _is_success(kind)
    return End("failed", ambiguous, f"it could not be stopped: .*{_cause(kind)}")


def _is_success(kind: Kind) -> bool:
    return kind.status is not None and 200 <= kind.status < 300


def _cause(kind: Kind) -> str:
    # A success that is not the one documented is told by its status; there is nothing in it to be read.
    return f"answered {kind.status}" if _is_success(kind) else kind.words


def seconds_allowed(call: Call, timeout: float, retry_timeout: float) -> float:
    """Return how long the run may take: what one request may, and for a stop, what is read after it, and the wait."""
    one = timeout + retry_timeout
    return 2 * one + WAIT if call.name == "stop" else one
