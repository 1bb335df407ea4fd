# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls that can meet a fault: how a module comes to make each, and what it ends with when all goes well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

WAIT = 1  # seconds in which a task that was stopped is waited for


@dataclass(frozen=True)
class Scenario:
    """What one run is about: ``goes`` are the tasks that it may delete. ``options`` are those of its module."""

    options: dict[str, Any]
    goes: frozenset[str]


@dataclass(frozen=True)
class Call:
    """One request of a module. ``good`` is the outcome of each task without a fault, None where there are none.

    ``before``: how many requests to the same host precede it. ``at_iam``: the host is IAM's. ``query``: a regular
    expression, searched in the query.
    """

    name: str
    method: str
    path: str
    module: str
    arrange: Callable[[Simulator], Scenario]
    good: str | None
    before: int = 0
    at_iam: bool = False
    check: bool = False
    query: str | None = None


def _finished(simulator: Simulator, **options: Any) -> Scenario:
    task_id = simulator.add_task(devices=1)
    return Scenario({"task_id": [task_id], "state": "absent", **options}, frozenset((task_id,)))


def _with_password(simulator: Simulator) -> Scenario:
    names = ("username", "password", "domain_name")
    given = {name: getattr(simulator, name) for name in names}
    return _finished(simulator, access_key=None, secret_key=None, **given)


def _without_project(simulator: Simulator) -> Scenario:
    return _finished(simulator, project_id=None)


def _upgrade(simulator: Simulator) -> Scenario:
    task_id = simulator.add_task("firmwareUpgrade", "Processing", devices=1)
    options = {"task_id": [task_id], "state": "absent", "force": True, "wait_timeout": WAIT, "wait_delay": 0}
    return Scenario(options, frozenset((task_id,)))


def _reading(simulator: Simulator) -> Scenario:
    simulator.add_task(devices=1)
    # One list for each, side by side.
    return Scenario({"task_type": ["freezeDevices", "createCommands"]}, frozenset())


def _reading_one(simulator: Simulator) -> Scenario:
    return Scenario({"task_id": [simulator.add_task(devices=1)]}, frozenset())


def _superfluous(simulator: Simulator) -> Scenario:
    old = [simulator.add_task(devices=1) for dummy in range(2)]
    simulator.add_task(devices=1)
    return Scenario({"keep_last": 1, "status": ["Success"], "task_type": ["freezeDevices"]}, frozenset(old))


def _long_list(simulator: Simulator) -> Scenario:
    """Three pages, the second and third of which are read side by side."""
    ids = simulator.add_tasks(120, devices=1)
    return Scenario({"keep_last": 118, "task_type": ["freezeDevices"]}, frozenset(ids[:2]))


def _new(simulator: Simulator) -> Scenario:
    wish = {"state": "present", "task_name": "freeze_1", "task_type": "freezeDevices", "targets": ["meter_1"]}
    return Scenario({**wish, "wait_delay": 0}, frozenset())


def _failed_upgrade(simulator: Simulator) -> Scenario:
    task_id = simulator.add_task("firmwareUpgrade", "Fail", devices=2)
    return Scenario({"task_id": [task_id], "state": "retried", "wait_delay": 0}, frozenset())


_LIST, _TASK = "/batchtasks$", "/batchtasks/[0-9a-f]+$"
CALLS = (
    Call("login", "POST", "/v3/auth/tokens$", "batch_task", _with_password, "deleted", at_iam=True),
    Call("lookup", "GET", "/v3/projects$", "batch_task", _without_project, "deleted", at_iam=True),
    Call("read", "GET", _LIST, "batch_task_info", _reading, None),
    Call("choose", "GET", _LIST, "batch_task_prune", _superfluous, "deleted"),
    Call("leap", "GET", _LIST, "batch_task_prune", _long_list, "deleted", query="offset="),
    Call("fill", "GET", _LIST, "batch_task_prune", _long_list, "deleted", query="^(?!.*offset=).*marker="),
    Call("show", "GET", _TASK, "batch_task_info", _reading_one, None),
    Call("predict", "GET", _TASK, "batch_task", _finished, "deleted", check=True),
    Call("delete", "DELETE", _TASK, "batch_task", _finished, "deleted"),
    # It is sent after the deletion was refused, and the task was read.
    Call("stop", "POST", "/stop$", "batch_task", _upgrade, "deleted", before=2),
)
# Their ends are held against rules of their own. Stop and confirm are sent by the same code as retry.
CAMPAIGN_CALLS = (
    Call("search", "GET", _LIST, "batch_task", _new, "created"),
    Call("create", "POST", _LIST, "batch_task", _new, "created", before=1),
    Call("retry", "POST", "/retry$", "batch_task", _failed_upgrade, "retried", before=1),
)
