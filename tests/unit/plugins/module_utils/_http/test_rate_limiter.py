# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pace: full speed until a 429, then what the service was seen to accept, for all threads."""

from __future__ import annotations

import heapq
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.rate_limiter import RateLimiter
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock

LATE = 1e9


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> RateLimiter:
    return RateLimiter(clock, clock.sleep)


def accept(pace: RateLimiter, clock: Clock, times: int, every: float) -> None:
    for _each in range(times):
        pace.record_success(pace.acquire(LATE))
        clock.now += every


def turns(pace: RateLimiter, count: int) -> list[float]:
    return [pace.acquire(LATE) for _each in range(count)]


def throttle(pace: RateLimiter, asked: float | None = 0.0) -> float:
    return pace.record_throttle(pace.acquire(LATE), asked, LATE)


def gap(pace: RateLimiter) -> float:
    first, second = turns(pace, 2)
    return second - first


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)


def test_no_request_waits_before_the_first_429(pace: RateLimiter, clock: Clock) -> None:
    assert turns(pace, 100) == [1000.0] * 100
    assert clock.slept == []


def test_a_429_pauses_for_as_long_as_it_says(pace: RateLimiter, clock: Clock) -> None:
    assert throttle(pace, 3.0) == 3.0
    assert pace.acquire(LATE) == 1003.0
    assert clock.slept == [3.0]


@pytest.mark.parametrize("asked", [None, 0.0])
def test_a_429_without_retry_after_pauses(pace: RateLimiter, asked: float | None) -> None:
    assert throttle(pace, asked) == 0.5
    assert pace.acquire(LATE) == 1000.5


def test_the_pause_doubles_up_to_ten_seconds(pace: RateLimiter) -> None:
    assert [throttle(pace, None) for _each in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_the_pause_doubles_despite_retry_after(pace: RateLimiter) -> None:
    assert [throttle(pace, 1.5) for _each in range(4)] == [1.5, 1.5, 2.0, 4.0]


def test_the_pause_is_short_again_after_a_success(pace: RateLimiter) -> None:
    for _each in range(5):
        throttle(pace, None)
    pace.record_success(pace.acquire(LATE))
    assert throttle(pace, None) == 0.5


def test_the_longest_hold_counts(pace: RateLimiter) -> None:
    turn = pace.acquire(LATE)
    assert pace.record_throttle(turn, 5.0, LATE) == 5.0
    assert pace.record_throttle(turn, 1.0, LATE) == 5.0
    assert pace.acquire(LATE) == 1005.0


def test_others_are_held_no_longer_than_is_bearable(pace: RateLimiter) -> None:
    assert pace.record_throttle(pace.acquire(LATE), 3600.0, 60.0) == 3600.0
    assert pace.acquire(LATE) == 1060.0


def test_the_rate_is_a_little_below_what_was_accepted(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 40, 0.05)  # 20 a second, for two seconds
    throttle(pace)
    assert gap(pace) == pytest.approx(1 / (0.95 * 20), rel=0.06)


def test_the_speed_never_falls_below_one_a_second(pace: RateLimiter, clock: Clock) -> None:
    for _each in range(5):
        throttle(pace)
    assert gap(pace) <= 1.0


def test_a_429_to_an_earlier_request_reduces_nothing(pace: RateLimiter, clock: Clock) -> None:
    early = pace.acquire(LATE)
    accept(pace, clock, 20, 0.05)
    pace.record_throttle(early, 0.0, LATE)
    before = pace._rate
    clock.now += 0.5
    pace.record_success(early)
    pace.record_throttle(early, 0.0, LATE)
    assert pace._rate == before


def test_a_429_in_a_rejected_round_reduces_nothing(pace: RateLimiter, clock: Clock) -> None:
    early = pace.acquire(LATE)
    accept(pace, clock, 20, 0.05)
    throttle(pace)
    before = pace._rate
    pace.record_success(early)  # was under way, and is no sign that the hold was long enough
    throttle(pace)
    assert pace._rate == before


def test_a_rejected_round_makes_the_next_one_slower(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    throttle(pace)
    throttle(pace)
    assert gap(pace) == pytest.approx(2 / 19, rel=0.06)
    pace.record_success(pace.acquire(LATE))
    assert gap(pace) == pytest.approx(1 / 19, rel=0.2)


def test_a_429_to_a_later_request_reduces_again(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    throttle(pace)
    accept(pace, clock, 5, 0.2)
    before = gap(pace)
    throttle(pace)
    assert gap(pace) > before


def test_the_rate_is_searched_for_quickly(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    throttle(pace)
    first = gap(pace)
    clock.now += 5.0
    assert first / gap(pace) == pytest.approx(2.0**5, rel=0.1)


def test_the_rate_follows_the_cubic_curve(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 40, 0.05)
    throttle(pace)
    accept(pace, clock, 40, 0.0)
    throttle(pace)  # for the second time, so that the limit is known
    assert pace._rate is not None
    too_fast = pace._rate / 0.95
    began = clock.now
    shares = []
    for seconds in (1.0, 9.0, 11.0, 40.0):
        clock.now = began + seconds
        shares.append(1 / gap(pace) / too_fast)
    assert 0.9 < shares[0] < shares[1] < shares[2] < 1.0
    assert shares[2] - shares[1] < 0.01
    assert 1.2 < shares[3] < 4.0


def test_rate_does_not_grow_while_sending_is_paused(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    throttle(pace, 50.0)
    first, second = turns(pace, 2)
    assert first == pytest.approx(1051.0)
    assert second - first == pytest.approx(1 / 19, rel=0.06)


def test_a_turn_does_not_wait_beyond_its_end(pace: RateLimiter, clock: Clock) -> None:
    throttle(pace, 60.0)
    assert pace.acquire(1010.0) == 1010.0
    assert clock.slept == [10.0]


def test_a_turn_whose_end_is_over_does_not_wait_at_all(pace: RateLimiter, clock: Clock) -> None:
    throttle(pace, 60.0)
    assert pace.acquire(990.0) == 1000.0
    assert clock.slept == []


def test_threads_are_admitted_one_after_the_other(clock: Clock) -> None:
    pace = RateLimiter(clock, lambda seconds: None)  # as threads do, all ask at the same moment
    accept(pace, clock, 20, 0.05)
    throttle(pace)
    taken = turns(pace, 5)
    gaps = [taken[later] - taken[later - 1] for later in range(1, 5)]
    assert gaps == [pytest.approx(1 / 19, rel=0.2)] * 4


def test_a_429_holds_also_who_is_waiting_for_a_turn(clock: Clock) -> None:
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds
        if len(slept) == 1:
            pace.record_throttle(turn, 5.0, LATE)  # meets another thread meanwhile

    pace = RateLimiter(clock, sleep)
    pace.record_throttle(pace.acquire(LATE), 1.0, LATE)
    turn = 1001.0
    assert pace.acquire(LATE) == 1006.0
    assert slept == [1.0, 5.0]


def test_missed_starts_are_not_made_up_for(clock: Clock) -> None:
    came = []
    naps = 0

    def sleep(seconds: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 1:  # another thread waits for a turn, too
            pace.acquire(LATE)
            came.append(clock.now)
        else:  # the machine is so busy that both oversleep
            clock.now += seconds + (0.1 if naps == 2 else 0.0)

    pace = RateLimiter(clock, sleep)
    accept(pace, clock, 20, 0.05)
    throttle(pace)
    clock.now += 0.5
    pace.acquire(LATE)  # begins at once; those after it must wait
    pace.acquire(LATE)
    came.append(clock.now)
    assert came[1] - came[0] == pytest.approx(1 / 19, rel=0.15)


@given(st.lists(st.tuples(st.sampled_from(["turn", "accepted", "throttled"]), st.floats(0, 5)), max_size=40))
def test_the_rate_stays_positive(deeds: list[tuple[str, float]]) -> None:
    clock = Clock()
    pace = RateLimiter(clock, clock.sleep)
    last = 0.0
    for operation, number in deeds:
        if operation == "turn":
            turn = pace.acquire(clock.now + number)
            assert last <= turn <= clock.now
            last = turn
        elif operation == "accepted":
            pace.record_success(last)
        else:
            assert pace.record_throttle(last, number, 60.0) >= number
        clock.now += number / 10
        assert pace._rate is None or pace._rate >= 1.0


class Service:
    """A service that admits so many requests in any one second, and answers each after a while of the clock's."""

    LIMIT, TAKES, AT_ONCE = 200, 0.02, 10

    def __init__(self, asks_for: float | None) -> None:
        self.clock = Clock()
        self.asks_for = asks_for
        self.admitted: deque[float] = deque()
        self.under_way: list[tuple[float, float, bool]] = []  # when it is answered, its turn, whether it was admitted
        self.accepted = self.refused = 0
        self.pace = RateLimiter(self.clock, self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let time pass, and with it the answers come to those who wait for them."""
        until = self.clock.now + seconds
        while self.under_way and self.under_way[0][0] <= until:
            self.answer()
        self.clock.now = until

    def answer(self) -> None:
        self.clock.now, turn, good = heapq.heappop(self.under_way)
        if good:
            self.accepted += 1
            self.pace.record_success(turn)
        else:
            self.refused += 1
            self.pace.record_throttle(turn, self.asks_for, LATE)

    def ask(self) -> None:
        if len(self.under_way) == self.AT_ONCE:
            self.answer()
        turn = self.pace.acquire(LATE)
        now = self.clock.now
        while self.admitted and self.admitted[0] <= now - 1.0:
            self.admitted.popleft()
        good = len(self.admitted) < self.LIMIT
        if good:
            self.admitted.append(now)
        heapq.heappush(self.under_way, (now + self.TAKES, turn, good))


@pytest.mark.parametrize("asks_for", [None, 0.0, 1.0])
@pytest.mark.parametrize(("requests", "share"), [(800, 0.8), (4000, 0.9), (12_000, 0.9)])
def test_the_allowed_rate_is_found_soon(asks_for: float | None, requests: int, share: float) -> None:
    service = Service(asks_for)
    began = service.clock.now
    while service.accepted < requests:
        service.ask()
    assert requests / (service.clock.now - began) >= share * service.LIMIT
    assert service.refused < 0.05 * (service.accepted + service.refused)


def test_a_few_accepted_requests_do_not_fix_the_rate(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 20, 0.001)
    throttle(pace)
    clock.now += 3.0
    assert gap(pace) == pytest.approx(1 / (19 * 2**2), rel=0.2)


@pytest.mark.parametrize(("asks_for", "grows"), [(None, True), (0.0, True), (1.0, False)])
def test_more_is_tried_only_where_it_costs_little(
    pace: RateLimiter, clock: Clock, asks_for: float | None, grows: bool
) -> None:
    accept(pace, clock, 100, 0.002)
    throttle(pace, asks_for)
    clock.now += 8.0
    assert (gap(pace) < 1 / 150) is grows


def test_a_busy_machine_does_not_stop_the_run(pace: RateLimiter, clock: Clock) -> None:
    accept(pace, clock, 100, 0.002)
    throttle(pace)
    accept(pace, clock, 100, 0.0)
    before = gap(pace)
    clock.now += 2.0  # nothing is seen to be accepted, since this process does not run
    throttle(pace)
    assert gap(pace) < before / 0.6
