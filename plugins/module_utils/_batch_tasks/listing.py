# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the lists of several task types side by side: IoTDA lists one type at a time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .._core.errors import ApiError, ConfigurationError, RequestError
from .._core.runtime import map_concurrently
from .api import BatchTaskClient
from .constants import KNOWN_TYPES
from .models import Page
from .pagination import MAX_PAGE_SIZE, ListFilter, iter_task_pages

Read = TypeVar("Read")

_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,36}\Z")


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
    app_id = options["app_id"]
    if app_id is not None and not _APP_ID.match(app_id):
        raise ConfigurationError(f"{place}app_id must be 1 to 36 letters, digits, - and _, not {app_id[:60]!r}")
    return Selection(types, tuple(dict.fromkeys(options["status"] or ())), app_id)


@dataclass(frozen=True)
class Lists(Generic[Read]):
    """What was read of each list, and the types that the service does not know, in the order of the selection."""

    read: list[Read]
    skipped_types: list[str]


def read_lists(
    client: BatchTaskClient,
    queries: Sequence[ListFilter],
    named_types: Collection[str],
    concurrency: int,
    consume: Callable[[ListFilter, Iterator[Page]], Read],
    page_size: int = MAX_PAGE_SIZE,
) -> Lists[Read]:
    """Return what ``consume`` makes of the pages of each list. Raises RequestError.

    A type that the user did not name, and that IoTDA refuses as invalid, is skipped, unless all of them are.
    """

    def read(query: ListFilter) -> Read | ApiError:
        pages = _named_pages(client, query, page_size)
        try:
            first = next(pages)
        except ApiError as error:
            if query.task_type in named_types or not _is_invalid_input(error):
                raise
            return error
        return consume(query, itertools.chain([first], pages))

    results = map_concurrently(read, queries, concurrency)
    refused = {query.task_type: result for query, result in zip(queries, results) if isinstance(result, ApiError)}
    accepted = {query.task_type for query, result in zip(queries, results) if not isinstance(result, ApiError)}
    for task_type, error in refused.items():
        if not accepted or task_type in accepted:
            raise error
    return Lists([result for result in results if not isinstance(result, ApiError)], list(refused))


def _named_pages(client: BatchTaskClient, query: ListFilter, page_size: int) -> Iterator[Page]:
    """Yield the pages of one list; an error names the type that was listed."""
    try:
        yield from iter_task_pages(client, query, page_size)
    except RequestError as error:
        raise error.with_subject(f"batch tasks of type {query.task_type}", "list") from None


def _is_invalid_input(error: ApiError) -> bool:
    """Whether IoTDA itself refused the parameters of the list."""
    return error.details.http_status == 400 and (error.details.error_code or "").startswith("IOTDA.")
