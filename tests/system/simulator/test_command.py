# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a command of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import fleet

COMMAND = [sys.executable, "-m", "ansible_collections.huaweicloud.iotda.tests.simulator"]


@contextmanager
def _running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    ready = folder / "ready.json"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [*COMMAND, "--ready-file", str(ready), *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while not ready.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        yield process, json.loads(ready.read_text(encoding="utf-8"))
    finally:
        process.kill()
        process.communicate(timeout=10)


def test_violation_and_settings_of_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    report.write_text('```json\n{"list_needs_task_type": false}\n```\n', encoding="utf-8")
    with _running(tmp_path, "--fleet", "empty", "--settings", str(report)) as (process, values):
        url = f"{values['HUAWEICLOUD_IOTDA_ENDPOINT']}/v5/iot/{values['HUAWEICLOUD_SDK_PROJECT_ID']}/batchtasks"
        assert requests.get(url, headers={"X-Auth-Token": values["auth_token"]}, timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        output, dummy = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "query parameter task_type is missing" in output


def test_demo_fleet(tmp_path: Path) -> None:
    with _running(tmp_path, "--tls") as (process, values):
        url = f"{values['HUAWEICLOUD_IOTDA_ENDPOINT']}/v5/iot/{values['HUAWEICLOUD_SDK_PROJECT_ID']}/batchtasks"
        query = {"task_type": "freezeDevices"}
        headers = {"X-Auth-Token": values["auth_token"]}
        reply = requests.get(url, query, headers=headers, verify=values["OS_CACERT"], timeout=10)
        assert reply.json()["page"]["count"] == sum(sample.task_type == "freezeDevices" for sample in fleet.SAMPLES)
        process.send_signal(signal.SIGTERM)
        output, dummy = process.communicate(timeout=10)
    assert process.returncode == 0
    assert f"{fleet.RUNNING_UPGRADE}  firmwareUpgrade      Processing" in output
    shown = [line.split()[1] for line in output.splitlines() if line.startswith("https://")]
    assert shown == [*fleet.INSTANCES]
    assert f"management_endpoint: {values['url']}\n" in output
    exported = dict(line.removeprefix("export ").split("=", 1) for line in output.splitlines() if "export " in line)
    assert exported == {name: values[name] for name in exported}
    assert set(exported) == {
        "HUAWEICLOUD_IOTDA_ENDPOINT",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT",
        "HW_REGION_NAME",
        "HUAWEICLOUD_SDK_PROJECT_ID",
        "HW_ACCESS_KEY",
        "HW_SECRET_KEY",
        "OS_CACERT",
    }


def test_empty_with_tls(tmp_path: Path) -> None:
    with _running(tmp_path, "--fleet", "empty", "--tls") as (process, values):
        summary = requests.get(f"{values['url']}/_simulator", verify=values["OS_CACERT"], timeout=10).json()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert (summary["tasks"], process.returncode) == (0, 0)
    assert not Path(values["OS_CACERT"]).exists()


def test_port_that_is_taken(tmp_path: Path) -> None:
    with _running(tmp_path) as (_process, values):
        port = values["url"].rpartition(":")[2]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        second = subprocess.run(
            [*COMMAND, "--port", port], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == f"cannot listen on port {port}: Address already in use\n"


@pytest.mark.parametrize("arguments", [["--fleet", "none"], ["--port", "many"]])
def test_wrong_arguments(arguments: list[str]) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([*COMMAND, *arguments], env=environ, capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
