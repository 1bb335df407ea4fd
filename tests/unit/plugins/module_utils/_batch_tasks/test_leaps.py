# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a list side by side while others change it: every task that is there all the time, and none twice.

The service and the threads are stand-ins in one thread: which request is answered next, and what changes in between,
is drawn, so that each case can be repeated.
"""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.listing import (
    ListFilter,
    ListReader,
    read_lists,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import Page
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError, RequestError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Peak, refusal, reply, silence

QUERY = ListFilter("freezeDevices", "Success")
NEWEST = 16**24 - 1


@dataclass(frozen=True)
class Weather:
    """What happens while the list is read; each number is a probability."""

    change: float = 0.0
    late: float = 0.0
    fail: float = 0.0
    fail_leap: float = 0.0
    twice: float = 0.0


CALM = Weather()


class Service:
    """In place of BatchTaskClient: one list that others change; ``offset`` is answered as ``answer`` says."""

    def __init__(self, numbers: Sequence[int], weather: Weather, answer: str, seed: int) -> None:
        self.numbers = sorted(numbers)
        self.always = set(numbers)
        self.ever = set(numbers)
        self.asked: list[tuple[str | None, int]] = []
        self.failed: list[int] = []
        self.queue: list[Turn[Any]] = []
        self.random = Random(seed)
        self.under_way = 0
        self.concurrency = 1
        self._weather = weather
        self._answer = answer

    def page(self, filters: Any, marker: str | None, limit: int, offset: int = 0) -> Page:
        assert filters == QUERY.pairs()
        assert (0 <= offset <= 500, limit) == (True, 50)
        self.asked.append((marker, offset))
        self._change()
        page = self.now(marker, offset)
        if self._happens(self._weather.twice):
            self._change()
            page = self.now(marker, offset)
        self.under_way += 1
        while self.queue and self.under_way < self.concurrency and self._happens(self._weather.late):
            self.go_on()
        self.under_way -= 1
        self._change()
        if self._happens(self._weather.fail_leap if offset else self._weather.fail):
            self.failed.append(offset)
            raise self.random.choice([refusal(500, "X.1"), silence(), refusal(429, "APIGW.0308")])
        return page

    def go_on(self) -> None:
        """Let one of the requests that are under way be answered."""
        self.queue.pop(self.random.randrange(len(self.queue))).run()

    def answer_all(self) -> None:
        """Let all that is under way be answered, in the order in which it was requested."""
        for turn in [self.queue.pop(0) for _turn in self.queue[:]]:
            turn.run()

    def now(self, marker: str | None, offset: int) -> Page:
        end = bisect_left(self.numbers, NEWEST if marker is None else int(marker, 16))
        if self._answer == "refused" and offset:
            raise refusal(400, "IOTDA.000018")
        if self._answer == "counted from the top" and offset:
            end = len(self.numbers)
        skipped = {"ignored": 0, "one more": offset + 1, "half": offset // 2, "double": 2 * offset}
        skipped["seven tenths"] = 7 * offset // 10
        end -= skipped.get(self._answer, offset) if offset else 0
        found = self.numbers[max(0, end - 50) : max(0, end)][::-1]
        if self._answer == "upside down" and offset:
            found.reverse()
        items = [{"task_id": f"{number:024x}", "task_type": "freezeDevices", "status": "Success"} for number in found]
        if self._answer == "unfiltered" and offset:
            items = [{**item, "status": "Fail"} for item in items]
        if self._answer in ("another marker", "marker too large") and offset and items:
            marker = f"{found[-1] + 1 if self._answer == 'marker too large' else max(found[-1] - 10**5, 1):024x}"
            return Page(items, len(self.numbers), marker, reply(200), "https://iotda.example")
        total = 10**6 if self._answer == "counts too many" else len(self.numbers)
        # As from JSON, it is another object than the ID.
        last = "".join(list(items[-1]["task_id"])) if items else marker
        return Page(items, total, last, reply(200), "https://iotda.example")

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self.random.random() < probability

    def _change(self) -> None:
        """Let tasks appear or vanish at any place: they are created, finish, begin anew or are deleted."""
        while self._happens(self._weather.change):
            numbers, random = self.numbers, self.random
            if random.random() < 0.5 and numbers:
                at = random.randrange(len(numbers))
                many = random.choice([1, 1, 3, 60])
                gone = numbers[at : at + many]
                del numbers[at : at + many]
                self.always.difference_update(gone)
                continue
            at = random.choice([numbers[-1], random.choice(numbers)]) if numbers else 1000
            for number in {at + random.randrange(1, 500) for dummy in range(random.choice([1, 1, 3, 60]))}:
                if number not in self.ever:
                    insort(numbers, number)
                    self.ever.add(number)


class Turn(Future[Any]):
    """Work that is done when the service gets to it, or when somebody waits for it."""

    def __init__(self, service: Service, work: Callable[[], Any]) -> None:
        super().__init__()
        self._service = service
        self._work = work
        service.queue.append(self)

    def run(self) -> None:
        if self.set_running_or_notify_cancel():
            try:
                self.set_result(self._work())
            except BaseException as error:
                self.set_exception(error)

    def result(self, timeout: float | None = None) -> Any:
        while not self.done():
            self._service.go_on()
        return super().result(0)


class Reader(ListReader):
    """A reader whose threads are turns. ``threads``: how often there is one more."""

    def __init__(self, service: Service, concurrency: int = 10, threads: float = float("inf")) -> None:
        super().__init__(service, concurrency)  # type: ignore[arg-type]
        self._service = service
        self._threads = threads
        service.concurrency = concurrency

    def begin(self, work: Callable[..., Any], *arguments: Any) -> Any:
        self._threads -= 1
        if self._threads < 0:
            raise RuntimeError("can't start new thread")
        return Turn(self._service, lambda: work(*arguments))


def numbers_of(pages: Iterator[Page]) -> list[int]:
    return [int(task["task_id"], 16) for page in pages for task in page.items]


def check_what_was_read(service: Service, read: list[int]) -> None:
    assert read == sorted(set(read), reverse=True), "out of order, or twice"
    assert service.always <= set(read), "a task that was there all the time is missing"
    assert set(read) <= service.ever, "a task that never was there"


def bursts(count: int) -> list[int]:
    """Return numbers of IDs that begin alike, many in each of a few seconds."""
    return [(0x5C8BA990 + number // 97 << 64) + 16 * number for number in range(count)]


LAYOUTS: dict[str, Callable[[int], list[int]]] = {
    "even": lambda count: [1000 * (number + 1) for number in range(count)],
    "bursts": bursts,
    "one prefix": lambda count: [(0x5C8BA990 << 64) + 3 * number for number in range(count)],
    "chance": lambda count: [Random(number).getrandbits(96) for number in range(count)],
}
BROKEN = ("ignored", "refused", "upside down", "unfiltered", "another marker", "marker too large")
counts = st.integers(0, 120) | st.integers(121, 1400)
layouts = st.sampled_from(sorted(LAYOUTS))
seeds = st.integers(0, 2**32)
answers = st.sampled_from(
    ["honoured"] * 8
    + [*BROKEN, "one more", "half", "double", "counted from the top"]
    + ["counts too many", "seven tenths", "another marker"]
)
weathers = st.builds(
    Weather,
    change=st.sampled_from([0.0, 0.02, 0.1, 0.4]),
    late=st.sampled_from([0.0, 0.3, 0.7]),
    fail=st.sampled_from([0.0, 0.0, 0.02]),
    fail_leap=st.sampled_from([0.0, 0.0, 0.1]),
    twice=st.sampled_from([0.0, 0.2]),
)


@pytest.mark.parametrize("answer", [*BROKEN, "half", "counted from the top"])
def test_where_offset_does_not_help_the_list_is_read_page_after_page(answer: str) -> None:
    service = Service(bursts(5000), CALM, answer, 1)
    check_what_was_read(service, numbers_of(Reader(service).pages(QUERY)))
    assert len(service.asked) <= 1.25 * _page_after_page(5000)
    assert all(offset == 0 for _marker, offset in service.asked[20:])


@pytest.mark.parametrize("answer", ["one more", "double", "seven tenths", "counts too many"])
def test_where_offset_counts_otherwise_it_still_helps(answer: str) -> None:
    service = Service(bursts(5000), CALM, answer, 1)
    check_what_was_read(service, numbers_of(Reader(service).pages(QUERY)))
    assert len(service.asked) <= 1.25 * _page_after_page(5000)


@pytest.mark.parametrize(
    ("answer", "leaps"),
    [("refused", 5), ("ignored", 5), ("half", 10), ("seven tenths", 15), ("counted from the top", 5)],
)
def test_leaps_that_do_not_pay_end_soon_and_for_all_lists(answer: str, leaps: int) -> None:
    service = Service(bursts(5000), CALM, answer, 1)
    service.go_on = service.answer_all  # type: ignore[method-assign]
    reader = Reader(service)
    numbers_of(reader.pages(QUERY))
    assert sum(offset > 0 for _marker, offset in service.asked) == leaps
    del service.asked[:]
    numbers_of(reader.pages(QUERY))
    assert [offset for _marker, offset in service.asked] == [0] * _page_after_page(5000)


def test_where_the_first_leap_fails_no_request_was_in_vain() -> None:
    service = Service(bursts(500), CALM, "refused", 1)
    numbers_of(Reader(service).pages(QUERY))
    service.answer_all()
    # The page that was to fill the first stretch is the next one anyhow.
    assert sum(offset == 0 for _marker, offset in service.asked) == _page_after_page(500)


@pytest.mark.parametrize(("count", "leaps"), [(100, []), (101, [49]), (199, [49]), (298, [49, 148])])
def test_leaps_end_where_the_page_before_reaches_the_end(count: int, leaps: list[int]) -> None:
    service = Service(bursts(count), CALM, "honoured", 1)
    assert len(numbers_of(Reader(service).pages(QUERY))) == count
    assert [offset for _marker, offset in service.asked if offset] == leaps


@pytest.mark.parametrize(
    ("answer", "helps"), [("honoured", True), ("counts too many", True), ("ignored", False), ("upside down", False)]
)
def test_a_leap_beyond_the_end_is_no_reason_not_to_leap_again(answer: str, helps: bool) -> None:
    service = Service(bursts(500), CALM, answer, 1)
    reader = Reader(service)
    numbers_of(reader.pages(QUERY))
    del service.asked[:]
    numbers_of(reader.pages(QUERY))
    assert any(offset > 0 for _marker, offset in service.asked) is helps


def _page_after_page(count: int) -> int:
    """Return how many requests it takes by marker alone: a full page does not tell that it is the last one."""
    return 1 if count <= 50 else count // 50 + 1


@pytest.mark.parametrize("count", [0, 1, 49, 50])
def test_one_page_is_one_request(count: int) -> None:
    service = Service(bursts(count), CALM, "honoured", 1)
    assert len(numbers_of(Reader(service).pages(QUERY))) == count
    assert service.asked == [(None, 0)]


@pytest.mark.parametrize(
    ("count", "concurrency", "times"),
    [(1000, 10, 5), (8000, 10, 8), (8000, 32, 8), (20_000, 10, 9), (20_000, 32, 9), (8000, 2, 1.9)],
)
@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_how_many_times_as_fast_as_page_after_page(count: int, concurrency: int, times: float, layout: str) -> None:
    """Where all the time is spent waiting: in rounds, each of which answers at most ``concurrency`` requests."""
    service = Service(LAYOUTS[layout](count), CALM, "honoured", 1)
    rounds = side_by_side = 0

    def go_on() -> None:
        nonlocal rounds, side_by_side
        turns = [service.queue.pop(0) for dummy in range(min(concurrency, len(service.queue)))]
        rounds, side_by_side = rounds + 1, side_by_side + len(turns)
        for turn in turns:
            turn.run()

    service.go_on = go_on  # type: ignore[method-assign]
    assert len(numbers_of(Reader(service, concurrency).pages(QUERY))) == count
    # Each of the others, as that of the first page, is waited for alone.
    rounds += len(service.asked) - side_by_side
    assert _page_after_page(count) / rounds >= times


@pytest.mark.parametrize(("needed", "most"), [(0, 5), (200, 5), (1000, 21)])
def test_no_more_is_read_than_is_needed(needed: int, most: int) -> None:
    service = Service(bursts(5000), CALM, "honoured", 1)
    pages = Reader(service).pages(QUERY, needed=needed)
    tasks = (task for page in pages for task in page.items)
    assert len(list(islice(tasks, needed or 210))) == (needed or 210)
    assert len(service.asked) <= most
    assert all(offset == 0 for _marker, offset in service.asked) == (needed == 0)


def test_nothing_is_read_ahead_of_the_second_page() -> None:
    service = Service(bursts(5000), CALM, "honoured", 1)
    next(Reader(service).pages(QUERY))
    assert (len(service.asked), service.queue) == (1, [])


def test_nothing_is_requested_any_more_once_nobody_reads() -> None:
    service = Service(bursts(5000), CALM, "honoured", 1)
    pages = Reader(service).pages(QUERY)
    assert len(list(islice(pages, 7))) == 7
    pages.close()  # type: ignore[attr-defined]
    asked = len(service.asked)
    while service.queue:
        service.go_on()
    assert len(service.asked) == asked


@pytest.mark.parametrize("under_way", range(11))
def test_what_is_answered_once_nobody_reads_leads_to_no_request(under_way: int) -> None:
    service = Service(bursts(5000), CALM, "honoured", 1)
    pages = Reader(service).pages(QUERY)
    next(pages)
    next(pages)
    answer = service.page

    def page(filters: Any, marker: str | None, limit: int, offset: int = 0) -> Page:
        service.page = answer  # type: ignore[method-assign]
        pages.close()  # type: ignore[attr-defined]
        return answer(filters, marker, limit, offset)

    service.page = page  # type: ignore[method-assign]
    asked = len(service.asked)
    service.queue.pop(under_way).run()
    while service.queue:
        service.go_on()
    assert len(service.asked) == asked + 1


def test_several_long_lists_share_the_requests_that_may_be_under_way() -> None:
    service = Service(bursts(2000), CALM, "honoured", 1)
    peak = Peak()

    class Counting:
        def page(self, _filters: Any, marker: str | None, _limit: int, offset: int = 0) -> Page:
            with peak:
                time.sleep(0.001)
            return service.now(marker, offset)

    queries = [replace(QUERY, app_id=app_id) for app_id in "abcde"]
    with ListReader(Counting(), 4) as reader:  # type: ignore[arg-type]
        read, skipped = read_lists(reader, queries, (), lambda _query, pages: numbers_of(pages))
    assert (read, skipped) == ([sorted(service.numbers, reverse=True)] * 5, [])
    assert peak.most == 4


def test_for_a_reader_that_pauses_four_blocks_are_read_ahead() -> None:
    service = Service(bursts(20_000), CALM, "honoured", 1)
    pages = Reader(service).pages(QUERY)
    list(islice(pages, 2))
    while service.queue:
        service.answer_all()
    assert sorted(offset for _marker, offset in service.asked if offset) == sorted([49, 148, 247, 346, 445] * 4)


def test_no_more_than_some_blocks_are_in_memory() -> None:
    service = Service(bursts(20_000), CALM, "honoured", 1)
    read = 0
    for page in Reader(service, 64).pages(QUERY):
        read += len(page.items)
        while service.queue:
            service.go_on()
        assert 50 * len(service.asked) - read <= 2500


def test_one_request_at_a_time_means_page_after_page() -> None:
    service = Service(bursts(500), CALM, "honoured", 1)
    check_what_was_read(service, numbers_of(Reader(service, 1).pages(QUERY)))
    assert {offset for _marker, offset in service.asked} == {0}


def test_a_task_that_comes_twice_is_a_failure() -> None:
    service = Service(bursts(500), CALM, "honoured", 1)
    honest = service.page

    def page(filters: Any, marker: str | None, limit: int, offset: int = 0) -> Page:
        return honest(filters, None if marker and not offset else marker, limit, offset)

    service.page = page  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="a list out of order"):
        numbers_of(Reader(service).pages(QUERY))


# Whatever happens


@settings(max_examples=1000, deadline=None)
@given(counts, layouts, weathers, answers, seeds, st.sampled_from([2, 3, 10, 32]))
def test_what_is_there_all_the_time_is_read_once(
    count: int, layout: str, weather: Weather, answer: str, seed: int, concurrency: int
) -> None:
    service = Service(LAYOUTS[layout](count), weather, answer, seed)
    failure, read = None, []
    try:
        read = numbers_of(Reader(service, concurrency).pages(QUERY))
    except RequestError as error:
        failure = error
    # Only the failure of a page that a reader of page after page would have needed, too, may be one.
    assert failure is None or 0 in service.failed
    if failure is None:
        check_what_was_read(service, read)


@settings(max_examples=1000, deadline=None)
@given(counts, weathers.map(lambda weather: replace(weather, fail=0.0)), seeds, st.integers(0, 60))
def test_without_threads_the_list_is_read_all_the_same(count: int, weather: Weather, seed: int, threads: int) -> None:
    service = Service(LAYOUTS["even"](count), weather, "honoured", seed)
    check_what_was_read(service, numbers_of(Reader(service, threads=threads).pages(QUERY)))


@settings(max_examples=200, deadline=None)
@given(counts, layouts, seeds, st.sampled_from([0.0, 0.3]))
def test_it_takes_hardly_more_requests_than_page_after_page(count: int, layout: str, seed: int, late: float) -> None:
    service = Service(LAYOUTS[layout](count), Weather(late=late), "honoured", seed)
    check_what_was_read(service, numbers_of(Reader(service).pages(QUERY)))
    assert len(service.asked) <= 1.25 * _page_after_page(count)
