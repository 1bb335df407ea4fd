# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batch task files: uploaded, listed, used once, deleted, and gone after an hour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

XLSX = b"PK\x03\x04" + bytes(range(256))
ABSENT = {"error_code": "IOTDA.014600", "error_msg": "The batch task file does not exist."}


@pytest.fixture
def api(frozen: Simulator, api_for: Callable[..., Any]) -> Any:
    return api_for(frozen)


@pytest.fixture
def upload(api: Any) -> Callable[..., requests.Response]:
    def send(name: str = "devices.xlsx", content: bytes = XLSX) -> requests.Response:
        url = api.root.replace("batchtasks", "batchtask-files")
        return api.session.post(url, files={"file": (name, content)}, timeout=10)  # type: ignore[no-any-return]

    return send


def _files(api: Any) -> list[str]:
    reply = api.session.get(api.root.replace("batchtasks", "batchtask-files"), timeout=10).json()
    return [file["file_name"] for file in reply["files"]]


def _create(api: Any, file_id: str, task_type: str = "createDevices") -> requests.Response:
    body = {"task_name": "by_file", "task_type": task_type, "document_source": file_id}
    return api("POST", json=body)  # type: ignore[no-any-return]


def test_by_the_sdk(sim: Simulator, sdk: Any, sdk_client: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "devices.xlsx"
    path.write_bytes(XLSX)
    client = sdk_client(sim)
    with path.open("rb") as file:
        body = sdk.iotda.UploadBatchTaskFileRequestBody(file=sdk.form.FormFile(file))
        uploaded = client.upload_batch_task_file(sdk.iotda.UploadBatchTaskFileRequest(body=body))
    assert (uploaded.status_code, uploaded.file_name) == (201, "devices.xlsx")
    listed = client.list_batch_task_files(sdk.iotda.ListBatchTaskFilesRequest())
    assert [file.file_id for file in listed.files] == [uploaded.file_id]
    deletion = sdk.iotda.DeleteBatchTaskFileRequest(file_id=uploaded.file_id)
    assert client.delete_batch_task_file(deletion).status_code == 204
    with pytest.raises(sdk.errors.ClientRequestException) as absent:
        client.delete_batch_task_file(deletion)
    assert (absent.value.status_code, absent.value.error_code) == (404, "IOTDA.014600")


def test_used_once(frozen: Simulator, api: Any, upload: Callable[..., requests.Response]) -> None:
    file_id = upload().json()["file_id"]
    created = _create(api, file_id)
    assert (created.status_code, created.json()["targets"]) == (201, list(frozen.settings.file_devices))
    assert _files(api) == []
    again = _create(api, file_id)
    assert (again.status_code, again.json()) == (400, ABSENT)


def test_used_more_than_once(frozen: Simulator, api: Any, upload: Callable[..., requests.Response]) -> None:
    frozen.settings.single_use_files = False
    file_id = upload().json()["file_id"]
    assert [_create(api, file_id).status_code for dummy in range(2)] == [201, 201]
    frozen.settings.files_are_checked = False
    assert _create(api, "not-uploaded").status_code == 201


def test_gone_after_an_hour(frozen: Simulator, api: Any, upload: Callable[..., requests.Response]) -> None:
    upload()
    frozen.clock.advance(3599)
    assert _files(api) == ["devices.xlsx"]
    frozen.clock.advance(1)
    assert _files(api) == []
    assert upload().status_code == 201


def test_at_most_ten(api: Any, upload: Callable[..., requests.Response], frozen: Simulator) -> None:
    statuses = [upload(f"devices_{number}.xlsx").status_code for number in range(11)]
    assert statuses == [201] * 10 + [frozen.settings.too_many_files.status]
    assert len(_files(api)) == 10


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("devices.csv", XLSX, "IOTDA.014604"),
        ("devices.xlsx", b"a,b", "IOTDA.014604"),
        ("devices.xls", XLSX, "IOTDA.014604"),
        ("devices.xlsx", XLSX + bytes(2 * 1024 * 1024), "IOTDA.014603"),
        ("first.xlsx", XLSX, "IOTDA.014602"),
        ("d" * 56 + ".xlsx", XLSX, "IOTDA.000006"),
    ],
)
def test_bad_files(
    frozen: Simulator, upload: Callable[..., requests.Response], name: str, content: bytes, code: str
) -> None:
    assert upload("first.xlsx").status_code == 201
    reply = upload(name, content)
    assert (reply.status_code, reply.json()["error_code"]) == (400, code)
    assert bool(frozen.oracle.take()) == (len(name) > 60)


def test_which_types_take_a_file(frozen: Simulator, api: Any, upload: Callable[..., requests.Response]) -> None:
    for task_type in ("updateDevices", "freezeDevices", "unfreezeDevices", "deleteDevices"):
        assert _create(api, upload().json()["file_id"], task_type).status_code == 201
    assert _create(api, upload().json()["file_id"], "createMessages").status_code == 400
    targets = {"task_name": "new", "task_type": "createDevices", "targets": ["lamp-1"], "document_source": "f"}
    assert api("POST", json=targets).status_code == 400


def test_files_of_instances_are_apart(sim: Simulator, api_for: Callable[..., Any]) -> None:
    here, there = api_for(sim), api_for(sim, sim.add_instance().url)
    url = there.root.replace("batchtasks", "batchtask-files")
    there.session.post(url, files={"file": ("devices.xlsx", XLSX)}, timeout=10)
    assert (_files(here), _files(there)) == ([], ["devices.xlsx"])
    sim.clear_tasks()
    assert _files(there) == []
