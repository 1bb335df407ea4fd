# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen on the wire is in the result: where it was asked for, and where a failure needs it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

LOUD = {"_ansible_verbosity": 3}


def absent(options: dict[str, Any], task_ids: list[str], **more: Any) -> dict[str, Any]:
    return run_module("batch_task", {**options, "state": "absent", "task_id": task_ids, **more}).result


def test_each_attempt(simulator: Simulator, options: dict[str, Any]) -> None:
    task = simulator.add_task()
    simulator.fault(method="DELETE", kind="close", times=1)
    simulator.fault(method="DELETE", status=503, times=1)
    seen = absent(options, [task], retry_timeout=30, **LOUD)["requests"]
    path = f"/v5/iot/{simulator.project_id}/batchtasks/{task}"
    known = [{name: one[name] for name in one if name not in ("ms", "request_id")} for one in seen]
    assert known == [
        {"method": "DELETE", "path": path, "cause": "broken", "attempt": 1},
        {"method": "DELETE", "path": path, "status": 503, "attempt": 2},
        {"method": "DELETE", "path": path, "status": 204, "attempt": 3},
    ]
    assert seen[1]["request_id"] != seen[2]["request_id"]
    assert all(0 <= one["ms"] < 60_000 for one in seen)


@pytest.mark.parametrize("verbosity", [0, 2])
def test_a_success_is_quiet(simulator: Simulator, options: dict[str, Any], verbosity: int) -> None:
    simulator.fault(method="DELETE", status=503, times=1)
    result = absent(options, [simulator.add_task()], retry_timeout=30, _ansible_verbosity=verbosity)
    assert not result.get("failed")
    assert "requests" not in result


def test_a_failure_of_one_attempt_is_quiet(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.deny("delete")
    result = absent(options, [simulator.add_task()])
    assert result["failed"]
    assert "requests" not in result


@pytest.mark.parametrize("module", ["batch_task_info", "batch_task_prune"])
def test_a_failure_after_a_repeated_request(simulator: Simulator, options: dict[str, Any], module: str) -> None:
    simulator.fault(method="GET", status=503, times=None)
    more = {"older_than": "0d"} if module == "batch_task_prune" else {}
    result = run_module(module, {**options, "retry_timeout": 2, "concurrency": 1, **more}).result
    assert result["failed"]
    assert [one["attempt"] for one in result["requests"]][:2] == [1, 2]
    assert {one["status"] for one in result["requests"]} == {503}
    assert all("?limit=" in one["path"] or "&limit=" in one["path"] for one in result["requests"])


def test_the_last_hundred(simulator: Simulator, options: dict[str, Any]) -> None:
    seen = absent(options, simulator.add_tasks(120), **LOUD)["requests"]
    assert len(seen) == 100


def test_a_login_shows_no_secret(simulator: Simulator, options: dict[str, Any]) -> None:
    """The harness looks for secrets in all that the module writes."""
    login = {"username": simulator.username, "password": simulator.password, "domain_name": simulator.domain_name}
    given = {**{name: value for name, value in options.items() if name not in ("access_key", "secret_key")}, **login}
    seen = absent(given, [simulator.add_task()], **LOUD)["requests"]
    assert [(one["method"], one["path"].partition("?")[0]) for one in seen][0] == ("POST", "/v3/auth/tokens")
    assert {name for one in seen for name in one} <= {"method", "path", "status", "attempt", "request_id", "ms"}


def test_a_repeated_token_is_masked(simulator: Simulator, options: dict[str, Any]) -> None:
    token = {**{name: value for name, value in options.items() if name not in ("access_key", "secret_key")}}
    token["auth_token"] = simulator.auth_token
    simulator.fault(method="DELETE", status=503, headers={"X-Request-Id": f"id-{simulator.auth_token}"}, times=1)
    seen = absent(token, [simulator.add_task()], retry_timeout=30, **LOUD)["requests"]
    assert seen[0]["request_id"] == "id-***"
