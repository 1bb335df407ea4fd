# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration targets of ansible-test, against the simulator or what a configuration of your own names.

To be started in a collection laid out as ansible-test wants it; ``make integration`` sees to that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.huaweicloud.iotda.tests.tools.with_simulator import simulator

CONFIG = Path("tests/integration/integration_config.yml")
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


def run_targets(config: str, python: str, targets: list[str]) -> int:
    """Run ``targets``, or all, with ``config``; return the exit status. The configuration does not stay."""
    command = ["ansible-test", "integration", "--local", "--python", python, "--color", "no", *targets]
    CONFIG.touch(mode=0o600)
    CONFIG.write_text(config, encoding="utf-8")
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        CONFIG.unlink()


def main() -> None:
    """Run what the command line says, and end with the exit status of ansible-test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, metavar="X.Y", help="the Python to run with, as 3.12")
    parser.add_argument("--config", type=Path, help="an integration_config.yml of your own, in place of the simulator")
    parser.add_argument("targets", nargs="*", help="the targets to run; all, when none is named")
    options = parser.parse_args()
    if options.config:
        raise SystemExit(run_targets(options.config.read_text(encoding="utf-8"), options.python, options.targets))
    with simulator("empty") as variables:
        status = run_targets(config_for(variables), options.python, options.targets)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
