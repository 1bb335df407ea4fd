# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that expire: the official SDK's own providers get them from the simulator, and work with them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

ID_TOKENS = "/v3.0/OS-AUTH/id-token/tokens"
SECURITY_TOKENS = "/v3.0/OS-CREDENTIAL/securitytokens"
STS = "/v5/agencies/assume-with-oidc"


@pytest.fixture
def providers(sdk: Any) -> Any:
    return importlib.import_module("huaweicloudsdkcore.auth.provider")


@pytest.fixture
def listing(sim: Simulator, sdk: Any) -> Callable[..., Any]:
    """List tasks with what a provider has given."""

    def call(credentials: Any, **more: Any) -> Any:
        credentials.with_project_id(sim.project_id)
        builder = sdk.iotda.IoTDAClient.new_builder().with_credentials(credentials).with_endpoint(sim.url)
        return builder.build().list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices"))

    return call


def _key_of(reply: requests.Response) -> dict[str, str]:
    assert reply.status_code == 201
    credential: dict[str, str] = reply.json()["credential"]
    return credential


def _agency(**fields: Any) -> dict[str, Any]:
    asked = {"agency_name": "iotda-operators", "domain_name": "delegating-account", "duration_seconds": 86400}
    return {"auth": {"identity": {"methods": ["assume_role"], "assume_role": {**asked, **fields}}}}


def test_id_token(
    sim: Simulator, providers: Any, listing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(sim.id_token())
    monkeypatch.setenv("HUAWEICLOUD_SDK_IDP_ID", sim.settings.identity_provider)
    monkeypatch.setenv("HUAWEICLOUD_SDK_ID_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", sim.url)
    credentials = providers.EnvCredentialProvider.get_basic().get_credentials()
    assert listing(credentials).page.count == 0
    assert [entry.path for entry in sim.journal][:2] == [ID_TOKENS, SECURITY_TOKENS]
    assert sim.journal.unsafe() == []
    written = str(sim.journal.entries())
    assert all(secret not in written for secret in sim.secrets())


def test_sts(sim: Simulator, providers: Any, listing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUAWEICLOUD_OIDC_PROVIDER_URN", sim.settings.oidc_provider_urn)
    monkeypatch.setenv("HUAWEICLOUD_OIDC_AGENCY_URN", sim.settings.oidc_agency_urn)
    monkeypatch.setenv("HUAWEICLOUD_OIDC_ID_TOKEN", sim.id_token())
    monkeypatch.setenv("HUAWEICLOUD_OIDC_POLICY_IDS", "one,two")
    monkeypatch.setenv("HUAWEICLOUD_SDK_STS_ENDPOINT", sim.url)
    credentials = providers.OidcStsCredentialProvider.get_basic().get_credentials()
    assert listing(credentials).page.count == 0
    assert (sim.journal[0].path, sim.journal[0].body["id_token"]) == (STS, "***")
    assert (sim.journal[0].body["policy_ids"], sim.journal.unsafe()) == (["one", "two"], [])


def test_pod_identity(
    sim: Simulator, providers: Any, listing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(sim.pod_identity.token)
    monkeypatch.setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", sim.pod_identity_url)
    monkeypatch.setenv("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
    credentials = providers.PodIdentityCredentialProvider.get_basic().get_credentials()
    assert listing(credentials).page.count == 0
    assert sim.journal[0].headers["authorization"] == "***"
    (tmp_path / "token").write_text("another")
    with pytest.raises(Exception, match="401"):
        providers.PodIdentityCredentialProvider.get_basic().get_credentials()


@pytest.mark.parametrize("v1_only", [False, True])
def test_metadata(
    sim: Simulator, providers: Any, listing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, v1_only: bool
) -> None:
    accessor = importlib.import_module("huaweicloudsdkcore.auth.internal").MetadataAccessor
    monkeypatch.setattr(accessor, "_METADATA_ENDPOINT", sim.url)
    sim.metadata.v1_only, sim.metadata.token_required = v1_only, not v1_only
    credentials = providers.MetadataCredentialProvider.get_basic().get_credentials()
    assert listing(credentials).page.count == 0


def test_expired_keys_are_refused(sim: Simulator, sdk: Any, sdk_client: Callable[..., Any]) -> None:
    access, secret, token = sim.temporary_key()
    credentials = sdk.auth.BasicCredentials(access, secret, sim.project_id).with_security_token(token)
    client, listing = sdk_client(sim, credentials=credentials), sdk.iotda.ListBatchTasksRequest()
    listing.task_type = "freezeDevices"
    assert client.list_batch_tasks(listing).page.count == 0
    sim.expire_temporary_keys()
    with pytest.raises(sdk.errors.ClientRequestException, match="the security token has expired") as refused:
        client.list_batch_tasks(listing)
    assert refused.value.status_code == 401


def test_agency(sim: Simulator, sdk: Any, sdk_client: Callable[..., Any], signed: Callable[..., Any]) -> None:
    agency = sim.add_agency()
    key = _key_of(signed("POST", SECURITY_TOKENS, _agency()))
    credentials = sdk.auth.BasicCredentials(key["access"], key["secret"], agency.project_id)
    client = sdk_client(sim, credentials=credentials.with_security_token(key["securitytoken"]))
    listing = sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices")
    sim.add_task(project_id=agency.project_id)
    assert client.list_batch_tasks(listing).page.count == 1
    projects = signed("GET", f"/v3/projects?name={sim.region}", key=key).json()["projects"]
    assert [project["id"] for project in projects] == [agency.project_id]
    own = signed("GET", f"/v3/projects?name={sim.region}").json()["projects"]
    assert [project["id"] for project in own] == [sim.project_id]
    path = f"/v5/iot/{sim.project_id}/batchtask-files"
    assert (signed("GET", path).status_code, signed("GET", path, key=key).status_code) == (200, 403)


def test_agency_by_token(sim: Simulator) -> None:
    sim.add_agency()
    headers = {"X-Auth-Token": sim.auth_token}
    reply = requests.post(sim.url + SECURITY_TOKENS, json=_agency(), headers=headers, timeout=10)
    assert set(_key_of(reply)) == {"access", "secret", "securitytoken", "expires_at"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"agency_name": "nobody"}, 403),
        ({"domain_name": "nobody"}, 403),
        ({"duration_seconds": 899}, 400),
        ({"duration_seconds": 86401}, 400),
    ],
)
def test_agency_refused(sim: Simulator, signed: Callable[..., Any], fields: dict[str, Any], status: int) -> None:
    sim.add_agency()
    assert signed("POST", SECURITY_TOKENS, _agency(**fields)).status_code == status
    assert bool(sim.oracle.take()) == (status == 400)


def test_agency_needs_credentials(sim: Simulator) -> None:
    sim.add_agency()
    assert requests.post(sim.url + SECURITY_TOKENS, json=_agency(), timeout=10).status_code == 401


@pytest.mark.parametrize("provider", ["example-ci", "nobody"])
@pytest.mark.parametrize("age", [0, 61])
def test_token_for_an_id_token(sim: Simulator, provider: str, age: int) -> None:
    body = {"auth": {"id_token": {"id": sim.id_token(expires_in=60)}, "scope": {"project": {"name": sim.region}}}}
    sim.clock.advance(age)
    reply = requests.post(sim.url + ID_TOKENS, json=body, headers={"X-Idp-Id": provider}, timeout=10)
    if provider == "nobody" or age:
        assert (reply.status_code, reply.json()["error_code"]) == (401, "IAM.0001")
        return
    assert (reply.status_code, reply.json()["token"]["project"]["id"]) == (201, sim.project_id)
    path = f"{sim.url}/v5/iot/{sim.project_id}/batchtask-files"
    token = reply.headers["X-Subject-Token"]
    assert requests.get(path, headers={"X-Auth-Token": token}, timeout=10).status_code == 200


def test_keys_for_a_token(sim: Simulator) -> None:
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": sim.auth_token, "duration_seconds": 900}}}}
    assert _key_of(requests.post(sim.url + SECURITY_TOKENS, json=body, timeout=10))["access"]
    sim.expire_token()
    reply = requests.post(sim.url + SECURITY_TOKENS, json=body, timeout=10)
    assert (reply.status_code, reply.json()["error_code"]) == (401, "IAM.0066")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"duration_seconds": "3600"}, 400),
        ({"duration_seconds": 60}, 400),
        ({"agency_session_name": ""}, 400),
        ({"tags": []}, 400),
        ({"agency_urn": "iam::0:agency:nobody"}, 403),
        ({"id_token": "wrong"}, 401),
    ],
)
def test_sts_refused(sim: Simulator, change: dict[str, Any], status: int) -> None:
    asked = {
        "provider_urn": sim.settings.oidc_provider_urn,
        "agency_urn": sim.settings.oidc_agency_urn,
        "agency_session_name": "ci",
        "id_token": sim.id_token(),
        "duration_seconds": 3600,
    }
    assert requests.post(sim.url + STS, json=asked, timeout=10).status_code == 200
    assert requests.post(sim.url + STS, json={**asked, **change}, timeout=10).status_code == status
