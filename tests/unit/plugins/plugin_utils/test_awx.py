# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role awx finds wrong before it changes anything."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._awx import mistakes, schedule_notes
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import SPECS

ROLE = SPECS.parents[2] / "awx"
GIVEN = {"awx_credential_inputs": {"access_key": "x"}, "awx_instances": {"a": {"iotda_region": "x"}}}


def _file(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def _mistakes(**given: Any) -> list[str]:
    values = {**_file("defaults/main.yml"), **GIVEN, **given}
    return mistakes(values, _file("files/credential_type.yml"), _file("files/survey.yml"))


def test_what_is_right_has_no_mistakes() -> None:
    assert _mistakes() == []
    assert _mistakes(awx_instances={}, awx_inventory_file="iotda.yml") == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"awx_credential_inputs": {}}, "awx_credential_inputs is empty"),
        ({"awx_credential_inputs": {"ak": "x"}}, "awx_credential_inputs has no field ak: its fields are access_key,"),
        ({"awx_credential_inputs": {"access_key": 12}}, "into quotation marks: AWX accepts only text"),
        ({"awx_instances": {}}, "set either awx_instances or awx_inventory_file"),
        ({"awx_inventory_file": "x"}, "set either awx_instances or awx_inventory_file"),
        ({"awx_instances": {"a:1": {"iotda_region": "x"}}}, "a:1 in awx_instances has a colon in its name"),
        ({"awx_instances": {"a": None}}, "a in awx_instances needs variables, at least iotda_endpoint or iotda_region"),
        ({"awx_instances": {"a": {"iotda_region": ""}}}, "a in awx_instances needs variables"),
        (
            {"awx_instances": {"a": {"iotda_region": "x", "prune_keep_last": 5, "prune_rules": []}}},
            "a in awx_instances cannot have prune_keep_last and prune_rules: the answers to the survey override it",
        ),
        (
            {"awx_instances": {"a": {"iotda_region": "x", "iotda_secret_key": "SEKRET"}}},
            "a in awx_instances cannot have iotda_secret_key: AWX stores variables in clear text",
        ),
        ({"awx_removed_instances": ["a"]}, "a cannot be in awx_instances and in awx_removed_instances"),
        ({"awx_project": "Same", "awx_job_template": "Same"}, "can be named 'Same': AWX could not tell them apart"),
        ({"awx_slices": 0}, "awx_slices must be at least 1"),
        ({"awx_schedule_answers": {"prune_app_id": "x"}}, "awx_schedule_answers cannot have prune_app_id"),
    ],
)
def test_mistakes(given: dict[str, Any], words: str) -> None:
    (found,) = _mistakes(**given)
    assert words in found
    assert "SEKRET" not in found


def test_notes_on_schedules() -> None:
    def notes(enabled: bool, running: bool, name: str = "Weekly") -> list[str]:
        return schedule_notes([{"name": name, "enabled": running}], "Weekly", enabled)

    assert notes(True, True) == notes(False, False) == notes(True, False, "Other") == []
    assert notes(True, False)[0].startswith("The schedule 'Weekly' stays disabled in AWX.")
    assert notes(False, True)[0].startswith("The schedule 'Weekly' still runs and deletes.")
    assert "Was it renamed?" in notes(True, True, "Other")[0]
