# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the simulator, and an account if ``tests/integration/integration_config.yml`` names one, what documents omit.

``make conformance`` runs it. The account's batch tasks are read only, unless ``iotda_device_id`` in the configuration
names a device: then two tasks are created for it and deleted again. The end is a table, and a file with it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests
import yaml

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator

from .api import Account, Api
from .questions import QUESTIONS, Answer, Question, Tasks
from .report import Row, document, table

_CONFIG = "tests/integration/integration_config.yml"
_NAMES = ("endpoint", "region", "project_id", "access_key", "secret_key")
_OPTIONAL = ("security_token", "instance_id", "device_id")


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask and write the report; 0 unless the simulator contradicts the documents, or tasks could not be deleted."""
    options = _options(arguments)
    try:
        account = _account(options.config) if options.config.exists() else None
    except (ValueError, KeyError) as error:
        print(f"{options.config} cannot be used: {error}", file=sys.stderr)
        return 1
    print(_plan(account), flush=True)
    questions, simulated = _ask_simulator()
    answers: dict[str, Answer] = {}
    left: list[str] = []
    if account:
        answers, left = _ask(Api(account, time.sleep))
    rows = [_row(question, simulated[question.name], answers) for question in questions]
    settings = {name: value for answer in answers.values() for name, value in answer.settings.items()}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(document(rows, settings, _edition(account)), encoding="utf-8")
    print(f"\n{table(rows)}\n\n{_conclusion(rows)} The report is in {options.output}.")
    if left:
        print(f"These batch tasks could not be deleted; delete them: {', '.join(left)}", file=sys.stderr)
    return int(bool(left) or any(row.wrong for row in rows))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    checkout = Path(os.environ.get("CHECKOUT", "."))
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--config", type=Path, default=checkout / _CONFIG, help="the account to ask (%(default)s)")
    parser.add_argument(
        "--output", type=Path, default=checkout / ".work" / "conformance.md", help="the report (%(default)s)"
    )
    return parser.parse_args(arguments)


def _account(config: Path) -> Account:
    values: dict[str, Any] = yaml.safe_load(config.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError("it is not a mapping")
    needed = {name: str(values[f"iotda_{name}"]) for name in _NAMES}
    more = {name: values.get(f"iotda_{name}") for name in _OPTIONAL}
    needed["endpoint"] = needed["endpoint"].rstrip("/")
    return Account(**needed, **more, verify=values.get("iotda_ca_path") or True)


def _plan(account: Account | None) -> str:
    if account is None:
        return f"Only the simulator is asked, since there is no {_CONFIG}."
    plan = Tasks.PLAN.format(device=account.device_id) if account.device_id else "create nothing"
    return f"Beside the simulator, {account.endpoint} is asked. This will send about 150 reading requests, and {plan}."


def _ask_simulator() -> tuple[list[Question], dict[str, Answer]]:
    with Simulator() as simulator:
        simulator.add_tasks(600)
        account = Account(
            simulator.url,
            simulator.region,
            simulator.project_id,
            simulator.access_key,
            simulator.secret_key,
            device_id="conformance-device",
        )
        asked: list[Question] = []
        answers, left = _ask(Api(account, simulator.clock.advance), asked)
        # Questions are wrong requests on purpose; the replies must be as described nevertheless.
        wrong = [violation for violation in simulator.oracle.take() if ": reply" in violation]
    if wrong or left:
        raise AssertionError(f"the simulator's replies: {wrong}; left behind: {left}")
    return asked, answers


def _ask(api: Api, asked: list[Question] | None = None) -> tuple[dict[str, Answer], list[str]]:
    answers: dict[str, Answer] = {}
    tasks = Tasks()
    questions = [*QUESTIONS, *(tasks.questions() if api.account.device_id else ())]
    try:
        for question in questions:
            answers[question.name] = _answer(question, api)
    finally:
        left = tasks.clean_up(api)
    if asked is not None:
        asked.extend(questions)
    return answers, left


def _answer(question: Question, api: Api) -> Answer:
    try:
        return question.ask(api)
    except requests.RequestException as error:
        return Answer(f"no answer: {type(error).__name__}")
    except (ValueError, KeyError, IndexError, TypeError) as error:
        return Answer(f"an answer that cannot be read: {type(error).__name__}")


def _row(question: Question, simulated: Answer, answers: dict[str, Answer]) -> Row:
    service = answers[question.name].text if question.name in answers else None
    return Row(question.name, question.documents, simulated.text, service, not question.holds(simulated.text))


def _edition(account: Account | None) -> str:
    if account is None:
        return "the simulator alone"
    dedicated = ".iotda-app." in account.endpoint
    return f"a {'standard or enterprise' if dedicated else 'shared'} endpoint in {account.region}"


def _conclusion(rows: Sequence[Row]) -> str:
    verdicts = [row.verdict for row in rows]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    return f"{len(rows)} questions: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + "."


if __name__ == "__main__":
    sys.exit(main())
