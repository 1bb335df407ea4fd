# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another namespace by one command: a copy of the checkout is renamed, and its collection works by its new name."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.documents import ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import Commands
from ansible_collections.huaweicloud.iotda.tests.tools.stage import sources

# Cut in two, so that these do not change themselves in a renamed copy.
OLD = "huaweicloud" + ".iotda"
REPOSITORY = "huaweicloud-iotda/" + OLD
FORMS = (OLD, "ansible_collections/" + "huaweicloud/", '"huaweicloud" ' + '/ "iotda"', "huaweicloud-" + "iotda-*")


@pytest.fixture
def copy(commands: Commands) -> Iterator[Path]:
    """A copy of the checkout, in which nobody else works."""
    folder = commands.folder / "ansible_collections" / "acme" / "iotda"
    for path in sources(ROOT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    yield folder
    shutil.rmtree(folder)


def test_a_renamed_checkout_knows_only_its_new_name_and_works(
    copy: Path, commands: Commands, simulator: Simulator
) -> None:
    renaming = commands.run(["python", str(copy / "tests/tools/rename.py"), "acme"])
    assert renaming.returncode == 0, renaming.stdout

    left = {path: form for path in sources(copy) for form in FORMS if form in _without_repository(copy / path)}
    assert left == {}
    assert REPOSITORY in (copy / "galaxy.yml").read_text(encoding="utf-8")

    task_id = simulator.add_task()
    reach = f"endpoint={simulator.url} project_id={simulator.project_id} auth_token={simulator.auth_token}"
    ended = commands.run(
        ["ansible", "localhost", "-m", "acme.iotda.batch_task", "-a", f"task_id={task_id} state=absent {reach}"],
        environ={"ANSIBLE_COLLECTIONS_PATH": str(commands.folder), "PYTHONPATH": ""},
    )
    assert ended.returncode == 0, ended.stdout
    assert simulator.task_ids() == set()


def test_a_namespace_that_galaxy_refuses_changes_nothing(copy: Path, commands: Commands) -> None:
    for wrong in ("Acme", "acme-inc", "1st", "a__b"):
        ended = commands.run(["python", str(copy / "tests/tools/rename.py"), wrong])
        assert ended.returncode == 2
    assert all((ROOT / path).read_bytes() == (copy / path).read_bytes() for path in sources(copy))


def _without_repository(path: Path) -> str:
    return re.sub(re.escape(REPOSITORY), "", path.read_text(encoding="utf-8", errors="replace"))
