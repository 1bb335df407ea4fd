# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module batch_task_info: what it reads, and that it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task_info
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service, refusal, shown

DEFAULTS = {name: option.get("default") for name, option in batch_task_info.ARGUMENT_SPEC.items()}

NOTHING: dict[str, Any] = {"changed": False, "batch_tasks": [], "count": 0, "skipped_types": []}


class Run:
    """In place of a run of AnsibleModule."""

    def __init__(self, service: Service | None = None, **options: Any) -> None:
        self.options = {**DEFAULTS, **options}
        self._service = service

    def client(self) -> Any:
        assert self._service is not None, "no client may be made"
        return self._service


def read(run: Run) -> dict[str, Any]:
    return batch_task_info.read(run)  # type: ignore[arg-type]


def test_tasks_are_returned_as_in_the_api_with_count() -> None:
    service = Service({("show", "a"): [shown("a", "Success", task_name="n")], ("show", "b"): [refusal(404)]})
    task = {"task_id": "a", "status": "Success", "task_type": "freezeDevices", "task_name": "n"}
    assert read(Run(service, task_id=["a", "b"])) == {**NOTHING, "batch_tasks": [task], "count": 1}


def test_an_empty_list_of_ids_reads_nothing() -> None:
    assert read(Run(task_id=[])) == NOTHING


@pytest.mark.parametrize("options", [{"task_id": ["X"]}, {"include_output": True}, {"created_after": "soon"}])
def test_options_that_make_no_sense_make_no_client(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        read(Run(**options))
