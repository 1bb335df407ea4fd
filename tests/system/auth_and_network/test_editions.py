# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Editions and endpoints: who is reached under which address, and how keys sign there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import KINDS, Target, reroute

SHARED = "iotda.cn-north-4.myhuaweicloud.com"
INSTANCE = "x.st1.iotda-app.cn-north-4.myhuaweicloud.com"
IAM = "iam.cn-north-4.myhuaweicloud.com"
STANDARD, DERIVED = "SDK-HMAC-SHA256", "V11-HMAC-SHA256"


def algorithms(target: Target) -> list[str]:
    return [entry.headers["authorization"].partition(" ")[0] for entry in target.simulator.journal]


# How keys sign


@pytest.mark.parametrize("edition", ["standard", "enterprise"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_instance_with_a_host_of_its_own_is_reached(target: Target, edition: str, kind: str) -> None:
    instance = target.simulator.add_instance(edition)
    other = target.simulator.add_task()
    ended = target.delete(**target.who(kind), endpoint=instance.url, signing="derived", task_id=[instance.add_task()])
    assert ended.outcomes == ["deleted"]
    assert instance.task_ids() == set()
    assert target.simulator.task_ids() == {other}


@pytest.mark.parametrize("signing", ["auto", "derived", None])
@pytest.mark.parametrize("region", [True, False], ids=["region given", "region in the host"])
def test_instance_host_uses_derived_signing(target: Target, signing: str | None, region: bool) -> None:
    instance = target.simulator.add_instance("standard")
    reroute(target.patch, INSTANCE, instance.url)
    given = {"signing": signing} if signing else {}
    ended = target.delete(
        *(() if region else ("region",)),
        **target.who("keys"),
        **given,
        endpoint=f"http://{INSTANCE}",
        validate_certs=False,
        task_id=[instance.add_task()],
    )
    assert ended.outcomes == ["deleted"]
    assert algorithms(target) == [DERIVED]
    assert "/cn-north-4/iotdm," in target.simulator.journal[-1].headers["authorization"]
    assert target.simulator.journal[-1].host == INSTANCE


@pytest.mark.parametrize("signing", ["auto", "standard", None])
def test_shared_host_uses_standard_signing(target: Target, signing: str | None) -> None:
    reroute(target.patch, SHARED, target.simulator.url)
    given = {"signing": signing} if signing else {}
    ended = target.delete(**target.who("keys"), **given, endpoint=f"http://{SHARED}", validate_certs=False)
    assert ended.outcomes == ["deleted"]
    assert algorithms(target) == [STANDARD]


def test_region_in_host_overrides_region_option(target: Target) -> None:
    """A key derived for another region would be refused, and the request goes to that host anyway."""
    instance = target.simulator.add_instance("standard")
    reroute(target.patch, INSTANCE, instance.url)
    given = {"region": "ap-southeast-3", "endpoint": f"http://{INSTANCE}", "validate_certs": False}
    assert target.delete(**target.who("keys"), **given, task_id=[instance.add_task()]).outcomes == ["deleted"]


def test_derived_signing_needs_a_region(target: Target) -> None:
    ended = target.delete("region", **target.who("keys"), signing="derived")
    assert ended.failed
    assert "The derived signature needs a region" in ended.msg
    assert target.asked() == []


# The wrong edition


@pytest.mark.parametrize("signing", ["auto", "standard"])
def test_standard_signing_at_an_instance_is_reported(target: Target, signing: str) -> None:
    instance = target.simulator.add_instance("enterprise")
    ended = target.delete(**target.who("keys"), endpoint=instance.url, signing=signing, task_id=[instance.add_task()])
    assert ended.failed
    assert ended.result["error_code"] == "IOTDA.000002"
    assert "the host of a standard or enterprise instance needs derived" in ended.result["hint"]
    assert len(instance.task_ids()) == 1


def test_derived_signing_at_shared_host_is_reported(target: Target) -> None:
    ended = target.delete(**target.who("keys"), signing="derived")
    assert ended.failed
    assert ended.result["error_code"] == "APIGW.0301"
    assert "signing" in ended.result["hint"]
    assert "standard" in ended.result["hint"]


def test_task_of_another_instance_is_not_deleted(target: Target) -> None:
    instance = target.simulator.add_instance("standard")
    task_id = instance.add_task()
    assert target.delete(**target.who("keys"), task_id=[task_id]).outcomes == ["absent"]
    assert instance.task_ids() == {task_id}


# Instance-Id


def test_instance_id_is_a_header_that_is_signed(target: Target) -> None:
    instance = target.simulator.add_instance("professional")
    other = target.simulator.add_task()
    ended = target.delete(**target.who("keys"), instance_id=instance.instance_id, task_id=[instance.add_task()])
    assert ended.outcomes == ["deleted"]
    entry = target.simulator.journal[-1]
    assert entry.headers["instance-id"] == instance.instance_id
    assert "instance-id" in entry.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert target.simulator.task_ids() == {other}


def test_without_an_instance_id_there_is_no_header(target: Target) -> None:
    assert target.delete(**target.who("token")).outcomes == ["deleted"]
    assert "instance-id" not in target.simulator.journal[-1].headers


@pytest.mark.parametrize("name", ["instance_id", "endpoint"])
@pytest.mark.parametrize("nothing", [None, "", " "])
def test_nothing_in_place_of_an_instance_is_refused(target: Target, name: str, nothing: str | None) -> None:
    ended = target.delete(**{**target.who("token"), name: nothing})
    assert ended.failed
    assert f"{name} is " in ended.msg
    assert len(target.simulator.task_ids()) == 1
    assert len(target.simulator.journal) == 0


def test_an_unknown_instance_is_reported(target: Target) -> None:
    ended = target.delete(**target.who("keys"), instance_id="0" * 36)
    assert ended.failed
    assert ended.result["error_code"] == "IOTDA.000021"
    assert len(target.simulator.task_ids()) == 1


def test_iam_does_not_hear_of_the_instance(target: Target) -> None:
    ended = target.delete("project_id", **target.who("keys"), instance_id=target.simulator.instance_id)
    assert ended.outcomes == ["deleted"]
    assert ["instance-id" in entry.headers for entry in target.simulator.journal] == [False, True]


@pytest.mark.parametrize("instance_id", ["x" * 37, "a b", "a/b", "ü"])
def test_what_is_no_instance_id_is_refused(target: Target, instance_id: str) -> None:
    ended = target.delete(**target.who("keys"), instance_id=instance_id)
    assert ended.msg.startswith("instance_id must be 1 to 36")
    assert target.asked() == []


# Forms of an endpoint


@pytest.mark.parametrize(
    "form", ["{url}/", "  {url} ", "HTTP://{host}", "http://localhost:{port}", "http://[::1]:{port}"]
)
@pytest.mark.parametrize("kind", ["token", "keys"])
def test_an_endpoint_may_be_written_in_these_ways(target: Target, kind: str, form: str) -> None:
    reroute(target.patch, "::1", target.simulator.url)
    parts = urlsplit(target.simulator.url)
    endpoint = form.format(url=target.simulator.url, host=parts.netloc, port=parts.port)
    assert target.delete(**target.who(kind), endpoint=endpoint, iam_endpoint=endpoint).outcomes == ["deleted"]
    assert target.simulator.journal[-1].host.endswith(f":{parts.port}")


def test_without_a_scheme_it_is_https(target: Target) -> None:
    with Simulator(tls=True) as secure:
        task_id = secure.add_task()
        host = urlsplit(secure.url).netloc
        own = Target(secure, target.patch, target.home)
        ended = own.delete(**own.who("keys"), endpoint=host, ca_path=secure.ca_file, task_id=[task_id])
        assert ended.outcomes == ["deleted"]


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_endpoint_the_region_says_where(target: Target, kind: str) -> None:
    with Simulator(tls=True) as secure:
        own = Target(secure, target.patch, target.home)
        for host in (SHARED, IAM):
            reroute(target.patch, host, secure.url)
        ended = own.delete("endpoint", "iam_endpoint", "project_id", **own.who(kind), validate_certs=False)
        assert ended.outcomes == ["deleted"]
        assert [entry.host for entry in secure.journal] == [IAM, SHARED]


REFUSED = {
    "http://iotda.example.com": "must not be plain http",
    "http://169.254.169.254": "must not be plain http",
    "http://127.0.0.1.example.com": "must not be plain http",
    "http://localhost.example.com": "must not be plain http",
    "https://user:secret-word@127.0.0.1": "must not contain a user name or a password",
    "secret-word@127.0.0.1": "must not contain a user name or a password",
    "ftp://127.0.0.1": "must begin with https://",
    "https://127.0.0.1/v5": "nothing after it",
    "https://127.0.0.1?x=1": "nothing after it",
    "https://127.0.0.1:port": "not a usable address",
    "https://[::1": "not a usable address",
    "https://": "must name a host",
    "https:": "must name a host",
    "https://iotda..myhuaweicloud.com": "must name a host",
}


@pytest.mark.parametrize("option", ["endpoint", "iam_endpoint"])
@pytest.mark.parametrize(("written", "words"), REFUSED.items(), ids=REFUSED)
def test_an_endpoint_that_cannot_be_used_is_refused(target: Target, option: str, written: str, words: str) -> None:
    ended = target.delete("project_id", **target.who("password"), **{option: written})
    assert ended.failed
    assert ended.msg.startswith(option)
    assert words in ended.msg
    assert "secret-word" not in ended.msg
    assert target.asked() == []


@pytest.mark.parametrize("option", ["endpoint", "iam_endpoint"])
def test_plain_http_goes_anywhere_without_validation(target: Target, option: str) -> None:
    reroute(target.patch, "iotda.example.com", target.simulator.url)
    given = {option: "http://iotda.example.com", "validate_certs": False}
    assert target.delete("project_id", **target.who("password"), **given).outcomes == ["deleted"]
    assert "iotda.example.com" in [entry.host for entry in target.simulator.journal]
