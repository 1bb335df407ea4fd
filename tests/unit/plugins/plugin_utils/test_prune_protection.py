# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts may be other names of a protected instance, by what their variables tell of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.protection import protect, with_protection

ADDRESS = "https://iotda.cn-north-4.myhuaweicloud.com"


def _because(tmp_path: Path, protected: dict[str, Any], other: dict[str, Any]) -> str:
    hosts = {
        "protected": {f"iotda_{name}": value for name, value in {**protected, "protected": True}.items()},
        "no instance": {"iotda_protected": True},
    }
    run = f"{tmp_path}/run_"
    assert protect({"hostvars": hosts, "__prune_run": run}.get) == ["protected"]
    return with_protection("", run, {f"iotda_{name}": value for name, value in other.items()})


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"endpoint": ADDRESS}, {"endpoint": ADDRESS}),
        ({"endpoint": ADDRESS}, {"endpoint": f" {ADDRESS.upper()}:443/"}),
        ({"endpoint": ADDRESS.partition("//")[2]}, {"region": "cn-north-4", "project_id": "p"}),
        ({"endpoint": ADDRESS, "instance_id": "i"}, {"endpoint": ADDRESS}),
        ({"endpoint": ADDRESS, "instance_id": "i"}, {"endpoint": "https://10.0.0.1", "instance_id": "i"}),
        ({"endpoint": ADDRESS, "project_id": "p"}, {"endpoint": ADDRESS, "project_name": "name"}),
        ({"endpoint": "https://a b"}, {"endpoint": "https://a b"}),
    ],
)
def test_what_can_be_the_same_instance_is_protected(tmp_path: Path, one: dict[str, Any], two: dict[str, Any]) -> None:
    assert _because(tmp_path, one, two) == "iotda_protected as protected"
    assert _because(tmp_path, two, one) == "iotda_protected as protected"


@pytest.mark.parametrize(
    "different",
    [{"endpoint": "https://x"}, {"instance_id": "j"}, {"project_id": "q"}, {"project_id": None, "project_name": "n"}],
)
def test_another_instance_is_not_protected(tmp_path: Path, different: dict[str, Any]) -> None:
    protected = {"endpoint": ADDRESS, "project_id": "p", "project_name": "m"}
    if "instance_id" in different:
        protected["instance_id"] = "i"
    assert _because(tmp_path, protected, {**protected, **different}) == ""
