# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules return is what they document, key by key, and no option of theirs is left unread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module import runner
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task, batch_task_info, batch_task_prune
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module

MODULES = {"batch_task": batch_task, "batch_task_info": batch_task_info, "batch_task_prune": batch_task_prune}

# What Ansible itself documents for every module.
OF_EVERY_MODULE = {"changed", "failed", "msg", "diff", "warnings", "deprecations", "invocation"}
# Values whose own keys are the service's, or counts.
CLOSED = {
    "summary",
    # Described with their list; test_wire_log.py has each.
    "requests[]",
    # The fields of the API, as they are.
    "batch_task",
    "batch_tasks[].targets_filter",
    "batch_tasks[].task_progress",
    "batch_tasks[].task_details[].error",
}
# Fields of the API that are passed on as they are, as the description of batch_tasks says, without a word on each.
OF_THE_API = {
    *(f"batch_tasks[].{name}" for name in ("app_id", "document", "task_policy", "task_mode", "need_confirm")),
    *(f"batch_tasks[].{name}" for name in ("targets_filter", "task_ext_info", "document_source")),
}


class Recording(dict[str, Any]):
    """Options that remember which of them were asked for by name."""

    def __init__(self, options: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(options)
        self._read = read

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._read.add(name)
        return super().get(name, default)


class Runs:
    """Runs of a module against a simulator: which keys they returned, and which options they read."""

    def __init__(self, module: str, simulator: Simulator, options: Mapping[str, Any]) -> None:
        self.module = module
        self.simulator = simulator
        self.keys: set[str] = set()
        self._options = options

    def run(self, without: tuple[str, ...] = (), check: bool = False, **given: Any) -> None:
        options = {name: value for name, value in self._options.items() if name not in without}
        self.keys |= set(_keys(run_module(self.module, {**options, **given}, check=check).result))


def _keys(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _keys(item, f"{path}[]")
    elif isinstance(value, dict) and path not in CLOSED:
        for name, item in value.items():
            key = f"{path}.{name}" if path else name
            if key not in OF_EVERY_MODULE:
                yield key
                yield from _keys(item, key)


def _documented(returned: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, told in returned.items():
        key = f"{path}{name}"
        yield key
        yield from _documented(told.get("contains", {}), f"{key}[]." if told["type"] == "list" else f"{key}.")


def delete(runs: Runs) -> None:
    ids = [runs.simulator.add_task() for dummy in range(2)]
    runs.run(task_id=[ids[0]], state="absent")
    runs.run(task_id=[ids[1]], state="absent", check=True)
    runs.simulator.fault("DELETE", status=403, json=DENIAL, times=None)
    runs.run(task_id=[ids[1]], state="absent", wait=True, force=True, wait_timeout=0, wait_delay=0)
    create(runs)
    change(runs)


def create(runs: Runs) -> None:
    """Create tasks with every option, and meet the end of one that is not accepted."""
    sim = runs.simulator
    sim.settings.waiting_takes = sim.settings.processing_takes = 0.1
    sim.settings.devices = ("meter_1",)
    wish = {"state": "present", "task_name": "campaign_1", "task_type": "freezeDevices", "app_id": "space_1"}
    runs.run(**wish, targets=[f"meter_{n}" for n in range(60)], wait=True, wait_delay=0, accept=["Success"])
    policy = {"retry_count": 1, "retry_interval": 0, "schedule_time": f"{datetime.now(timezone.utc):%Y%m%dT%H5959Z}"}
    upgrade = {**wish, "task_type": "softwareUpgrade", "group_ids": ["g"], "document": {}, "ext_info": {}, **policy}
    runs.run(**upgrade, need_confirm=True, gateway_mode=True)
    runs.run(**wish, src="/nonexistent.xlsx")


def change(runs: Runs) -> None:
    """Stop one device that is in a task, and one that is not."""
    task_id = runs.simulator.add_task("firmwareUpgrade", "Processing", devices=["meter_1", "meter_2"])
    runs.run(task_id=[task_id], state="stopped", targets=["meter_2", "nobody"])


def look_up(runs: Runs) -> None:
    sim = runs.simulator
    sim.add_task("createDevices", "PartialSuccess", devices=4)
    # A group that does not exist is accepted, and makes the task fail as a whole.
    body = {"task_name": "nobody", "task_type": "freezeDevices", "targets_filter": {"group_ids": ["nowhere"]}}
    url = f"{sim.url}/v5/iot/{sim.project_id}/batchtasks"
    assert requests.post(url, json=body, headers={"X-Auth-Token": sim.auth_token}, timeout=5).status_code == 201
    sim.clock.advance(60)
    runs.run(details=True, include_output=True)
    runs.run(task_name="x", created_after="20260101T000000Z", created_before="20270101T000000Z", limit=1)
    sim.fault("GET", status=403, json=DENIAL)
    runs.run()


def clean_up(runs: Runs) -> None:
    sim = runs.simulator
    sim.add_tasks(2)
    runs.run(rules=[{"older_than": "0d"}], check=True)
    sim.fault("DELETE", status=403, json=DENIAL, times=None)
    runs.run(older_than="0d")
    sim.deny("list")
    runs.run(created_before="20270101T000000Z")


ARGUMENTS: dict[str, dict[str, Any]] = {
    "batch_task": {"task_id": ["a"], "state": "absent"},
    "batch_task_info": {},
    "batch_task_prune": {"keep_last": 1},
}
DENIAL = {"error_code": "IOTDA.000022", "error_msg": "Denied.", "encoded_authorization_message": "HY0L8G1lOe3rcf=="}


def look_at_the_wire(runs: Runs) -> None:
    """Meet an answer that has an ID, and none at all."""
    runs.simulator.fault(kind="close", times=1)
    runs.run(**ARGUMENTS[runs.module], retry_timeout=5, _ansible_verbosity=3)


def name_the_instance(runs: Runs) -> None:
    runs.run(**ARGUMENTS[runs.module], instance_id=runs.simulator.instance_id)


def use_other_credentials(runs: Runs) -> None:
    """Find credentials in every source, one after the other, and the project at IAM."""
    runs.run(("access_key", "secret_key"), **ARGUMENTS[runs.module], auth_token=runs.simulator.auth_token)
    runs.run(("access_key", "secret_key", "project_id"), **ARGUMENTS[runs.module])
    runs.run(("access_key", "secret_key"), **ARGUMENTS[runs.module], username="half of a login")


SCENES: dict[str, Callable[[Runs], None]] = {
    "batch_task": delete,
    "batch_task_info": look_up,
    "batch_task_prune": clean_up,
}


@pytest.mark.parametrize("module", MODULES)
def test_documented_and_returned_values_match(module: str, simulator: Simulator, options: dict[str, Any]) -> None:
    runs = Runs(module, simulator, options)
    name_the_instance(runs)
    look_at_the_wire(runs)
    SCENES[module](runs)
    documented = set(_documented(yaml.safe_load(MODULES[module].RETURN)))
    assert sorted(runs.keys - OF_THE_API - documented) == []
    assert sorted(documented - runs.keys) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_option_is_read_by_its_name(
    module: str, simulator: Simulator, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    read: set[str] = set()
    read_options = runner.read_options

    def recording(*given: Any) -> tuple[Mapping[str, Any], Any, Any]:
        merged, from_environment, endpoints = read_options(*given)
        return Recording(merged, read), from_environment, endpoints

    monkeypatch.setattr(runner, "read_options", recording)
    # A configuration that holds no credentials, so that the chain is followed beyond it.
    (home / ".hcloud").mkdir()
    (home / ".hcloud/config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(exchanges, "load_ecs_metadata", lambda context: "ECS metadata service: left out")
    runs = Runs(module, simulator, options)
    SCENES[module](runs)
    name_the_instance(runs)
    use_other_credentials(runs)
    specs = {**runner.CONNECTION_OPTIONS, **MODULES[module].ARGUMENT_SPEC}
    # Made into addresses while the options are read.
    read.update(("endpoint", "iam_endpoint"))
    # An option that can have one value only, such as state, is read by Ansible alone.
    unread = [name for name in sorted(specs.keys() - read) if len(specs[name].get("choices", [])) != 1]
    assert unread == []
