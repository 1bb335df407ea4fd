# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutation testing: change the code in hundreds of small ways, one at a time, and list the mutants that survive.

cosmic-ray makes the changes, in copies of the staged copy in which this is started. A mutant is killed if a unit test
fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
NAME = "ansible_collections/huaweicloud/iotda"
DELETIONS = (
    "_batch_tasks/test_engine.py",
    "_batch_tasks/test_refusals.py",
    "_batch_tasks/test_refusals_predicted.py",
    "_batch_tasks/test_refusals_unfinished.py",
)
# Each module, with the unit tests that are about it.
TESTS_OF = {
    "_auth/signer": ("_auth/test_signer.py", "_auth/test_refresh_of_tokens.py"),
    "_http/client": (
        *("_http/test_client.py", "_http/test_client_retries.py", "_http/test_wire.py"),
        *("_auth/test_refresh_of_tokens.py", "_account/test_connection.py"),
    ),
    "_batch_tasks/engine": (*DELETIONS, "_batch_tasks/test_transitions.py", "_batch_tasks/test_wait.py"),
    "_batch_tasks/refusals": DELETIONS,
    "_batch_tasks/transitions": ("_batch_tasks/test_transitions.py", "_batch_tasks/test_wait.py"),
    "_batch_tasks/wait": ("_batch_tasks/test_wait.py", "_batch_tasks/test_create.py"),
    "_batch_tasks/outcomes": ("_batch_tasks",),
    "_batch_tasks/create": ("_batch_tasks/test_create.py", "_batch_tasks/test_create_once.py"),
    "_batch_tasks/leaps": ("_batch_tasks/test_leaps.py",),
    "_batch_tasks/prune": ("_batch_tasks/test_prune.py", "_batch_tasks/test_prune_rules.py"),
}
MINIMUM = 92  # per cent of the mutants that must be killed
TIMEOUT = 40.0  # seconds for the tests on one mutant: some loop for ever
# What stands in annotations is never evaluated, and nearly every | stands there.
EXCLUDED = ["core/ReplaceBinaryOperator_BitOr_.*"]


@dataclass(frozen=True)
class Mutant:
    """One change, and whether a unit test failed because of it."""

    module: str
    operator: str
    line: int
    diff: str
    killed: bool


def mutants(module: str, work: Path) -> list[Mutant]:
    """Make the mutants of ``module`` in a copy of the collection below ``work``, and test each."""
    copy = work / module / NAME
    shutil.rmtree(work / module, ignore_errors=True)
    shutil.copytree(Path.cwd(), copy, ignore=shutil.ignore_patterns(".git", "__pycache__", "output"))
    config, session = work / f"{module}.toml", work / f"{module}.sqlite"
    session.unlink(missing_ok=True)
    config.write_text(_config(module), encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(work / module), "PYTHONDONTWRITEBYTECODE": "1"}
    steps: list[list[str | Path]] = [
        ["cosmic-ray", "baseline", config],
        ["cosmic-ray", "init", config, session],
        ["cr-filter-operators", session, config],
        ["cosmic-ray", "exec", config, session],
    ]
    for step in steps:
        _run(step, copy, environ)
    return list(_read(_run(["cosmic-ray", "dump", session], copy, environ)))


def _config(module: str) -> str:
    tests = " ".join(f"tests/unit/plugins/module_utils/{test}" for test in TESTS_OF[module])
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -p no:randomly {tests}"
    return (
        f'[cosmic-ray]\nmodule-path = "plugins/module_utils/{module}.py"\ntimeout = {TIMEOUT}\n'
        f'excluded-modules = []\ntest-command = "{command}"\n'
        '[cosmic-ray.distributor]\nname = "local"\n'
        f"[cosmic-ray.filters.operators-filter]\nexclude-operators = {json.dumps(EXCLUDED)}\n"
    )


def _run(step: list[str | Path], folder: Path, environ: Mapping[str, str]) -> str:
    command = [str(BIN / step[0]), *map(str, step[1:])]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def _read(dump: str) -> Iterator[Mutant]:
    for line in dump.splitlines():
        item, result = json.loads(line)
        if result is None or result["worker_outcome"] == "skipped":
            continue
        what = item["mutations"][0]
        killed = result["test_outcome"] in ("killed", "incompetent")
        module = Path(what["module_path"]).stem
        if killed and not result["output"]:
            raise SystemExit(f"{module}.py: the tests on a mutant could not be run, so that nothing is known of it")
        yield Mutant(module, what["operator_name"], what["start_pos"][0], result["diff"] or "", killed)


def _description(mutant: Mutant) -> str:
    changed = [line for line in mutant.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return "\n".join([f"{mutant.module}.py, line {mutant.line}, {mutant.operator}", *changed])


def main() -> None:
    """Test the modules that the command line names, or all; fail if too few mutants are killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="where the copies are made")
    parser.add_argument("modules", nargs="*", default=list(TESTS_OF), help="default: %(default)s")
    options = parser.parse_args()
    work = options.work.resolve()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        found = [one for some in threads.map(lambda module: mutants(module, work), options.modules) for one in some]
    all_of, killed = Counter(one.module for one in found), Counter(one.module for one in found if one.killed)
    for one in found:
        if not one.killed:
            print(_description(one), end="\n\n")
    for module, number in all_of.items():
        print(f"{module}.py: {killed[module]} of {number} mutants killed, {100 * killed[module] / number:.0f} %")
    if 100 * killed.total() < MINIMUM * all_of.total():
        raise SystemExit(f"fewer than {MINIMUM} % were killed")


if __name__ == "__main__":
    main()
