# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user with a password: the login, its scope, its end in the middle of a run, and a target that stays unlocked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Target, Wiretap, free_port
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

LOGIN = "POST /v3/auth/tokens"


@pytest.fixture
def user(target: Target) -> dict[str, Any]:
    return target.who("password")


def logins(target: Target) -> list[Any]:
    return [entry for entry in target.simulator.journal if entry.path == "/v3/auth/tokens"]


def scope(target: Target) -> Any:
    (login,) = logins(target)
    return login.body["auth"]["scope"]


# The login


def test_a_password_becomes_a_token_for_the_project(target: Target, user: dict[str, Any]) -> None:
    assert target.delete(**user).outcomes == ["deleted"]
    assert target.asked() == [LOGIN, f"DELETE /v5/iot/{target.simulator.project_id}/batchtasks"]
    assert scope(target) == {"project": {"id": target.simulator.project_id}}
    assert "x-auth-token" in target.simulator.journal[-1].headers
    assert "x-auth-token" not in target.simulator.journal[0].headers


def test_login_without_project_is_scoped_to_region(target: Target, user: dict[str, Any]) -> None:
    """IAM says which project that is: it need not be looked up."""
    assert target.delete("project_id", **user).outcomes == ["deleted"]
    assert scope(target) == {"project": {"name": target.simulator.region}}
    assert target.asked() == [LOGIN, f"DELETE /v5/iot/{target.simulator.project_id}/batchtasks"]


def test_check_mode_logs_in_and_reads(target: Target, user: dict[str, Any]) -> None:
    assert target.delete(check=True, **user).outcomes == ["deleted"]
    assert target.asked() == [LOGIN, f"GET /v5/iot/{target.simulator.project_id}/batchtasks"]
    assert target.simulator.journal.unsafe() == []


def test_nothing_to_do_needs_no_login(target: Target, user: dict[str, Any]) -> None:
    ended = run_module("batch_task", {**target.place(), **user, "task_id": [], "state": "absent"})
    assert not ended.failed
    assert target.asked() == []


def test_the_password_is_seen_by_iam_only(target: Target, user: dict[str, Any]) -> None:
    instance = target.simulator.add_instance("standard")
    ids = [instance.add_task() for dummy in range(3)]
    tap = Wiretap().listen(target.simulator, target.patch)
    ended = target.delete(**user, endpoint=instance.url, task_id=ids)
    assert ended.outcomes == ["deleted"] * 3
    assert tap.where(user["password"]) == [LOGIN]
    assert {heard.host for heard in tap.heard if heard.method == "DELETE"} == {instance.url.removeprefix("http://")}


# Logins that fail


def refused(target: Target, ended: Ended, *words: str) -> None:
    """Assert that ``ended`` failed at the login, that nothing was tried without it, and that it was tried once."""
    assert ended.failed
    assert not ended.changed
    assert ended.msg.startswith("The login at IAM failed: ")
    for word in words:
        assert word in ended.msg
    assert set(target.asked()) <= {LOGIN}
    assert len(logins(target)) <= 1
    assert target.simulator.password not in ended.text
    assert ended.result["credential_source"] == "options"


@pytest.mark.parametrize("wrong", ["username", "password", "domain_name"])
def test_a_wrong_login_is_refused_at_once(target: Target, user: dict[str, Any], wrong: str) -> None:
    ended = target.delete(**{**user, wrong: "wrong"}, task_id=[f"{n}" for n in range(20)], retry_timeout=30)
    refused(target, ended, "401", "check username, password and domain_name")
    assert ended.result["http_status"] == 401


def test_a_project_that_does_not_exist_is_reported(target: Target, user: dict[str, Any]) -> None:
    refused(target, target.delete(**user, project_id="0badc0de"), "404", "project")


def test_unreachable_iam_is_reported(target: Target, user: dict[str, Any]) -> None:
    ended = target.delete(**user, iam_endpoint=f"http://127.0.0.1:{free_port()}")
    refused(target, ended, "could not connect", "check iam_endpoint")
    assert logins(target) == []


@pytest.mark.parametrize("kind", ["status", "html", "empty", "reset", "close", "cut_body", "redirect"])
def test_iam_in_trouble_is_not_asked_twice(target: Target, user: dict[str, Any], kind: str) -> None:
    """Each further login would count against the user."""
    status = {"status": 503} if kind in ("status", "html", "empty") else {}
    target.simulator.fault("POST", "/v3/auth/tokens", kind, times=None, **status)
    ended = target.delete(**user, retry_timeout=30)
    refused(target, ended)
    assert ended.result["hint"]
    assert len(logins(target)) == 1


def test_throttled_login_is_retried(target: Target, user: dict[str, Any]) -> None:
    target.simulator.fault("POST", "/v3/auth/tokens", status=429, headers={"Retry-After": "0"})
    ended = target.delete(**user, retry_timeout=30)
    assert ended.outcomes == ["deleted"]
    assert len(logins(target)) == 2


NO_TOKEN: dict[str, dict[str, Any]] = {
    "no header": {},
    "an empty one": {"headers": {"X-Subject-Token": ""}},
    "one with a space": {"headers": {"X-Subject-Token": "MII x"}},
    "one beyond ASCII": {"headers": {"X-Subject-Token": "MII\u00e9"}},
}


@pytest.mark.parametrize("answer", NO_TOKEN.values(), ids=NO_TOKEN)
def test_an_answer_without_a_token_is_reported(target: Target, user: dict[str, Any], answer: dict[str, Any]) -> None:
    target.simulator.fault("POST", kind="json", status=201, json={"token": {}}, **answer)
    refused(target, target.delete(**user), "201", "X-Subject-Token")


def test_rejected_new_token_is_not_renewed(target: Target, user: dict[str, Any]) -> None:
    """Where IAM and IoTDA do not go together, a new token is no better."""
    target.simulator.fault("POST", kind="json", status=201, json={"token": {}}, headers={"X-Subject-Token": "MIIX"})
    ended = target.delete(**user)
    assert ended.failed
    assert ended.result["http_status"] == 401
    assert len(logins(target)) == 1


# A token that ends in the middle of a run


def bulk(target: Target, user: dict[str, Any], **given: Any) -> Ended:
    ids = target.simulator.add_tasks(300)
    return target.delete(**user, task_id=ids, concurrency=20, **given)


def test_token_expiring_in_bulk_run_is_renewed_once(target: Target, user: dict[str, Any]) -> None:
    Others(target.simulator).act(target.simulator.expire_token, "DELETE", skip=120)
    target.simulator.latency(0.002)
    ended = bulk(target, user)
    assert not ended.failed
    assert ended.outcomes == ["deleted"] * 300
    assert ended.warnings == "[]"
    assert target.simulator.task_ids() == set()
    assert [login.status for login in logins(target)] == [201, 201]
    turned_away = [entry for entry in target.simulator.journal if entry.status == 401]
    assert 1 <= len(turned_away) <= 20
    assert target.simulator.journal.count("DELETE") == 300 + len(turned_away)


def test_each_token_of_a_long_run_is_renewed(target: Target, user: dict[str, Any]) -> None:
    for skip in (50, 150, 250):
        Others(target.simulator).act(target.simulator.expire_token, "DELETE", skip=skip)
    assert bulk(target, user).outcomes == ["deleted"] * 300
    assert [login.status for login in logins(target)] == [201] * 4


def test_reading_renews_too(target: Target, user: dict[str, Any]) -> None:
    target.simulator.add_tasks(120)
    Others(target.simulator).act(target.simulator.expire_token, "GET", skip=1)
    ended = run_module("batch_task_info", {**target.place(), **user})
    assert ended.result["count"] == 120
    assert [login.status for login in logins(target)] == [201, 201]


def test_pruning_renews_too(target: Target, user: dict[str, Any]) -> None:
    target.simulator.add_tasks(120)
    Others(target.simulator).act(target.simulator.expire_token, "DELETE", skip=60)
    ended = run_module("batch_task_prune", {**target.place(), **user, "older_than": "0d", "concurrency": 20})
    assert ended.result["summary"]["failed"] == 0
    assert target.simulator.task_ids() == set()
    assert [login.status for login in logins(target)] == [201, 201]


@pytest.mark.parametrize("trouble", ["a new password", "IAM is down"])
def test_failed_renewal_is_not_retried_and_fails_tasks(target: Target, user: dict[str, Any], trouble: str) -> None:
    def end() -> None:
        target.simulator.expire_token()
        if trouble == "a new password":
            target.simulator.settings.password = "changed-since"
        else:
            target.simulator.fault("POST", "/v3/auth/tokens", status=503, times=None)

    Others(target.simulator).act(end, "DELETE", skip=100)
    ended = bulk(target, user, retry_timeout=2)
    assert ended.failed
    assert ended.changed
    assert len(logins(target)) == 2
    summary = ended.result["summary"]
    assert summary == {"deleted": 100, "absent": 0, "deleted_unconfirmed": 0, "failed": 200}
    assert len(target.simulator.task_ids()) == 200
    messages = {task["msg"].partition(":")[0].partition(",")[0] for task in ended.result["tasks"] if "msg" in task}
    assert messages == {"the login at IAM failed", "skipped"}
    assert "the login at IAM failed" in ended.msg
    assert "200 of 300" in ended.msg
    assert user["password"] not in ended.text


def test_a_token_given_by_the_user_cannot_be_renewed(target: Target) -> None:
    Others(target.simulator).act(target.simulator.expire_token, "DELETE", skip=100)
    ended = bulk(target, target.who("token"))
    assert ended.failed
    assert "get a new token, since this one has expired" in ended.msg
    assert ended.result["summary"] == {"deleted": 100, "absent": 0, "deleted_unconfirmed": 0, "failed": 200}
    assert logins(target) == []
