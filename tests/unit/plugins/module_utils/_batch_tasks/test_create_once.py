# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A batch task is created once: random sequences of runs, faults and rivals, against a service in memory.

Two things are given: a list shows a new task at the latest after wait_delay, and so much time is between two runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import create, wait
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.create import ensure_present
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.definition import TaskDefinition
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import FAILED
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.state_results import (
    CREATED,
    EXISTS,
    StateResult,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.wait import WaitOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import RequestError
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Clock
from ansible_collections.huaweicloud.iotda.tests.unit.plugins.module_utils._batch_tasks.service_model import (
    LOST,
    REFUSED,
    UNREADABLE,
    Post,
    ServiceModel,
)

BODY: dict[str, Any] = {"task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["a", "b"]}
OTHER = {"targets": ["c"]}
WISH = TaskDefinition("freeze_1", "freezeDevices", None, BODY)
DELAY = 5.0
OPTIONS = WaitOptions(delay=DELAY)


@dataclass(frozen=True)
class Plan:
    """One run: what comes before it, how long it sends again, and what goes wrong in it."""

    before: str = "nothing"
    retry_timeout: float = 0.0
    posts: list[Post] = field(default_factory=list)
    lists: list[str | None] = field(default_factory=list)


POSTS = st.builds(
    Post,
    acts=st.booleans(),
    answer=st.sampled_from([None, *LOST, *REFUSED]),
    late=st.sampled_from([0.0, 1.0, DELAY]),
    rival=st.sampled_from([None, None, None, {}, OTHER]),
).map(lambda post: Post(True, None, post.late, post.rival) if post.answer is None else post)
PLANS = st.builds(
    Plan,
    before=st.sampled_from(["nothing", "ours deleted", "ours deleted", "a rival", "an equal rival", "another type"]),
    retry_timeout=st.sampled_from([0.0, 30.0, 120.0]),
    posts=st.lists(POSTS, max_size=4),
    lists=st.lists(st.sampled_from([*[None] * 12, *UNREADABLE]), max_size=6),
)


class Run:
    """A run of ensure_present, and what the service saw of it."""

    def __init__(self, service: ServiceModel, clock: Clock, plan: Plan) -> None:
        service.posts, service.lists = list(plan.posts), list(plan.lists)
        service.calls, service.acted = [], []
        self.service = service
        self.result: StateResult | None = None
        self.error: RequestError | None = None
        with (
            mock.patch.object(create, "time", clock.as_time_module()),
            mock.patch.object(wait, "time", clock.as_time_module()),
        ):
            try:
                self.result = ensure_present(service, WISH, OPTIONS, plan.retry_timeout)  # type: ignore[arg-type]
            except RequestError as error:
                self.error = error
        sent = len(plan.posts) - len(service.posts)
        self.lost = any(post.answer in LOST for post in plan.posts[:sent])

    def check(self) -> None:
        assert len(self.service.ours()) <= 1, "two tasks by one wish"
        self._check_order_of_calls()
        if self.result is None:
            assert [call for call, _when in self.service.calls if call == "POST"] == [], "sent without a look"
            return
        if self.lost:
            assert self.result.warnings or self.result.outcome == FAILED, "silence about a lost answer"
        if self.service.acted:
            assert self.result.changed, "changed, and not told"
        if self.result.outcome in (CREATED, EXISTS):
            assert self.service.has(self.result.task["task_id"]), "told of a task that is not there"
            assert WISH.is_of(self.result.task)
        if self.result.outcome == CREATED and not self.result.warnings:
            assert self.service.acted == [self.result.task["task_id"]], "created, but not by this run"
        if self.result.outcome == CREATED:
            assert not WISH.differences(self.result.task), "another task is told as the one created"

    def _check_order_of_calls(self) -> None:
        """Before anything is sent again, two whole lists must have been read, a pause apart."""
        reads: list[float] = []
        sent = False
        for call, when in self.service.calls:
            if call == "POST":
                enough = len(reads) >= 2 and reads[-1] - reads[0] >= DELAY
                assert enough or not sent, "sent again without two looks"
                assert reads, "sent without a look"
                sent, reads = True, []
            elif call == "GET":
                reads.append(when)


def prepare(service: ServiceModel, before: str) -> None:
    if before == "ours deleted":
        service.delete_ours()
    elif before == "a rival":
        service.add({**BODY, **OTHER})
    elif before == "an equal rival":
        service.add(BODY)
    elif before == "another type":
        service.add({**BODY, "task_type": "unfreezeDevices"})


@settings(max_examples=int(os.environ.get("CREATE_EXAMPLES", "300")))
@given(st.lists(PLANS, min_size=1, max_size=5))
def test_never_two_tasks_and_always_a_result(plans: list[Plan]) -> None:
    clock = Clock()
    service = ServiceModel(clock)
    for plan in plans:
        prepare(service, plan.before)
        run = Run(service, clock, plan)
        run.check()
        event(run.result.outcome if run.result else "unread")
        clock.sleep(DELAY)


def ends(*posts: Post, lists: list[str | None] | None = None, retry_timeout: float = 0.0, before: str = "") -> Run:
    clock = Clock()
    service = ServiceModel(clock)
    prepare(service, before)
    run = Run(service, clock, Plan(posts=list(posts), lists=lists or [], retry_timeout=retry_timeout))
    run.check()
    return run


def test_acted_and_unanswered_is_found() -> None:
    for answer in LOST:
        run = ends(Post(True, answer))
        assert run.result is not None
        assert (run.result.outcome, run.result.changed, run.result.attempts) == (CREATED, True, 1)
        assert "is assumed to be the one created" in run.result.warnings[0]


def test_acted_and_shown_late_is_found() -> None:
    run = ends(Post(True, "timeout", late=DELAY), retry_timeout=120)
    assert run.result is not None
    assert (run.result.outcome, run.result.attempts) == (CREATED, 1)


def test_not_acted_is_sent_again() -> None:
    for answer in LOST:
        run = ends(Post(False, answer), retry_timeout=120)
        assert run.result is not None
        assert (run.result.outcome, run.result.attempts) == (CREATED, 2)
        assert "the creation was sent again" in run.result.warnings[0]


def test_not_acted_and_no_time_left_fails() -> None:
    run = ends(Post(False, "timeout"))
    assert run.result is not None
    assert (run.result.outcome, run.result.changed) == (FAILED, False)
    assert "so it was not created" in run.result.message


def test_a_refusal_is_final() -> None:
    for answer in REFUSED:
        run = ends(Post(True, answer), retry_timeout=120)
        assert run.result is not None
        assert (run.result.outcome, run.result.changed, run.result.attempts) == (FAILED, False, 1)


def test_an_unreadable_list_afterwards_is_ambiguous() -> None:
    for error in UNREADABLE:
        for read in ([None, error], [None, None, error]):
            run = ends(Post(False, "503"), lists=list(read), retry_timeout=120)
            assert run.result is not None
            assert (run.result.outcome, run.result.changed, run.result.attempts) == (FAILED, True, 1)
            assert "so the task may exist" in run.result.message


def test_an_unreadable_list_at_first_sends_nothing() -> None:
    assert ends(lists=["503"]).error is not None


def test_another_task_of_the_name_made_meanwhile() -> None:
    run = ends(Post(False, "reset", rival=OTHER), retry_timeout=120)
    assert run.result is not None
    assert (run.result.outcome, run.result.changed) == (EXISTS, False)
    assert "fields differ from the options: targets." in run.result.warnings[0]
    assert "Another task with that name" in run.result.warnings[1]


def test_an_equal_task_made_meanwhile_is_warned_of() -> None:
    run = ends(Post(True, "reset", rival={}), retry_timeout=120)
    assert run.result is not None
    assert run.result.outcome == CREATED
    assert "2 batch tasks" in run.result.warnings[1]


def test_a_task_of_long_ago_is_left_alone() -> None:
    run = ends(before="a rival")
    assert run.result is not None
    assert (run.result.outcome, run.result.changed, run.service.calls) == (EXISTS, False, [("GET", 1000.0)])
