# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which project: looked up at IAM by the name of the region, where nothing names one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import KINDS, Target, free_port
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended

BY_LOOKUP = ("token", "keys", "temporary keys")


def by_lookup(target: Target, kind: str = "keys", **given: Any) -> Ended:
    return target.delete("project_id", **{**target.who(kind), **given})


@pytest.mark.parametrize("kind", BY_LOOKUP)
def test_the_project_of_the_regions_name_is_found(target: Target, kind: str) -> None:
    target.simulator.add_project("cn-north-4_another")
    ended = by_lookup(target, kind)
    assert ended.outcomes == ["deleted"]
    assert target.asked() == ["GET /v3/projects", f"DELETE /v5/iot/{target.simulator.project_id}/batchtasks"]
    assert target.simulator.journal[0].query == {"name": "cn-north-4"}
    assert "x-project-id" not in target.simulator.journal[0].headers


def test_it_is_looked_up_once_in_a_run(target: Target) -> None:
    ended = by_lookup(target, task_id=target.simulator.add_tasks(30), concurrency=10)
    assert ended.outcomes == ["deleted"] * 30
    assert target.simulator.journal.count(path="/v3/projects") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_project_that_is_given_is_not_looked_up(target: Target, kind: str) -> None:
    assert target.delete(**target.who(kind)).outcomes == ["deleted"]
    assert target.simulator.journal.count(path="/v3/projects") == 0


def test_project_with_same_name_prefix_is_not_used(target: Target) -> None:
    """IAM is free to answer with more than was asked for."""
    projects = [{"id": "p1", "name": "cn-north-4_a"}, {"id": target.simulator.project_id, "name": "cn-north-4"}]
    target.simulator.fault("GET", "/v3/projects", "json", status=200, json={"projects": projects})
    assert by_lookup(target).outcomes == ["deleted"]


def not_found(target: Target, ended: Ended, *words: str) -> None:
    assert ended.failed
    for word in words:
        assert word in ended.msg
    assert target.asked() == ["GET /v3/projects"]
    assert "Traceback" not in ended.text


def test_a_missing_project_is_reported(target: Target) -> None:
    target.simulator.remove_projects(target.simulator.region)
    not_found(target, by_lookup(target), "no project named cn-north-4", "set project_id")


def test_several_projects_are_named(target: Target) -> None:
    other = target.simulator.add_project(target.simulator.region)
    not_found(target, by_lookup(target), "2 projects", target.simulator.project_id, other.project_id, "set project_id")


@pytest.mark.parametrize("kind", KINDS)
def test_disabled_project_is_a_failure_not_absent(target: Target, kind: str) -> None:
    target.simulator.accounts.projects[target.simulator.project_id].enabled = False
    ended = by_lookup(target, kind)
    assert ended.failed
    assert not ended.changed
    assert len(target.simulator.task_ids()) == 1
    assert "project" in ended.msg
    assert "grant the IAM action" not in ended.msg


@pytest.mark.parametrize(
    "content", [{}, {"projects": None}, {"projects": {}}, [], {"projects": [1, None, {}]}], ids=str
)
def test_an_unusable_list_of_projects_is_reported(target: Target, content: object) -> None:
    target.simulator.fault("GET", "/v3/projects", "json", status=200, json=content)
    not_found(target, by_lookup(target), "IAM")


def test_a_project_with_an_unusable_id_is_reported(target: Target) -> None:
    projects = [{"id": "../../evil", "name": target.simulator.region}]
    target.simulator.fault("GET", "/v3/projects", "json", status=200, json={"projects": projects})
    not_found(target, by_lookup(target), "project_id")


def test_a_look_up_that_is_refused_says_what_spares_it(target: Target) -> None:
    target.simulator.fault("GET", "/v3/projects", status=403, times=None)
    ended = by_lookup(target)
    not_found(target, ended, "the lookup of the project at IAM failed".replace("the", "The", 1), "set project_id")
    assert ended.result["http_status"] == 403


def test_a_look_up_is_repeated_while_iam_is_in_trouble(target: Target) -> None:
    target.simulator.fault("GET", "/v3/projects", status=503)
    assert by_lookup(target, retry_timeout=10).outcomes == ["deleted"]


def test_unreachable_iam_is_reported(target: Target) -> None:
    ended = by_lookup(target, iam_endpoint=f"http://127.0.0.1:{free_port()}")
    assert ended.failed
    assert "check iam_endpoint" in ended.msg
    assert target.asked() == []


@pytest.mark.parametrize("end", ["", "/", "/v3", "/v3/"])
@pytest.mark.parametrize("kind", ["keys", "password"])
def test_an_iam_endpoint_may_end_in_its_version(target: Target, kind: str, end: str) -> None:
    assert by_lookup(target, kind, iam_endpoint=target.simulator.url + end).outcomes == ["deleted"]


@pytest.mark.parametrize("end", ["/v2.0", "/v3/auth/tokens", "?x=1"])
def test_an_iam_endpoint_ends_in_nothing_else(target: Target, end: str) -> None:
    ended = by_lookup(target, iam_endpoint=target.simulator.url + end)
    assert ended.msg.startswith("iam_endpoint must be a host")
    assert target.asked() == []


@pytest.mark.parametrize("kind", ["keys", "temporary keys"])
def test_project_lookup_always_uses_standard_signing(target: Target, kind: str) -> None:
    instance = target.simulator.add_instance("enterprise")
    task_id = instance.add_task()
    ended = by_lookup(target, kind, endpoint=instance.url, signing="derived", task_id=[task_id])
    assert ended.outcomes == ["deleted"]
    algorithms = [entry.headers["authorization"].partition(" ")[0] for entry in target.simulator.journal]
    assert algorithms == ["SDK-HMAC-SHA256", "V11-HMAC-SHA256"]


def test_without_a_region_there_is_no_name_to_look_up(target: Target) -> None:
    ended = target.delete("project_id", "region", **target.who("keys"))
    assert ended.failed
    assert "set region" in ended.msg
    assert target.asked() == []
