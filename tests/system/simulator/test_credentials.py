# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wrong token, signature, date or project is refused."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def _signed(
    sim: Simulator,
    access_key: str | None = None,
    secret_key: str | None = None,
    age: float = 0.0,
    derived: tuple[str, str] | None = None,
    headers: dict[str, str] | None = None,
    path: str | None = None,
    query: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """Return what to pass to ``requests.get``, signed by the official signer; ``derived``: service and region."""
    signer = importlib.import_module("huaweicloudsdkcore.signer.signer")
    request_class = importlib.import_module("huaweicloudsdkcore.sdk_request").SdkRequest
    date = datetime.now(timezone.utc) - timedelta(seconds=age)
    request = request_class(
        method="GET",
        host=sim.url.partition("//")[2],
        resource_path=path or f"/v5/iot/{sim.project_id}/batchtasks",
        query_params=query or [("task_type", "freezeDevices")],
        header_params={"X-Sdk-Date": date.strftime("%Y%m%dT%H%M%SZ"), **(headers or {})},
        body=b"",
    )
    identity = SimpleNamespace(ak=access_key or sim.access_key, sk=secret_key or sim.secret_key)
    if derived:
        signer.DerivationAKSKSigner(identity).sign(request, *derived)
    else:
        signer.Signer(identity).sign(request)
    return {"url": sim.url + request.uri, "headers": request.header_params, "timeout": 10}


def _outcome(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json().get("error_code", "")


def test_good_signature(sim: Simulator) -> None:
    query = [("task_type", "freezeDevices"), ("app_id", "space-1"), ("limit", "50")]
    assert requests.get(**_signed(sim, query=query)).status_code == 200
    assert requests.get(**_signed(sim, headers={"Instance-Id": sim.instance_id})).status_code == 200


def test_headers_that_are_not_signed_may_change(sim: Simulator) -> None:
    request = _signed(sim)
    request["headers"]["User-Agent"] = "a proxy's"
    assert requests.get(**request).status_code == 200


def test_signed_headers_may_not_change(sim: Simulator) -> None:
    request = _signed(sim, headers={"User-Agent": "mine"})
    request["headers"]["User-Agent"] = "a proxy's"
    reply = requests.get(**request)
    assert _outcome(reply) == (401, "APIGW.0301")
    assert "verify aksk signature fail, canonicalRequest:GET|/v5/iot/" in reply.json()["error_msg"]


def test_path_and_query_are_signed(sim: Simulator) -> None:
    request = _signed(sim)
    assert requests.get(**{**request, "url": request["url"] + "&limit=50"}).status_code == 401
    path, _separator, query = request["url"].partition("?")
    assert requests.get(f"{path}-files?{query}", headers=request["headers"], timeout=10).status_code == 401
    assert sim.oracle.take() != []


def test_host_may_be_unsigned_but_not_the_date(sim: Simulator) -> None:
    unsigned = {"Authorization": _signed(sim)["headers"]["Authorization"].replace("host;x-sdk-date", "host")}
    reply = requests.get(**{**_signed(sim), "headers": unsigned})
    assert _outcome(reply) == (401, "APIGW.0301")


@pytest.mark.parametrize("age", [-960, 960])
def test_signature_more_than_15_minutes_off(sim: Simulator, age: float) -> None:
    assert _outcome(requests.get(**_signed(sim, age=age))) == (401, "APIGW.0301")
    sim.clock.skew(-age)
    assert requests.get(**_signed(sim, age=age)).status_code == 200


def test_time_that_passes_does_not_make_signatures_old(sim: Simulator) -> None:
    sim.clock.advance(86400 * 30)
    assert requests.get(**_signed(sim)).status_code == 200


def test_wrong_keys(sim: Simulator) -> None:
    assert _outcome(requests.get(**_signed(sim, secret_key="wrong"))) == (401, "APIGW.0301")
    reply = requests.get(**_signed(sim, access_key="NOBODY"))
    assert _outcome(reply) == (401, "APIGW.0301")
    assert "Get secretKey failed" in reply.json()["error_msg"]


@pytest.mark.parametrize(
    "authorization", ["Basic YTpi", "SDK-HMAC-SHA256 Access=a", "", "V11-HMAC-SHA256 Credential=a"]
)
def test_malformed_authorization(sim: Simulator, authorization: str) -> None:
    request = _signed(sim)
    request["headers"]["Authorization"] = authorization
    assert _outcome(requests.get(**request)) == (401, "APIGW.0301")


def test_derived_signing_at_the_shared_endpoint(sim: Simulator) -> None:
    derived = ("iotdm", sim.region)
    assert _outcome(requests.get(**_signed(sim, derived=derived))) == (401, "APIGW.0301")
    sim.settings.shared_accepts_derived = True
    assert requests.get(**_signed(sim, derived=derived)).status_code == 200


@pytest.mark.parametrize("derived", [("iotda", "cn-north-4"), ("iotdm", "cn-south-1")])
def test_wrong_scope(sim: Simulator, derived: tuple[str, str]) -> None:
    sim.settings.shared_accepts_derived = True
    assert requests.get(**_signed(sim, derived=derived)).status_code == 401


def test_security_token(sim: Simulator) -> None:
    access_key, secret_key, security_token = sim.temporary_key()
    keys = {"access_key": access_key, "secret_key": secret_key}
    sent = {"X-Security-Token": security_token}
    assert requests.get(**_signed(sim, **keys, headers=sent)).status_code == 200
    assert requests.get(**_signed(sim, **keys)).status_code == 401
    assert requests.get(**_signed(sim, headers=sent)).status_code == 401
    sim.clock.advance(86401)
    assert requests.get(**_signed(sim, **keys, headers=sent)).status_code == 401


def test_no_credentials(sim: Simulator) -> None:
    reply = requests.get(f"{sim.url}/v5/iot/{sim.project_id}/batchtask-files", timeout=10)
    assert _outcome(reply) == (401, "APIGW.0301")
    assert reply.json()["request_id"] == reply.headers["X-Request-Id"]


def test_tokens(sim: Simulator, api: Callable[..., requests.Response]) -> None:
    assert api("GET").status_code == 200
    unknown = api("GET", headers={"X-Auth-Token": "unknown"})
    assert _outcome(unknown) == (401, "APIGW.0301")
    assert "decrypt token fail" in unknown.json()["error_msg"]
    short = sim.issue_token(expires_in=60)
    assert api("GET", headers={"X-Auth-Token": short}).status_code == 200
    sim.clock.advance(61)
    assert _outcome(api("GET", headers={"X-Auth-Token": short})) == (401, "APIGW.0307")
    sim.expire_token()
    assert _outcome(api("GET")) == (401, "APIGW.0307")


def test_projects(sim: Simulator, api: Callable[..., requests.Response]) -> None:
    other = sim.add_project("cn-north-4_other")
    foreign = sim.issue_token(other.project_id)
    assert _outcome(api("GET", headers={"X-Auth-Token": foreign})) == (403, "APIGW.0302")
    path = f"/v5/iot/{other.project_id}/batchtasks"
    assert requests.get(**_signed(sim, path=path)).status_code == 200
    assert _outcome(requests.get(**_signed(sim, path="/v5/iot/0badc0de/batchtasks"))) == (403, "APIGW.0302")
    mixed = _signed(sim, path=path, headers={"X-Project-Id": sim.project_id})
    assert _outcome(requests.get(**mixed)) == (403, "APIGW.0302")
    other.enabled = False
    assert _outcome(requests.get(**_signed(sim, path=path))) == (403, "APIGW.0310")


def test_tasks_of_projects_are_apart(sim: Simulator, api: Callable[..., requests.Response]) -> None:
    other = sim.add_project("cn-north-4_other")
    task_id = sim.add_task(project_id=other.project_id)
    assert api("GET").json()["page"]["count"] == 0
    assert api("DELETE", f"/{task_id}").status_code == 404
    assert sim.task_ids() == {task_id}


def test_permissions(sim: Simulator, api: Callable[..., requests.Response]) -> None:
    task_id = sim.add_task()
    sim.deny("delete")
    assert _outcome(api("DELETE", f"/{task_id}")) == (403, "APIGW.0302")
    assert api("GET", f"/{task_id}").status_code == 200
    sim.deny("show", code="IOTDA.000022")
    assert _outcome(api("GET", f"/{task_id}")) == (403, "IOTDA.000022")
    sim.allow()
    assert api("DELETE", f"/{task_id}").status_code == 204
