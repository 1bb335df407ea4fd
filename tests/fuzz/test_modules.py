# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a user gives a module, and whatever it is answered, it ends with a result and without a traceback."""

from __future__ import annotations

import itertools
import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any
from unittest import mock

import pytest
import requests
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import client
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Response
from ansible_collections.huaweicloud.iotda.plugins.modules import batch_task, batch_task_info, batch_task_prune
from ansible_collections.huaweicloud.iotda.tests.fuzz.cases import TASK_ID, fuzz, json_values, objects, replies, texts
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer

SPECS: dict[str, dict[str, Any]] = {
    name: {**CONNECTION_OPTIONS, **module.ARGUMENT_SPEC}
    for name, module in {
        "batch_task": batch_task,
        "batch_task_info": batch_task_info,
        "batch_task_prune": batch_task_prune,
    }.items()
}
SECRET = "invented-secret-of-a-fuzzer"
GOOD: dict[str, Any] = {
    "auth_token": SECRET,
    "endpoint": "http://127.0.0.1:9",
    "region": "cn-north-4",
    "project_id": "project",
    "retry_timeout": 0,
    "timeout": 1,
}
NEEDED: dict[str, dict[str, Any]] = {
    "batch_task": {"task_id": [TASK_ID], "state": "absent"},
    "batch_task: present": {
        "task_name": "freeze_1",
        "task_type": "freezeDevices",
        "targets": ["a"],
        "state": "present",
    },
    "batch_task: retried": {"task_id": [TASK_ID], "state": "retried"},
    "batch_task_info": {},
    "batch_task_prune": {"older_than": "30d"},
}
_WORDS = st.sampled_from(
    ["", " ", "0", "-1", "30d", "1e999", "nan", "http://[::1", "https://user:pw@host", "http://example.test", "\u0661"]
    + ["a\r\nb: c", "..", "/nonexistent", "~", "cn-north-4", TASK_ID, "9" * 400, "20190303T084300Z"]
    + ["0001-01-01T00:00+23:59"]
)
_NUMBERS = st.sampled_from([0, -1, 1, 10**30, 0.5, -0.0, float("inf"), float("-inf"), float("nan"), 65])


def _value(option: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw for an option what it may be, and what it may not."""
    right: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": _NUMBERS,
        "float": _NUMBERS,
        "list": st.lists(_WORDS | texts | st.sampled_from(["Success", "Fail", "freezeDevices"]), max_size=3),
    }
    choices = st.sampled_from(option["choices"]) if "choices" in option else _WORDS
    fitting = right.get(option["type"], choices)
    values = st.one_of(fitting, fitting, _WORDS, texts, json_values)
    # Ansible's own check of an int raises an OverflowError for these, before any module has begun.
    return values.filter(lambda value: not _is_infinite(value)) if option["type"] == "int" else values


def _is_infinite(value: Any) -> bool:
    try:
        return math.isinf(Decimal(str(value)))
    except InvalidOperation:
        return False


def _given(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw some options of a module; the others are good."""
    spec = SPECS[name]
    some = st.lists(st.sampled_from(sorted(spec)), max_size=4, unique=True)
    drawn = some.flatmap(lambda names: st.fixed_dictionaries({one: _value(spec[one]) for one in names}))
    return drawn.map(lambda more: {**GOOD, **NEEDED[name], **more})


def checked(ended: Ended) -> None:
    assert "Traceback" not in ended.text
    assert "exception" not in ended.result
    assert SECRET not in re.sub(r'"invocation": .*', "", ended.text)
    if ended.failed:
        assert ended.msg


class _NoNetwork(Wire):
    """Refuses every connection."""

    def send(self, request: Any, **manners: Any) -> Any:
        raise requests.ConnectionError("refused")


@pytest.mark.parametrize("name", sorted(SPECS))
@fuzz(data=st.data(), check=st.booleans())
def test_any_options(name: str, data: st.DataObject, check: bool) -> None:
    given = data.draw(_given(name))
    with mock.patch.object(client, "Transport", return_value=_NoNetwork()):
        checked(run_module(name, json.loads(json.dumps(given)), check=check))


_WISHES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "batch_task": objects({"force": st.booleans(), "wait": st.booleans()}),
    "batch_task: present": objects({"wait": st.booleans()}),
    "batch_task: retried": objects({"wait": st.booleans(), "targets": st.just(["a", "b"])}),
    "batch_task_info": objects({"details": st.booleans(), "task_id": st.just([TASK_ID]), "limit": st.just(2)}),
    "batch_task_prune": objects({"keep_last": st.integers(0, 2), "status": st.just(["Success"])}),
}


@pytest.mark.parametrize("name", sorted(_WISHES))
@fuzz(data=st.data(), answers=st.lists(replies, min_size=1, max_size=4), check=st.booleans(), diff=st.booleans())
def test_any_answers(name: str, data: st.DataObject, answers: list[Response], check: bool, diff: bool) -> None:
    given = {**GOOD, **NEEDED[name], **data.draw(_WISHES[name]), "concurrency": 1}
    module = name.partition(":")[0]
    if module == "batch_task":
        given.update(wait_timeout=0, wait_delay=0)
    ends = [answer(one.status, one.body, **one.headers) for one in answers]
    # There are more requests than answers at times; whoever repeats one for ever would never come to the end of these.
    more = itertools.islice(itertools.repeat(answer(500)), 200)
    with mock.patch.object(client, "Transport", return_value=Wire(*ends, *more)):
        checked(run_module(module, given, check=check, diff=diff))
