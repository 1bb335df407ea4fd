# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a service answers, it is read, or a failure that can be told: never another exception, never no end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._answers import expect_object, failure
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import BatchTasks, Place
from ansible_collections.huaweicloud.iotda.plugins.module_utils._deletion import Plan, delete_all, predict_all
from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import IotdaError, RequestFailed, Unreachable
from ansible_collections.huaweicloud.iotda.plugins.module_utils._exchange import Call, Reply
from ansible_collections.huaweicloud.iotda.plugins.module_utils._hints import hint_for
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import Counters
from ansible_collections.huaweicloud.iotda.plugins.module_utils._iam import Iam
from ansible_collections.huaweicloud.iotda.plugins.module_utils._identity import AccessKey, Password
from ansible_collections.huaweicloud.iotda.plugins.module_utils._listing import Query, subtasks, task_pages
from ansible_collections.huaweicloud.iotda.plugins.module_utils._outcomes import ALL, report
from ansible_collections.huaweicloud.iotda.plugins.module_utils._pruning import Request, prune
from ansible_collections.huaweicloud.iotda.plugins.module_utils._reading import Details, Wanted, read
from ansible_collections.huaweicloud.iotda.plugins.module_utils._signing import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._source import Asked, Found
from ansible_collections.huaweicloud.iotda.plugins.module_utils._sources import metadata
from ansible_collections.huaweicloud.iotda.plugins.module_utils._task_ids import rank
from ansible_collections.huaweicloud.iotda.tests.fuzz.cases import TASK_ID, fuzz, replies

URL = "https://iotda.example.test"
DEEDS = st.sampled_from(["delete", "stop", "show", "list"])
LAST = Unreachable("nobody is left to answer", "connect", 1, False)


class Told:
    """In place of the HTTP helper: gives the answers in their order, and then none."""

    def __init__(self, answers: Iterable[Reply]) -> None:
        self._answers = iter(answers)
        self.counters = Counters()
        self.sent: list[Call] = []

    def send(self, call: Call) -> Reply:
        self.sent.append(call)
        answer = next(self._answers, None)
        if answer is None:
            raise LAST
        return answer


def client(http: Told) -> BatchTasks:
    return BatchTasks(http, Place(URL, "project"), Auth())  # type: ignore[arg-type] # it has all that is called


def told(error: IotdaError) -> None:
    """Check that a failure can be told in one line."""
    assert str(error)
    assert str(error).isprintable()


def checked(error: RequestFailed, deed: str) -> None:
    """Check that a failed request can be told, with what to do next."""
    told(error)
    assert error.uncertain in (True, False)
    hint = hint_for(error, deed)
    assert hint is None or hint.isprintable()


@fuzz(reply=replies, deed=DEEDS)
def test_every_answer_can_be_a_failure(reply: Reply, deed: str) -> None:
    checked(failure(reply, URL), deed)


@fuzz(reply=replies)
def test_an_answer_is_an_object_or_a_failure(reply: Reply) -> None:
    try:
        assert isinstance(expect_object(reply, URL, (200, 201)), dict)
    except RequestFailed as error:
        checked(error, "list")


@fuzz(reply=replies)
def test_the_times_of_an_answer_are_none_or_can_be_reckoned_with(reply: Reply) -> None:
    asked = reply.retry_after()
    assert asked is None or (asked >= 0 and math.isfinite(asked))
    skew = reply.skew()
    assert skew is None or math.isfinite(skew)
    moment = reply.service_now()
    assert moment is None or moment <= datetime.max.replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("verb", ["delete", "stop", "show"])
@fuzz(reply=replies)
def test_each_verb_returns_or_fails(verb: str, reply: Reply) -> None:
    try:
        getattr(client(Told([reply])), verb)(TASK_ID)
    except RequestFailed as error:
        checked(error, verb)


@fuzz(answers=st.lists(replies, max_size=6), status=st.none() | st.just("Success"))
def test_lists_end_and_are_in_order(answers: list[Reply], status: str | None) -> None:
    http = Told(answers)
    seen = []
    try:
        for page in task_pages(client(http), Query(status=status), 2):
            seen += [rank(task["task_id"]) for task in page.items]
    except RequestFailed as error:
        checked(error, "list")
    assert len(http.sent) <= len(answers) + 1
    assert seen == sorted(set(seen), reverse=True)


@fuzz(answers=st.lists(replies, max_size=4))
def test_subtasks_end(answers: list[Reply]) -> None:
    try:
        assert all(isinstance(one, dict) for one in subtasks(client(Told(answers)), TASK_ID, None))
    except RequestFailed as error:
        checked(error, "show")


@pytest.mark.parametrize("act", [delete_all, predict_all])
@fuzz(answers=st.lists(replies, max_size=8), wait=st.booleans(), force=st.booleans())
def test_a_deletion_has_an_outcome_for_each_task(act: Any, answers: list[Reply], wait: bool, force: bool) -> None:
    http = Told(answers)
    plan = Plan(wait=wait, force=force, wait_timeout=0.0, wait_delay=0.0, concurrency=1)
    ids = [TASK_ID, "a" * 24]
    outcomes = act(client(http), ids, plan)
    result = report(outcomes, lambda text: None)
    assert [one["task_id"] for one in result["tasks"]] == ids
    assert sum(result["summary"].values()) == 2
    assert {one["outcome"] for one in result["tasks"]} <= set(ALL)
    assert result.get("failed", False) == (result["summary"]["failed"] > 0)
    methods = Counter(call.method for call in http.sent)
    assert act is delete_all or set(methods) <= {"GET"}
    assert methods["POST"] <= (2 if force else 0)
    if act is delete_all and not any(answer.status == 404 for answer in answers):
        assert not {"absent", "deleted_unconfirmed"} & {one["outcome"] for one in result["tasks"]}


def _wanted(**given: Any) -> Wanted:
    names = ("task_ids", "app_id", "task_type", "task_name", "created_before", "created_after", "limit")
    return Wanted(**{**dict.fromkeys(names), "statuses": (), **given})


@fuzz(
    answers=st.lists(replies, max_size=6),
    task_ids=st.none() | st.just([TASK_ID]),
    statuses=st.sampled_from([(), ("Success", "Fail")]),
    after=st.none() | st.just(datetime(1, 1, 1, tzinfo=timezone.utc)),
    details=st.booleans(),
)
def test_reading_returns_tasks_or_fails(
    answers: list[Reply], task_ids: Any, statuses: Any, after: Any, details: bool
) -> None:
    wanted = _wanted(task_ids=task_ids, statuses=statuses, created_after=after)
    try:
        found = read(client(Told(answers)), wanted, Details(details, None, False), 1)
    except RequestFailed as error:
        checked(error, "list")
    else:
        assert all(rank(task["task_id"]) for task in found)
        assert not any("output" in one for task in found for one in task.get("task_details", ()) if details)


@fuzz(
    answers=st.lists(replies, max_size=6),
    older_than=st.none() | st.sampled_from([timedelta(0), timedelta(days=30), timedelta.max]),
    keep_last=st.integers(0, 2),
    check_mode=st.booleans(),
)
def test_pruning_deletes_only_what_it_was_told_is_finished(
    answers: list[Reply], older_than: Any, keep_last: int, check_mode: bool
) -> None:
    http = Told(answers)
    request = Request(older_than, None, keep_last, ("Success", "Fail"), (), None, 3, 1)
    try:
        result = prune(client(http), request, check_mode, lambda text: None)
    except IotdaError as error:
        told(error)
    else:
        assert result["examined"] == result["matched"] + result["kept"]
        assert all(task["status"] for task in result.get("tasks", []))
    deleted = [call.url.rsplit("/", 1)[1] for call in http.sent if call.method == "DELETE"]
    bodies = b" ".join(answer.body for answer in answers)
    assert all(task_id.encode() in bodies for task_id in deleted)
    assert not (check_mode and deleted)
    assert len(set(deleted)) <= 3


@fuzz(reply=replies, by_name=st.booleans())
def test_iam_gives_a_token_that_can_be_sent_or_fails(reply: Reply, by_name: bool) -> None:
    iam = Iam(Told([reply]), URL)  # type: ignore[arg-type] # it has all that is called
    project = {"name": "cn-north-4"} if by_name else {"id": "project"}
    try:
        issued = iam.issue_token(Password("user", "invented", "domain"), project)
    except RequestFailed as error:
        checked(error, "list")
    else:
        assert issued.token.isascii()
        assert issued.token.isprintable()


@fuzz(reply=replies)
def test_iam_gives_a_project_or_fails(reply: Reply) -> None:
    iam = Iam(Told([reply]), URL)  # type: ignore[arg-type] # it has all that is called
    try:
        assert isinstance(iam.project_id(Auth(), "cn-north-4"), str)
    except IotdaError as error:
        told(error)


@fuzz(answers=st.lists(replies, max_size=2))
def test_the_metadata_service_gives_keys_or_a_reason(answers: list[Reply]) -> None:
    with mock.patch.object(metadata, "Http", return_value=Told(answers)):
        found = metadata.look(Asked({}, {}))
    if isinstance(found, Found):
        assert isinstance(found.identity, AccessKey)
        assert found.identity.security_token
    else:
        assert found.startswith("ECS metadata service: ")
