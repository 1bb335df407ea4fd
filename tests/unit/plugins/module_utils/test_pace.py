# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pace: full speed until a 429, then what the service was seen to accept, for all threads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._pace import Pace
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock

LATE = 1e9


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock, clock.sleep)


def accept(pace: Pace, clock: Clock, times: int, every: float) -> None:
    for _each in range(times):
        pace.turn(LATE)
        pace.accepted()
        clock.now += every


def turns(pace: Pace, count: int) -> list[float]:
    return [pace.turn(LATE) for _each in range(count)]


def test_nobody_waits_before_the_first_429(pace: Pace, clock: Clock) -> None:
    assert turns(pace, 100) == [1000.0] * 100
    assert clock.slept == []


def test_after_a_429_nobody_sends_for_as_long_as_it_says(pace: Pace, clock: Clock) -> None:
    pace.throttled(pace.turn(LATE), 3.0)
    assert pace.turn(LATE) == 1003.0
    assert clock.slept == [3.0]


def test_the_longest_hold_counts(pace: Pace) -> None:
    turn = pace.turn(LATE)
    pace.throttled(turn, 5.0)
    pace.throttled(turn, 1.0)
    assert pace.turn(LATE) == 1005.0


def test_the_speed_becomes_a_little_less_than_what_was_accepted_in_the_last_second(pace: Pace, clock: Clock) -> None:
    accept(pace, clock, 40, 0.05)  # 20 a second, for two seconds
    pace.throttled(clock.now, 0.0)
    first, second = turns(pace, 2)
    assert second - first == pytest.approx(1 / (0.95 * 20), rel=0.06)


def test_the_speed_never_falls_below_one_a_second(pace: Pace, clock: Clock) -> None:
    for _each in range(5):
        pace.throttled(pace.turn(LATE), 0.0)
        clock.now += 0.001
    first, second = turns(pace, 2)
    assert second - first <= 1.0


def test_a_429_to_a_request_from_before_the_cut_cuts_no_further(pace: Pace, clock: Clock) -> None:
    early = pace.turn(LATE)
    accept(pace, clock, 20, 0.05)
    pace.throttled(early, 0.0)
    before = pace._rate
    clock.now += 0.5
    pace.throttled(early, 0.0)
    assert pace._rate == before


def test_a_429_to_a_request_from_after_the_cut_cuts_again(pace: Pace, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    pace.throttled(clock.now, 0.0)
    before = pace._rate
    assert before is not None
    clock.now += 0.5
    pace.throttled(pace.turn(LATE), 0.0)
    assert pace._rate is not None
    assert pace._rate < before


def test_the_speed_grows_again_without_a_429(pace: Pace, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    pace.throttled(clock.now, 0.0)
    first, second = turns(pace, 2)
    clock.now += 50.0  # two hundredths a second: twice the speed
    third, fourth = turns(pace, 2)
    assert (second - first) / (fourth - third) == pytest.approx(2.0, rel=0.05)


def test_the_speed_does_not_grow_while_nobody_may_send(pace: Pace, clock: Clock) -> None:
    accept(pace, clock, 20, 0.05)
    pace.throttled(clock.now, 50.0)
    first, second = turns(pace, 2)
    assert first == pytest.approx(1051.0)
    assert second - first == pytest.approx(1 / 19, rel=0.06)


def test_a_turn_does_not_wait_beyond_its_end(pace: Pace, clock: Clock) -> None:
    pace.throttled(pace.turn(LATE), 60.0)
    assert pace.turn(1010.0) == 1010.0
    assert clock.slept == [10.0]


def test_a_turn_whose_end_is_over_does_not_wait_at_all(pace: Pace, clock: Clock) -> None:
    pace.throttled(pace.turn(LATE), 60.0)
    assert pace.turn(990.0) == 1000.0
    assert clock.slept == []


def test_turns_are_one_after_the_other_for_whoever_takes_them(clock: Clock) -> None:
    pace = Pace(clock, lambda seconds: None)  # as threads do, all ask at the same moment
    accept(pace, clock, 20, 0.05)
    pace.throttled(clock.now, 0.0)
    taken = turns(pace, 5)
    gaps = [taken[later] - taken[later - 1] for later in range(1, 5)]
    assert gaps == [pytest.approx(1 / 19, rel=0.06)] * 4


@given(st.lists(st.tuples(st.sampled_from(["turn", "accepted", "throttled"]), st.floats(0, 5)), max_size=40))
def test_time_never_runs_backwards_and_the_rate_stays_positive(deeds: list[tuple[str, float]]) -> None:
    clock = Clock()
    pace = Pace(clock, clock.sleep)
    last = 0.0
    for deed, number in deeds:
        if deed == "turn":
            turn = pace.turn(clock.now + number)
            assert last <= turn <= clock.now
            last = turn
        elif deed == "accepted":
            pace.accepted()
        else:
            pace.throttled(last, number)
        clock.now += number / 10
        assert pace._rate is None or pace._rate >= 1.0
