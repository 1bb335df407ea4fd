# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys in exchange for a token, an agency, an ECS or a pod: obtained, used, renewed, and refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.refresh import RefreshableSecret
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.credential_files import (
    profile_of,
    write_koocli,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.exchanged import (
    EXCHANGES,
    SECURITY_TOKENS,
    STS,
    UNSCOPED,
    Exchange,
    agency,
    ecs_metadata,
    id_token,
    oidc,
    oidc_with_everything,
    pod_identity,
    write,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import (
    METADATA,
    Target,
    reroute,
    speaker,
)
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

LOOKUP = "GET /v3/projects"
each_exchange = pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)


def keys_of(target: Target) -> list[str]:
    """Return the access keys that signed requests to IoTDA, each once."""
    return list(dict.fromkeys(speaker(entry) for entry in target.simulator.journal if entry.path.startswith("/v5/iot")))


def task_for(target: Target, exchange: Exchange) -> dict[str, Any]:
    """Return what names a new task in the project of the exchanged keys, which is looked up."""
    agencies = list(target.simulator.accounts.agencies.values())
    project_id = agencies[0].project_id if agencies else target.simulator.project_id
    return {"task_id": [target.simulator.add_task(project_id=project_id)]}


@each_exchange
def test_keys_are_obtained_and_used(target: Target, exchange: Exchange) -> None:
    given = exchange.set_up(target)
    ended = target.delete("project_id", **given, **task_for(target, exchange))
    assert ended.outcomes == ["deleted"], ended.msg
    assert target.asked()[:-2] == [*exchange.requests]
    assert target.asked()[-2] == LOOKUP
    (key,) = keys_of(target)
    assert key.startswith("HSTSIM")
    assert ended.result["credential_source"].startswith(exchange.source)


@each_exchange
def test_check_mode_obtains_keys_and_reads(target: Target, exchange: Exchange) -> None:
    given = exchange.set_up(target)
    ended = target.delete("project_id", check=True, **given, **task_for(target, exchange))
    assert ended.outcomes == ["deleted"]
    assert target.simulator.journal.unsafe() == []


@each_exchange
def test_keys_that_expire_in_a_bulk_run_are_renewed(target: Target, exchange: Exchange) -> None:
    """One renewal, whatever the number of threads; a 401 that names no cause is enough."""
    given = exchange.set_up(target)

    def end() -> None:
        target.simulator.metadata.renew_keys()
        target.simulator.expire_temporary_keys()

    agencies = list(target.simulator.accounts.agencies.values())
    project_id = agencies[0].project_id if agencies else target.simulator.project_id
    ids = target.simulator.add_tasks(200, project_id=project_id)
    Others(target.simulator).act(end, "DELETE", skip=100)
    target.simulator.latency(0.002)
    ended = target.delete("project_id", **given, task_id=ids, concurrency=64)
    assert ended.outcomes == ["deleted"] * 200, ended.msg
    assert ended.warnings == "[]"
    assert len(keys_of(target)) == 2
    asked = target.asked()
    assert [asked.count(request) for request in exchange.requests] == [2] * len(exchange.requests)


def test_keys_are_renewed_in_a_long_wait(target: Target) -> None:
    """Ahead of their end, so that no request is refused."""
    given = agency(target)
    (found,) = target.simulator.accounts.agencies.values()
    task_id = target.simulator.add_task("freezeDevices", "Processing", project_id=found.project_id)
    clock = [0.0]
    of_the_test = partial(RefreshableSecret, clock=lambda: clock[0])
    target.patch.setattr(exchanges, "RefreshableSecret", of_the_test)

    def look() -> None:
        clock[0] += 1000
        target.simulator.clock.advance(1000)

    def finish() -> None:
        store = target.simulator.instance.store(found.project_id)
        task = store.get(task_id)
        assert task is not None
        store.change(task, "Success")

    others = Others(target.simulator)
    for number in range(12):
        others.act(look, "GET", skip=number)
    others.act(finish, "GET", skip=12)
    ended = target.delete("project_id", **given, task_id=[task_id], wait=True, wait_timeout=86400, wait_delay=0)
    assert ended.outcomes == ["deleted"], ended.msg
    assert 401 not in [entry.status for entry in target.simulator.journal]
    assert target.asked().count(SECURITY_TOKENS) >= 3


def test_a_token_file_is_read_again_at_each_renewal(target: Target) -> None:
    """As the kubelet and CI systems write it anew."""
    pod_identity(target)

    def end() -> None:
        target.simulator.expire_temporary_keys()
        target.simulator.pod_identity.token = "eyJ.another-token-of-the-pod"
        write(target, "pod-token", target.simulator.pod_identity.token)

    Others(target.simulator).act(end, "DELETE", skip=50)
    ended = target.delete(task_id=target.simulator.add_tasks(100), concurrency=10)
    assert ended.outcomes == ["deleted"] * 100, ended.msg


@pytest.mark.parametrize(
    ("request_path", "exchange", "words"),
    [
        (SECURITY_TOKENS, agency, "exchange of the access keys for agency keys at IAM failed"),
        (UNSCOPED, id_token, "exchange of the ID token at IAM failed"),
        (SECURITY_TOKENS, id_token, "exchange of the ID token at IAM failed"),
        (STS, oidc, "exchange of the ID token at STS failed"),
        ("POST /v1/pod-identity/credentials", pod_identity, "request for keys to the pod identity service failed"),
    ],
)
@pytest.mark.parametrize(
    "fault", [{"status": 403}, {"kind": "invalid_json"}, {"kind": "close"}, {"kind": "empty"}], ids=str
)
def test_an_exchange_that_fails_says_which(
    target: Target, request_path: str, exchange: Callable[..., Any], words: str, fault: dict[str, Any]
) -> None:
    given = exchange(target)
    target.simulator.fault(*request_path.split(" "), times=None, **fault)
    ended = target.delete(**given)
    assert ended.failed
    assert words in ended.msg
    assert ended.result["hint"] in ended.msg
    assert target.simulator.journal.count("DELETE") == 0
    assert ended.result["endpoint"] == target.simulator.url


def test_an_agency_that_does_not_exist(target: Target) -> None:
    ended = target.delete(**target.who("keys"), agency_name="nobody", agency_domain_name="delegating-account")
    assert "check agency_name and agency_domain_name" in ended.msg
    assert target.asked() == [SECURITY_TOKENS]


def test_an_agency_with_keys_of_an_ecs(target: Target) -> None:
    given = {name: value for name, value in agency(target).items() if name.startswith("agency")}
    ecs_metadata(target)
    (found,) = target.simulator.accounts.agencies.values()
    ended = target.delete("project_id", **given, task_id=[target.simulator.add_task(project_id=found.project_id)])
    assert ended.outcomes == ["deleted"]
    assert ended.result["credential_source"] == "ECS metadata service, agency iotda-operators"
    assert ended.result["project_id"] == found.project_id


@pytest.mark.parametrize("by", ["agencyDomainName", "agencyDomainId"])
def test_a_koocli_profile_with_an_agency(target: Target, by: str) -> None:
    found = target.simulator.add_agency()
    account = {
        "agencyDomainName": found.domain_name,
        "agencyDomainId": target.simulator.accounts.domain_ids[found.domain_name],
    }
    own = profile_of(target, mode="AssumeRole", agencyName=found.name, **{by: account[by]})
    write_koocli(target, [own])
    ended = target.delete("project_id", task_id=[target.simulator.add_task(project_id=found.project_id)])
    assert ended.outcomes == ["deleted"]
    assert target.asked()[0] == SECURITY_TOKENS


def test_what_oidc_is_asked_for(target: Target) -> None:
    oidc_with_everything(target)
    assert target.delete().outcomes == ["deleted"]
    asked = {name: value for name, value in target.simulator.journal[0].body.items() if name != "id_token"}
    assert asked == {
        "provider_urn": target.simulator.settings.oidc_provider_urn,
        "agency_urn": target.simulator.settings.oidc_agency_urn,
        "agency_session_name": "nightly",
        "duration_seconds": 7200,
        "policy": '{"Version": "5.0"}',
        "policy_ids": ["one", "two"],
    }


# What cannot serve, told before anything is sent


def token_file(kind: str, target: Target, tmp_path: Path) -> str:
    if kind == "directory":
        return str(tmp_path)
    if kind == "missing":
        return str(tmp_path / "missing")
    if kind == "huge":
        with (tmp_path / "huge").open("wb") as file:
            file.truncate(20 << 30)
        return str(tmp_path / "huge")
    return write(target, "token", {"empty": "", "blank": " \n", "two lines": "a\nb", "not ASCII": "\u00e9"}[kind])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "names a file that does not exist"),
        ("directory", "is not a regular file"),
        ("empty", "which is empty; it must contain a token"),
        ("blank", "which is empty; it must contain a token"),
        ("two lines", "which does not contain exactly one token"),
        ("not ASCII", "which does not contain exactly one token"),
        ("huge", "is larger than 1 MiB"),
    ],
)
@pytest.mark.parametrize(
    ("exchange", "variable"),
    [
        (id_token, "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
        (oidc, "HUAWEICLOUD_OIDC_TOKEN_FILE"),
        (pod_identity, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    ],
)
def test_a_token_file_that_cannot_serve(
    target: Target, tmp_path: Path, exchange: Callable[..., Any], variable: str, kind: str, words: str
) -> None:
    exchange(target)
    path = token_file(kind, target, tmp_path)
    target.set({variable: path})
    ended = target.delete()
    assert f"{variable} names" in ended.msg
    assert words in ended.msg
    assert path in ended.msg
    assert target.asked() == []


@pytest.mark.parametrize(
    ("exchange", "missing"),
    [
        (id_token, "HUAWEICLOUD_SDK_IDP_ID"),
        (id_token, "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
        (oidc, "HUAWEICLOUD_OIDC_PROVIDER_URN"),
        (oidc, "HUAWEICLOUD_OIDC_AGENCY_URN"),
        (oidc, "HUAWEICLOUD_OIDC_TOKEN_FILE"),
        (pod_identity, "HC_CONTAINER_CREDENTIALS_FULL_URI"),
        (pod_identity, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    ],
)
def test_half_of_an_exchange_names_what_is_missing(target: Target, exchange: Callable[..., Any], missing: str) -> None:
    exchange(target)
    target.patch.delenv(missing)
    ended = target.delete()
    assert "incomplete" in ended.msg
    assert missing in ended.msg
    assert target.asked() == []


@pytest.mark.parametrize(
    "uri",
    [
        "http://10.0.0.1/v1",
        "http://pod.example/v1",
        "http://169.254.1.1/v1",
        "ftp://127.0.0.1/",
        "nonsense",
        "http:///",
    ],
)
def test_a_pod_endpoint_to_distrust_is_refused(target: Target, uri: str) -> None:
    pod_identity(target)
    target.set({"HC_CONTAINER_CREDENTIALS_FULL_URI": uri})
    ended = target.delete()
    assert ended.failed
    assert "HC_CONTAINER_CREDENTIALS_FULL_URI" in ended.msg
    assert target.simulator.pod_identity.token not in ended.text
    assert target.asked() == []


def test_a_number_of_seconds_that_is_none(target: Target) -> None:
    oidc(target)
    target.set({"HUAWEICLOUD_OIDC_DURATION_SECONDS": "an hour"})
    assert target.delete().msg.startswith("HUAWEICLOUD_OIDC_DURATION_SECONDS must be a number of seconds")
    assert target.asked() == []


# The order inside the environment


def test_the_order_of_kinds_in_the_environment(target: Target) -> None:
    target.set({"HW_ACCESS_KEY": target.simulator.access_key, "HW_SECRET_KEY": target.simulator.secret_key})
    id_token(target)
    assert target.delete().result["credential_source"].startswith("environment (HUAWEICLOUD_SDK_IDP_ID")
    oidc(target)
    assert target.delete().result["credential_source"].startswith("environment (HUAWEICLOUD_OIDC_PROVIDER_URN")
    target.set({"HW_AUTH_TOKEN": target.simulator.auth_token})
    assert target.delete().result["credential_source"] == "environment (HW_AUTH_TOKEN)"


def test_the_metadata_service_comes_before_the_pod(target: Target) -> None:
    pod_identity(target)
    reroute(target.patch, METADATA, target.simulator.url)
    assert target.delete().result["credential_source"] == "ECS metadata service"


def test_the_sts_of_the_region_is_asked_by_default(target: Target) -> None:
    oidc(target)
    target.patch.delenv("HUAWEICLOUD_SDK_STS_ENDPOINT")
    reroute(target.patch, f"sts.{target.simulator.region}.myhuaweicloud.com", None)
    ended = run_module("batch_task_info", {**target.place(), "limit": 1})
    assert f"sts.{target.simulator.region}.myhuaweicloud.com" in ended.msg
    assert "HUAWEICLOUD_SDK_STS_ENDPOINT" in ended.msg
