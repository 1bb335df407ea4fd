# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be said against options before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import (
    CONNECTION,
    check_endpoint_region,
    check_project_id,
    iam_url,
    validate_options,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task, batch_task_info, batch_task_prune

DEFAULTS: dict[str, Any] = {"timeout": 30.0, "retry_timeout": 120.0, "validate_certs": True}


MODULES = (batch_task_info, batch_task_prune, batch_task)
EVERY = {name: option for module in MODULES for name, option in {**CONNECTION, **module.OPTIONS}.items()}


def checked(**options: Any) -> Any:
    return validate_options({**DEFAULTS, **options}, EVERY)


def refused(**options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        checked(**options)
    return str(caught.value)


def test_the_defaults_pass() -> None:
    assert (checked().url, checked().iam_url) == (None, None)


@pytest.mark.parametrize(
    ("option", "least", "most"),
    [
        ("retry_timeout", 0, 86400),
        ("wait_timeout", 0, 2592000),
        ("wait_delay", 0, 86400),
        ("retry_count", 1, 5),
        ("retry_interval", 0, 1440),
        ("concurrency", 1, 64),
        ("limit", 1, 1_000_000_000),
        ("keep_last", 0, 1_000_000_000),
        ("max_deletions", 0, 1_000_000_000),
    ],
)
def test_a_number_has_its_range(option: str, least: int, most: int) -> None:
    checked(**{option: least})
    checked(**{option: most})
    assert refused(**{option: least - 1}).startswith(f"{option} must be from {least} to {most}")
    assert refused(**{option: most + 1}).startswith(f"{option} must be from {least} to {most}")


@pytest.mark.parametrize("value", [True, False])
def test_truth_is_not_a_number(value: bool) -> None:
    assert refused(keep_last=value) == f"keep_last must be a number, not {str(value).lower()}"


@pytest.mark.parametrize("timeout", [0.0, -1.0, 3601.0, float("inf"), float("nan")])
def test_timeout_outside_its_range_is_rejected(timeout: float) -> None:
    assert refused(timeout=timeout).startswith("timeout must be from 0.001 to 3600 seconds")


@pytest.mark.parametrize("endpoint", ["http://host", "https://host/v5", "ftp://host"])
def test_an_endpoint_is_checked_and_named(endpoint: str) -> None:
    assert refused(endpoint=endpoint).startswith("endpoint must ")
    assert refused(iam_endpoint=endpoint).startswith("iam_endpoint must ")


def test_plain_http_is_allowed_without_validate_certs() -> None:
    assert checked(endpoint="http://host", validate_certs=False).url == "http://host"
    assert checked(iam_endpoint="http://host", validate_certs=False).iam_url == "http://host"


@pytest.mark.parametrize("endpoint", ["https://iam", "https://iam/", "https://iam/v3", "https://iam/v3/", "iam/v3"])
def test_a_trailing_v3_of_iam_is_dropped(endpoint: str) -> None:
    assert iam_url(DEFAULTS, endpoint) == "https://iam"


@pytest.mark.parametrize("endpoint", ["https://", "https:///v3", "/v3"])
def test_an_endpoint_of_iam_names_a_host(endpoint: str) -> None:
    with pytest.raises(ConfigurationError, match="iam_endpoint must"):
        iam_url(DEFAULTS, endpoint)


@pytest.mark.parametrize("endpoint", [None, ""])
def test_no_endpoint_of_iam(endpoint: str | None) -> None:
    assert iam_url(DEFAULTS, endpoint) is None


@pytest.mark.parametrize("region", ["cn", "cn-north-4/x", "CN-NORTH-4"])
def test_a_region_is_checked(region: str) -> None:
    assert refused(region=region).startswith("region must be a region name")


@pytest.mark.parametrize("project_id", ["0b5c1d2e3f4a4b5c8d6e7f8091a2b3c4", "a_b-C", "x" * 64])
def test_a_project_id(project_id: str) -> None:
    assert check_project_id(project_id) == project_id
    checked(project_id=project_id)


@pytest.mark.parametrize("project_id", ["x" * 65, "a/b", "a b", "a\n", "é", "..", "a?b"])
def test_what_is_no_project_id(project_id: str) -> None:
    assert refused(project_id=project_id).startswith("project_id must be at most 64 letters")


@pytest.mark.parametrize("instance_id", ["x", "5c3d1a7e-1111-2222-3333-444455556666", "a.b_c"])
def test_an_instance_id(instance_id: str) -> None:
    checked(instance_id=instance_id)


@pytest.mark.parametrize("instance_id", ["x" * 37, "a b", "a\r\nb: c", "é"])
def test_what_is_no_instance_id(instance_id: str) -> None:
    assert refused(instance_id=instance_id).startswith("instance_id must be 1 to 36 letters")


URL = "https://iot.example"
VARIABLE = {"endpoint": "HUAWEICLOUD_IOTDA_ENDPOINT"}
IN_NORTH = "https://a1.st1.iotda-app.cn-north-4.myhuaweicloud.com"
CURE = "set endpoint beside region, or unset the variable"


def doubt(from_environment: dict[str, str], region_there: str | None = None, **options: Any) -> str | None:
    environ = {"HW_REGION_NAME": region_there} if region_there else {}
    return check_endpoint_region(options, checked(**options).url, from_environment, environ)


@pytest.mark.parametrize(
    ("url", "region_there"), [(IN_NORTH, None), (IN_NORTH, "cn-east-3"), (URL, "cn-north-4")], ids=str
)
def test_an_endpoint_variable_of_another_region(url: str, region_there: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        doubt(VARIABLE, region_there, region="cn-east-3", endpoint=url)
    assert str(caught.value) == (
        f"region is cn-east-3, but the environment variable HUAWEICLOUD_IOTDA_ENDPOINT names {url}, which is in "
        f"cn-north-4; {CURE}"
    )


def test_an_endpoint_variable_without_a_region_warns() -> None:
    assert doubt(VARIABLE, None, region="cn-east-3", endpoint=URL) == (
        f"region is cn-east-3, but the environment variable HUAWEICLOUD_IOTDA_ENDPOINT names {URL}, whose host names "
        f"no region; {CURE}."
    )


def test_endpoint_in_another_region_causes_a_warning() -> None:
    assert doubt({}, region="cn-east-3", endpoint=IN_NORTH) == (
        f"region is cn-east-3, but requests go to {IN_NORTH}, which is in cn-north-4; check both."
    )


@pytest.mark.parametrize(
    ("options", "from_environment", "region_there"),
    [
        ({"region": "cn-north-4", "endpoint": URL}, VARIABLE, "cn-north-4"),
        ({"region": "cn-north-4", "endpoint": IN_NORTH}, VARIABLE, None),
        ({"region": "cn-north-4", "endpoint": IN_NORTH}, {}, None),
        ({"region": "cn-east-3", "endpoint": URL}, {}, "cn-north-4"),
        ({"region": "cn-east-3"}, {}, "cn-north-4"),
        ({"endpoint": URL}, VARIABLE, None),
        ({"region": "cn-north-4", "endpoint": URL}, {**VARIABLE, "region": "HW_REGION_NAME"}, "cn-north-4"),
    ],
)
def test_nothing_else_causes_a_warning(
    options: dict[str, Any], from_environment: dict[str, str], region_there: str | None
) -> None:
    assert doubt(from_environment, region_there, **options) is None


@pytest.mark.parametrize(
    ("value", "words"), [(3601.5, "3601.5"), (7200.0, "7200"), (1e300, "1e+300"), (86401, "86401")]
)
def test_a_number_is_reported_as_it_was_written(value: float, words: str) -> None:
    assert refused(timeout=value).endswith(f" seconds, not {words}")
