# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make conformance`` asks, compares, cleans up, and writes what the simulator can be set by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.conformance import questions
from ansible_collections.huaweicloud.iotda.tests.conformance.__main__ import main
from ansible_collections.huaweicloud.iotda.tests.simulator import Refusal, Settings, Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.settings import from_report

OTHER = {
    "absent": Refusal(404, "IOTDA.014299", "There is no such task."),
    "unfinished": Refusal(400, "IOTDA.014298", "Not now."),
    "unknown_task_type": Refusal(403, "IOTDA.000034", "No."),
    "task_types": ("freezeDevices", "createMessages"),
    "list_needs_task_type": False,
    "unique_names": True,
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "_BURST", 6)
    monkeypatch.setattr(questions, "_STARTS_IN", 1.0)
    monkeypatch.setattr(questions, "_POLL", 0.5)


def _run(tmp_path: Path, account: dict[str, Any] | None = None) -> tuple[int, Path]:
    config, output = tmp_path / "config.yml", tmp_path / "report.md"
    if account:
        config.write_text(json.dumps({f"iotda_{name}": value for name, value in account.items()}), encoding="utf-8")
    return main(["--config", str(config), "--output", str(output)]), output


def test_simulator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = _run(tmp_path)
    told = capsys.readouterr().out
    assert (status, "22 questions: 22 ok." in told) == (0, True)
    assert report.read_text(encoding="utf-8").count("| not asked | ok |") == 22


def test_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Simulator(**OTHER, processing_takes=0.1, waiting_takes=0.1, oracle=False) as service:
        kept = service.add_task()
        status, report = _run(tmp_path, {**service.described(), "endpoint": service.url, "device_id": "lamp-1"})
        assert status == 0
        assert service.task_ids() == {kept}
        secrets = service.secrets()
        ids = (service.project_id, service.instance_id, service.url, kept, "lamp-1")
        unsafe = {entry.path.rpartition("/")[2] for entry in service.journal.unsafe() if entry.status in (200, 201)}
    assert unsafe == {"batchtasks"}
    told, written = capsys.readouterr().out, report.read_text(encoding="utf-8")
    assert told.startswith(
        f"Beside the simulator, {ids[2]} is asked. This will send about 150 reading requests, and create"
    )
    assert not [secret for secret in secrets if secret in told + written]
    assert not [one for one in ids if one in written]
    assert "| delete of an absent task | 404; the code is not documented | 404 IOTDA.014201 " in written
    learnt = from_report(report)
    assert {name: learnt[name] for name in OTHER} == OTHER
    assert Settings(**learnt).name_taken == Settings().name_taken


@pytest.mark.parametrize("count", [2, 4, 40, 600])
@pytest.mark.parametrize("answer", ["honoured", "ignored", "refused", "miscounted"])
def test_offset_beside_marker(tmp_path: Path, answer: str, count: int) -> None:
    with Simulator(offset_beside_marker=answer, oracle=False) as service:
        service.add_tasks(count, task_type="createCommands")
        service.add_task()
        status, report = _run(tmp_path, {**service.described(), "endpoint": service.url})
    assert status == 0
    assert from_report(report).get("offset_beside_marker") == (answer if count > 2 else None)


def test_nothing_is_made_without_a_device(tmp_path: Path) -> None:
    with Simulator(oracle=False) as service:
        assert _run(tmp_path, {**service.described(), "endpoint": service.url})[0] == 0
        assert {entry.status for entry in service.journal.unsafe()} == {404}


@pytest.mark.parametrize("text", ["[]", "{iotda_endpoint: https://iotda.example.test}"])
def test_bad_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    config = tmp_path / "config.yml"
    config.write_text(text, encoding="utf-8")
    assert main(["--config", str(config), "--output", str(tmp_path / "report.md")]) == 1
    assert "cannot be used" in capsys.readouterr().err


def test_report_without_settings(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no settings"):
        from_report(tmp_path / "report.md")
