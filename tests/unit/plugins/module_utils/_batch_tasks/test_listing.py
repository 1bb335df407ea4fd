# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Walking through lists: all pages, in order, each once, or a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.listing import (
    ListFilter,
    ListReader,
    iter_subtasks,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import Page
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ApiError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import reply

ANY = ListFilter("freezeDevices")


def task_id(number: int) -> str:
    return f"{number:024x}"


class Pages:
    """In place of BatchTaskClient: a list of tasks, newest first, paged by marker; or prepared pages."""

    def __init__(self, numbers: Sequence[int] = (), written: Sequence[Page] = ()) -> None:
        self.ids = [task_id(number) for number in sorted(numbers, reverse=True)]
        self.written = list(written)
        self.asked: list[tuple[Any, ...]] = []

    def page(self, filters: Any, marker: str | None, limit: int, offset: int = 0) -> Page:
        self.asked.append((filters, marker, limit))
        if self.written:
            return self.written.pop(0)
        older = [one for one in self.ids if marker is None or one < marker]
        return page_of(older[:limit], len(older))

    def detail_page(self, of_task: str, status: str | None, marker: str | None, limit: int) -> Page:
        return self.page((of_task, status), marker, limit)


def page_of(ids: Sequence[str], count: int | None, marker: str | None = None) -> Page:
    return page_with([{"task_id": one} for one in ids], count, marker or (ids[-1] if ids else None))


def page_with(items: Sequence[Mapping[str, Any]], count: int | None = 1, marker: str | None = None) -> Page:
    return Page(list(items), count, marker, reply(200), "https://iotda.example")


def walked(pages: Pages, size: int = 50) -> list[str]:
    return [one["task_id"] for page in ListReader(pages, 1).pages(ANY, size) for one in page.items]  # type: ignore[arg-type]


@given(st.integers(0, 30), st.integers(1, 10))
def test_every_task_is_met_once_newest_first(count: int, size: int) -> None:
    pages = Pages(range(count))
    assert walked(pages, size) == pages.ids


def test_deletions_during_pagination_hide_no_tasks() -> None:
    pages = Pages(range(30))
    met = []
    for page in ListReader(pages, 1).pages(ANY, 10):  # type: ignore[arg-type]
        met += [one["task_id"] for one in page.items]
        pages.ids = [one for one in pages.ids if one not in met]
    assert met == Pages(range(30)).ids


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (ListFilter("t"), [("task_type", "t")]),
        (ListFilter("t", "s", "a"), [("app_id", "a"), ("task_type", "t"), ("status", "s")]),
        (ListFilter("t", status="Fail"), [("task_type", "t"), ("status", "Fail")]),
    ],
)
def test_filters_are_asked_for_on_every_page(query: ListFilter, pairs: list[tuple[str, str]]) -> None:
    pages = Pages(range(3))
    list(ListReader(pages, 1).pages(query, 1))  # type: ignore[arg-type]
    assert {str(asked[0]) for asked in pages.asked} == {str(pairs)}


def test_a_page_that_repeats_the_last_one_is_a_failure() -> None:
    first = page_of([task_id(9), task_id(8)], 4)
    with pytest.raises(ApiError, match="a list out of order"):
        walked(Pages(written=[first, first]), 2)


def test_a_page_out_of_order_is_a_failure() -> None:
    with pytest.raises(ApiError, match="follows a task that is not newer"):
        walked(Pages(written=[page_of([task_id(1), task_id(2)], 2)]))


def test_a_task_that_comes_twice_is_a_failure() -> None:
    with pytest.raises(ApiError, match="follows a task that is not newer"):
        walked(Pages(written=[page_of([task_id(2), task_id(2)], 2)]))


@pytest.mark.parametrize(("count", "pages_read"), [(1, 1), (2, 2), (None, 1)])
def test_short_page_is_followed_if_count_is_higher(count: int | None, pages_read: int) -> None:
    pages = Pages(written=[page_of([task_id(9)], count), page_of([task_id(8)], count)])
    assert len(walked(pages)) == pages_read
    assert len(pages.asked) == pages_read


def test_empty_page_ends_pagination() -> None:
    assert walked(Pages(written=[page_of([], 7)])) == []


def test_a_marker_that_does_not_go_on_is_a_failure() -> None:
    written = [page_of([task_id(9)], 3, task_id(9)), page_of([task_id(8)], 3, task_id(9))]
    with pytest.raises(ApiError, match="is not smaller than the previous page's"):
        walked(Pages(written=written), 1)


def test_full_page_without_count_requests_next_page() -> None:
    written = [page_of([task_id(9)], None), page_of([], None)]
    assert walked(Pages(written=written), 1) == [task_id(9)]


def test_subtasks_are_paged_by_their_own_markers() -> None:
    written = [page_of(["x"] * 50, 51, task_id(7)), page_of(["y"], 51, task_id(9))]
    pages = Pages(written=written)
    assert len(list(iter_subtasks(pages, "a1", "Fail"))) == 51  # type: ignore[arg-type]
    assert pages.asked == [(("a1", "Fail"), None, 50), (("a1", "Fail"), task_id(7), 50)]


def test_repeated_subtask_marker_is_a_failure() -> None:
    page = page_of(["x"] * 50, 500, task_id(7))
    with pytest.raises(ApiError, match="which it had returned before"):
        list(iter_subtasks(Pages(written=[page] * 3), "a1", None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "task"),
    [
        (ListFilter("t"), {"task_type": "u"}),
        (ListFilter("t", "Fail"), {"task_type": "t", "status": "Success"}),
        (ListFilter("t", None, "a"), {"task_type": "t", "app_id": "b"}),
    ],
    ids=["type", "status", "app"],
)
def test_an_ignored_filter_is_an_error(asked: ListFilter, task: dict[str, Any]) -> None:
    name = list(task)[-1]
    page = page_with([{"task_id": "a1", **task}])
    with pytest.raises(ApiError, match=f"an entry whose {name} is not {dict(asked.pairs())[name]}"):
        list(ListReader(Pages(written=[page]), 1).pages(asked))  # type: ignore[arg-type]


@pytest.mark.parametrize("task", [{}, {"task_type": None, "app_id": None}, {"task_type": "t", "status": "Success"}])
def test_what_an_entry_does_not_say_is_no_error(task: dict[str, Any]) -> None:
    asked = ListFilter("t", task.get("status"), "a")
    page = page_with([{"task_id": "a1", **task}])
    assert list(ListReader(Pages(written=[page]), 1).pages(asked)) == [page]  # type: ignore[arg-type]


def test_subtasks_of_another_status_are_an_error() -> None:
    page = page_with([{"target": "d", "status": "Success"}])
    with pytest.raises(ApiError, match="an entry whose status is not Fail"):
        list(iter_subtasks(Pages(written=[page]), "a1", "Fail"))  # type: ignore[arg-type]


class Endless(Pages):
    """A list that goes on for ever, one entry a page."""

    def page(self, filters: Any, marker: str | None, limit: int, offset: int = 0) -> Page:
        self.asked.append(marker)  # type: ignore[arg-type]
        number = 16**24 - 1 - len(self.asked)
        return page_of([task_id(number)], None if isinstance(filters, list) else 10**9)

    def detail_page(self, of_task: str, status: str | None, marker: str | None, limit: int) -> Page:
        return self.page(None, marker, limit)


@pytest.mark.parametrize(
    "read",
    [lambda pages: ListReader(pages, 1).pages(ANY, 1), lambda pages: iter_subtasks(pages, "a1", None)],
    ids=["tasks", "subtasks"],
)
def test_a_list_without_end_is_an_error(read: Callable[[Any], Iterator[Any]]) -> None:
    pages = Endless()
    with pytest.raises(ApiError, match="more than 10,000 pages"):
        for _page in read(pages):
            pass
    assert len(pages.asked) == 10_000
