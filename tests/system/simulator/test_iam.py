# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM: a token for a password, a project's ID for its name."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def _log_in(sim: Simulator, scope: dict[str, Any] | None = None, **changes: str) -> requests.Response:
    given = {"name": sim.username, "password": sim.password, "domain": sim.domain_name, **changes}
    user = {**given, "domain": {"name": given["domain"]}}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {} if scope is None else scope}
    return requests.post(f"{sim.url}/v3/auth/tokens", json={"auth": auth}, timeout=10)


def _list(sim: Simulator, token: str) -> int:
    url = f"{sim.url}/v5/iot/{sim.project_id}/batchtasks"
    query = {"task_type": "freezeDevices"}
    return requests.get(url, params=query, headers={"X-Auth-Token": token}, timeout=10).status_code


@pytest.mark.parametrize("by", ["id", "name"])
def test_token_for_a_project(sim: Simulator, by: str) -> None:
    project = {"id": sim.project_id} if by == "id" else {"name": sim.region}
    reply = _log_in(sim, {"project": project})
    assert reply.status_code == 201
    token = reply.json()["token"]
    assert (token["project"]["id"], token["user"]["name"]) == (sim.project_id, sim.username)
    assert token["expires_at"].endswith("Z")
    assert _list(sim, reply.headers["X-Subject-Token"]) == 200


def test_token_is_valid_for_a_day(sim: Simulator) -> None:
    token = _log_in(sim, {"project": {"id": sim.project_id}}).headers["X-Subject-Token"]
    sim.clock.advance(86399)
    assert _list(sim, token) == 200
    sim.clock.advance(1)
    assert _list(sim, token) == 401


@pytest.mark.parametrize("scope", [None, {"domain": {"name": "example-account"}}])
def test_token_without_a_project_is_no_good_for_iotda(sim: Simulator, scope: dict[str, Any] | None) -> None:
    token = _log_in(sim, scope).headers["X-Subject-Token"]
    assert _list(sim, token) == 403


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"name": "nobody"}, {"domain": "elsewhere"}])
def test_wrong_password(sim: Simulator, changes: dict[str, str]) -> None:
    reply = _log_in(sim, {"project": {"id": sim.project_id}}, **changes)
    assert reply.status_code == reply.json()["error"]["code"] == 401
    assert reply.json()["error"]["title"] == "Unauthorized"
    assert "X-Subject-Token" not in reply.headers


def test_unknown_or_disabled_project(sim: Simulator) -> None:
    assert _log_in(sim, {"project": {"name": "nowhere"}}).status_code == 404
    disabled = sim.add_project("old", enabled=False)
    assert _log_in(sim, {"project": {"id": disabled.project_id}}).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"auth": {"identity": {"methods": ["password"]}}}'])
def test_malformed_log_in(sim: Simulator, body: bytes) -> None:
    assert requests.post(f"{sim.url}/v3/auth/tokens", data=body, timeout=10).status_code == 400
    assert sim.oracle.take()


def test_projects(sim: Simulator) -> None:
    def found(name: str) -> list[str]:
        headers = {"X-Auth-Token": sim.auth_token}
        reply = requests.get(f"{sim.url}/v3/projects", params={"name": name}, headers=headers, timeout=10)
        return [project["id"] for project in reply.json()["projects"]]

    assert found(sim.region) == [sim.project_id]
    assert found("nowhere") == []
    second = sim.add_project(sim.region, project_id="0b5c1d2e3f4a4b5c8d6e7f8091a2b3c4")
    assert found(sim.region) == [sim.project_id, second.project_id]
    sim.remove_projects(sim.region)
    assert found(sim.region) == []


def test_projects_need_credentials(sim: Simulator) -> None:
    assert requests.get(f"{sim.url}/v3/projects", timeout=10).status_code == 401


def test_nothing_else(sim: Simulator) -> None:
    assert requests.get(f"{sim.url}/v3/users", timeout=10).status_code == 404
    assert sim.oracle.take() == ["GET /v3/users: request: no such call"]
