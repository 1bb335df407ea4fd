# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who am I, by the environment: each family of variables, each variable that says where to go, and their order."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.credential_files import (
    FAMILIES,
    environ,
    write_sdk_file,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Target, speaker

TOKEN = "POST /v3/auth/tokens"


# Environment


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_of_variables_serves(door: Target, family: str) -> None:
    given = environ(door, family)
    door.set(given)
    ended = door.delete()
    assert ended.outcomes == ["deleted"]
    keys = [given[name] for name, value in FAMILIES[family].items() if value == "access_key"]
    assert speaker(door.simulator.journal[-1]) == (keys[0] if keys else "token")
    assert door.asked().count(TOKEN) == ("password" in family)


INCOMPLETE = [
    (family, left_out)
    for family, names in FAMILIES.items()
    for left_out, value in names.items()
    if len(names) > 1 and value != "security_token"
]


@pytest.mark.parametrize(("family", "left_out"), INCOMPLETE)
def test_half_a_family_is_an_error_that_names_the_other_half(door: Target, family: str, left_out: str) -> None:
    given = environ(door, family)
    door.set({name: value for name, value in given.items() if name != left_out})
    write_sdk_file(door)
    ended = door.delete()
    assert ended.failed
    named = left_out.replace("OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME")
    assert "credentials from the environment are incomplete" in ended.msg
    assert f"{named} must be given too" in ended.msg
    assert not [value for value in given.values() if value in ended.text and len(value) > 20]
    assert door.asked() == []


def test_a_family_is_not_completed_by_another(door: Target) -> None:
    door.set({"HW_ACCESS_KEY": door.simulator.access_key, "OS_SECRET_KEY": door.simulator.secret_key})
    ended = door.delete()
    assert "HW_SECRET_KEY must be given too" in ended.msg
    assert door.asked() == []


ORDER = ["HW token", "OS token", "SDK keys", "HW keys", "OS keys", "HW password", "OS password"]


@pytest.mark.parametrize("place", range(len(ORDER)), ids=ORDER)
def test_the_first_family_that_is_set_is_used(door: Target, place: int) -> None:
    """Those before it are set, but empty; those after it are wrong."""
    for family in ORDER[:place]:
        door.set(dict.fromkeys(FAMILIES[family], ""))
    door.set(environ(door, ORDER[place]))
    for family in ORDER[place + 1 :]:
        door.set(dict.fromkeys(FAMILIES[family], "wrong"))
    ended = door.delete()
    assert ended.outcomes == ["deleted"]


def test_a_wrong_credential_is_not_followed_by_the_next(door: Target) -> None:
    door.set({"HW_AUTH_TOKEN": "wrong", **environ(door, "HW keys")})
    write_sdk_file(door)
    ended = door.delete()
    assert ended.failed
    assert ended.result["http_status"] == 401
    assert [speaker(entry) for entry in door.simulator.journal] == ["token"]


# Variables that say where to go


def looked_up(door: Target) -> bool:
    (look_up,) = [entry for entry in door.simulator.journal if entry.path == "/v3/projects"]
    return look_up.query == {"name": door.simulator.region}


def in_another_project(door: Target) -> bool:
    return "/v5/iot/0badc0de/" in door.simulator.journal[-1].path


WHERE: dict[str, tuple[tuple[str, ...], Callable[[Target], str], Callable[[Target], bool]]] = {
    "HW_REGION_NAME": (("region", "project_id"), lambda door: door.simulator.region, looked_up),
    "OS_REGION_NAME": (("region", "project_id"), lambda door: door.simulator.region, looked_up),
    "HUAWEICLOUD_SDK_PROJECT_ID": (("project_id",), lambda door: "0badc0de", in_another_project),
    "HW_PROJECT_ID": (("project_id",), lambda door: "0badc0de", in_another_project),
    "OS_PROJECT_ID": (("project_id",), lambda door: "0badc0de", in_another_project),
    "HUAWEICLOUD_IOTDA_INSTANCE_ID": (
        (),
        lambda door: door.simulator.instance_id,
        lambda door: door.simulator.journal[-1].headers["instance-id"] == door.simulator.instance_id,
    ),
    "HUAWEICLOUD_IOTDA_ENDPOINT": (
        ("endpoint",),
        lambda door: door.simulator.url,
        lambda door: len(door.simulator.journal) == 1,
    ),
    "HUAWEICLOUD_SDK_IAM_ENDPOINT": (("iam_endpoint", "project_id"), lambda door: door.simulator.url, looked_up),
    "HW_AUTH_URL": (("iam_endpoint", "project_id"), lambda door: f"{door.simulator.url}/v3", looked_up),
    "OS_AUTH_URL": (("iam_endpoint", "project_id"), lambda door: f"{door.simulator.url}/v3/", looked_up),
}


def delete_by(door: Target, without: tuple[str, ...], **given: Any) -> list[str]:
    door.simulator.add_project("another", "0badc0de")
    task_id = door.simulator.add_task(project_id="0badc0de" if without == ("project_id",) else None)
    ended = door.delete(*without, task_id=[task_id], **{**door.who("keys"), **given})
    assert not ended.failed, ended.msg
    return ended.outcomes


@pytest.mark.parametrize("name", WHERE)
def test_each_variable_that_says_where_to_go_counts(door: Target, name: str) -> None:
    without, value, proof = WHERE[name]
    door.set({name: value(door)})
    assert delete_by(door, without) == ["deleted"]
    assert proof(door)


@pytest.mark.parametrize("empty", [True, False], ids=["the first empty", "the last wrong"])
@pytest.mark.parametrize(
    "names",
    [
        ("HW_REGION_NAME", "OS_REGION_NAME"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID"),
        ("HW_PROJECT_ID", "OS_PROJECT_ID"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"),
        ("HW_AUTH_URL", "OS_AUTH_URL"),
    ],
    ids=" ".join,
)
def test_the_first_variable_that_is_set_counts(door: Target, names: tuple[str, str], empty: bool) -> None:
    """An empty one is what AWX makes of a field that was left out."""
    first, last = names
    without, value, proof = WHERE[first]
    door.set({first: "" if empty else value(door), last: value(door) if empty else "wrong"})
    assert delete_by(door, without) == ["deleted"]
    assert proof(door)


def test_an_option_comes_before_its_variable(door: Target) -> None:
    door.set(dict.fromkeys((*WHERE, *FILES, "OS_CACERT"), "wrong"))
    given = {"instance_id": door.simulator.instance_id, "credentials_file": "/none", "config_file": "/none"}
    assert delete_by(door, (), **given, profile="any", ca_path=__file__) == ["deleted"]


FILES = ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "HW_SHARED_CONFIG_FILE", "HW_PROFILE")


def test_every_variable_that_is_documented_is_tested() -> None:
    fragment = importlib.import_module("ansible_collections.huaweicloud.iotda.plugins.doc_fragments.connection")
    fragments = fragment.ModuleDocFragment.DOCUMENTATION + fragment.ModuleDocFragment.INSTANCE
    documented = set(re.findall(r"E\((\w+)\)", fragments))
    families = {name for names in FAMILIES.values() for name in names}
    tested = families | set(WHERE) | set(FILES) | {"OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
    assert tested == documented
    assert len(tested) == 33
    assert not [name for name in tested if name.startswith("ANSIBLE_")]


@pytest.mark.parametrize(
    "name", [*WHERE, *FILES, "HW_USER_PASSWORD", "OS_AUTH_TOKEN", "OS_CACERT", "REQUESTS_CA_BUNDLE"]
)
def test_a_variable_that_is_no_text_is_refused_by_its_name(door: Target, name: str) -> None:
    door.set({name: "a\udcffb"})
    without = WHERE[name][0] if name in WHERE else ()
    ended = door.delete(*without)
    assert ended.msg == f"The environment variable {name} is not text in UTF-8."
    assert door.asked() == []
