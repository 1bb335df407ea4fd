# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Providers of credentials over real sockets: their order, that one is used whole, and that an option chooses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.credential_files import (
    environ,
    profile_of,
    write_koocli,
    write_sdk_file,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.exchanged import pod_identity
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import (
    KINDS,
    METADATA,
    Target,
    Wiretap,
    reroute,
    speaker,
)

TOKEN = "POST /v3/auth/tokens"
LOOKUP = "GET /v3/projects"
METADATA_TOKEN = "PUT /meta-data/latest/api/token"
METADATA_KEYS = "GET /openstack/latest/securitykey"

# Options


@pytest.mark.parametrize("kind", KINDS)
def test_options_serve(target: Target, kind: str) -> None:
    given = target.who(kind)
    ended = target.delete(**given)
    assert ended.outcomes == ["deleted"]
    assert speaker(target.simulator.journal[-1]) == given.get("access_key", "token")
    assert target.asked().count(TOKEN) == (kind == "password")


def test_half_a_credential_as_options_is_an_error(target: Target) -> None:
    target.set(environ(target, "HW keys"))
    ended = target.delete(username="u")
    assert ended.failed
    assert "password and domain_name must be set as well" in ended.msg
    assert target.asked() == []


# The file of the SDK


def test_the_file_of_the_sdk_serves(target: Target) -> None:
    write_sdk_file(target)
    assert target.delete().outcomes == ["deleted"]
    assert speaker(target.simulator.journal[-1]) == target.simulator.access_key


def test_sdk_file_sets_temporary_keys_project_and_iam(target: Target) -> None:
    access_key, secret_key, security_token = target.simulator.temporary_key()
    iam = f"{target.simulator.url}/v3"
    values = {"ak": access_key, "sk": secret_key, "security_token": security_token, "iam_endpoint": iam}
    write_sdk_file(target, **values)
    assert target.delete("project_id", "iam_endpoint").outcomes == ["deleted"]
    assert target.asked()[0] == LOOKUP
    write_sdk_file(target, **values, project_id=target.simulator.project_id)
    target.simulator.journal.clear()
    assert target.delete("project_id", "iam_endpoint").outcomes == ["deleted"]
    assert LOOKUP not in target.asked()


@pytest.mark.parametrize("by", ["option", "variable", "option below home"])
def test_another_file_of_the_sdk_can_be_named(target: Target, by: str) -> None:
    path = write_sdk_file(target, "keys/other.ini")
    write_sdk_file(target, sk="wrong")
    given = {}
    if by == "variable":
        target.set({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": path})
    else:
        given["credentials_file"] = path if by == "option" else "~/keys/other.ini"
    assert target.delete(**given).outcomes == ["deleted"]


# The configuration of KooCLI


def test_koocli_profile_supplies_region_and_project(target: Target) -> None:
    own = profile_of(target, region=target.simulator.region, projectId=target.simulator.project_id)
    write_koocli(target, [profile_of(target, "other", secretAccessKey="wrong"), own])
    reroute(target.patch, f"iotda.{target.simulator.region}.myhuaweicloud.com", target.simulator.url)
    assert target.delete("project_id", "region").outcomes == ["deleted"]
    assert target.asked() == [f"DELETE /v5/iot/{target.simulator.project_id}/batchtasks"]


@pytest.mark.parametrize("by", ["option", "variable"])
def test_another_profile_of_another_file_can_be_named(target: Target, by: str) -> None:
    access_key, secret_key, security_token = target.simulator.temporary_key()
    keys = {"accessKeyId": access_key, "secretAccessKey": secret_key, "securityToken": security_token}
    path = write_koocli(target, [profile_of(target, sk="wrong"), profile_of(target, "x", **keys)], path="keys/koo.json")
    given = {}
    if by == "option":
        given = {"config_file": path, "profile": "x"}
    else:
        target.set({"HW_SHARED_CONFIG_FILE": path, "HW_PROFILE": "x"})
    assert target.delete(**given).outcomes == ["deleted"]
    assert speaker(target.simulator.journal[-1]) == access_key


# The metadata service


def test_keys_of_the_metadata_service_serve(target: Target) -> None:
    reroute(target.patch, METADATA, target.simulator.url)
    assert target.delete("project_id").outcomes == ["deleted"]
    assert target.asked()[:3] == [METADATA_TOKEN, METADATA_KEYS, LOOKUP]
    assert speaker(target.simulator.journal[-1]).startswith("HSTSIM")


def test_the_metadata_service_is_not_asked_by_a_proxy(target: Target) -> None:
    """A proxy would give the keys of the machine that it runs on."""
    reroute(target.patch, METADATA, target.simulator.url)
    with Simulator() as proxy:
        target.set({"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "ALL_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"})
        assert target.delete().outcomes == ["deleted"]
        assert len(proxy.journal) == 0


# All of them together


def by_options(target: Target) -> dict[str, Any]:
    return target.who("keys")


def by_environment(target: Target) -> dict[str, Any]:
    target.set(environ(target, "HW keys"))
    return {}


def by_sdk_file(target: Target) -> dict[str, Any]:
    write_sdk_file(target)
    return {}


def by_koocli(target: Target) -> dict[str, Any]:
    write_koocli(target, [profile_of(target)])
    return {}


def by_metadata(target: Target) -> dict[str, Any]:
    reroute(target.patch, METADATA, target.simulator.url)
    return {}


Given = Callable[[Target], Mapping[str, str]]
CHAIN: dict[str, Given] = {
    "options": by_options,
    "environment": by_environment,
    "SDK credentials file": by_sdk_file,
    "KooCLI configuration": by_koocli,
    "ECS metadata service": by_metadata,
    "pod identity": pod_identity,
}
SOURCES = list(CHAIN)


@pytest.mark.parametrize("source", SOURCES)
def test_first_matching_source_is_used_and_reported(target: Target, source: str) -> None:
    """Every later source would serve, too."""
    given: dict[str, Any] = {}
    for name in SOURCES[SOURCES.index(source) :]:
        given.update(CHAIN[name](target))
    target.simulator.deny("delete")
    ended = target.delete(**given)
    assert ended.failed
    assert ended.result["credential_source"].startswith(source)
    assert target.simulator.secret_key not in ended.text
    assert target.simulator.access_key not in ended.result["credential_source"]
    assert ("/meta-data/" in str(target.asked())) == (source == "ECS metadata service")
    assert {name: ended.result[name] for name in ("endpoint", "project_id")} == {
        "endpoint": target.simulator.url,
        "project_id": target.simulator.project_id,
    }


@pytest.mark.parametrize("source", SOURCES[1:])
def test_a_source_is_not_mixed_with_those_after_it(target: Target, source: str) -> None:
    """An option that is no credential goes with any; half of one before it is an error, not a reason to go on."""
    reroute(target.patch, METADATA, target.simulator.url)
    CHAIN[source](target)
    ended = target.delete(access_key=target.simulator.access_key)
    assert ended.failed
    assert "secret_key must be set as well" in ended.msg
    assert target.asked() == []


def test_a_profile_as_option_beats_the_environment(target: Target) -> None:
    target.set(
        {"HW_ACCESS_KEY": "wrong", "HW_SECRET_KEY": "wrong", "HW_PROJECT_ID": "wrong", "HW_REGION_NAME": "xx-no-1"}
    )
    own = profile_of(target, "x", projectId=target.simulator.project_id, region=target.simulator.region)
    write_koocli(target, [own])
    ended = target.delete("project_id", "region", profile="x")
    assert ended.outcomes == ["deleted"]
    assert ended.result["credential_source"].endswith("profile x)")


def test_a_pasted_option_is_refused_by_name(target: Target) -> None:
    given = target.who("token")
    ended = target.delete(auth_token=f"{given['auth_token']}\n")
    assert ended.msg == "auth_token must not start or end with spaces or line breaks."
    assert target.asked() == []


def test_a_project_goes_with_its_credential(target: Target) -> None:
    """A file that does not give the credential does not give the project either."""
    write_sdk_file(target, project_id="wrong")
    write_koocli(target, [profile_of(target, projectId="wrong", region="xx-wrong-1")])
    assert target.delete("project_id", **target.who("keys")).outcomes == ["deleted"]
    assert target.asked()[0] == LOOKUP


@pytest.mark.parametrize("trouble", ["nobody", "no agency", "unreachable", "refused"])
def test_when_nothing_is_found_every_source_says_why(target: Target, trouble: str) -> None:
    if trouble != "nobody":
        reroute(target.patch, METADATA, target.simulator.url)
    target.simulator.metadata.no_agency = trouble == "no agency"
    target.simulator.metadata.unreachable = trouble == "unreachable"
    if trouble == "refused":
        target.simulator.fault("PUT", status=403)
    ended = target.delete()
    assert ended.failed
    assert ended.msg.startswith("No credentials were found")
    assert [ended.msg.count(f"{source}: ") for source in SOURCES] == [1] * len(SOURCES)
    assert str(target.home / ".huaweicloud/credentials") in ended.msg
    assert str(target.home / ".hcloud/config.json") in ended.msg
    assert "credential_source" not in ended.result
    assert target.simulator.journal.count("DELETE") == 0


def test_metadata_secrets_are_not_sent_elsewhere(target: Target) -> None:
    reroute(target.patch, METADATA, target.simulator.url)
    tap = Wiretap().listen(target.simulator, target.patch)
    assert target.delete().outcomes == ["deleted"]
    (token,) = [value for heard in tap.heard for name, value in heard.headers if name == "x-metadata-token"]
    assert tap.where(token) == [METADATA_KEYS]
    (key,) = [key for key in target.simulator.accounts.keys.values() if key.access.startswith("HSTSIM")]
    assert tap.where(key.secret) == []
