# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our providers beside the official SDK's: the same requests to IAM, STS, metadata and pod services, the same keys."""

from __future__ import annotations

import importlib
import itertools
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.exchanges import parse_key
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Response
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.credential_files import environ, write_sdk_file
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.exchanged import (
    ecs_metadata,
    id_token,
    oidc,
    oidc_with_everything,
    pod_identity,
    write,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Heard, Target, Wiretap
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

# What the two may differ in: how they name themselves, and how they write what means the same.
_OWN = {"user-agent", "accept", "accept-encoding", "connection", "host", "content-length", "content-type"}


@pytest.fixture
def sdk(target: Target) -> SimpleNamespace:
    """Give the SDK's providers and its client of IoTDA, which reach the simulator."""
    auth = importlib.import_module("huaweicloudsdkcore.auth.provider")
    internal = importlib.import_module("huaweicloudsdkcore.auth.internal")
    target.patch.setattr(internal.MetadataAccessor, "_METADATA_ENDPOINT", target.simulator.url)
    target.set({"HUAWEICLOUD_SDK_IAM_ENDPOINT": target.simulator.url})
    # The SDK remembers projects by access key, and the keys of each simulator are numbered alike.
    importlib.import_module("huaweicloudsdkcore.auth.credentials").Credentials._CACHE.clear()
    return SimpleNamespace(
        providers=auth,
        accessor=internal.StsAccessor,
        iotda=importlib.import_module("huaweicloudsdkiotda.v5"),
        region=importlib.import_module("huaweicloudsdkcore.region.region").Region,
    )


def read_by_sdk(target: Target, sdk: SimpleNamespace, credentials: Any) -> None:
    """List tasks by the SDK, which also looks up the project."""
    region = sdk.region(target.simulator.region, target.simulator.url)
    client = sdk.iotda.IoTDAClient.new_builder().with_credentials(credentials).with_region(region).build()
    client.list_batch_tasks(sdk.iotda.ListBatchTasksRequest(task_type="freezeDevices"))


def read_by_module(target: Target, given: dict[str, Any]) -> None:
    ended = run_module("batch_task_info", {**target.place("project_id"), **given, "task_type": ["freezeDevices"]})
    assert not ended.failed, ended.msg


def comparable(heard: Heard) -> tuple[Any, ...]:
    """Return what of a request must be the same."""
    headers = {name: value for name, value in heard.headers if name not in _OWN}
    kind = dict(heard.headers).get("content-type", "").partition(";")[0] if heard.body else ""
    body = json.loads(heard.body) if heard.body else None
    return heard.method, heard.path, sorted(headers.items()), kind, body


def exchanges(heard: list[Heard]) -> list[tuple[Any, ...]]:
    """Return the requests that obtain keys."""
    return [comparable(one) for one in heard if not one.path.startswith(("/v5/iot/", "/v3/projects"))]


def made_of(heard: list[Heard], target: Target) -> tuple[Any, ...]:
    """Return whether the first request that is signed has the key, and the token, that were issued last."""
    signed = next(dict(one.headers) for one in heard if "Signature=" in dict(one.headers).get("authorization", ""))
    key = list(target.simulator.accounts.keys.values())[-1]
    access = signed["authorization"].partition("Access=")[2].partition(",")[0]
    return access == key.access, signed.get("x-security-token") == key.security_token


Provide = Callable[[SimpleNamespace], Any]
PAIRS: dict[str, tuple[Callable[[Target], dict[str, Any]], Provide, int]] = {
    "ID token": (id_token, lambda sdk: sdk.providers.EnvCredentialProvider.get_basic(), 2),
    "OIDC": (oidc, lambda sdk: sdk.providers.OidcStsCredentialProvider.get_basic(), 1),
    "OIDC with everything": (oidc_with_everything, lambda sdk: sdk.providers.OidcStsCredentialProvider.get_basic(), 1),
    "ECS metadata": (ecs_metadata, lambda sdk: sdk.providers.MetadataCredentialProvider.get_basic(), 2),
    "pod identity": (pod_identity, lambda sdk: sdk.providers.PodIdentityCredentialProvider.get_basic(), 1),
}


@pytest.mark.parametrize(("set_up", "provide", "count"), PAIRS.values(), ids=PAIRS)
def test_keys_are_obtained_as_the_sdk_does(
    target: Target, sdk: SimpleNamespace, set_up: Callable[[Target], dict[str, Any]], provide: Provide, count: int
) -> None:
    given = set_up(target)
    theirs = Wiretap().listen(target.simulator, target.patch)
    read_by_sdk(target, sdk, provide(sdk).get_credentials())
    theirs_alone = list(theirs.heard)
    key_of_theirs = made_of(theirs_alone, target)
    read_by_module(target, given)
    ours = theirs.heard[len(theirs_alone) :]
    expected = exchanges(theirs_alone)
    if "X-Metadata" in str(expected) or "securitykey" in str(expected):
        expected, found = [hide_token(one) for one in expected], [hide_token(one) for one in exchanges(ours)]
    else:
        expected, found = [hide_issued(one) for one in expected], [hide_issued(one) for one in exchanges(ours)]
    assert len(found) == count
    assert found == expected
    assert made_of(ours, target) == key_of_theirs == (True, True)


def hide_token(request: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each of the two is given a token of its own by the metadata service."""
    method, path, headers, kind, body = request
    return method, path, [(name, "own" if name == "x-metadata-token" else value) for name, value in headers], kind, body


def hide_issued(request: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each of the two is given an unscoped token of its own by IAM."""
    method, path, headers, kind, body = request
    token = body.get("auth", {}).get("identity", {}).get("token") if isinstance(body, dict) else None
    if token:
        token["id"] = "own"
    return method, path, headers, kind, body


@pytest.mark.parametrize("family", ["SDK keys", "SDK temporary keys"])
def test_keys_of_the_environment_are_the_same(target: Target, sdk: SimpleNamespace, family: str) -> None:
    target.set(environ(target, family))
    compare(target, sdk.providers.EnvCredentialProvider.get_basic().get_credentials(), {})


@pytest.mark.parametrize("more", [{}, {"security_token": "st1"}, {"project_id": "0a1b"}], ids=str)
def test_keys_of_the_file_are_the_same(target: Target, sdk: SimpleNamespace, more: dict[str, str]) -> None:
    target.set({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": write_sdk_file(target, "keys.ini", **more)})
    compare(target, sdk.providers.ProfileCredentialProvider.get_basic().get_credentials(), more)


def compare(target: Target, theirs: Any, more: dict[str, str]) -> None:
    """Assert that the SDK's credentials are those with which a module signs."""
    tap = Wiretap().listen(target.simulator, target.patch)
    run_module("batch_task_info", {**target.place("project_id"), "task_type": ["freezeDevices"]})
    signed = [dict(one.headers) for one in tap.heard if "Signature=" in dict(one.headers).get("authorization", "")]
    assert f"Access={theirs.ak}," in signed[0]["authorization"]
    assert signed[0].get("x-security-token") == theirs.security_token
    if theirs.project_id:
        assert [one.path.split("/")[3] for one in tap.heard] == [theirs.project_id] == [more["project_id"]]


SPELLINGS = list(
    itertools.product(
        ("access", "accessKeyId", "access_key_id"),
        ("secret", "secretAccessKey", "secret_access_key"),
        ("securitytoken", "securityToken", "security_token"),
        ("expires_at", "expiration"),
        ("credential", "credentials"),
    )
)


@pytest.mark.parametrize("moment", ["2026-11-26T12:00:00.000000Z", "2026-11-26T12:00:00.987654Z"])
def test_every_spelling_of_a_key_is_read_alike(sdk: SimpleNamespace, moment: str) -> None:
    for access, secret, token, end, wrapper in SPELLINGS:
        content = {wrapper: {access: "A", secret: "S", token: "T", end: moment}}
        theirs = sdk.accessor._process_credential(json.dumps(content))
        response = Response(200, {"Date": "Thu, 26 Nov 2026 11:00:00 GMT"}, b"")
        ours = parse_key(content, response)
        assert ours is not None
        assert (ours.value.access_key, ours.value.secret_key) == (theirs.access, theirs.secret)
        assert ours.value.security_token == theirs.security_token
        assert ours.lifetime == int(theirs.expire_at) - 1795690800
    assert len(SPELLINGS) == 108


def test_a_token_file_is_read_alike(target: Target, sdk: SimpleNamespace) -> None:
    """The SDK, too, takes the line break at the end of the file away."""
    pod_identity(target)
    write(target, "pod-token", target.simulator.pod_identity.token + "\n")
    assert sdk.providers.PodIdentityCredentialProvider.get_basic().get_credentials().ak
    assert target.delete().outcomes == ["deleted"]
