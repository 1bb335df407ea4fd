# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret that expires: when it is renewed, by how many threads, and what a failed renewal means."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.refresh import Issued, RefreshableSecret
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    CancelledError,
    ConfigurationError,
    ErrorDetails,
    IamError,
    IamOperation,
    RequestError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Response
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock

HOUR = 3600.0
OK = Response(204, {}, b"")
UNAUTHORIZED = Response(401, {}, b"")
SILENCE = IamError(IamOperation.LOGIN, TransportError("no answer", "timeout"))


def refused(status: int) -> IamError:
    return IamError(IamOperation.LOGIN, ApiError("no", ErrorDetails(status, "empty"), 1, False))


class Issuer:
    """Issues the secrets 2, 3, ... of ``lifetime``, or raises what ``failure`` holds."""

    def __init__(self, lifetime: float | None = HOUR) -> None:
        self.lifetime = lifetime
        self.failure: Exception | None = None
        self.calls = 0
        self.pause = 0.0

    def __call__(self) -> Issued[str]:
        self.calls += 1
        time.sleep(self.pause)
        if self.failure:
            raise self.failure
        return Issued(str(self.calls + 1), self.lifetime)


def secret_of(issuer: Issuer, clock: Clock | None = None) -> RefreshableSecret[str]:
    return RefreshableSecret(issuer, Issued("1", issuer.lifetime), clock or Clock())


def refuse(secret: RefreshableSecret[str], sent: str, says_expired: bool = True) -> bool:
    return secret.on_response(lambda value: value == sent, UNAUTHORIZED, says_expired)


def accept(secret: RefreshableSecret[str], sent: str, response: Response = OK) -> None:
    assert secret.on_response(lambda value: value == sent, response, False) is False


# Ahead of its end


@pytest.mark.parametrize(("lifetime", "renewed_at"), [(HOUR, HOUR - 600), (24 * HOUR, 24 * HOUR - 600), (900, 675)])
def test_it_is_renewed_ahead_of_its_end(lifetime: float, renewed_at: float) -> None:
    issuer, clock = Issuer(lifetime), Clock()
    secret = secret_of(issuer, clock)
    clock.sleep(renewed_at - 1)
    assert secret.current() == "1"
    clock.sleep(1)
    assert (secret.current(), secret.current()) == ("2", "2")
    clock.sleep(renewed_at)
    assert secret.current() == "3"


@pytest.mark.parametrize("lifetime", [None, 0.0, -5.0])
def test_without_a_known_end_it_is_not_renewed_ahead(lifetime: float | None) -> None:
    issuer, clock = Issuer(lifetime), Clock()
    secret = secret_of(issuer, clock)
    clock.sleep(30 * 24 * HOUR)
    assert secret.current() == "1"
    assert issuer.calls == 0


def test_a_wait_of_days_always_has_a_good_secret() -> None:
    issuer, clock = Issuer(), Clock()
    secret = secret_of(issuer, clock)
    for _look in range(3 * 24 * 12):
        clock.sleep(300)
        secret.current()
    assert 72 <= issuer.calls <= 87


@pytest.mark.parametrize("failure", [SILENCE, refused(403), ConfigurationError("the token file is gone")], ids=repr)
def test_a_failed_renewal_ahead_leaves_it_in_use(failure: Exception) -> None:
    issuer, clock = Issuer(), Clock()
    secret = secret_of(issuer, clock)
    issuer.failure = failure
    clock.sleep(HOUR - 600)
    for _request in range(100):
        assert secret.current() == "1"
    assert issuer.calls == 1
    clock.sleep(600)
    with pytest.raises(IamError):
        secret.current()


def test_a_passing_failure_is_tried_again_later() -> None:
    issuer, clock = Issuer(), Clock()
    secret = secret_of(issuer, clock)
    issuer.failure = SILENCE
    clock.sleep(HOUR)
    for _request in range(10):
        with pytest.raises(IamError):
            secret.current()
    assert issuer.calls == 1
    issuer.failure = None
    clock.sleep(30)
    assert secret.current() == "3"


def test_a_cancelled_run_is_reported_as_cancelled() -> None:
    issuer, clock = Issuer(), Clock()
    secret = secret_of(issuer, clock)
    issuer.failure = CancelledError("SIGTERM was received")
    clock.sleep(HOUR)
    with pytest.raises(CancelledError):
        secret.current()


# Refused by the service


def test_a_refused_secret_is_renewed_once() -> None:
    issuer = Issuer()
    secret = secret_of(issuer)
    assert refuse(secret, "1") is True
    assert secret.current() == "2"
    assert refuse(secret, "2") is False
    assert issuer.calls == 1


def test_an_accepted_new_secret_is_renewed_again() -> None:
    issuer = Issuer()
    secret = secret_of(issuer)
    refuse(secret, "1")
    accept(secret, "2")
    assert refuse(secret, "2") is True
    assert issuer.calls == 2


@pytest.mark.parametrize("status", [200, 204, 400, 403, 404])
def test_one_that_was_accepted_needs_no_word_of_expiry(status: int) -> None:
    secret = secret_of(Issuer())
    accept(secret, "1", Response(status, {}, b""))
    assert refuse(secret, "1", says_expired=False) is True


@pytest.mark.parametrize("status", [None, 407, 408, 429, 500, 503])
def test_one_that_was_never_accepted_needs_it(status: int | None) -> None:
    issuer = Issuer()
    secret = secret_of(issuer)
    if status:
        accept(secret, "1", Response(status, {}, b""))
    assert refuse(secret, "1", says_expired=False) is False
    assert issuer.calls == 0


@pytest.mark.parametrize("failure", [refused(401), refused(403), refused(400)], ids=repr)
def test_a_refused_renewal_is_final(failure: IamError) -> None:
    """IAM locks a user after several failed logins."""
    issuer, clock = Issuer(), Clock()
    secret = secret_of(issuer, clock)
    issuer.failure = failure
    for _request in range(5):
        clock.sleep(HOUR)
        with pytest.raises(IamError):
            refuse(secret, "1")
    assert issuer.calls == 1


def test_lost_token_file_is_reported_as_failed_renewal() -> None:
    issuer = Issuer()
    secret = secret_of(issuer)
    issuer.failure = ConfigurationError("HC_X names a file that does not exist: /t")
    with pytest.raises(RequestError, match="^the renewal of the credentials failed: HC_X names a file that does not"):
        refuse(secret, "1")


# All threads


def together(count: int, work: object) -> None:
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        work()  # type: ignore[operator] # a function of the test

    threads = [threading.Thread(target=run) for _thread in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def slow() -> Issuer:
    """Give an issuer that takes its time."""
    issuer = Issuer()
    issuer.pause = 0.05
    return issuer


def test_one_renewal_serves_64_threads_after_a_401(slow: Issuer) -> None:
    secret = secret_of(slow)
    ends: list[bool] = []
    together(64, lambda: ends.append(refuse(secret, "1")))
    assert ends == [True] * 64
    assert slow.calls == 1


def test_one_renewal_serves_64_threads_at_its_end(slow: Issuer) -> None:
    clock = Clock()
    secret = secret_of(slow, clock)
    clock.sleep(HOUR)
    got: list[str] = []
    together(64, lambda: got.append(secret.current()))
    assert got == ["2"] * 64
    assert slow.calls == 1


def test_threads_do_not_wait_for_an_early_renewal(slow: Issuer) -> None:
    clock = Clock()
    secret = secret_of(slow, clock)
    clock.sleep(HOUR - 600)
    got: list[str] = []
    together(64, lambda: got.append(secret.current()))
    assert got.count("2") >= 1
    assert got.count("1") >= 32
    assert slow.calls == 1


def test_one_failed_renewal_is_reported_to_64_threads(slow: Issuer) -> None:
    secret = secret_of(slow)
    slow.failure = SILENCE
    failures: list[str] = []

    def meet() -> None:
        with pytest.raises(IamError) as caught:
            refuse(secret, "1")
        failures.append(str(caught.value))

    together(64, meet)
    assert failures == ["the login at IAM failed: no answer"] * 64
    assert slow.calls == 1
