# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Execution environments: what the installed collection asks for, and the example that builds one."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from ansible_collections.huaweicloud.iotda.tests.system.awx.jobs import NAME
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs/examples/execution-environment.yml"


def test_the_collection_asks_for_requests_only(commands: Commands, installed: Path) -> None:
    done = commands.run(["ansible-builder", "introspect", "--write-pip", "pip.txt", str(installed)])
    assert done.returncode == 0, done.stdout
    (asked,) = (commands.folder / "pip.txt").read_text(encoding="utf-8").splitlines()
    wanted = (installed / NAME / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()[-1]
    assert asked.split("#")[0].strip() == wanted
    assert "huaweicloud.iotda" in asked
    found = yaml.safe_load(done.stdout.split("---", 1)[1])
    assert not found["system"]


def test_requests_is_stated_once() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["-r meta/ee-requirements.txt"]
    stated = (ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()[-1]
    documented = (ROOT / "plugins/doc_fragments/connection.py").read_text(encoding="utf-8")
    assert f"- {stated.replace('>=', ' >= ')}\n" in documented


def test_the_example_makes_a_build_context(commands: Commands) -> None:
    context = commands.folder / "context"
    definition = shutil.copy(EXAMPLE, commands.folder)
    built = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    tarball = commands.folder / "{namespace}-{name}-{version}.tar.gz".format(**built)
    tarball.touch()
    done = commands.run(["ansible-builder", "create", "--file", str(definition), "--context", str(context)])
    assert done.returncode == 0, done.stdout
    galaxy = yaml.safe_load((context / "_build/requirements.yml").read_text(encoding="utf-8"))
    # The names of files are those below _build, in which the collections are installed.
    assert galaxy["collections"] == [{"name": f"collections/{tarball.name}", "type": "file"}]
    assert (context / "_build" / galaxy["collections"][0]["name"]).is_file()
    (recipe,) = (path for path in context.iterdir() if path.is_file())
    text = recipe.read_text(encoding="utf-8")
    example = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert example["images"]["base_image"]["name"] in text
    assert example["dependencies"]["ansible_core"]["package_pip"] in text
