# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every test of modules and commands looks out for without saying so."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import DEVICE_SECRET, Simulator
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands, run_module


def secrets_of(simulator: Simulator) -> list[str]:
    _access, key, security_token = simulator.temporary_key()
    return [simulator.secret_key, simulator.password, simulator.issue_token(), key, security_token, DEVICE_SECRET]


def test_a_module_that_writes_a_secret_fails_its_test(simulator: Simulator, options: dict[str, Any]) -> None:
    with Simulator() as other:
        for secret in (*secrets_of(other), *secrets_of(simulator)[1:]):
            simulator.clear_tasks()
            simulator.add_task(task_name=secret)
            with pytest.raises(AssertionError, match=f"a secret, {secret[:8]}"):
                run_module("batch_task_info", options)


def test_json_escaped_secret_is_detected(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.settings.password = 'a "\u00e4\\'
    simulator.add_task(task_name=simulator.password)
    with pytest.raises(AssertionError, match="a secret"):
        run_module("batch_task_info", options)


def test_only_who_asks_for_output_is_shown_it(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.add_task("createDevices")
    assert DEVICE_SECRET in run_module("batch_task_info", {**options, "details": True, "include_output": True}).text


def test_a_command_that_writes_a_secret_fails_its_test(simulator: Simulator, commands: Commands) -> None:
    with pytest.raises(AssertionError, match="a secret"):
        commands.run(["python", "-c", f"print('{simulator.auth_token}')"])
