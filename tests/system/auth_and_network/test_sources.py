# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who am I: each source over real sockets, their order, and that one of them is used whole."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.providers import ecs_metadata
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.credential_files import (
    environ,
    profile_of,
    write_koocli,
    write_sdk_file,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import (
    KINDS,
    METADATA,
    Target,
    Wiretap,
    reroute,
    speaker,
    values_of,
)

TOKEN = "POST /v3/auth/tokens"
LOOKUP = "GET /v3/projects"
METADATA_TOKEN = "PUT /meta-data/latest/api/token"
METADATA_KEYS = "GET /openstack/latest/securitykey"

# Options


@pytest.mark.parametrize("kind", KINDS)
def test_options_serve(door: Target, kind: str) -> None:
    given = door.who(kind)
    ended = door.delete(**given)
    assert ended.outcomes == ["deleted"]
    assert speaker(door.simulator.journal[-1]) == given.get("access_key", "token")
    assert door.asked().count(TOKEN) == (kind == "password")


TWO = [pair for length in (2, 3) for pair in itertools.combinations(("token", "keys", "password"), length)]


@pytest.mark.parametrize("kinds", TWO, ids=" and ".join)
def test_two_kinds_side_by_side_as_options_are_an_error(door: Target, kinds: tuple[str, ...]) -> None:
    given = [door.who(kind) for kind in kinds]
    ended = door.delete(**{name: value for one in given for name, value in one.items()})
    assert ended.failed
    assert all(kind in ended.msg for kind in kinds)
    assert "only one can be used" in ended.msg
    assert not [value for value in values_of(given) if value in ended.text]
    assert door.asked() == []


HALVES = [
    ({"access_key": "AK"}, "secret_key"),
    ({"secret_key": "SK"}, "access_key"),
    ({"security_token": "ST"}, "access_key and secret_key"),
    ({"access_key": "AK", "security_token": "ST"}, "secret_key"),
    ({"username": "u"}, "password and domain_name"),
    ({"password": "p"}, "username and domain_name"),
    ({"username": "u", "password": "p"}, "domain_name"),
    ({"password": "p", "domain_name": "d"}, "username"),
    ({"username": "u", "domain_name": "d"}, "password"),
]


@pytest.mark.parametrize(("given", "missing"), HALVES, ids=[" ".join(given) for given, missing in HALVES])
def test_half_a_credential_as_options_is_an_error(door: Target, given: dict[str, Any], missing: str) -> None:
    door.set(environ(door, "HW keys"))
    ended = door.delete(**given)
    assert ended.failed
    assert f"{missing} must be given too" in ended.msg
    assert door.asked() == []


# The file of the SDK


def test_the_file_of_the_sdk_serves(door: Target) -> None:
    write_sdk_file(door)
    assert door.delete().outcomes == ["deleted"]
    assert speaker(door.simulator.journal[-1]) == door.simulator.access_key


def test_the_file_of_the_sdk_may_hold_temporary_keys_project_and_iam(door: Target) -> None:
    access_key, secret_key, security_token = door.simulator.temporary_key()
    iam = f"{door.simulator.url}/v3"
    values = {"ak": access_key, "sk": secret_key, "security_token": security_token, "iam_endpoint": iam}
    write_sdk_file(door, **values)
    assert door.delete("project_id", "iam_endpoint").outcomes == ["deleted"]
    assert door.asked()[0] == LOOKUP
    write_sdk_file(door, **values, project_id=door.simulator.project_id)
    door.simulator.journal.clear()
    assert door.delete("project_id", "iam_endpoint").outcomes == ["deleted"]
    assert LOOKUP not in door.asked()


@pytest.mark.parametrize("by", ["option", "variable", "option below home"])
def test_another_file_of_the_sdk_can_be_named(door: Target, by: str) -> None:
    path = write_sdk_file(door, "keys/other.ini")
    write_sdk_file(door, sk="wrong")
    given = {}
    if by == "variable":
        door.set({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": path})
    else:
        given["credentials_file"] = path if by == "option" else "~/keys/other.ini"
    assert door.delete(**given).outcomes == ["deleted"]


@pytest.mark.parametrize("missing", ["ak", "sk"])
def test_half_a_credential_in_the_file_of_the_sdk_is_an_error(door: Target, missing: str) -> None:
    values: dict[str, str | None] = {missing: None}
    write_sdk_file(door, **values)
    write_koocli(door, [profile_of(door)])
    ended = door.delete()
    assert f"{missing} must be given too" in ended.msg
    assert door.simulator.secret_key not in ended.text
    assert door.asked() == []


# The configuration of KooCLI


def test_the_current_profile_of_koocli_serves_with_region_and_project(door: Target) -> None:
    own = profile_of(door, region=door.simulator.region, projectId=door.simulator.project_id)
    write_koocli(door, [profile_of(door, "other", secretAccessKey="wrong"), own])
    reroute(door.patch, f"iotda.{door.simulator.region}.myhuaweicloud.com", door.simulator.url)
    assert door.delete("project_id", "region").outcomes == ["deleted"]
    assert door.asked() == [f"DELETE /v5/iot/{door.simulator.project_id}/batchtasks"]


@pytest.mark.parametrize("by", ["option", "variable"])
def test_another_profile_of_another_file_can_be_named(door: Target, by: str) -> None:
    access_key, secret_key, security_token = door.simulator.temporary_key()
    keys = {"accessKeyId": access_key, "secretAccessKey": secret_key, "securityToken": security_token}
    path = write_koocli(door, [profile_of(door, sk="wrong"), profile_of(door, "x", **keys)], path="keys/koo.json")
    given = {}
    if by == "option":
        given = {"config_file": path, "profile": "x"}
    else:
        door.set({"HW_SHARED_CONFIG_FILE": path, "HW_PROFILE": "x"})
    assert door.delete(**given).outcomes == ["deleted"]
    assert speaker(door.simulator.journal[-1]) == access_key


@pytest.mark.parametrize("missing", ["accessKeyId", "secretAccessKey"])
def test_half_a_credential_of_koocli_is_an_error(door: Target, missing: str) -> None:
    write_koocli(door, [profile_of(door, **{missing: ""})])
    reroute(door.patch, METADATA, door.simulator.url)
    ended = door.delete()
    assert f"{missing} must be given too" in ended.msg
    assert door.simulator.secret_key not in ended.text
    assert door.asked() == []


# The metadata service


def ask_metadata(simulator: Simulator) -> ResolvedCredentials | str:
    return ecs_metadata.look(ProviderContext({}, {}), url=simulator.url)


def test_the_metadata_service_gives_keys_for_a_token(simulator: Simulator) -> None:
    simulator.metadata.token_required = True
    found = ask_metadata(simulator)
    assert isinstance(found, ResolvedCredentials)
    assert [(entry.method, entry.status) for entry in simulator.journal] == [("PUT", 200), ("GET", 200)]
    assert "x-metadata-token" in simulator.journal[-1].headers


@pytest.mark.parametrize("status", [404, 405, 503])
def test_the_metadata_service_may_know_version_1_only(simulator: Simulator, status: int) -> None:
    simulator.metadata.v1_only = status
    found = ask_metadata(simulator)
    assert isinstance(found, ResolvedCredentials)
    assert [(entry.method, entry.status) for entry in simulator.journal] == [("PUT", status), ("GET", 200)]
    assert "x-metadata-token" not in simulator.journal[-1].headers


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_metadata_service_that_refuses_a_token_is_not_asked_for_keys(simulator: Simulator, status: int) -> None:
    simulator.fault("PUT", status=status)
    reason = ask_metadata(simulator)
    assert isinstance(reason, str)
    assert str(status) in reason
    assert simulator.journal.count("GET") == 0


def test_keys_of_the_metadata_service_serve(door: Target) -> None:
    reroute(door.patch, METADATA, door.simulator.url)
    assert door.delete("project_id").outcomes == ["deleted"]
    assert door.asked()[:3] == [METADATA_TOKEN, METADATA_KEYS, LOOKUP]
    assert speaker(door.simulator.journal[-1]).startswith("HSTSIM")


def test_the_metadata_service_is_not_asked_by_a_proxy(door: Target) -> None:
    """A proxy would give the keys of the machine that it runs on."""
    reroute(door.patch, METADATA, door.simulator.url)
    with Simulator() as proxy:
        door.set({"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "ALL_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"})
        assert door.delete().outcomes == ["deleted"]
        assert len(proxy.journal) == 0


# All of them together


def by_options(door: Target) -> dict[str, Any]:
    return door.who("keys")


def by_environment(door: Target) -> dict[str, Any]:
    door.set(environ(door, "HW keys"))
    return {}


def by_sdk_file(door: Target) -> dict[str, Any]:
    write_sdk_file(door)
    return {}


def by_koocli(door: Target) -> dict[str, Any]:
    write_koocli(door, [profile_of(door)])
    return {}


def by_metadata(door: Target) -> dict[str, Any]:
    return {}


Given = Callable[[Target], Mapping[str, str]]
CHAIN: dict[str, Given] = {
    "options": by_options,
    "environment": by_environment,
    "SDK credentials file": by_sdk_file,
    "KooCLI configuration": by_koocli,
    "ECS metadata service": by_metadata,
}
SOURCES = list(CHAIN)


@pytest.mark.parametrize("source", SOURCES)
def test_the_first_source_that_names_a_credential_is_used_and_told(door: Target, source: str) -> None:
    """Every later source would serve, too."""
    reroute(door.patch, METADATA, door.simulator.url)
    given: dict[str, Any] = {}
    for name in SOURCES[SOURCES.index(source) :]:
        given.update(CHAIN[name](door))
    door.simulator.deny("delete")
    ended = door.delete(**given)
    assert ended.failed
    assert ended.result["credential_source"].startswith(source)
    assert door.simulator.secret_key not in ended.text
    assert door.simulator.access_key not in ended.result["credential_source"]
    assert ("/meta-data/" in str(door.asked())) == (source == "ECS metadata service")


@pytest.mark.parametrize("source", SOURCES[1:])
def test_a_source_is_not_mixed_with_those_after_it(door: Target, source: str) -> None:
    """An option that is no credential goes with any; half of one before it is an error, not a reason to go on."""
    reroute(door.patch, METADATA, door.simulator.url)
    CHAIN[source](door)
    ended = door.delete(access_key=door.simulator.access_key)
    assert ended.failed
    assert "secret_key must be given too" in ended.msg
    assert door.asked() == []


def test_a_project_goes_with_its_credential(door: Target) -> None:
    """A file that does not give the credential does not give the project either."""
    write_sdk_file(door, project_id="wrong")
    write_koocli(door, [profile_of(door, projectId="wrong", region="xx-wrong-1")])
    assert door.delete("project_id", **door.who("keys")).outcomes == ["deleted"]
    assert door.asked()[0] == LOOKUP


@pytest.mark.parametrize("trouble", ["nobody", "no agency", "unreachable", "refused"])
def test_when_nothing_is_found_every_source_says_why(door: Target, trouble: str) -> None:
    if trouble != "nobody":
        reroute(door.patch, METADATA, door.simulator.url)
    door.simulator.metadata.no_agency = trouble == "no agency"
    door.simulator.metadata.unreachable = trouble == "unreachable"
    if trouble == "refused":
        door.simulator.fault("PUT", status=403)
    ended = door.delete()
    assert ended.failed
    assert ended.msg.startswith("No credentials were found")
    assert [ended.msg.count(f"{source}: ") for source in SOURCES] == [1] * len(SOURCES)
    assert str(door.home / ".huaweicloud/credentials") in ended.msg
    assert str(door.home / ".hcloud/config.json") in ended.msg
    assert "credential_source" not in ended.result
    assert door.simulator.journal.count("DELETE") == 0


def test_nothing_of_the_metadata_service_is_sent_elsewhere(door: Target) -> None:
    reroute(door.patch, METADATA, door.simulator.url)
    tap = Wiretap().listen(door.simulator, door.patch)
    assert door.delete().outcomes == ["deleted"]
    (token,) = [value for heard in tap.heard for name, value in heard.headers if name == "x-metadata-token"]
    assert tap.where(token) == [METADATA_KEYS]
    (key,) = [key for key in door.simulator.accounts.keys.values() if key.access.startswith("HSTSIM")]
    assert tap.where(key.secret) == []
