# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode sends nothing that could change anything, and predicts what the real run does: every scenario, both ways.

What cannot be predicted is not in the table: whether the credentials may delete, which only the deletion tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.outcomes import OUTCOMES
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.tasks import FINISHED, STATUSES, TASK_TYPES
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

NOW = datetime.now(timezone.utc)
KEYS = {"access_key": None, "secret_key": None}
GONE = ["1", "2"]
LOGINS = ("/v3/auth/tokens", "/v3.0/OS-CREDENTIAL/securitytokens")
UNFINISHED = [status for status in STATUSES if status not in FINISHED]

Options = dict[str, Any]
Prepare = Callable[[Simulator], Options]


@dataclass(frozen=True)
class Scenario:
    """What is there and what is asked for, and how it must end.

    ``same_words``: False where the outcomes are the same, but a deletion that met trouble has more to tell than a look:
    it may have been carried out, or it is another permission that is missing.
    """

    module: str
    prepare: Prepare
    outcomes: tuple[str, ...] = ()
    fails: bool = False
    same_words: bool = True


def old(simulator: Simulator, n: int = 1, **options: Any) -> list[str]:
    return simulator.add_tasks(n, create_time=NOW - timedelta(days=100), **options)


def task(prepare: Callable[[Simulator], list[str]], *outcomes: str, fails: bool = False, **more: Any) -> Scenario:
    """Return a scenario of batch_task: ``prepare`` returns the IDs, ``more`` are further options."""

    def prepared(simulator: Simulator) -> Options:
        return {"task_id": prepare(simulator), "state": "absent", "wait_delay": 0, **more}

    return Scenario("batch_task", prepared, outcomes, fails or "failed" in outcomes)


WISH: Options = {"state": "present", "task_name": "campaign", "task_type": "firmwareUpgrade", "targets": ["m1", "m2"]}


def present(*outcomes: str, fails: bool = False, prepare: Prepare = lambda simulator: {}, **more: Any) -> Scenario:
    """Return a scenario of a task that is to be there."""

    def prepared(simulator: Simulator) -> Options:
        return {**WISH, "wait_delay": 0, **more, **prepare(simulator)}

    return Scenario("batch_task", prepared, outcomes, fails or "failed" in outcomes)


def there(simulator: Simulator, status: str = "Processing", **more: Any) -> Options:
    simulator.add_task("firmwareUpgrade", status, task_name="campaign", **{"devices": ["m1", "m2"], **more})
    return {}


def transition(state: str, *outcomes: str, fails: bool = False, **more: Any) -> Scenario:
    """Return a scenario of a change of an upgrade in each status, and of a task that is not there."""

    def prepared(simulator: Simulator) -> Options:
        ids = [simulator.add_task("firmwareUpgrade", status, devices=6) for status in STATUSES]
        return {"state": state, "task_id": [*ids, "1"], "wait_delay": 0, **more}

    return Scenario("batch_task", prepared, outcomes, fails or "failed" in outcomes)


def some_devices(state: str, status: str, targets: list[str], *outcomes: str, **more: Any) -> Scenario:
    def prepared(simulator: Simulator) -> Options:
        task_id = simulator.add_task("firmwareUpgrade", status, devices=6)
        return {"state": state, "task_id": [task_id], "targets": targets, **more}

    return Scenario("batch_task", prepared, outcomes, "failed" in outcomes)


def in_other_words(scenario: Scenario) -> Scenario:
    return replace(scenario, same_words=False)


def prune(*outcomes: str, fails: bool = False, prepare: Prepare = lambda simulator: {}, **more: Any) -> Scenario:
    """Return a scenario of batch_task_prune on tasks of all types and statuses, and those of ``prepare``."""

    def prepared(simulator: Simulator) -> Options:
        for status in STATUSES:
            old(simulator, 2, status=status)
        old(simulator, 1, task_type="createMessages")
        simulator.add_task()
        return {**more, **prepare(simulator)}

    return Scenario("batch_task_prune", prepared, outcomes, fails)


def info(prepare: Prepare) -> Scenario:
    def prepared(simulator: Simulator) -> Options:
        old(simulator, 60, devices=60)
        return prepare(simulator)

    return Scenario("batch_task_info", prepared)


def running(task_type: str = "freezeDevices", status: str = "Processing", **more: Any) -> Callable[..., list[str]]:
    return lambda simulator: [simulator.add_task(task_type, status, **more)]


def under_fault(kind: str, **fault: Any) -> Callable[[Simulator], list[str]]:
    """Return a preparation in which every request for a task goes wrong."""

    def prepare(simulator: Simulator) -> list[str]:
        simulator.fault(path="/batchtasks", kind=kind, times=None, **fault)
        return old(simulator, 2)

    return prepare


def reached_by(**reach: Any) -> Prepare:
    """Return a preparation that changes how the service is reached; values are attributes of the simulator."""

    def prepare(simulator: Simulator) -> Options:
        found = {name: getattr(simulator, value) for name, value in reach.items() if value is not None}
        return {"task_id": [*old(simulator, 2), *GONE], "state": "absent", **KEYS, **found}

    return prepare


def by_password_without_project(simulator: Simulator) -> Options:
    return {**reached_by(username="username", password="password", domain_name="domain_name")(simulator), **NO_PROJECT}


def at_an_instance(simulator: Simulator) -> Options:
    instance = simulator.add_instance("enterprise")
    ids = [instance.add_task(), instance.add_task("createCommands", "Processing"), old(simulator)[0]]
    return {"endpoint": instance.url, "signing": "derived", "task_id": ids, "state": "absent"}


def by_agency(simulator: Simulator) -> Options:
    agency = simulator.add_agency()
    ids = [simulator.add_task(project_id=agency.project_id) for _task in range(2)]
    named = {"agency_name": agency.name, "agency_domain_name": agency.domain_name}
    return {"task_id": [*ids, *GONE], "state": "absent", **named, **NO_PROJECT}


def by_unknown_agency(simulator: Simulator) -> Options:
    return {**by_agency(simulator), "agency_name": "nobody"}


def with_expired_token(simulator: Simulator) -> Options:
    options = reached_by(auth_token="auth_token")(simulator)
    simulator.expire_token()
    return options


def list_breaks(simulator: Simulator) -> Options:
    old(simulator, 120)
    # However many pages are asked for side by side.
    simulator.fault(path=r"/batchtasks$", skip=1, status=502, times=None)
    return {}


ONE_LIST: dict[str, Any] = {"older_than": "30d", "status": ["Success"], "task_type": ["freezeDevices"]}
NO_PROJECT = {"project_id": None}
WAITING: Options = {"wait": True, "wait_timeout": 30}
UPGRADE = running("firmwareUpgrade", devices=4)
TWO_FAIL = ("failed", "failed")

SCENARIOS = {
    **{
        f"a task that is {status}": task(lambda sim, s=status: old(sim, status=s), "deleted")
        for status in STATUSES[3:7]
    },
    **{f"a task that is {status}": task(running(status=status), "failed") for status in UNFINISHED},
    **{f"a running {kind}": task(running(kind), "failed") for kind in TASK_TYPES},
    "tasks that are gone": task(lambda simulator: GONE, "absent", "absent"),
    "no tasks": task(lambda simulator: []),
    "the same tasks twice": task(lambda simulator: old(simulator, 2) * 2, "deleted", "deleted"),
    "some of each": task(
        lambda simulator: [*GONE, *old(simulator, 2), *running()(simulator)],
        *("absent", "absent", "deleted", "deleted", "failed"),
    ),
    "many": task(lambda simulator: old(simulator, 150), *["deleted"] * 150, concurrency=64),
    "many, one by one": task(lambda simulator: old(simulator, 15), *["deleted"] * 15, concurrency=1),
    "a bad ID": task(lambda simulator: [*old(simulator), "X"], fails=True),
    "wait": task(running(finishes_in=0.2), "deleted", **WAITING),
    "wait for one that fails": task(running(finishes_in=0.2, outcome="Fail"), "deleted", **WAITING),
    "wait for one that has not begun": task(running(status="Initializing", finishes_in=0.2), "deleted", **WAITING),
    "force on an upgrade": task(UPGRADE, "deleted", force=True),
    "force on an upgrade that has not begun": task(running("softwareUpgrade", "Waitting"), "deleted", force=True),
    "force on one that stops": task(running("firmwareUpgrade", "Stopping", finishes_in=0.2), "deleted", force=True),
    "force on what cannot be stopped": task(running(), "failed", force=True),
    "force and wait on what cannot be stopped": task(running(finishes_in=0.2), "deleted", force=True, **WAITING),
    "force on finished ones": task(
        lambda simulator: old(simulator, task_type="firmwareUpgrade"), "deleted", force=True
    ),
    "a 404 without a body": task(under_fault("empty", status=404), *TWO_FAIL),
    "a portal": task(under_fault("redirect"), *TWO_FAIL),
    "a broken service": in_other_words(task(under_fault("status", status=503), *TWO_FAIL)),
    "a throttle": task(under_fault("status", status=429), *TWO_FAIL),
    "connections that break": in_other_words(task(under_fault("reset"), *TWO_FAIL)),
    "silence": in_other_words(task(under_fault("hang", seconds=1), *TWO_FAIL, timeout=0.1)),
    "nobody there": task(lambda simulator: GONE, *TWO_FAIL, endpoint="http://127.0.0.1:9"),
    "a wrong secret key": task(lambda simulator: old(simulator, 2), *TWO_FAIL, secret_key="wrong"),
    "a foreign project": in_other_words(task(lambda simulator: old(simulator, 2), *TWO_FAIL, project_id="0" * 32)),
    "derived signing at the wrong host": task(lambda simulator: old(simulator, 2), *TWO_FAIL, signing="derived"),
    "a token": Scenario("batch_task", reached_by(auth_token="auth_token"), ("deleted",) * 2 + ("absent",) * 2),
    "an expired token": Scenario("batch_task", with_expired_token, ("failed",) * 4, True),
    "half a credential": Scenario("batch_task", reached_by(access_key="access_key"), (), True),
    "a password": Scenario("batch_task", by_password_without_project, ("deleted",) * 2 + ("absent",) * 2),
    "a wrong password": Scenario(
        "batch_task", reached_by(username="username", password="region", domain_name="domain_name"), (), True
    ),
    "a look-up of the project": task(lambda simulator: old(simulator, 2), "deleted", "deleted", **NO_PROJECT),
    "an agency": Scenario("batch_task", by_agency, ("deleted",) * 2 + ("absent",) * 2),
    "an unknown agency": Scenario("batch_task", by_unknown_agency, (), True),
    "an instance": Scenario("batch_task", at_an_instance, ("deleted", "failed", "absent"), True),
    "a new task": present("created"),
    "a new task that is waited for": present("created", wait=True, wait_timeout=30),
    "a task that is there": present("exists", prepare=there),
    "a task that is there with other devices": present("exists", prepare=lambda sim: there(sim, devices=3)),
    "a task that is there and has succeeded": present("exists", prepare=lambda sim: there(sim, "Success"), wait=True),
    "a task that is there and has failed": present("failed", prepare=lambda sim: there(sim, "Fail"), wait=True),
    "one that has failed, which is accepted": present(
        "exists", prepare=lambda sim: there(sim, "Fail"), wait=True, accept=["Fail"]
    ),
    "a new task from a file that is none": present(fails=True, targets=None, src="/nonexistent.xlsx"),
    "a new task at nobody's": present(fails=True, endpoint="http://127.0.0.1:9"),
    "stop": transition("stopped", *["stopped"] * 3, *["unchanged"] * 5, "failed"),
    "retry": transition("retried", *["unchanged"] * 4, "retried", "retried", *["unchanged"] * 2, "failed"),
    "confirm": transition("confirmed", "unchanged", *["confirmed"] * 2, *["unchanged"] * 5, "failed"),
    "stop some devices": some_devices("stopped", "Processing", ["meter_0001", "meter_0005"], "stopped"),
    "stop devices that are through": some_devices("stopped", "Processing", ["meter_0001"], "unchanged"),
    "retry some devices": some_devices("retried", "Fail", ["meter_0001"], "retried"),
    "confirm nobody's device": in_other_words(some_devices("confirmed", "Waitting", ["meter_1"], "failed")),
    "read all": info(lambda simulator: {}),
    "read some": info(lambda simulator: {"task_id": [*GONE, *old(simulator, 3)]}),
    "read all there is": info(lambda simulator: {"details": True, "include_output": True, "status": ["Success"]}),
    "prune by age": prune(*["deleted"] * 9, older_than="30d"),
    "prune all": prune(*["deleted"] * 10, older_than="0d"),
    "prune by moment": prune(*["deleted"] * 9, created_before=(NOW - timedelta(days=50)).isoformat()),
    "prune by number": prune(*["deleted"] * 6, keep_last=3),
    "prune nothing": prune(older_than="300d"),
    "prune some": prune(*["deleted"] * 3, older_than="30d", keep_last=1, status=["Fail", "Stopped"]),
    "prune too many": prune(fails=True, older_than="30d", max_deletions=8),
    "prune from half a list": prune(fails=True, prepare=list_breaks, **ONE_LIST),
    "prune without a condition": prune(fails=True),
    "prune by password": prune(
        *["deleted"] * 9,
        older_than="30d",
        **KEYS,
        prepare=lambda simulator: {name: getattr(simulator, name) for name in ("username", "password", "domain_name")},
    ),
}


def test_each_state_has_its_scenarios() -> None:
    met = {outcome for scenario in SCENARIOS.values() for outcome in scenario.outcomes}
    certain = {name for names in OUTCOMES.values() for name in names if not name.endswith("_unconfirmed")}
    assert certain - met == set()


@pytest.mark.usefixtures("in_a_hurry")
@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_check_mode_is_read_only_and_predicts_real_run(
    simulator: Simulator, options: Options, scenario: Scenario
) -> None:
    simulator.settings.stopping_takes = simulator.settings.processing_takes = 0.2
    simulator.settings.waiting_takes = 0.1
    asked = {**options, **scenario.prepare(simulator)}
    given = {name: value for name, value in asked.items() if value is not None}
    before = simulator.task_ids()
    predicted = run_module(scenario.module, given, check=True, diff=True)
    assert simulator.journal.unsafe() == []
    assert {entry.method for entry in simulator.journal if entry.path not in LOGINS} <= {"GET"}
    assert simulator.task_ids() == before
    real = run_module(scenario.module, given, diff=True)
    assert tuple(real.outcomes if "tasks" in real.result else ()) == scenario.outcomes
    assert real.failed == scenario.fails
    assert _told(predicted, scenario.same_words) == _told(real, scenario.same_words)
    assert _attempts(predicted) == 0
    # A task that is there already is only read, also where its end is a failure.
    only_read = "task_id" in predicted.result.get("batch_task", {})
    assert (_attempts(real) > 0) == (bool(set(scenario.outcomes) - {"unchanged"}) and not only_read)


def _attempts(ended: Ended) -> int:
    return sum(one["attempts"] for one in ended.result.get("tasks", []))


def _told(ended: Ended, words: bool) -> dict[str, Any]:
    """Return what a prediction and the change must have in common."""
    names = ["failed", "summary", "examined", "matched", "kept", "batch_tasks", "count", "outcome"]
    names += ["changed", "msg", "hint"] if words else []
    told = {name: ended.result.get(name) for name in names}
    of_a_task = ["outcome", "msg"] if words else ["outcome"]
    of_a_task += [] if ended.result.get("outcome") == "created" else ["task_id"]
    told["tasks"] = [{name: one.get(name) for name in of_a_task} for one in ended.result.get("tasks", [])]
    before = ended.result.get("diff", {}).get("before", {})
    told["going"] = [one["task_id"] for one in before.get("batch_tasks", [])]
    told["coming"] = ended.result.get("diff", {}).get("after")
    return told
