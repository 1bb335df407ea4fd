# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pruning while others work on the same tasks, and from lists that cannot be trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.concurrent_changes import Others
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

NOW = datetime.now(timezone.utc)
LIST = r"/batchtasks$"
PRUNE_AT_ONCE = """
import json, sys
from ansible_collections.huaweicloud.iotda.tests.system.harness import run_module
print("ready", flush=True)
options = json.loads(sys.stdin.readline())
print(json.dumps(run_module("batch_task_prune", options).result))
"""


TYPES = ["freezeDevices", "firmwareUpgrade"]
ONE_LIST = {"status": ["Success"], "task_type": ["freezeDevices"]}


pytestmark = pytest.mark.usefixtures("in_a_hurry")


def prune(options: dict[str, Any], check: bool = False, **more: Any) -> Ended:
    asked = {"status": ["Success", "Fail"], "task_type": TYPES, **more}
    return run_module("batch_task_prune", {**options, **asked}, check=check)


def fleet(simulator: Simulator, n: int, **options: Any) -> list[str]:
    """Add finished tasks of a hundred days, and return their IDs, the newest first."""
    return sorted(simulator.add_tasks(n, create_time=NOW - timedelta(days=100), **options), reverse=True)


# Others


def test_nothing_is_skipped_while_others_delete(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    ids = fleet(simulator, 170)
    others.act(lambda: others.delete(*ids[:40], *ids[120:130]), path=LIST, skip=1)
    ended = prune(options, older_than="30d", concurrency=1, **ONE_LIST)
    assert not ended.failed
    assert ended.result["examined"] == 160
    assert ended.result["summary"] == {"deleted": 120, "absent": 40, "deleted_unconfirmed": 0, "failed": 0}
    assert simulator.task_ids() == set()
    assert not any("offset" in entry.query for entry in simulator.journal)


def test_tasks_removed_before_deletion_are_absent(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    ids = fleet(simulator, 5)
    others.act(lambda: others.delete(*ids), "DELETE")
    ended = prune(options, older_than="30d")
    assert ended.outcomes == ["absent"] * 5
    assert not ended.failed
    assert not ended.changed
    assert ended.result["matched"] == 5


def test_what_others_create_meanwhile_stays(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    ids = fleet(simulator, 120)
    new: list[str] = []
    others.act(lambda: new.extend(simulator.add_tasks(60)), path=LIST, skip=1)
    ended = prune(options, keep_last=20, concurrency=1, **ONE_LIST)
    assert ended.outcomes == ["deleted"] * 100
    assert simulator.task_ids() == {*new, *ids[:20]}


def test_what_finishes_after_it_could_be_listed_stays(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    running = fleet(simulator, 1, status="Processing")[0]
    ids = fleet(simulator, 3)
    others.act(lambda: others.change(running, "Success"), "DELETE")
    ended = prune(options, older_than="30d")
    assert ended.outcomes == ["deleted"] * len(ids)
    assert simulator.task_ids() == {running}


def test_status_change_between_lists_deletes_task_once(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    (task_id,) = fleet(simulator, 1, task_type="firmwareUpgrade")
    others.act(lambda: others.change(task_id, "Fail"), path=LIST, skip=1)
    ended = prune(options, older_than="30d", concurrency=1, task_type=["firmwareUpgrade"])
    assert ended.outcomes == ["deleted"]
    assert (ended.result["examined"], simulator.journal.count("DELETE")) == (1, 1)


def test_task_retried_before_deletion_is_kept(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    (again,) = fleet(simulator, 1, task_type="firmwareUpgrade", status="Fail")
    ids = fleet(simulator, 3)
    others.act(lambda: others.change(again, "Processing"), "DELETE", again)
    ended = prune(options, older_than="30d")
    assert ended.failed
    assert ended.changed
    assert simulator.task_ids() == {again}
    assert ended.result["summary"]["deleted"] == len(ids)
    assert f"{again}: it is Processing" in ended.msg
    # These are options of another module.
    assert "set wait" not in ended.msg
    assert "force" not in ended.msg
    assert "run it again" in ended.result["hint"]


def test_task_ending_differently_after_retry_is_kept(
    simulator: Simulator, options: dict[str, Any], others: Others
) -> None:
    """It failed when it was listed, is refused while it runs, and has succeeded when it is shown: no longer a match."""
    (again,) = fleet(simulator, 1, task_type="firmwareUpgrade", status="Fail")
    others.act(lambda: others.change(again, "Processing"), "DELETE", again)
    others.act(lambda: others.change(again, "Success"), "GET", again)
    ended = prune(options, older_than="30d", status=["Fail"])
    assert ended.failed
    assert not ended.changed
    assert "was Fail when it was selected, and is Success now" in ended.msg
    assert simulator.journal.count("DELETE") == 1
    assert simulator.task_ids() == {again}


def test_what_is_retried_and_ends_as_it_was_goes(simulator: Simulator, options: dict[str, Any], others: Others) -> None:
    (again,) = fleet(simulator, 1, task_type="firmwareUpgrade", status="Fail")
    others.act(lambda: others.change(again, "Processing"), "DELETE", again)
    others.act(lambda: others.change(again, "Fail"), "GET", again)
    assert prune(options, older_than="30d", status=["Fail"]).outcomes == ["deleted"]


@pytest.mark.parametrize("wish", [{"older_than": "30d"}, {"keep_last": 10}], ids=["by age", "by number"])
def test_two_prunes_at_once_take_what_one_would(
    simulator: Simulator, options: dict[str, Any], wish: dict[str, Any]
) -> None:
    ids = fleet(simulator, 200)
    stay = set(ids[:10]) if "keep_last" in wish else set()
    command = [sys.executable, "-c", PRUNE_AT_ONCE]
    runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for dummy in range(2)]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    simulator.latency(0.02)
    asked = json.dumps({**options, **wish}) + "\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write(asked)
        run.stdin.flush()
    results = [json.loads(run.communicate(timeout=60)[0]) for run in runs]
    assert simulator.task_ids() == stay
    assert not any(result.get("failed") for result in results)
    assert sum(result["summary"]["deleted"] for result in results) == len(ids) - len(stay)


# Lists that cannot be trusted


def test_a_short_page_is_not_the_end_of_what_is_kept(simulator: Simulator, options: dict[str, Any]) -> None:
    ids = fleet(simulator, 70)
    simulator.fault(path=LIST, kind="json", json=listed(simulator, ids[:10], 70), status=200)
    ended = prune(options, keep_last=20, **ONE_LIST)
    assert ended.outcomes == ["deleted"] * 50
    assert simulator.task_ids() == set(ids[:20])


Content = dict[str, Any]
OTHERS_ID = "../../devices"


def _with_task(**fields: Any) -> Callable[[Content], None]:
    return lambda content: content["batchtasks"][3].update(fields)


def _swapped(content: Content) -> None:
    tasks = content["batchtasks"]
    tasks[3], tasks[4] = tasks[4], tasks[3]


FIRST_PAGES: dict[str, Callable[[Content], object]] = {
    "without page": lambda content: content.pop("page"),
    "with an empty page": lambda content: content.update(page=None),
    "with a page that is a list": lambda content: content.update(page=[1]),
    "without tasks": lambda content: content.pop("batchtasks"),
    "with tasks that are no list": lambda content: content.update(batchtasks={"task_id": "5c8b"}),
    "with a task that is text": lambda content: content["batchtasks"].__setitem__(3, "5c8b"),
    "with a task without ID": lambda content: content["batchtasks"][3].pop("task_id"),
    "with an ID that is none": _with_task(task_id=OTHERS_ID),
    "with an empty ID": _with_task(task_id=""),
    "with an ID that is a number": _with_task(task_id=5),
    "with an ID in upper case": _with_task(task_id="5C8BA99030344005C02316AD"),
    "out of order": _swapped,
    "with a task twice": lambda content: content["batchtasks"].insert(3, content["batchtasks"][3]),
    "without marker": lambda content: content["page"].pop("marker"),
    "with an empty marker": lambda content: content["page"].update(marker=""),
    "with a marker that is none": lambda content: content["page"].update(marker="next"),
    "with a marker that is a number": lambda content: content["page"].update(marker=2),
}


def listed(simulator: Simulator, ids: list[str], count: int) -> Content:
    """Return a list as the service would give it."""
    return {"batchtasks": [simulator.task(task_id) for task_id in ids], "page": {"count": count, "marker": ids[-1]}}


def nothing_goes(simulator: Simulator, options: dict[str, Any], **more: Any) -> None:
    """Prune once as a prediction and once for real: neither deletes anything, both fail and say why."""
    before = simulator.task_ids()
    for check in (True, False):
        ended = prune(options, check=check, older_than="30d", **ONE_LIST, **more)
        assert ended.failed
        assert not ended.changed
        assert "Could not read batch tasks" in ended.msg
        assert OTHERS_ID not in ended.msg
        assert "Traceback" not in ended.text
    assert simulator.journal.unsafe() == []
    assert simulator.task_ids() == before


@pytest.mark.parametrize("breaks", FIRST_PAGES.values(), ids=FIRST_PAGES)
def test_from_a_broken_list_nothing_goes(
    simulator: Simulator, options: dict[str, Any], breaks: Callable[[Content], object]
) -> None:
    ids = fleet(simulator, 120)
    content = listed(simulator, ids[:50], 120)
    breaks(content)
    simulator.fault(path=LIST, kind="json", json=content, status=200, times=None)
    nothing_goes(simulator, options)


@pytest.mark.parametrize("answer", ["honoured", "ignored", "refused", "miscounted"])
def test_whatever_the_service_makes_of_offset_the_same_goes(
    simulator: Simulator, options: dict[str, Any], answer: str
) -> None:
    simulator.settings.offset_beside_marker = answer
    ids = fleet(simulator, 777)
    ended = prune(options, keep_last=100, **ONE_LIST)
    assert ended.outcomes == ["deleted"] * 677, ended.msg
    assert simulator.task_ids() == set(ids[:100])


def test_unknown_space_fails_with_service_error(simulator: Simulator, options: dict[str, Any]) -> None:
    simulator.settings.app_ids = ("water",)
    ended = prune(options, older_than="30d", app_id="fire")
    assert ended.failed
    assert ended.result["error_code"] == "IOTDA.001000"
    assert simulator.journal.unsafe() == []
