# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of an instance: the variables of a host, and whether it is wanted at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._instances.discovery import (
    InstanceFilter,
    discover,
    host_variables,
)
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import refusal

NAMED = {"instance_id": "1-2", "name": "Meters-North", "instance_type": "standard", "status": "ACTIVE"}
HTTPS = {"type": "APP_HTTPS", "domain_name": "a.st1.iotda-app.cn-north-4.myhuaweicloud.com", "port": 443}


def endpoint(*access_infos: Any) -> Any:
    return host_variables("cn-north-4", "p1", {**NAMED, "access_infos": list(access_infos)})["iotda_endpoint"]


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (HTTPS, "https://a.st1.iotda-app.cn-north-4.myhuaweicloud.com"),
        ({**HTTPS, "port": None}, "https://a.st1.iotda-app.cn-north-4.myhuaweicloud.com"),
        ({**HTTPS, "port": 8443}, "https://a.st1.iotda-app.cn-north-4.myhuaweicloud.com:8443"),
        ({**HTTPS, "domain_name": ""}, None),
        ({**HTTPS, "domain_name": None}, None),
        ({**HTTPS, "domain_name": "user@evil.example"}, None),
        ({**HTTPS, "domain_name": "a.example/path"}, None),
        ({**HTTPS, "port": "x"}, None),
        ({**HTTPS, "type": "APP_AMQP"}, None),
        ("text", None),
    ],
)
def test_the_endpoint_is_the_application_address(access: Any, expected: str | None) -> None:
    assert endpoint({"type": "DEVICE_HTTPS", "domain_name": "d.example", "port": 443}, access) == expected


def test_an_instance_without_addresses_has_no_endpoint() -> None:
    assert host_variables("cn-north-4", "p1", NAMED)["iotda_endpoint"] is None
    assert host_variables("cn-north-4", "p1", {**NAMED, "access_infos": None})["iotda_endpoint"] is None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (
            [{"key": "env", "value": "prod"}, {"key": "x", "value": None}, {"key": "y"}],
            {"env": "prod", "x": "", "y": ""},
        ),
        (None, {}),
        ([], {}),
        (["x", {"value": "y"}], {}),
    ],
)
def test_tags_are_a_dictionary_of_text(tags: Any, expected: dict[str, str]) -> None:
    assert host_variables("cn-north-4", "p1", {**NAMED, "tags": tags})["iotda_tags"] == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (InstanceFilter(), True),
        (InstanceFilter(name="north"), True),
        (InstanceFilter(name="south"), False),
        (InstanceFilter(instance_type="standard"), True),
        (InstanceFilter(instance_type="enterprise"), False),
        (InstanceFilter(statuses=["FROZEN"]), False),
        (InstanceFilter(statuses=["FROZEN", "ACTIVE"]), True),
    ],
)
def test_a_filter_holds_even_if_the_service_ignores_it(wanted: InstanceFilter, expected: bool) -> None:
    assert wanted.matches(NAMED) == expected


def test_all_tags_of_a_filter_must_match() -> None:
    wanted = InstanceFilter(tags={"env": "prod", "team": ""})
    assert wanted.matches_tags({"env": "prod", "team": "", "more": "x"})
    assert not wanted.matches_tags({"env": "prod"})
    assert not wanted.matches_tags({"env": "prod", "team": "a"})


class Region:
    """In place of an InstanceClient."""

    project_id = "p1"

    def __init__(self, instances: list[Mapping[str, Any]], shown: Mapping[str, Any] | None = None) -> None:
        self.instances = instances
        self.shown = shown

    def list(self, filters: Any) -> list[Mapping[str, Any]]:
        return self.instances

    def show(self, instance_id: str) -> Mapping[str, Any]:
        if self.shown is None:
            raise refusal(500)
        return self.shown


def test_instance_changed_after_listing_is_omitted() -> None:
    region = Region([NAMED], {**NAMED, "status": "FROZEN"})
    found = discover(["a-1"], lambda name: region, InstanceFilter())  # type: ignore[arg-type,return-value]
    assert (found.instances, found.failures) == ([], [])


def test_unreadable_instance_fails_its_region() -> None:
    regions = {"a-1": Region([NAMED, {**NAMED, "instance_id": "3"}]), "b-1": Region([NAMED], NAMED)}
    found = discover(["a-1", "b-1"], regions.__getitem__, InstanceFilter())  # type: ignore[arg-type]
    assert [instance["iotda_region"] for instance in found.instances] == ["b-1"]
    assert [(failure.region, failure.operation) for failure in found.failures] == [("a-1", "show")]


def test_an_instance_in_two_regions_is_an_error() -> None:
    region = Region([NAMED], NAMED)
    with pytest.raises(ConfigurationError, match="listed in the regions a-1 and b-1; write {region}"):
        discover(["a-1", "b-1"], lambda name: region, InstanceFilter())  # type: ignore[arg-type,return-value]
