# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module batch_task, and the options of all modules: their environment variables, and which are secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.huaweicloud.iotda.plugins.doc_fragments import connection
from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import (
    CONNECTION_OPTIONS,
    VARIABLES,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import FINISHED
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import OUTCOMES
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task, batch_task_info, batch_task_prune
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Service, refusal, reply, shown

Options = dict[str, dict[str, Any]]

FRAGMENT: Options = {
    **yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"],
    **yaml.safe_load(connection.ModuleDocFragment.INSTANCE)["options"],
}
SPECS = [CONNECTION_OPTIONS, *(module.ARGUMENT_SPEC for module in (batch_task, batch_task_info, batch_task_prune))]
LOCATION = {"endpoint", "project_id", "instance_id", "credential_source"}  # added by the runner
SECRETS = {"auth_token", "secret_key", "security_token", "password"}


@pytest.mark.parametrize("option", sorted(CONNECTION_OPTIONS))
def test_each_environment_variable_is_documented(option: str) -> None:
    names = VARIABLES.get(option, ())
    text = " ".join(FRAGMENT[option]["description"])
    assert not [name for name in names if f"E({name})" not in text]
    assert not [name for name in names if name.startswith("ANSIBLE_")]


def test_only_secrets_are_no_log() -> None:
    hidden = {name for spec in SPECS for name, option in spec.items() if option.get("no_log")}
    assert hidden == SECRETS


def test_no_variable_stands_in_for_a_single_credential() -> None:
    """They are read in whole families, by the provider for the environment."""
    assert not {*SECRETS, "access_key", "username", "domain_name"} & set(VARIABLES)


def test_a_prune_looks_at_finished_tasks_only() -> None:
    status = batch_task_prune.ARGUMENT_SPEC["status"]
    assert status["choices"] == status["default"] == list(FINISHED)


# --- what it does


class Run:
    """In place of a run of AnsibleModule: options and mode, and a service whose answers are written."""

    def __init__(self, service: Service | None = None, check_mode: bool = False, **options: Any) -> None:
        self.options = {
            **dict.fromkeys(batch_task.ARGUMENT_SPEC),
            "state": "absent",
            "wait": False,
            "wait_timeout": 600,
            "wait_delay": 5,
            "force": False,
            "concurrency": 2,
            "audit_log": None,
            "returned": "all",
            **options,
        }
        self.check_mode = check_mode
        self.diff = True
        self.warnings: list[str] = []
        self._service = service

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def client(self) -> Any:
        assert self._service is not None, "no client may be made"
        return self._service


def results(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(task["task_id"], task["outcome"]) for task in result["tasks"]]


def ensure_absent(run: Run) -> dict[str, Any]:
    return batch_task.ensure_state(run)  # type: ignore[arg-type] # a stand-in


def test_many_ids_are_deleted_and_reported_in_order() -> None:
    service = Service({("delete", "b"): [reply(204)], ("delete", "a"): [refusal(404)], ("delete", "c"): [reply(204)]})
    result = ensure_absent(Run(service, task_id=["b", "a", "c"]))
    assert results(result) == [("b", "deleted"), ("a", "absent"), ("c", "deleted")]
    assert result["changed"] is True
    assert result["summary"] == {"deleted": 2, "absent": 1, "deleted_unconfirmed": 0, "failed": 0}
    assert "failed" not in result


def test_repeats_count_once() -> None:
    service = Service({("delete", "a"): [reply(204)]})
    assert results(ensure_absent(Run(service, task_id=["a", "a", "a"]))) == [("a", "deleted")]


@pytest.mark.parametrize("check_mode", [False, True])
def test_empty_list_does_nothing_and_makes_no_client(check_mode: bool) -> None:
    result = ensure_absent(Run(check_mode=check_mode, task_id=[]))
    assert (result["changed"], result["tasks"], sum(result["summary"].values())) == (False, [], 0)
    assert "failed" not in result


@pytest.mark.parametrize("check_mode", [False, True])
def test_invalid_ids_are_named_before_a_client_is_made(check_mode: bool) -> None:
    with pytest.raises(ConfigurationError, match="not 'X', 'y'; nothing was sent"):
        ensure_absent(Run(check_mode=check_mode, task_id=["a", "X", "y"]))


def test_failure_includes_all_outcomes_and_changes() -> None:
    service = Service({("delete", "a"): [reply(204)], ("delete", "b"): [refusal(401, "APIGW.0301")]})
    result = ensure_absent(Run(service, task_id=["a", "b"]))
    assert (result["failed"], result["changed"]) == (True, True)
    assert results(result) == [("a", "deleted"), ("b", "failed")]
    assert (result["http_status"], result["error_code"]) == (401, "APIGW.0301")
    assert result["msg"].startswith("Could not delete batch task b: ")


def test_unconfirmed_deletion_is_a_change_and_warns() -> None:
    run = Run(Service({("delete", "a"): [refusal(404, "IOTDA.014201", ambiguous=True)]}), task_id=["a"])
    result = ensure_absent(run)
    assert (result["changed"], results(result)) == (True, [("a", "deleted_unconfirmed")])
    assert len(run.warnings) == 1


def test_check_mode_only_reads_and_predicts() -> None:
    answers: dict[tuple[str, str], list[Any]] = {
        ("show", "a"): [shown("a", "Success", task_name="n")],
        ("show", "b"): [refusal(404)],
        ("show", "c"): [shown("c", "Processing")],
    }
    service = Service(answers)
    result = ensure_absent(Run(service, check_mode=True, task_id=["a", "b", "c"]))
    assert results(result) == [("a", "deleted"), ("b", "absent"), ("c", "failed")]
    assert (result["changed"], result["failed"]) == (True, True)
    assert {verb for verb, _task_id in service.calls} == {"show"}
    before = result["diff"]["before"]["batch_tasks"]
    assert [(task["task_id"], task["task_name"]) for task in before] == [("a", "n")]
    assert result["diff"]["after"] == {"batch_tasks": []}


@pytest.mark.parametrize("options", [{"wait": True}, {"force": True}])
def test_wait_and_force_reach_the_prediction(options: dict[str, Any]) -> None:
    service = Service({("show", "a"): [shown("a", "Processing", "firmwareUpgrade")]})
    assert results(ensure_absent(Run(service, True, task_id=["a"], **options))) == [("a", "deleted")]


def test_the_time_to_wait_reaches_the_deletion() -> None:
    service = Service({("delete", "a"): [refusal(403, "X.1")], ("show", "a"): [shown("a", "Processing")]})
    result = ensure_absent(Run(service, task_id=["a"], wait=True, wait_timeout=0))
    assert "did not finish within 0 s" in result["msg"]


@pytest.mark.parametrize("name", OUTCOMES["absent"])
def test_each_outcome_is_documented(name: str) -> None:
    described = yaml.safe_load(batch_task.RETURN)["tasks"]["contains"]["outcome"]["description"]
    assert any(line.startswith(f"V({name})") for line in described)


def test_each_field_of_a_task_is_documented() -> None:
    service = Service(
        {
            ("delete", "a"): [refusal(403, "X.1", error_msg="No.", request_id="r1")],
            ("show", "a"): [shown("a", "Processing", task_name="n", create_time="20190303T084300Z")],
        }
    )
    (task,) = ensure_absent(Run(service, task_id=["a"]))["tasks"]
    assert set(task) <= set(yaml.safe_load(batch_task.RETURN)["tasks"]["contains"])


def test_each_field_of_the_result_is_documented() -> None:
    service = Service({("delete", "a"): [refusal(401, "X.1", error_msg="No.", request_id="r1")]})
    result = ensure_absent(Run(service, task_id=["a"]))
    told = set(result) - {"changed", "diff", "failed", "msg"}  # every module has these
    assert told | LOCATION <= set(yaml.safe_load(batch_task.RETURN))
