# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metadata service of an ECS, version 1 and 2."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def _keys(sim: Simulator, token: str | None = None) -> requests.Response:
    headers = {"X-Metadata-Token": token} if token else {}
    return requests.get(f"{sim.url}/openstack/latest/securitykey", headers=headers, timeout=10)


def _token(sim: Simulator, lifetime: str = "21600") -> requests.Response:
    headers = {"X-Metadata-Token-Ttl-Seconds": lifetime} if lifetime else {}
    return requests.put(f"{sim.url}/meta-data/latest/api/token", headers=headers, timeout=10)


def test_keys_are_good(sim: Simulator, sdk: Any, sdk_client: Callable[..., Any]) -> None:
    found = _keys(sim).json()["credential"]
    credentials = sdk.auth.BasicCredentials(found["access"], found["secret"], sim.project_id)
    client = sdk_client(sim, credentials=credentials.with_security_token(found["securitytoken"]))
    assert client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")).page.count == 0
    ends = datetime.strptime(found["expires_at"] + "+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z")
    assert round((ends - sim.clock.now()).total_seconds() / 3600) == 24


def test_both_versions_give_the_same_keys(sim: Simulator) -> None:
    found = _keys(sim, _token(sim).text).json()["credential"]
    assert found == _keys(sim).json()["credential"]


def test_version_2(sim: Simulator) -> None:
    sim.metadata.token_required = True
    assert _keys(sim).status_code == 401
    token = _token(sim, "60").text
    assert _keys(sim, token).status_code == 200
    assert _keys(sim, "wrong").status_code == 401
    sim.clock.advance(60)
    assert _keys(sim, token).status_code == 401
    token = _token(sim).text
    sim.metadata.expire_tokens()
    assert _keys(sim, token).status_code == 401


@pytest.mark.parametrize("lifetime", ["", "0", "21601", "long"])
def test_bad_lifetime(sim: Simulator, lifetime: str) -> None:
    assert _token(sim, lifetime).status_code == 400


@pytest.mark.parametrize(("set_to", "status"), [(True, 404), (404, 404), (405, 405), (503, 503)])
def test_version_1_only(sim: Simulator, set_to: int | bool, status: int) -> None:
    sim.metadata.v1_only = set_to
    assert _token(sim).status_code == status
    assert _keys(sim).status_code == 200


def test_no_agency(sim: Simulator) -> None:
    sim.metadata.no_agency = True
    reply = _keys(sim)
    assert reply.status_code == 401
    assert "Please configure Cloud Service Agency first" in reply.text


def test_unreachable(sim: Simulator) -> None:
    sim.metadata.unreachable = True
    with pytest.raises(requests.ConnectionError):
        _keys(sim)
    with pytest.raises(requests.ConnectionError):
        _token(sim)


def test_keys_are_renewed_before_they_end(sim: Simulator) -> None:
    first = _keys(sim).json()["credential"]
    assert _keys(sim).json()["credential"] == first
    sim.clock.advance(18 * 3600 + 1)
    second = _keys(sim).json()["credential"]
    assert second["access"] != first["access"]
    sim.metadata.renew_keys()
    assert _keys(sim).json()["credential"]["access"] != second["access"]


def test_nothing_else(sim: Simulator) -> None:
    assert requests.get(f"{sim.url}/openstack/latest/user_data", timeout=10).status_code == 404
