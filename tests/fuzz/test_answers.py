# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a service answers, it is read, or a failure that can be told: never another exception, never no end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any
from unittest import mock

import pytest
from hypothesis import example
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    KeyIssuer,
    Password,
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.iam import IamClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import (
    BatchTaskClient,
    InstanceTarget,
    sort_key,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.engine import Absent, Run, RunOptions
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import hint_for
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.listing import (
    ListFilter,
    ListReader,
    iter_subtasks,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import OUTCOMES, Collector
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.prune import parse_rules, prune
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.read import (
    parse_read_options,
    read_tasks,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    IotdaError,
    RequestError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.runtime import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.answers import error_from_response
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import ClientStats
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth, Request, Response
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task_prune
from ansible_collections.huaweicloud.iotda.tests.fuzz.cases import TASK_ID, fuzz, replies

URL = "https://iotda.example.test"
DEEDS = st.sampled_from(["delete", "stop", "show", "list"])
LAST = TransportError("nobody is left to answer", "connect", 1, False)


class Told:
    """In place of the HTTP helper: gives the answers in their order, and then none."""

    def __init__(self, answers: Iterable[Response]) -> None:
        self._answers = iter(answers)
        self.stats = ClientStats()
        self.cancellation = Cancellation()
        self.sent: list[Request] = []

    def send(self, call: Request) -> Response:
        self.sent.append(call)
        answer = next(self._answers, None)
        if answer is None:
            raise LAST
        return answer


def client(http: Told) -> BatchTaskClient:
    return BatchTaskClient(http, InstanceTarget(URL, "project"), Auth())  # type: ignore[arg-type] # it has all that is called


def told(error: IotdaError) -> None:
    """Check that a failure can be told in one line."""
    assert str(error)
    assert str(error).isprintable()


def checked(error: RequestError, operation: str) -> None:
    """Check that a failed request can be told, with what to do next."""
    told(error)
    assert error.ambiguous in (True, False)
    hint = hint_for(error, operation)
    assert hint is None or hint.isprintable()


@fuzz(reply=replies, operation=DEEDS)
def test_every_answer_can_be_a_failure(reply: Response, operation: str) -> None:
    checked(error_from_response(reply, URL), operation)


@fuzz(reply=replies)
def test_an_answer_is_an_object_or_a_failure(reply: Response) -> None:
    try:
        assert isinstance(reply.json_object(URL, (200, 201)), dict)
    except RequestError as error:
        checked(error, "list")


@fuzz(reply=replies)
def test_the_times_of_a_response_are_usable_or_none(reply: Response) -> None:
    asked = reply.retry_after()
    assert asked is None or (asked >= 0 and math.isfinite(asked))
    skew = reply.skew()
    assert skew is None or math.isfinite(skew)
    moment = reply.service_now()
    assert moment is None or moment <= datetime.max.replace(tzinfo=timezone.utc)


VERBS: dict[str, Callable[[BatchTaskClient], Any]] = {
    "delete": lambda client: client.delete(TASK_ID),
    "stop": lambda client: client.act("stop", TASK_ID),
    "show": lambda client: client.show(TASK_ID),
}


@pytest.mark.parametrize("verb", VERBS)
@fuzz(reply=replies)
def test_each_verb_returns_or_fails(verb: str, reply: Response) -> None:
    try:
        VERBS[verb](client(Told([reply])))
    except RequestError as error:
        checked(error, verb)


@fuzz(answers=st.lists(replies, max_size=6), status=st.none() | st.just("Success"))
def test_lists_end_and_are_in_order(answers: list[Response], status: str | None) -> None:
    http = Told(answers)
    seen = []
    try:
        for page in ListReader(client(http), 1).pages(ListFilter("freezeDevices", status=status), 2):
            seen += [sort_key(task["task_id"]) for task in page.items]
    except RequestError as error:
        checked(error, "list")
    assert len(http.sent) <= len(answers) + 1
    assert seen == sorted(set(seen), reverse=True)


@fuzz(answers=st.lists(replies, max_size=4))
def test_subtasks_end(answers: list[Response]) -> None:
    try:
        assert all(isinstance(one, dict) for one in iter_subtasks(client(Told(answers)), TASK_ID, None))
    except RequestError as error:
        checked(error, "show")


@pytest.mark.parametrize("dry_run", [False, True])
@fuzz(answers=st.lists(replies, max_size=8), wait=st.booleans(), force=st.booleans())
def test_a_deletion_has_an_outcome_for_each_task(
    dry_run: bool, answers: list[Response], wait: bool, force: bool
) -> None:
    http = Told(answers)
    plan = RunOptions(wait=wait, force=force, wait_timeout=0.0, wait_delay=0.0, concurrency=1, dry_run=dry_run)
    ids = [TASK_ID, "a" * 24]
    collector = Collector("absent")
    Run(client(http), Absent(), plan, collector.add).bring(ids)
    result = collector.build(lambda text: None)
    assert [one["task_id"] for one in result["tasks"]] == ids
    assert sum(result["summary"].values()) == 2
    assert {one["outcome"] for one in result["tasks"]} <= set(OUTCOMES["absent"])
    assert result.get("failed", False) == (result["summary"]["failed"] > 0)
    methods = Counter(call.method for call in http.sent)
    assert not dry_run or set(methods) <= {"GET"}
    assert methods["POST"] <= (2 if force else 0)
    if not dry_run and not any(answer.status == 404 for answer in answers):
        assert not {"absent", "deleted_unconfirmed"} & {one["outcome"] for one in result["tasks"]}


NOTHING_SELECTED: dict[str, Any] = dict.fromkeys(
    ("task_id", "app_id", "task_type", "status", "task_name", "created_before", "created_after", "limit")
)


@fuzz(
    answers=st.lists(replies, max_size=6),
    task_ids=st.none() | st.just([TASK_ID]),
    statuses=st.none() | st.just(["Success", "Fail"]),
    after=st.none() | st.just("0001-01-01"),
    details=st.booleans(),
)
def test_reading_returns_tasks_or_fails(
    answers: list[Response], task_ids: Any, statuses: Any, after: Any, details: bool
) -> None:
    selected = {"task_id": task_ids} if task_ids else {"status": statuses, "created_after": after}
    more = {"concurrency": 1, "details": details, "detail_status": None, "include_output": False}
    given = {**NOTHING_SELECTED, **more, **selected}
    try:
        found, _skipped = read_tasks(client(Told(answers)), parse_read_options(given))
    except RequestError as error:
        checked(error, "list")
    else:
        assert all(sort_key(task["task_id"]) for task in found)
        assert not any("output" in one for task in found for one in task.get("task_details", ()) if details)


@fuzz(
    answers=st.lists(replies, max_size=6),
    age=st.sampled_from([{"older_than": "0d"}, {"older_than": "30d"}, {"older_than": "999999999w"}, {"keep_last": 2}]),
    check_mode=st.booleans(),
)
def test_pruning_deletes_only_what_was_listed(answers: list[Response], age: dict[str, Any], check_mode: bool) -> None:
    http = Told(answers)
    given = {"status": ["Success", "Fail"], "max_deletions": 3, "concurrency": 1, "returned": "all", **age}
    options = {**dict.fromkeys(batch_task_prune.ARGUMENT_SPEC), **given}
    try:
        result = prune(client(http), parse_rules(options), options, check_mode, False, lambda text: None)
    except IotdaError as error:
        told(error)
    else:
        assert result["examined"] >= result["matched"]
        assert all(task["status"] for task in result.get("tasks", []))
    deleted = [call.url.rsplit("/", 1)[1] for call in http.sent if call.method == "DELETE"]
    bodies = b" ".join(answer.body for answer in answers)
    assert all(task_id.encode() in bodies for task_id in deleted)
    assert not (check_mode and deleted)
    assert len(set(deleted)) <= 3


@fuzz(reply=replies, by_name=st.booleans())
def test_iam_gives_a_token_that_can_be_sent_or_fails(reply: Response, by_name: bool) -> None:
    iam = IamClient(Told([reply]), URL)  # type: ignore[arg-type] # it has all that is called
    project = {"name": "cn-north-4"} if by_name else {"id": "project"}
    try:
        issued = iam.issue_token(Password("user", "invented", "domain"), project)
    except RequestError as error:
        checked(error, "list")
    else:
        assert issued.value.isascii()
        assert issued.value.isprintable()


@fuzz(reply=replies)
def test_iam_gives_a_project_or_fails(reply: Response) -> None:
    iam = IamClient(Told([reply]), URL)  # type: ignore[arg-type] # it has all that is called
    try:
        assert isinstance(iam.project_id(Auth(), "cn-north-4"), str)
    except IotdaError as error:
        told(error)


KEY = b'{"credential": {"access": "a", "secret": "invented", "securitytoken": "t"}}'


@example(answers=[Response(200, {}, b"token"), Response(200, {}, KEY)])
@fuzz(answers=st.lists(replies, max_size=2))
def test_the_metadata_service_gives_keys_or_a_reason(answers: list[Response]) -> None:
    with mock.patch.object(exchanges, "HttpClient", return_value=Told(answers)):
        found = exchanges.load_ecs_metadata(ProviderContext({}, {}))
    if isinstance(found, ResolvedCredentials):
        assert isinstance(found.credentials, KeyIssuer)
        assert found.credentials.first
        assert found.credentials.first.value.security_token
    else:
        assert found.startswith("ECS metadata service: ")
