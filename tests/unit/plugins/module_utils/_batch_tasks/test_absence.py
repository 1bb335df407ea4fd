# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A 404 means absent only if IoTDA said it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient, InstanceTarget
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer, refusal, silence

NO_TASK = {"error_code": "IOTDA.014201", "error_msg": "The task does not exist."}
A_LIST = {"batchtasks": [], "page": {"count": 0}}


class Scene:
    """A client, a network that gives the written answers one after the other, and whether a 404 says absent."""

    def __init__(self, *ends: Any) -> None:
        self.wire = Wire(*ends)
        http = HttpClient(HttpConfig(retry_timeout=0), transport=self.wire)
        self.client = BatchTaskClient(http, InstanceTarget("https://iotda.example", "p1"), TokenAuth("t"))

    def delete(self) -> RequestError | None:
        """Delete a task, and return the error."""
        try:
            self.client.delete("a1")
        except RequestError as error:
            return error
        return None

    def deletes_what_is_absent(self) -> bool:
        error = self.delete()
        assert error is not None
        return self.client.confirms_absence(error)


def confirms_absence(error: RequestError) -> bool:
    return Scene().client.confirms_absence(error)


@pytest.mark.parametrize(
    "content",
    [
        NO_TASK,
        {"error_code": "IOTDA.000001", "error_msg": ""},
        {"error_code": "IOTDA.", "error_msg": "x"},
    ],
)
def test_iotda_says_it_by_its_own_code(content: Any) -> None:
    scene = Scene(answer(404, content))
    assert scene.deletes_what_is_absent()
    assert len(scene.wire.sent) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"error_code": "IOTDA.000029", "error_msg": "wrong path"},
        {"error_code": "APIGW.0101", "error_msg": "x"},
        {"error_code": "APIG.0101", "error_msg": "x"},
        {"error_code": "IAM.0004", "error_msg": "x"},
        {"error_code": "iotda.014201", "error_msg": "x"},
        {"error_code": "IOTDAX", "error_msg": "x"},
        {"error_code": "XIOTDA.014201", "error_msg": "x"},
        {"error": {"code": 404, "message": "x"}},
        {"message": "no Route matched"},
        {},
        None,
        [],
        "IOTDA.014201",
        b"<html>IOTDA.014201</html>",
        b"404 page not found",
        b"\x00",
        b'{"error_code": "IOTDA.014201", "error_msg": "cut',
    ],
    ids=str,
)
def test_404_of_another_server_is_no_proof_of_absence(content: Any) -> None:
    assert not Scene(answer(404, content), answer(200, A_LIST)).deletes_what_is_absent()


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 410, 429, 500, 503])
@pytest.mark.parametrize("code", ["IOTDA.014201", "APIGW.0101"])
def test_no_other_status_says_it(status: int, code: str | None) -> None:
    assert not confirms_absence(refusal(status, code))


def test_a_failed_request_does_not_confirm_absence() -> None:
    assert not confirms_absence(silence())
    assert not confirms_absence(RequestError("x", 1, False))


# A 404 without a body


@pytest.mark.parametrize("first", [answer(204), answer(403, NO_TASK), answer(404, NO_TASK)], ids=["204", "403", "404"])
def test_an_empty_404_counts_once_iotda_was_seen(first: Any) -> None:
    scene = Scene(first, answer(404))
    scene.delete()
    assert scene.deletes_what_is_absent()
    assert len(scene.wire.sent) == 2


@pytest.mark.parametrize(
    ("listed", "counts"),
    [
        (answer(200, A_LIST), True),
        (answer(400, {"error_code": "IOTDA.000006", "error_msg": "x"}), True),
        (answer(401, {"error_code": "IOTDA.000002", "error_msg": "x"}), True),
        (answer(404, {"error_code": "IOTDA.000029", "error_msg": "wrong path"}), False),
        (answer(404, {"error_code": "APIGW.0101", "error_msg": "x"}), False),
        (answer(404), False),
        (answer(200, b"<html></html>"), False),
        (answer(200, {"batchtasks": []}), False),
        (answer(503), False),
    ],
    ids=str,
)
def test_an_empty_404_counts_if_iotda_answers_a_list(listed: Any, counts: bool) -> None:
    scene = Scene(answer(404), listed)
    assert scene.deletes_what_is_absent() is counts
    assert scene.wire.sent[1].path_url == "/v5/iot/p1/batchtasks?limit=1&task_type=softwareUpgrade"


def test_one_list_is_enough_for_all_empty_404s() -> None:
    scene = Scene(answer(404), answer(404), answer(404), answer(204), answer(404))
    assert [scene.deletes_what_is_absent() for dummy in range(2)] == [False, False]
    scene.delete()
    assert scene.deletes_what_is_absent()
    assert [request.method for request in scene.wire.sent] == ["DELETE", "GET", "DELETE", "DELETE", "DELETE"]
