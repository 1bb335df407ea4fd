# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables: families of credentials, those that stand in for an option, their order, and those without effect."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import unsupported_warning
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.credential_files import (
    FAMILIES,
    environ,
    write_sdk_file,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Target, speaker
from ansible_collections.huaweicloud.iotda.tests.system.documents import GUIDES

TOKEN = "POST /v3/auth/tokens"
ANOTHER = "0a1b2c"  # the ID of the project "another"


# Environment


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_of_variables_serves(target: Target, family: str) -> None:
    given = environ(target, family)
    target.set(given)
    ended = target.delete()
    assert ended.outcomes == ["deleted"]
    keys = [given[name] for name, value in FAMILIES[family].items() if value == "access_key"]
    assert speaker(target.simulator.journal[-1]) == (keys[0] if keys else "token")
    assert target.asked().count(TOKEN) == ("password" in family)


def test_a_family_is_not_completed_by_another(target: Target) -> None:
    target.set({"HW_ACCESS_KEY": target.simulator.access_key, "OS_SECRET_KEY": target.simulator.secret_key})
    write_sdk_file(target)
    ended = target.delete()
    assert "HW_SECRET_KEY must be set as well" in ended.msg
    assert target.asked() == []


def test_rejected_credential_does_not_fall_back(target: Target) -> None:
    target.set({"HW_AUTH_TOKEN": "wrong", **environ(target, "HW keys")})
    write_sdk_file(target)
    ended = target.delete()
    assert ended.failed
    assert ended.result["http_status"] == 401
    assert [speaker(entry) for entry in target.simulator.journal] == ["token"]


# Variables that say where to go


def looked_up(target: Target) -> bool:
    (look_up,) = [entry for entry in target.simulator.journal if entry.path == "/v3/projects"]
    return look_up.query == {"name": target.simulator.region}


def looked_up_by_name(target: Target) -> bool:
    (look_up,) = [entry for entry in target.simulator.journal if entry.path == "/v3/projects"]
    return look_up.query == {"name": "another"} and in_another_project(target)


def in_another_project(target: Target) -> bool:
    return f"/v5/iot/{ANOTHER}/" in target.simulator.journal[-1].path


WHERE: dict[str, tuple[tuple[str, ...], Callable[[Target], str], Callable[[Target], bool]]] = {
    "HW_REGION_NAME": (("region", "project_id"), lambda target: target.simulator.region, looked_up),
    "OS_REGION_NAME": (("region", "project_id"), lambda target: target.simulator.region, looked_up),
    "HUAWEICLOUD_SDK_PROJECT_ID": (("project_id",), lambda target: ANOTHER, in_another_project),
    "HW_PROJECT_ID": (("project_id",), lambda target: ANOTHER, in_another_project),
    "OS_PROJECT_ID": (("project_id",), lambda target: ANOTHER, in_another_project),
    "HW_PROJECT_NAME": (("project_id",), lambda target: "another", looked_up_by_name),
    "OS_PROJECT_NAME": (("project_id",), lambda target: "another", looked_up_by_name),
    "HUAWEICLOUD_IOTDA_INSTANCE_ID": (
        (),
        lambda target: target.simulator.instance_id,
        lambda target: target.simulator.journal[-1].headers["instance-id"] == target.simulator.instance_id,
    ),
    "HUAWEICLOUD_IOTDA_ENDPOINT": (
        ("endpoint",),
        lambda target: target.simulator.url,
        lambda target: len(target.simulator.journal) == 1,
    ),
    "HUAWEICLOUD_SDK_IAM_ENDPOINT": (("iam_endpoint", "project_id"), lambda target: target.simulator.url, looked_up),
    "HW_AUTH_URL": (("iam_endpoint", "project_id"), lambda target: f"{target.simulator.url}/v3", looked_up),
    "OS_AUTH_URL": (("iam_endpoint", "project_id"), lambda target: f"{target.simulator.url}/v3/", looked_up),
}


def delete_by(target: Target, without: tuple[str, ...], **given: Any) -> list[str]:
    target.simulator.add_project("another", ANOTHER)
    task_id = target.simulator.add_task(project_id=ANOTHER if without == ("project_id",) else None)
    ended = target.delete(*without, task_id=[task_id], **{**target.who("keys"), **given})
    assert not ended.failed, ended.msg
    return ended.outcomes


@pytest.mark.parametrize("name", WHERE)
def test_each_variable_that_says_where_to_go_counts(target: Target, name: str) -> None:
    without, value, proof = WHERE[name]
    target.set({name: value(target)})
    assert delete_by(target, without) == ["deleted"]
    assert proof(target)


@pytest.mark.parametrize("empty", [True, False], ids=["the first empty", "the last wrong"])
@pytest.mark.parametrize(
    "names",
    [
        ("HW_REGION_NAME", "OS_REGION_NAME"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID"),
        ("HW_PROJECT_ID", "OS_PROJECT_ID"),
        ("HW_PROJECT_NAME", "OS_PROJECT_NAME"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"),
        ("HW_AUTH_URL", "OS_AUTH_URL"),
    ],
    ids=" ".join,
)
def test_the_first_variable_that_is_set_counts(target: Target, names: tuple[str, str], empty: bool) -> None:
    """An empty one is what AWX makes of a field that was left out."""
    first, last = names
    without, value, proof = WHERE[first]
    target.set({first: "" if empty else value(target), last: value(target) if empty else "wrong"})
    assert delete_by(target, without) == ["deleted"]
    assert proof(target)


def test_an_option_comes_before_its_variable(target: Target) -> None:
    target.set(dict.fromkeys((*WHERE, *FILES, "OS_CACERT"), "wrong"))
    given = {"instance_id": target.simulator.instance_id, "ca_path": __file__}
    assert delete_by(target, (), **given) == ["deleted"]


@pytest.mark.parametrize("variable", ["HW_PROJECT_ID", "HW_PROJECT_NAME"])
def test_a_project_name_as_option_beats_variables(target: Target, variable: str) -> None:
    target.set({variable: "wrong"})
    assert delete_by(target, ("project_id",), project_name="another") == ["deleted"]
    assert looked_up_by_name(target)


FILES = ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "HW_SHARED_CONFIG_FILE", "HW_PROFILE")
# In test_exchanged.py.
EXCHANGED = {
    *("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
    *("HW_ASSUME_ROLE_IDP_ID", "HW_ASSUME_ROLE_ID_TOKEN", "HW_ASSUME_ROLE_ID_TOKEN_FILE"),
    *(
        exchanges.OIDC_PROVIDER_URN,
        exchanges.OIDC_AGENCY_URN,
        exchanges.OIDC_ID_TOKEN,
        exchanges.OIDC_TOKEN_FILE,
        exchanges.OIDC_SESSION_NAME,
        exchanges.OIDC_DURATION,
    ),
    *(exchanges.OIDC_POLICY, exchanges.OIDC_POLICY_IDS, "HUAWEICLOUD_SDK_STS_ENDPOINT"),
    *("HW_ASSUME_ROLE_AGENCY_NAME", "HW_ASSUME_ROLE_DOMAIN_NAME"),
    *("HC_CONTAINER_CREDENTIALS_FULL_URI", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
}


def test_every_variable_that_is_documented_is_tested() -> None:
    fragment = importlib.import_module("ansible_collections.huaweicloud.iotda.plugins.doc_fragments.connection")
    fragments = fragment.ModuleDocFragment.DOCUMENTATION + fragment.ModuleDocFragment.INSTANCE
    documented = set(re.findall(r"E\((\w+)\)", fragments))
    families = {name for names in FAMILIES.values() for name in names}
    tested = families | set(WHERE) | set(FILES) | EXCHANGED | {"OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
    assert tested == documented
    assert len(tested) == 53
    assert not [name for name in tested if name.startswith("ANSIBLE_")]


@pytest.mark.parametrize(
    "name", [*WHERE, *FILES, "HW_USER_PASSWORD", "OS_AUTH_TOKEN", "OS_CACERT", "REQUESTS_CA_BUNDLE"]
)
def test_non_utf8_variable_is_rejected_by_name(target: Target, name: str) -> None:
    target.set({name: "a\udcffb"})
    without = WHERE[name][0] if name in WHERE else ()
    ended = target.delete(*without)
    assert ended.msg == f"The environment variable {name} is not text in UTF-8."
    assert target.asked() == []


# Endpoint and region


def test_an_endpoint_variable_of_another_region(target: Target) -> None:
    """Two hosts of an inventory would end at the same instance, each with its own rules."""
    target.set({"HUAWEICLOUD_IOTDA_ENDPOINT": target.simulator.url, "HW_REGION_NAME": target.simulator.region})
    ended = target.delete("endpoint", region="cn-east-3", **target.who("keys"))
    assert ended.failed
    assert "region is cn-east-3, but the environment variable HUAWEICLOUD_IOTDA_ENDPOINT names" in ended.msg
    assert "set endpoint beside region, or unset the variable" in ended.msg
    assert target.asked() == []


def test_variables_without_effect_are_in_a_warning(target: Target) -> None:
    target.set({"HW_CLOUD": "other.example", "HW_ASSUME_ROLE_DURATION": "900", "HW_DOMAIN_ID": "fine"})
    ended = target.delete(**target.who("keys"))
    assert ended.outcomes == ["deleted"]
    assert "HW_CLOUD (set endpoint and iam_endpoint)" in ended.warnings
    assert "HW_ASSUME_ROLE_DURATION (agency keys are renewed automatically)" in ended.warnings
    assert "HW_DOMAIN_ID" not in ended.warnings


def test_the_guide_names_the_variables_without_effect() -> None:
    guide = (GUIDES / "authentication.rst").read_text(encoding="utf-8")
    section = guide.partition("Variables of Terraform and of the SDK\n")[2].partition("\nErrors and solutions\n")[0]
    named = set(re.findall(r"``([A-Z_]+)``", section))
    assert {name: bool(unsupported_warning({name: "x"})) for name in named} == dict.fromkeys(named, True)
    assert len(named) == 18


@pytest.mark.parametrize("name", ["HW_ACCESS_KEY", "HW_SECRET_KEY"])
def test_a_pasted_newline_in_a_variable_is_refused(target: Target, name: str) -> None:
    given = environ(target, "HW keys")
    target.set({**given, name: given[name] + "\n"})
    assert target.delete().msg == f"{name} must not start or end with spaces or line breaks."
    assert target.asked() == []
