# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module batch_task_prune: what it passes on, and what it gives back."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import FINISHED
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ConfigurationError,
)
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task_prune
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Listed, refusal

DEFAULTS = {name: option.get("default") for name, option in batch_task_prune.ARGUMENT_SPEC.items()}
TASK = {
    "task_id": "a",
    "status": "Fail",
    "task_type": "freezeDevices",
    "task_name": "n",
    "create_time": "20190303T084300Z",
}
BY_THE_RUNNER = {"requests", "endpoint", "project_id", "instance_id", "credential_source", "check_mode"}


class Run:
    """In place of a run of AnsibleModule."""

    def __init__(self, client: Listed | None, check_mode: bool = False, **options: Any) -> None:
        self.options = {**DEFAULTS, **options}
        self.check_mode = check_mode
        self.diff = False
        self._client = client

    def warn(self, text: str) -> None:
        raise AssertionError(text)

    def client(self) -> Any:
        assert self._client is not None, "no client may be made"
        return self._client


def prune_tasks(run: Run) -> dict[str, Any]:
    return batch_task_prune.prune_tasks(run)  # type: ignore[arg-type]


def test_matches_are_deleted_and_the_time_is_reported() -> None:
    client = Listed([TASK])
    result = prune_tasks(Run(client, created_before="2020-01-01"))
    assert client.deleted == ["a"]
    assert (result["changed"], result["matched"]) == (True, 1)
    assert 0 <= result["elapsed"] < 60


def test_check_mode_deletes_nothing_and_says_the_same() -> None:
    client = Listed([TASK])
    result = prune_tasks(Run(client, check_mode=True, created_before="2020-01-01"))
    assert (client.deleted, result["changed"], result["matched"]) == ([], True, 1)


@pytest.mark.parametrize("options", [{"older_than": "soon"}, {"keep_last": 0}])
def test_options_that_make_no_sense_make_no_client(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        prune_tasks(Run(None, **options))


def test_each_field_of_the_result_is_documented() -> None:
    client = Listed([TASK])
    said = {"error_msg": "No.", "request_id": "r1", "encoded_authorization_message": "e1"}
    client.refused["a"] = refusal(401, "X.1", **said)
    rule = dict.fromkeys(batch_task_prune.RULE) | {"created_before": "2020-01-01", "status": list(FINISHED)}
    result = prune_tasks(Run(client, rules=[rule]))
    told = set(result) - {"changed", "diff", "failed", "msg"}  # every module has these
    documented = yaml.safe_load(batch_task_prune.RETURN)
    assert told | BY_THE_RUNNER == set(documented)
    assert set(result["tasks"][0]) == set(documented["tasks"]["contains"])
