# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: through ansible-runner, from a private data directory that holds all a job gets.

What the credential gives goes into the environment, what the survey gives into env/extravars, the instances of the
slice into a script in inventory/, the project into project/. See awx/main/tasks/jobs.py of
https://github.com/ansible/awx.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN

NAME = "ansible_collections/huaweicloud/iotda"
_SCRIPT = """#!/usr/bin/env python3
import json
print(json.dumps({}))
"""


@dataclass(frozen=True)
class Job:
    """How a job ended."""

    folder: Path
    status: str
    code: int
    events: list[dict[str, Any]]

    @property
    def artifacts(self) -> dict[str, Any]:
        """What set_stats hands on, as AWX reads it."""
        (stats,) = self.of_kind("playbook_on_stats")
        artifacts: dict[str, Any] = stats["event_data"]["artifact_data"]
        return artifacts

    @property
    def lines(self) -> list[str]:
        """The report."""
        lines: list[str] = self.report_event["event_data"]["res"]["msg"]
        return lines

    @property
    def report_event(self) -> dict[str, Any]:
        (event,) = (one for one in self.of_kind("runner_on_ok") if one["event_data"]["task"] == "Show the report")
        return event

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def written(self) -> str:
        """Return all that the job left behind, but for "command": there, ansible-runner repeats what it was given."""
        files = [path for path in (self.folder / "artifacts").rglob("*") if path.is_file() and path.name != "command"]
        assert {"stdout", "rc", "status"} <= {path.name for path in files}
        return "\n".join(path.read_text(encoding="utf-8") for path in files)


def run(
    folder: Path,
    installed: Path,
    job_id: int,
    hosts: Mapping[str, Mapping[str, Any]],
    environ: Mapping[str, str],
    extra_vars: Mapping[str, Any],
    options: str = "",
) -> Job:
    """Run playbooks/prune.yml as the job ``job_id``, with the collection as it is installed."""
    private = folder / f"job-{job_id}"
    shutil.copytree(installed / NAME / "playbooks", private / "project/playbooks")
    _write_inventory(private / "inventory/hosts", hosts)
    _write_extra_vars(private / "env/extravars", {**extra_vars, "awx_job_id": job_id, "awx_job_launch_type": "manual"})
    runner = ansible_runner.run(
        private_data_dir=str(private),
        playbook="playbooks/prune.yml",
        ident=str(job_id),
        envvars={**_environment(installed, private, job_id), **environ},
        settings={"suppress_ansible_output": True},
        suppress_env_files=True,
        cmdline=f"--forks 10 {options}",
        quiet=True,
        timeout=240,
    )
    return Job(private, runner.status, runner.rc, list(runner.events))


def update(folder: Path, installed: Path, source: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """Update an inventory from ``source``, a file of the project, and return the variables of each host.

    AWX stores these, and gives them to later jobs.
    """
    private, output = folder / "update-7", "artifacts/7/output.json"
    (private / "project").mkdir(parents=True)
    (private / "project/iotda.yml").write_text(source, encoding="utf-8")
    command = f"ansible-inventory --list --export -i {private}/project/iotda.yml --output {private}/{output}"
    (private / "args").write_text(f"{command} --playbook-dir {private}/project -vvv", encoding="utf-8")
    own = {"ANSIBLE_INVENTORY_EXPORT": "True", "ANSIBLE_VERBOSE_TO_STDERR": "True", "INVENTORY_UPDATE_ID": "7"}
    runner = ansible_runner.run(
        private_data_dir=str(private),
        ident="7",
        envvars={**_environment(installed, private, 7), **own, **environ},
        settings={"suppress_ansible_output": True},
        suppress_env_files=True,
        quiet=True,
        timeout=240,
    )
    assert runner.status == "successful", runner.stdout.read()
    found: dict[str, Any] = json.loads((private / output).read_text(encoding="utf-8"))["_meta"]["hostvars"]
    return found


def _environment(installed: Path, private: Path, job_id: int) -> dict[str, str]:
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "AWX_PRIVATE_DATA_DIR": str(private),
        "JOB_ID": str(job_id),
        "MAX_EVENT_RES": "700000",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        # Nothing of the checkout may be found.
        "PYTHONPATH": "",
    }


def _write_inventory(path: Path, hosts: Mapping[str, Mapping[str, Any]]) -> None:
    inventory = {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": dict(hosts)}}
    path.parent.mkdir(parents=True)
    path.write_text(_SCRIPT.format(repr(inventory)), encoding="utf-8")
    path.chmod(0o700)


class _Unsafe(str):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Marks the texts that users gave, as AWX does, so that Ansible never takes them for templates."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def _write_extra_vars(path: Path, extra_vars: Mapping[str, Any]) -> None:
    marked = {name: _Unsafe(value) if isinstance(value, str) else value for name, value in extra_vars.items()}
    path.parent.mkdir(parents=True)
    path.write_text(yaml.dump(marked, Dumper=_Dumper), encoding="utf-8")


def injected(credential_type: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a job gets from a credential; a field that was left empty gives an empty text."""
    environ = credential_type["injectors"]["env"]
    return {name: inputs.get(template[3:-3], "") for name, template in environ.items()}


def launched(survey: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the extra variables of a job: the defaults of the survey, and over them the answers."""
    return {**{question["variable"]: question["default"] for question in survey["spec"]}, **answers}


def handed_on(jobs: list[Job]) -> dict[str, Any]:
    """Return what the next job of a workflow gets: by name, of a later job rather than an earlier one."""
    return json.loads(json.dumps({name: value for job in jobs for name, value in job.artifacts.items()}))
