# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A batch task is created once, and what may have been created is told, against a service in memory.

``test_every_position`` walks each way in which the sequence list, upload, POST, lists, ... can go. Random sequences of
several runs, with rivals between them, follow.

What is given: a list shows a new task at the latest after wait_delay, and so much time is between two runs. Where a
service breaks it, two tasks can come of one run, and are told of.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import create, engine
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.create import ensure_present
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.definition import (
    LocalFile,
    TaskDefinition,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.models import Page
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import (
    CREATED,
    EXISTS,
    FAILED,
    BatchTask,
    Outcome,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import RequestError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock, refusal
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.service_model import (
    LOST,
    REFUSED,
    UNREADABLE,
    Change,
    Pick,
    ServiceModel,
)

BODY: dict[str, Any] = {
    "task_name": "freeze_1",
    "task_type": "freezeDevices",
    "targets": ["a", "b"],
    "document": {"paras": {"level": "5"}},
}
OTHER = {"targets": ["c"]}
WISH = TaskDefinition("freeze_1", "freezeDevices", None, BODY)
FROM_FILE = replace(
    WISH,
    body={name: value for name, value in BODY.items() if name != "targets"},
    file=LocalFile("meters.xlsx", ".xlsx", b"PK"),
)
DELAY = 5.0
SOON, LATER, TOO_LATE = DELAY, 2 * DELAY, 8 * DELAY
OPTIONS = RunOptions(wait_delay=DELAY)

Options = dict[str, Sequence[Any]]


class Log:
    """In place of the audit log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str | None, str, str | None]] = []

    def record(self, task_id: str | None, outcome: str, task_name: str | None, request_id: str | None) -> None:
        self.lines.append((task_id, outcome, task_name))


class Run:
    """A run of ensure_present, and what the service saw of it."""

    def __init__(self, service: ServiceModel, wish: TaskDefinition = WISH, retry_timeout: float = 0.0) -> None:
        service.made, service.chosen, service.acted, service.answered, service.lost = [], [], [], [], 0
        service.deleted_files = []
        self.service = service
        self.wish = wish
        self.before = {entry.task["task_id"] for entry in service.entries}
        self.log = Log()
        self.result: Outcome | None = None
        self.error: RequestError | None = None
        with (
            mock.patch.object(create, "time", service.clock.as_time_module()),
            mock.patch.object(engine, "time", service.clock.as_time_module()),
        ):
            try:
                self.result = ensure_present(service, wish, OPTIONS, retry_timeout, self.log)
            except RequestError as error:
                self.error = error
        self.warnings = " ".join(self.result.warnings) if self.result else ""

    def check(self) -> None:
        """Raise AssertionError, with what the service did, unless all that must hold of a run does."""
        try:
            self._check()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.service.chosen}\n{self.result}\n{self.log.lines}") from None

    def _check(self) -> None:
        self._check_order_of_calls()
        if self.result is None:
            assert {call for call, _when in self.service.made} == {"unread"}, "changed before a look"
            assert not self.log.lines, "an audit line for nothing"
            return
        self._check_number()
        self._check_changed(self.result)
        self._check_words(self.result)
        self._check_file(self.result)

    def _check_order_of_calls(self) -> None:
        """Before anything is sent again, two whole lists must have been read, a pause apart."""
        reads: list[float] = []
        sent = False
        for call, when in self.service.made:
            if call == "POST":
                enough = len(reads) >= 2 and reads[-1] - reads[0] >= DELAY
                assert enough or not sent, "sent again without two looks"
                assert reads, "sent without a look"
                sent, reads = True, []
            elif call == "GET":
                reads.append(when)

    def _check_number(self) -> None:
        if len(self.service.acted) > 1:
            assert "was sent again" in self.warnings, "two tasks, and not told that it was sent twice"
            assert any(post.late > SOON for position, post in self.service.chosen if position.startswith("POST")), (
                "two tasks"
            )

    def _check_changed(self, result: Outcome) -> None:
        doubt = bool(self.service.acted or self.service.lost)
        assert result.changed == doubt, "changed is not what was or may have been made"
        assert (result.outcome == EXISTS) <= (not self.service.acted), "ours, and called another's"
        if result.outcome in (CREATED, EXISTS):
            assert self.service.has(result.task.task_id), "told of a task that is not there"
            assert self.wish.is_of(result.task.data), "told of a task of another name or type"
        confirmed = result.outcome == CREATED and result.task.task_id in self.service.answered
        assert self.log.lines == (
            [(result.task.data.get("task_id"), "created" if confirmed else "created_unconfirmed", "freeze_1")]
            if doubt
            else []
        ), "an untrue audit line"

    def _check_words(self, result: Outcome) -> None:
        text = f"{self.warnings} {result.explanation}"
        in_doubt = result.outcome == FAILED and result.changed
        assert ("may exist" in text) == in_doubt, "wrong about whether it may exist"
        assert ("wait at least 60 s" in text) == in_doubt, "does not say how long to wait"
        assert "run it again: it looks" not in text, "promises what no run can know"
        if result.outcome == CREATED:
            assumed = result.task.task_id not in self.service.answered
            assert ("assumed to be the one created" in text) == assumed, "wrong about whose it is"
        if self.service.lost:
            assert "was lost" in text or result.outcome == FAILED, "silence about a lost answer"
        unread = self.service.chosen and self.service.chosen[-1][0] == "list again" and self.service.chosen[-1][1]
        if result.outcome == CREATED and not unread:
            last = [when for call, when in self.service.made if call == "GET"][-1]
            twins = [
                entry.task["task_id"]
                for entry in self.service.entries
                if entry.shown_from <= last and entry.task["task_id"] not in self.before
            ]
            for task_id in twins:
                assert task_id in f"{text} {result.task.task_id}", "a twin is not named"

    def _check_file(self, result: Outcome) -> None:
        used = {entry.task.get("document_source") for entry in self.service.entries}
        assert not used.intersection(self.service.deleted_files), "a file was deleted from under a task"
        if result.changed:
            assert not self.service.deleted_files, "a file that may be in use was deleted"
        assert ("was not deleted" in self.warnings) <= (result.outcome == FAILED), "a file that is in use is spoken of"
        for file_id, (name, _shown) in self.service.files_there.items():
            told = file_id in self.warnings or name in self.warnings
            assert result.outcome != FAILED or told, "a file is left, and not told of"


BEFORE = ["nothing", "ours deleted", "ours deleted", "a rival", "an equal rival", "another type"]


def prepare(service: ServiceModel, before: str) -> None:
    if before == "ours deleted":
        service.delete_ours()
    elif before == "a rival":
        service.add({**BODY, **OTHER})
    elif before == "an equal rival":
        service.add(BODY)
    elif before == "another type":
        service.add({**BODY, "task_type": "unfreezeDevices"})


def ends(*posts: Change, retry_timeout: float = 0.0, before: str = "", wish: TaskDefinition = WISH, **more: Any) -> Run:
    """Return a run in which each position goes as written, and then as usual."""
    given = {"POST": list(posts), **{name.replace("_", " "): list(values) for name, values in more.items()}}

    def written(position: str, options: Sequence[Any]) -> Any:
        return given[position].pop(0) if given.get(position) else options[0]

    service = ServiceModel(Clock(), written)
    prepare(service, before)
    run = Run(service, wish, retry_timeout)
    run.check()
    return run


def told(run: Run) -> tuple[str, bool, int]:
    assert run.result is not None
    return run.result.outcome, run.result.changed, run.result.attempts


def test_acted_and_unanswered_is_found() -> None:
    for answer in LOST:
        run = ends(Change(answer=answer))
        assert told(run) == (CREATED, True, 1)
        assert "is assumed to be the one created" in run.warnings


def test_acted_and_shown_late_is_found() -> None:
    assert told(ends(Change(answer="timeout", late=DELAY), retry_timeout=120)) == (CREATED, True, 1)


def test_not_acted_is_sent_again() -> None:
    for answer in LOST:
        run = ends(Change(False, answer), retry_timeout=120)
        assert told(run) == (CREATED, True, 2)
        assert "so the request was sent again" in run.warnings


def test_not_acted_and_no_time_left_may_exist() -> None:
    run = ends(Change(False, "timeout"))
    assert told(run) == (FAILED, True, 1)
    assert run.result is not None
    assert "two reads of the list after that did not show the task, but it may exist" in run.result.message


def test_a_refusal_is_final() -> None:
    for answer in REFUSED:
        assert told(ends(Change(False, answer), retry_timeout=120)) == (FAILED, False, REFUSED[answer]().attempts)


def test_a_refusal_after_a_lost_answer_is_still_a_doubt() -> None:
    for answer in REFUSED:
        posts = Change(answer="timeout", late=TOO_LATE), Change(False, answer)
        attempts = 1 + REFUSED[answer]().attempts
        run = ends(*posts, retry_timeout=120, wish=FROM_FILE)
        assert told(run) == (FAILED, True, attempts)
        assert run.result is not None
        assert "the answer to an earlier attempt was lost" in run.result.message
        assert "file file_1 was not deleted, since a task may use it" in run.warnings
        found = ends(Change(answer="timeout", late=LATER), Change(False, answer), retry_timeout=120)
        assert told(found) == (CREATED, True, attempts)


def test_an_unreadable_list_afterwards_is_ambiguous() -> None:
    for error in UNREADABLE:
        for lists in ([error], [None, error]):
            run = ends(Change(False, "503"), list_again=lists, retry_timeout=120)
            assert told(run) == (FAILED, True, 1)
            assert run.result is not None
            assert "so the task may exist" in run.result.message


def test_an_unreadable_list_at_first_sends_nothing() -> None:
    assert ends(list=["503"]).error is not None


def test_what_has_appeared_since_may_be_ours() -> None:
    run = ends(Change(False, "reset", rival=OTHER), retry_timeout=120)
    assert told(run) == (CREATED, True, 1)
    assert (
        "Some of its fields differ from the options: targets. Either the service has rewritten them, or" in run.warnings
    )


def test_of_several_unlike_ones_the_newest_is_returned() -> None:
    service = ServiceModel(Clock())

    def create_others(body: Any) -> Any:
        for _dummy in range(2):
            service.add({**BODY, **OTHER})
        raise LOST["reset"]()

    service.create = create_others  # type: ignore[method-assign] # of this one service
    result = Run(service).result
    assert result is not None
    assert result.task.task_id == f"{2:024x}"


def test_it_is_sent_again_until_retry_timeout_expires() -> None:
    for retry_timeout, attempts in ((DELAY, 2), (DELAY - 1, 1)):
        run = ends(Change(False, "reset"), Change(False, "400"), retry_timeout=retry_timeout)
        assert told(run) == (FAILED, True, attempts)


def test_ours_is_preferred_and_the_other_named() -> None:
    for late in (0.0, SOON):
        run = ends(Change(answer="reset", late=late, rival=OTHER), retry_timeout=120)
        assert told(run) == (CREATED, True, 1)
        assert run.result is not None
        assert run.result.task.task_id == f"{2:024x}"
    assert (
        f"another of the type freezeDevices and the name freeze_1 has been created since this run began: {1:024x}."
        in (run.warnings)
    )


def test_a_twin_of_an_answered_creation_is_named() -> None:
    run = ends(Change(rival={}))
    assert told(run) == (CREATED, True, 1)
    assert f"Besides batch task {2:024x}, which is returned, another" in run.warnings
    assert f"since this run began: {1:024x}. Each of them is carried out." in run.warnings
    assert "set run_once" in run.warnings


def test_a_twin_that_was_created_later_is_named() -> None:
    service = ServiceModel(Clock())
    create_one = service.create

    def create_first(body: Any) -> Any:
        created = create_one(body)
        service.add(BODY)
        return created

    service.create = create_first  # type: ignore[method-assign] # of this one service
    run = Run(service)
    assert f"Besides batch task {1:024x}, which is returned, another" in run.warnings
    assert f"since this run began: {2:024x}." in run.warnings


@pytest.mark.parametrize(("number", "more"), [(5, " 1. Each"), (12, " 8 and 7 more. Each")])
def test_many_twins_are_counted(number: int, more: str) -> None:
    service = ServiceModel(Clock())
    create_one = service.create

    def create_many(body: Any) -> Any:
        for _dummy in range(number):
            service.add(BODY)
        return create_one(body)

    service.create = create_many  # type: ignore[method-assign] # of this one service
    run = Run(service)
    assert more in re.sub("0{20,}", "", run.warnings)


def test_the_look_afterwards_may_fail() -> None:
    run = ends(list_again=["503"])
    assert told(run) == (CREATED, True, 1)
    assert "but the list could not be read afterwards" in run.warnings


def test_an_earlier_attempt_that_is_shown_late_is_a_twin() -> None:
    run = ends(Change(answer="timeout", late=LATER), retry_timeout=120)
    assert told(run) == (CREATED, True, 2)
    assert f"since this run began: {1:024x}." in run.warnings


def test_a_task_of_long_ago_is_left_alone() -> None:
    run = ends(before="a rival")
    assert told(run) == (EXISTS, False, 0)
    assert run.service.made == [("GET", 1000.0)]


def test_without_a_name_it_cannot_be_told_whether_it_exists() -> None:
    service = ServiceModel(Clock(), rewrite=lambda task: {**task, "task_name": None})
    service.add({**BODY, "task_name": "another"})
    run = Run(service)
    assert "a task without a name, so it is not certain that the task does not exist" in str(run.error)
    assert not service.acted


def test_a_nameless_task_beside_it_does_not_matter() -> None:
    service = ServiceModel(Clock(), rewrite=lambda task: {**task, "task_name": task["task_name"] or None})
    service.add({**BODY, "task_name": ""})
    service.add(BODY)
    assert told(Run(service)) == (EXISTS, False, 0)


def test_how_long_to_wait_grows_with_wait_delay() -> None:
    service = ServiceModel(Clock(), lambda position, options: options[-1], {"POST": [Change(False, "reset")]})
    result = ensure_present(service, WISH, RunOptions(wait_delay=300), 0.0)
    assert result.hint is not None
    assert result.hint.startswith("wait at least 600 s and look for it with batch_task_info before you run this again")


class Unforeseen(ServiceModel):
    """Breaks in a way that nobody foresaw, at a creation or in what follows it."""

    at_once = True

    def create(self, body: Mapping[str, Any]) -> BatchTask:
        if self.at_once:
            raise ValueError("hush")
        return super().create(body)

    def page(self, filters: Sequence[tuple[str, str]], marker: str | None, limit: int, offset: int = 0) -> Page:
        if self.acted:
            raise ValueError("hush")
        return super().page(filters, marker, limit)


@pytest.mark.parametrize("at_once", [True, False])
def test_an_unforeseen_error_does_not_hide_what_was_created(at_once: bool) -> None:
    service = Unforeseen(Clock())
    service.at_once = at_once
    result = ensure_present(service, WISH, OPTIONS, 0.0)
    assert (result.outcome, result.changed) == (FAILED, True)
    assert "an unexpected ValueError occurred" in result.message
    assert ("may or may not have been created" in result.message) is at_once
    assert result.task.data.get("task_id") == (None if at_once else service.acted[0])


def test_an_uploaded_file_that_was_not_found_is_named() -> None:
    for upload, files in ((Change(answer="timeout", late=LATER), None), (Change(answer="timeout"), "503")):
        run = ends(wish=FROM_FILE, upload=[upload], files=[files])
        assert told(run) == (FAILED, False, 0)
        assert "The answer to the upload was lost, so there may be a file meters_" in run.warnings


def test_an_uploaded_file_whose_answer_was_lost_is_used() -> None:
    run = ends(wish=FROM_FILE, upload=[Change(answer="cut 201")])
    assert told(run) == (CREATED, True, 1)
    assert run.service.entries[0].task["document_source"] == "file_1"


def test_a_file_is_deleted_when_nothing_uses_it() -> None:
    run = ends(Change(False, "400"), wish=FROM_FILE)
    assert (told(run), run.service.deleted_files, run.warnings) == ((FAILED, False, 1), ["file_1"], "")
    for answer in ("403", "timeout"):
        run = ends(Change(False, "400"), wish=FROM_FILE, delete_file=[answer])
        assert "The uploaded file file_1 could not be deleted" in run.warnings


@pytest.mark.parametrize(("code", "told"), [("IOTDA.014600", False), ("IOTDA.000029", True), ("APIGW.0101", True)])
def test_a_file_that_is_gone_is_fine_if_iotda_says_so(code: str, told: bool) -> None:
    service = ServiceModel(Clock(), options={"POST": [Change(False, "400")]})

    def gone(file_id: str) -> None:
        raise refusal(404, code)

    service.delete_file = gone  # type: ignore[method-assign] # of this one service
    assert ("could not be deleted" in Run(service, FROM_FILE).warnings) == told


def every_way(run: Callable[[Pick], None]) -> int:
    """Call ``run`` once for each sequence of choices that it meets; return how many there are."""
    path: list[tuple[int, int]] = []
    number = 0
    while True:
        depth = itertools.count()

        def pick(position: str, options: Sequence[Any], depth: Any = depth) -> Any:
            at = next(depth)
            if at == len(path):
                path.append((0, len(options)))
            return options[path[at][0]]

        run(pick)
        number += 1
        while path and path[-1][0] + 1 == path[-1][1]:
            path.pop()
        if not path:
            return number
        path[-1] = path[-1][0] + 1, path[-1][1]


def rewritten(task: dict[str, Any]) -> dict[str, Any]:
    """Return a task as a service shows it that has made numbers of texts, added defaults, and changed the order."""
    document = {"expire_time": 0, "paras": {"unit": "none", "level": 5.0}}
    return {**task, "targets": list(reversed(task.get("targets", ["x"]))), "document": document, "task_mode": ""}


SHOWN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "as sent": dict,
    "rewritten": rewritten,
    "without a type": lambda task: {**task, "task_type": None},
}
RIVALS: list[Any] = [None, {}, OTHER]
LISTS = [None, "503", "cancelled"]
POSTS = [
    *(Change(late=late, rival=rival) for late in (0.0, TOO_LATE) for rival in RIVALS),
    *(
        Change(answer=answer, late=late, rival=rival)
        for answer in ("timeout", "cut 201")
        for late in (0.0, SOON, LATER, TOO_LATE)
        for rival in RIVALS
    ),
    *(Change(False, answer, rival=rival) for answer in ("timeout", "500") for rival in RIVALS),
    *(Change(False, answer, rival=rival) for answer in REFUSED for rival in RIVALS),
]
POSTS_AGAIN = [
    Change(),
    Change(late=TOO_LATE),
    Change(rival={}),
    *(Change(answer="timeout", late=late) for late in (0.0, SOON, TOO_LATE)),
    Change(False, "503"),
    *(Change(False, answer) for answer in REFUSED),
]
UPLOADS = [
    Change(),
    *(Change(answer=answer, late=late) for answer in ("timeout", "cut 201") for late in (0.0, SOON)),
    Change(False, "503"),
    *(Change(False, answer) for answer in REFUSED),
]
WALKED: Options = {
    "list": LISTS,
    "POST": POSTS,
    "POST again": POSTS_AGAIN,
    "list again": LISTS,
}
WITH_A_FILE: Options = {
    **WALKED,
    "upload": UPLOADS,
    "files": [None, "503"],
    "delete file": [None, "403", "timeout"],
}


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("kind", ["devices", "file"])
def test_every_position(shown: str, kind: str) -> None:
    """Each position with each end, and one more attempt where there is time for it."""
    wish, options = (WISH, WALKED) if kind == "devices" else (FROM_FILE, WITH_A_FILE)
    cells = 0
    for retry_timeout, unique_names in ((0.0, False), (DELAY + 1, False), (DELAY + 1, True)):

        def run(pick: Pick, retry_timeout: float = retry_timeout, unique_names: bool = unique_names) -> None:
            service = ServiceModel(Clock(), pick, options, SHOWN[shown], unique_names)
            Run(service, wish, retry_timeout).check()

        cells += every_way(run)

    assert cells > 900


# What random sequences choose from: mostly what is usual, so that some runs get far.
RANDOM: Options = {
    **{position: options for position, options in WITH_A_FILE.items() if position != "POST again"},
    "list": [*[None] * 12, *UNREADABLE],
    "list again": [*[None] * 12, *UNREADABLE],
    "upload": [*[Change()] * 4, *UPLOADS],
    "POST": [
        *[Change()] * 8,
        *(
            Change(acts, answer, late, rival)
            for acts in (True, False)
            for answer in (*LOST, *REFUSED)
            for late in (0.0, 1.0, SOON)
            for rival in (None, None, None, *RIVALS)
            if not (acts and answer in REFUSED)
        ),
    ],
}


@settings(max_examples=int(os.environ.get("CREATE_EXAMPLES", "200")))
@given(
    st.data(),
    st.lists(st.tuples(st.sampled_from(BEFORE), st.sampled_from([0.0, 30.0, 120.0])), min_size=1, max_size=5),
    st.sampled_from([WISH, FROM_FILE]),
    st.sampled_from(list(SHOWN.values())),
)
def test_never_two_tasks_and_always_a_result(
    data: st.DataObject, runs: list[tuple[str, float]], wish: TaskDefinition, shown: Any
) -> None:
    def draw(position: str, options: Sequence[Any]) -> Any:
        return data.draw(st.sampled_from(options), position)

    service = ServiceModel(Clock(), draw, RANDOM, shown)
    for before, retry_timeout in runs:
        prepare(service, before)
        service.files_there.clear()
        run = Run(service, wish, retry_timeout)
        run.check()
        assert len(service.ours()) <= 1, "two tasks by one wish"
        event(run.result.outcome if run.result else "unread")
        service.clock.sleep(DELAY)
