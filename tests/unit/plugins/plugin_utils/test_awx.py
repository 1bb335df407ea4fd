# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role awx finds wrong before it changes anything."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._awx import setup
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import SPECS

ROLE = SPECS.parents[2] / "awx"
GIVEN = {"awx_credential_inputs": {"access_key": "x"}, "awx_instances": {"a": {"iotda_region": "x"}}}


def _file(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def _setup(found: dict[str, Any], **given: Any) -> dict[str, Any]:
    values = {**_file("defaults/main.yml"), **GIVEN, **given}
    return setup(values, _file("files/credential_type.yml"), _file("files/survey.yml"), found)


def _mistakes(**given: Any) -> list[str]:
    found: list[str] = _setup({}, **given)["mistakes"]
    return found


def test_what_is_right_has_no_mistakes() -> None:
    assert _mistakes() == []
    assert _mistakes(awx_instances={}, awx_inventory_file="iotda.yml") == []
    assert _mistakes(awx_instances=None, awx_inventory_file="iotda.yml") == []


def _answers(**answers: Any) -> dict[str, Any]:
    return {"awx_schedule_answers": {"prune_dry_run": "false", **answers}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"awx_credential_inputs": {}}, "awx_credential_inputs is empty"),
        ({"awx_credential_inputs": {"ak": "x"}}, "awx_credential_inputs has no field ak: its fields are access_key,"),
        ({"awx_credential_inputs": {"access_key": 12}}, "in quotation marks: AWX accepts only text"),
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
        (_answers(prune_app_id="x"), "awx_schedule_answers cannot have prune_app_id"),
        ({"awx_schedule_answers": {"prune_older_than": "45d"}}, 'needs prune_dry_run: "true" only lists'),
        (
            _answers(prune_dry_run=False),
            "prune_dry_run in awx_schedule_answers must be 'true' or 'false', in quotation",
        ),
        (_answers(prune_older_than="45 days"), "prune_older_than in awx_schedule_answers must be a whole number of"),
        (_answers(prune_older_than="45.5d"), "prune_older_than in awx_schedule_answers must be a whole number of"),
        (_answers(prune_older_than=45), "must be a text of 2 to 12 characters, not 45"),
        (_answers(prune_keep_last="20"), "must be a number from 0 to 1000000, without quotation marks, not '20'"),
        (_answers(prune_keep_last=True), "must be a number from 0 to 1000000, without quotation marks, not True"),
        (_answers(prune_max_deletions=None), "prune_max_deletions in awx_schedule_answers must be a number"),
        (_answers(prune_max_deletions=1000001), "must be a number from 0 to 1000000, without quotation marks"),
    ],
)
def test_mistakes(given: dict[str, Any], words: str) -> None:
    (found,) = _mistakes(**given)
    assert words in found
    assert "SEKRET" not in found


@pytest.mark.parametrize(
    ("in_awx", "in_settings", "expected"),
    [
        ("", {}, {}),
        ('{"iotda_protected": true, "other": 1}', {}, {"iotda_protected": True}),
        ("iotda_protected: yes", {}, {"iotda_protected": True}),
        ('{"iotda_protected": "{{ something }}"}', {}, {"iotda_protected": True}),
        ('{"iotda_protected": "false"}', {}, {}),
        ('{"iotda_protected": true}', {"iotda_protected": False}, {"iotda_protected": False}),
    ],
)
def test_a_protection_set_in_awx_stays(in_awx: str, in_settings: dict[str, Any], expected: dict[str, Any]) -> None:
    hosts = [{"name": "a", "variables": in_awx}, {"name": "other", "variables": '{"iotda_protected": true}'}]
    sent = _setup({"hosts": hosts}, awx_instances={"a": {"iotda_region": "x", **in_settings}})["instances"]
    assert sent == {"a": {"iotda_region": "x", **expected}}


def test_credentials_of_other_types_stay() -> None:
    attached = [
        {"id": 3, "summary_fields": {"credential_type": {"name": "Vault"}}},
        {"id": 4, "summary_fields": {"credential_type": {"name": _file("files/credential_type.yml")["name"]}}},
    ]
    assert _setup({"credentials": attached})["credentials"] == ["IoTDA", "3"]


def test_notes_on_schedules() -> None:
    def notes(enabled: bool, running: bool, name: str = "Weekly", dry_run: str = "false") -> list[str]:
        schedule = {"name": name, "enabled": running, "extra_data": {"prune_dry_run": dry_run}}
        found: list[str] = _setup({"schedules": [schedule]}, awx_schedule="Weekly", awx_schedule_enabled=enabled)[
            "schedule_notes"
        ]
        return found

    assert notes(True, True) == notes(False, False) == notes(True, False, "Other") == []
    assert notes(True, False)[0].startswith("The schedule 'Weekly' stays disabled in AWX.")
    assert notes(False, True)[0].startswith("The schedule 'Weekly' still runs and deletes.")
    assert notes(False, True, dry_run="true")[0].startswith("The schedule 'Weekly' still runs, and lists")
    assert "Was it renamed?" in notes(True, True, "Other")[0]
