# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Line breaks and the like, where a value becomes part of a request: refused before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import METADATA, Target, reroute

BREAKS = {"LF": "\n", "CR": "\r", "CRLF and a header": "\r\nX-Injected: 1", "NUL": "\0", "NEL": "\x85", "LS": "\u2028"}
OPTIONS: dict[str, str] = {
    "auth_token": "token",
    "access_key": "keys",
    "secret_key": "keys",
    "security_token": "temporary keys",
    "project_id": "keys",
    "region": "keys",
    "instance_id": "token",
    "endpoint": "token",
    "iam_endpoint": "password",
}
SECRET = ("auth_token", "secret_key", "security_token")


@pytest.fixture
def given(target: Target) -> dict[str, Any]:
    """Return a good value of each option."""
    here = target.place(instance_id=target.simulator.instance_id, **target.who("token"), **target.who("temporary keys"))
    return {name: str(here[name]) for name in OPTIONS}


def refused(target: Target, name: str, credentials: dict[str, Any], bad: str) -> None:
    without = () if name == "project_id" else ("project_id",)
    ended = target.delete(*without, **{**credentials, name: bad})
    assert ended.failed, (name, bad)
    assert name in ended.msg, ended.msg
    assert "Traceback" not in ended.text
    assert target.asked() == []
    assert len(target.simulator.task_ids()) == 1
    assert name not in SECRET or bad.strip() not in ended.msg


@pytest.mark.parametrize("place", ["end", "middle", "beginning"])
@pytest.mark.parametrize("bad", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("name", OPTIONS)
def test_a_break_in_an_option_is_refused(
    target: Target, given: dict[str, Any], name: str, bad: str, place: str
) -> None:
    good = given[name]
    at = {"end": len(good), "middle": len(good) // 2, "beginning": 0}[place]
    written = good[:at] + bad + good[at:]
    if name.endswith("endpoint") and written.strip() == good:
        ended = target.delete("project_id", **target.who(OPTIONS[name]), **{name: written})
        assert ended.outcomes == ["deleted"]
        return
    refused(target, name, target.who(OPTIONS[name]), written)


@pytest.mark.parametrize("name", ["auth_token", "access_key", "security_token", "project_id", "region", "instance_id"])
@pytest.mark.parametrize("bad", ["a b", "\u00e4", "\U0001f600", " x", "x\t"])
def test_what_cannot_stand_in_a_header_is_refused(target: Target, name: str, bad: str) -> None:
    refused(target, name, target.who(OPTIONS[name]), bad)


@pytest.mark.parametrize("bad", ["../x", "a/b", "a%2fb", "a?b", "a#b", "..", "."])
@pytest.mark.parametrize("name", ["project_id", "region"])
def test_value_that_alters_path_or_host_is_rejected(target: Target, name: str, bad: str) -> None:
    refused(target, name, target.who("keys"), bad)


# The same from the other sources

ENVIRONMENT = {
    "HW_AUTH_TOKEN": {"HW_AUTH_TOKEN": "x\ny"},
    "HW_ACCESS_KEY": {"HW_ACCESS_KEY": "x\ny", "HW_SECRET_KEY": "a-secret-key"},
    "HW_SECRET_KEY": {"HW_ACCESS_KEY": "x", "HW_SECRET_KEY": "a-secret\n-key"},
    "HW_SECURITY_TOKEN": {"HW_ACCESS_KEY": "x", "HW_SECRET_KEY": "a-secret-key", "HW_SECURITY_TOKEN": "x\ny"},
    "HW_PROJECT_ID": {"HW_AUTH_TOKEN": "x", "HW_PROJECT_ID": "x\ny"},
    "HW_REGION_NAME": {"HW_AUTH_TOKEN": "x", "HW_REGION_NAME": "cn-north-4\ny"},
    "HUAWEICLOUD_IOTDA_INSTANCE_ID": {"HW_AUTH_TOKEN": "x", "HUAWEICLOUD_IOTDA_INSTANCE_ID": "x\ny"},
    "HUAWEICLOUD_IOTDA_ENDPOINT": {"HW_AUTH_TOKEN": "x", "HUAWEICLOUD_IOTDA_ENDPOINT": "http://127.0.0.1\n:80"},
    "HW_AUTH_URL": {"HW_AUTH_TOKEN": "x", "HW_AUTH_URL": "http://127.0.0.1\n:80"},
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_break_in_a_variable_is_refused(target: Target, name: str) -> None:
    target.set(ENVIRONMENT[name])
    taken = {
        "HW_PROJECT_ID": "project_id",
        "HW_REGION_NAME": "region",
        "HUAWEICLOUD_IOTDA_ENDPOINT": "endpoint",
        "HW_AUTH_URL": "iam_endpoint",
    }
    ended = target.delete(*([taken[name]] if name in taken else []))
    assert ended.failed
    assert "must not contain" in ended.msg or "must be" in ended.msg or "line breaks" in ended.msg
    assert target.asked() == []


@pytest.mark.parametrize("broken", ["accessKeyId", "secretAccessKey", "securityToken", "projectId", "region"])
def test_line_break_in_koocli_config_is_rejected(target: Target, broken: str) -> None:
    good = {"accessKeyId": "AK", "secretAccessKey": "SK", "securityToken": "ST", "region": "cn-north-4"}
    profile = {"name": "x", **good, "projectId": "p"}
    profile[broken] += "\nX-Injected: 1"
    file = target.home / ".hcloud/config.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"current": "x", "profiles": [profile]}), encoding="utf-8")
    ended = target.delete("project_id", "region")
    assert ended.failed
    assert target.asked() == []


@pytest.mark.parametrize("broken", ["access", "secret", "securitytoken"])
def test_line_break_in_metadata_keys_is_rejected(target: Target, broken: str) -> None:
    reroute(target.patch, METADATA, target.simulator.url)
    keys = {"access": "AK", "secret": "SK", "securitytoken": "ST"}
    keys[broken] += "\r\nX-Injected: 1"
    target.simulator.fault("GET", "securitykey", "json", status=200, json={"credential": keys})
    ended = target.delete()
    assert ended.failed
    assert "ECS metadata service: its answer contains no access key" in ended.msg
    assert [line for line in target.asked() if "/v5/" in line] == []
