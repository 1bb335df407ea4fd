# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens and keys that expire: when they end, and how one thread renews them for all.

What a plain run with keys that do not expire never imports.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Generic, TypeVar

from .._core.errors import CancelledError, ConfigurationError, IamError, IamOperation, RequestError
from .._http.messages import Response

Secret = TypeVar("Secret")

_LEAD = 600.0  # seconds before its end at which a secret is renewed, if it lives long enough
_PAUSE = 30.0  # seconds until a renewal that failed for a temporary reason is tried again
# These come from a proxy or gateway, before the credentials are checked.
_SAY_NOTHING = frozenset((401, 407, 408, 429))
_FRACTION = re.compile(r"\.[0-9]+")


@dataclass(frozen=True)
class Issued(Generic[Secret]):
    """A secret as it was issued. ``lifetime`` is in seconds, None if it is not known."""

    value: Secret = field(repr=False)
    lifetime: float | None = None


@dataclass
class _Held(Generic[Secret]):
    """The secret in use, and the times at which to renew it and at which it expires."""

    value: Secret = field(repr=False)
    renew_at: float = math.inf
    ends_at: float = math.inf
    accepted: bool = False
    after_refusal: bool = False


@contextmanager
def failing_as(operation: IamOperation) -> Iterator[None]:
    """Raise IamError in place of what a request of ``operation`` raises, unless it was cancelled."""
    try:
        yield
    except CancelledError:
        raise
    except RequestError as error:
        raise IamError(operation, error) from None


class RefreshableSecret(Generic[Secret]):
    """A secret of ``issue``, renewed before it expires, and once when the service refuses it.

    A renewal ahead that fails leaves the secret in use until its end. A renewal that is refused is final, since IAM
    locks users after several failed logins. A renewal that fails for another reason is repeated after a pause.
    """

    def __init__(
        self, issue: Callable[[], Issued[Secret]], first: Issued[Secret], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issue = issue
        self._clock = clock
        self._lock = threading.Lock()
        self._failure: IamError | None = None
        self._retry_at = -math.inf
        self._held = self._hold(first)

    def current(self) -> Secret:
        """Return the secret to use now; raises IamError if it has expired and cannot be renewed."""
        held = self._held
        now = self._clock()
        # While another thread renews it, a secret that is still valid is used.
        if now >= held.renew_at and self._lock.acquire(blocking=now >= held.ends_at):
            try:
                if self._clock() >= self._held.renew_at:
                    self._renew_ahead(self._held)
                held = self._held
            finally:
                self._lock.release()
        return held.value

    def on_response(self, was_sent: Callable[[Secret], bool], response: Response, says_expired: bool) -> bool:
        """Return True if the request is worth one more attempt; raises IamError if a renewal failed.

        ``was_sent`` tells whether the request was sent with a secret. A 401 leads to a renewal if it says that the
        secret has expired, or if the service took the secret before.
        """
        if response.status == 401:
            return self._refused(was_sent, says_expired)
        held = self._held
        if response.status < 500 and response.status not in _SAY_NOTHING and was_sent(held.value):
            held.accepted = True
        return False

    def _refused(self, was_sent: Callable[[Secret], bool], says_expired: bool) -> bool:
        with self._lock:
            held = self._held
            if not was_sent(held.value):
                return True
            # A new secret that is refused at once shows that it was not the age of the old one.
            if not held.accepted and (held.after_refusal or not says_expired):
                return False
            self._held = self._hold(self._renewed(), after_refusal=True)
            return True

    def _renew_ahead(self, held: _Held[Secret]) -> None:
        try:
            self._held = self._hold(self._renewed())
        except IamError:
            if self._clock() >= held.ends_at:
                raise
            held.renew_at = min(held.ends_at, max(self._retry_at, self._clock() + _PAUSE))

    def _renewed(self) -> Issued[Secret]:
        if self._failure is not None and self._clock() < self._retry_at:
            raise self._failure
        try:
            return self._issue()
        except ConfigurationError as error:
            failure = IamError(IamOperation.RENEWAL, RequestError(str(error), 0, False))
        except IamError as error:
            failure = error
        status = failure.details.http_status if failure.details else 0
        refused = 400 <= status < 500 and status not in (407, 408, 429)
        self._failure = failure
        self._retry_at = math.inf if refused else self._clock() + _PAUSE
        raise failure

    def _hold(self, issued: Issued[Secret], after_refusal: bool = False) -> _Held[Secret]:
        if not issued.lifetime or issued.lifetime < 0:
            return _Held(issued.value, after_refusal=after_refusal)
        now = self._clock()
        renew_at = now + issued.lifetime - min(_LEAD, issued.lifetime / 4)
        return _Held(issued.value, renew_at, now + issued.lifetime, after_refusal=after_refusal)


def seconds_until(moment: Any, response: Response) -> float | None:
    """Return the seconds from now until ``moment``, such as ``2026-01-08T02:56:19.587000Z``, or None if unreadable.

    Now is the clock of the service that sent ``response``, if it sent one: a local clock may be wrong.
    """
    if not isinstance(moment, str):
        return None
    try:
        # Python before 3.11 reads neither a Z nor fractions of any length.
        parsed = datetime.fromisoformat(_FRACTION.sub("", moment.strip()).replace("Z", "+00:00"))
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    now = response.service_now() or datetime.now(timezone.utc)
    return (parsed - now).total_seconds()
