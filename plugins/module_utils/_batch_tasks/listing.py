# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading lists of tasks and subtasks by marker, and checking that the pages are what was asked for, in their order.

IoTDA lists one type of task at a time, newest first. While others delete, paging by offset would skip records, and by
marker does not (https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0028.html).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from .._core.errors import ApiError, ConfigurationError, RequestError
from .._core.redaction import short_line
from .._core.runtime import map_concurrently
from .api import KNOWN_TYPES, BatchTaskClient, check_app_id, is_iotda_error, sort_key
from .models import Page

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

MAX_PAGE_SIZE = 50
MAX_PAGES = 10_000
# Up to so many targets are asked for one by one; reading all the subtasks takes a request for every 50 of them.
_FEW = 20
_FAILED = ("Fail", "FailWaitRetry", "Rejected")

Read = TypeVar("Read")


@dataclass(frozen=True)
class ListFilter:
    """Which tasks to list. The service lists one type at a time; None means any status, any resource space."""

    task_type: str
    status: str | None = None
    app_id: str | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the query."""
        named = (("app_id", self.app_id), ("task_type", self.task_type), ("status", self.status))
        return [(name, value) for name, value in named if value is not None]

    def check(self, page: Page) -> None:
        """Raise ApiError if a task of ``page`` does not match the filter, which was then ignored."""
        for name, wanted in self.pairs():
            _check_field(page, name, wanted)


@dataclass(frozen=True)
class Selection:
    """Which lists to read. No ``named_types``: all types that are known. No ``statuses``: any status."""

    named_types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    app_id: str | None = None

    @property
    def task_types(self) -> tuple[str, ...]:
        """The types that are read."""
        return self.named_types or KNOWN_TYPES

    def filters(self) -> list[ListFilter]:
        """Return one filter for each list."""
        statuses: tuple[str | None, ...] = self.statuses or (None,)
        return [ListFilter(kind, status, self.app_id) for kind in self.task_types for status in statuses]


def parse_selection(options: Mapping[str, Any], place: str = "") -> Selection:
    """Return what the options ``task_type``, ``status`` and ``app_id`` select.

    Raises ConfigurationError, which names the option with ``place`` before it.
    """
    types = tuple(dict.fromkeys(options["task_type"] or ()))
    for name in types:
        if not (name.isascii() and name.isalnum()):
            raise ConfigurationError(f"{place}task_type must name task types such as freezeDevices, not {name!r}")
    check_app_id(options["app_id"], place)
    return Selection(types, tuple(dict.fromkeys(options["status"] or ())), options["app_id"])


class Walk:
    """How far one list was read. Each page is checked against the filter, and against what came before it."""

    def __init__(self, query: ListFilter, page_size: int) -> None:
        self.query = query
        self.page_size = page_size
        self.marker: str | None = None
        """The marker of the next page."""
        self.last: str | None = None
        """The sort key of the last task."""
        self.seen = 0
        self.pages = 0
        self.ended = False

    def accept(self, page: Page, until: str | None = None) -> Page:
        """Return ``page``, up to the sort key ``until``.

        Raises ApiError for one that does not continue the list: tasks could be missing, or the list endless.
        """
        self.query.check(page)
        last = check_order(page, self.last)
        if until is not None:
            page = page._replace(items=[task for task in page.items if sort_key(task["task_id"]) > until])
            last = sort_key(page.items[-1]["task_id"]) if page.items else self.last
        self.last = last
        self.seen += len(page.items)
        self.pages += 1
        return page

    def go_on(self, page: Page) -> bool:
        """Go on behind ``page``, and return whether anything follows. Raises ApiError if it cannot be reached."""
        self.ended = _is_last(page, self.page_size, self.seen)
        if not self.ended:
            _check_number(page, self.pages)
            self.marker = page.next_marker(self.marker)
        return not self.ended


class ListReader:
    """Reads lists, with at most ``concurrency`` requests under way at a time. Thread-safe; to be closed, or left."""

    def __init__(self, client: BatchTaskClient, concurrency: int) -> None:
        self._client = client
        self.concurrency = concurrency
        self._permits = threading.BoundedSemaphore(concurrency)
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self.leaps = concurrency > 1
        """Whether lists are read side by side; not any more once that has turned out to be of no use."""

    def __enter__(self) -> ListReader:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def pages(self, query: ListFilter, page_size: int = MAX_PAGE_SIZE, needed: int | None = None) -> Iterator[Page]:
        """Yield the pages of tasks, newest first, as long as there are more. Raises RequestError.

        ``needed`` is how many tasks are needed for certain, so that they can be read side by side; None: all. Nothing
        is read ahead before the second page is asked for.
        """
        walk = Walk(query, page_size)
        page = walk.accept(self.request(query, None, page_size))
        yield page
        walk.go_on(page)
        total = page.total or 0
        behind = (total if needed is None else min(total, needed)) - walk.seen
        waiting: Future[Page] | None = None
        if self.leaps and page_size == MAX_PAGE_SIZE < behind and not walk.ended:
            from .leaps import iter_side_by_side

            waiting = yield from iter_side_by_side(self, walk, behind)
        while not walk.ended:
            page = waiting.result() if waiting else self.request(query, walk.marker, page_size)
            waiting = None
            yield walk.accept(page)
            walk.go_on(page)

    def request(self, query: ListFilter, marker: str | None, page_size: int, offset: int = 0) -> Page:
        """Return the page that begins ``offset`` tasks behind ``marker``. Raises RequestError."""
        with self._permits:
            return self._client.page(query.pairs(), marker, page_size, offset)

    def begin(self, work: Callable[..., Read], *arguments: Any) -> Future[Read]:
        """Begin ``work`` in another thread. Raises RuntimeError if there can be none."""
        with self._lock:
            if self._pool is None:
                from concurrent.futures import ThreadPoolExecutor

                self._pool = ThreadPoolExecutor(self.concurrency)
            return self._pool.submit(work, *arguments)


def read_lists(
    reader: ListReader,
    queries: Sequence[ListFilter],
    named_types: Collection[str],
    consume: Callable[[ListFilter, Iterator[Page]], Read],
    page_size: int = MAX_PAGE_SIZE,
    needed: int | None = None,
) -> tuple[list[Read], list[str]]:
    """Return what ``consume`` makes of the pages of each list, and the types that were skipped. Raises RequestError.

    A type that the user did not name, and that IoTDA refuses as invalid, is skipped, unless all of them are.
    """

    def read(query: ListFilter) -> Read | ApiError:
        pages = naming(query.task_type, reader.pages(query, page_size, needed), query.task_type in named_types)
        try:
            first = next(pages)
        except ApiError as error:
            if query.task_type in named_types or not _is_refused(error):
                raise
            return error
        return consume(query, itertools.chain([first], pages))

    results = map_concurrently(read, queries, reader.concurrency)
    refused = {query.task_type: result for query, result in zip(queries, results) if isinstance(result, ApiError)}
    accepted = {query.task_type for query, result in zip(queries, results) if not isinstance(result, ApiError)}
    for task_type, error in refused.items():
        if not accepted or task_type in accepted:
            raise error
    return [result for result in results if not isinstance(result, ApiError)], list(refused)


def naming(task_type: str, pages: Iterator[Page], is_named: bool = True) -> Iterator[Page]:
    """Yield the pages of the list of one type; an error names the type.

    It does not if the user has not named it either, and the list of any other type may have met the same.
    """
    try:
        yield from pages
    except RequestError as error:
        malformed = error.details is not None and error.details.http_status < 400
        subject = (
            f"batch tasks of type {task_type}{_meant(task_type, error)}" if is_named or malformed else "batch tasks"
        )
        raise error.with_subject(subject, "list") from None


def _is_refused(error: RequestError) -> bool:
    """Whether IoTDA itself refused the parameters of the list."""
    return error.details is not None and error.details.http_status == 400 and is_iotda_error(error)


def _meant(task_type: str, error: RequestError) -> str:
    """Return the known type that looks like one that the service has refused, as a question, or an empty text."""
    if task_type in KNOWN_TYPES or not _is_refused(error):
        return ""
    import difflib

    alike = difflib.get_close_matches(task_type, KNOWN_TYPES, 1)
    return f" (did you mean {alike[0]}?)" if alike else ""


def iter_subtasks(client: BatchTaskClient, task_id: str, status: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield the subtasks of one task, those in ``status`` if it is given. Raises RequestError."""
    marker: str | None = None
    markers = set()
    seen = 0
    for number in itertools.count(1):
        page = client.detail_page(task_id, status, marker, MAX_PAGE_SIZE)
        if status is not None:
            _check_field(page, "status", status)
        yield from page.items
        seen += len(page.items)
        if _is_last(page, MAX_PAGE_SIZE, seen):
            return
        _check_number(page, number)
        marker = page.next_marker(None)
        if marker in markers:
            raise page.malformed(f"the marker {marker}, which it had returned before")
        markers.add(marker)


def subtask_states(client: BatchTaskClient, task_id: str, targets: Sequence[str], concurrency: int) -> dict[str, str]:
    """Return the status of the subtask of each of ``targets`` that is in the task. Raises RequestError."""
    subtasks: Iterable[Mapping[str, Any]]
    if len(targets) <= _FEW:
        pages = map_concurrently(lambda one: client.detail_page(task_id, None, None, 1, one), targets, concurrency)
        subtasks = itertools.chain.from_iterable(page.items for page in pages)
    else:
        subtasks = iter_subtasks(client, task_id, None)
    states: dict[str, str] = {}
    wanted = set(targets)
    for subtask in subtasks:
        if subtask.get("target") in wanted:
            states[str(subtask["target"])] = str(subtask.get("status"))
            if len(states) == len(wanted):
                break
    return states


def failed_target(subtask: Mapping[str, Any]) -> dict[str, str]:
    """Return a subtask that failed as one flat row: ``target``, ``status``, ``error_code``, ``error_msg``."""
    error = subtask.get("error")
    error = error if isinstance(error, Mapping) else {}
    fields = {"target": subtask.get("target"), "status": subtask.get("status")}
    fields.update({name: error.get(name) for name in ("error_code", "error_msg")})
    return {name: "" if value is None else short_line(value) for name, value in fields.items()}


def failed_targets(subtasks: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return those of ``subtasks`` that failed as flat rows, sorted by their errors."""
    rows = [failed_target(subtask) for subtask in subtasks if subtask.get("status") in _FAILED]
    return sorted(rows, key=lambda row: (row["error_code"], row["error_msg"], row["target"]))


def _check_field(page: Page, name: str, wanted: str) -> None:
    for item in page.items:
        found = item.get(name)
        if found is not None and found != wanted:
            raise page.malformed(f"an entry whose {name} is not {wanted}, although only such entries were requested")


def check_order(page: Page, last: str | None) -> str | None:
    """Return the sort key of the last task of ``page``.

    Raises ApiError unless each ID is smaller than the one before it, and the first one smaller than ``last``.
    """
    for task in page.items:
        task_id = sort_key(task["task_id"])
        if last is not None and task_id >= last:
            raise page.malformed(f"a list out of order: {task['task_id']} follows a task that is not newer")
        last = task_id
    return last


def _is_last(page: Page, page_size: int, seen: int) -> bool:
    """Whether nothing follows. The count alone does not tell: it shrinks when others delete tasks already seen."""
    if len(page.items) >= page_size:
        return page.total == seen == len(page.items)
    return not page.items or page.total is None or seen >= page.total


def _check_number(page: Page, number: int) -> None:
    """Raise ApiError if more pages follow ``page`` than a list may have."""
    if number >= MAX_PAGES:
        raise page.malformed(f"a list of more than {MAX_PAGES:,} pages")
