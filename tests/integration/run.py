# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration targets of ansible-test, against the simulator or against an account of yours.

Against simulators they run twice, at the same time: as ansible-test runs them, and in check mode, which must predict
the same and send no request that could change anything. ``tests/integration/integration_config.yml`` in the checkout
names an account; it is then used in place of the simulator. Their output is shown only if they fail: the targets
provoke errors.

To be started in a staged copy of the collection; ``make integration`` sees to that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.huaweicloud.iotda.tests.tools.with_simulator import simulator

CONFIG = Path("tests/integration/integration_config.yml")
ROLES = Path("tests/integration/targets")
LIMIT = 1800  # seconds
# What integration targets call the values that the simulator tells by the names of environment variables.
VARIABLES = {
    "iotda_endpoint": "HUAWEICLOUD_IOTDA_ENDPOINT",
    "iotda_region": "HW_REGION_NAME",
    "iotda_project_id": "HUAWEICLOUD_SDK_PROJECT_ID",
    "iotda_access_key": "HW_ACCESS_KEY",
    "iotda_secret_key": "HW_SECRET_KEY",
}


def config_for(environ: Mapping[str, str]) -> str:
    """Return the configuration by which integration targets reach the simulator; JSON is YAML."""
    values = {variable: environ[name] for variable, name in VARIABLES.items()}
    values["iotda_simulator_control"] = f"{environ['HUAWEICLOUD_IOTDA_ENDPOINT']}/_simulator"
    return json.dumps(values, indent=2) + "\n"


def run_targets(config: str, targets: Sequence[str]) -> None:
    """Run ``targets``, or all, with ``config``. The configuration does not stay."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    CONFIG.touch(mode=0o600)
    CONFIG.write_text(config, encoding="utf-8")
    try:
        command = ["ansible-test", "integration", "--local", "--python", version, "--color", "no", *targets]
        run_or_exit(command, os.environ, "the integration targets failed")
    finally:
        CONFIG.unlink()


def run_or_exit(command: Sequence[str | Path], environ: Mapping[str, str], problem: str) -> None:
    """Run a command; if it fails, or takes longer than half an hour, show what it printed and end with ``problem``."""
    try:
        done = subprocess.run(
            command,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        written = (late.output or b"").decode(errors="replace")
        raise SystemExit(f"{written}\n{problem}, no end within {LIMIT} s: see above") from None
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{problem}: see above")


@contextmanager
def as_roles(
    config: Mapping[str, str], ansible_playbook: Path, targets: Sequence[str]
) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the command, and its environment, that runs ``targets``, or all, as roles of one play with ``config``."""
    with tempfile.TemporaryDirectory() as folder:
        values = Path(folder, "config.json")
        values.touch(mode=0o600)
        values.write_text(json.dumps(config), encoding="utf-8")
        roles = list(targets) or sorted(os.listdir(ROLES))
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "roles": roles}
        playbook = Path(folder, "targets.yml")
        playbook.write_text(json.dumps([play]), encoding="utf-8")
        environ = {**os.environ, "ANSIBLE_ROLES_PATH": str(ROLES.resolve()), "ANSIBLE_LOCALHOST_WARNING": "false"}
        yield [str(ansible_playbook), "--extra-vars", f"@{values}", str(playbook)], environ


def run_in_check_mode(targets: Sequence[str]) -> int:
    """Run ``targets``, or all, in check mode against a simulator; return the number of requests."""
    with simulator("empty") as variables:
        config = json.loads(config_for(variables))
        with as_roles(config, Path(sys.executable).with_name("ansible-playbook"), targets) as (command, environ):
            run_or_exit([*command, "--check"], environ, "the integration targets failed in check mode")
        requests = _journal(config["iotda_simulator_control"])
    unsafe = [f"{one['method']} {one['path']}" for one in requests if one["unsafe"]]
    if unsafe or not requests:
        raise SystemExit(f"of {len(requests)} requests in check mode, these could have changed something: {unsafe}")
    return len(requests)


def _journal(control: str) -> list[dict[str, Any]]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{control}/journal", timeout=30) as answer:
        entries: list[dict[str, Any]] = json.load(answer)["entries"]
    return entries


def main() -> None:
    """Run what the command line says, and end with a failure if any target fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="the targets to run; all, when none is named")
    targets = parser.parse_args().targets
    account = Path(os.environ["CHECKOUT"], CONFIG)
    what = ", ".join(targets or sorted(os.listdir(ROLES)))
    if account.exists():
        print(f"Integration targets against the account in {account}: {what} ...", flush=True)
        run_targets(account.read_text(encoding="utf-8"), targets)
        print("Integration targets passed.")
        return
    print(f"Integration targets: {what} ...", flush=True)
    with ThreadPoolExecutor() as threads, simulator("empty") as variables:
        requests = threads.submit(run_in_check_mode, targets)
        run_targets(config_for(variables), targets)
    print(f"Integration targets passed, also in check mode, where all {requests.result()} requests only read.")


if __name__ == "__main__":
    main()
