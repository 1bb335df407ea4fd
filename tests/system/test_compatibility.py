# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide "Where it runs": each of its rows names a test that walks it, or the day on which it was tried by hand."""

from __future__ import annotations

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.callers import playbook
from ansible_collections.huaweicloud.iotda.tests.system.documents import GUIDES, ROOT
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, Commands
from ansible_collections.huaweicloud.iotda.tests.tools import matrix

PLAY = "ansible-playbook -i inventory playbook.yml"
PULL = (
    "git init -q . && git add . && git -c user.name=a -c user.email=a@example.com commit -qm a && ansible-pull -d {} {}"
)
RUNNER = "mkdir project && mv playbook.yml environment.json project && ansible-runner {} --inventory inventory"
# The task of the playbook in other ways: the first column of the guide, then what is added to the play and to the task,
# then the command.
WAYS = {
    "``linear``": ("strategy: linear", "", PLAY),
    "``free``": ("strategy: free", "", PLAY),
    "``host_pinned``": ("strategy: host_pinned", "", PLAY),
    "``debug``": ("strategy: debug", "", PLAY),
    "``async`` and ``poll``": ("", "async: 60\n      poll: 1", PLAY),
    "ansible-pull": ("", "", PULL.format("pulled", "-U file://$PWD -i $PWD/inventory -l all playbook.yml")),
    "ansible-runner": ("", "", RUNNER.format("run . -p playbook.yml")),
    "ansible-runner in parts": (
        *("", ""),
        RUNNER.format("transmit . -p playbook.yml") + " | ansible-runner worker | ansible-runner process out",
    ),
    "mitogen": ("strategy: mitogen_linear", "", PLAY),
}
GUIDE = GUIDES / "compatibility.rst"
TRIED = re.compile(r"``tests/[\w/]+\.(?:py|txt)``|by hand on 20\d\d-\d\d-\d\d, |not tried$")


def rows() -> list[tuple[str, str]]:
    """Return the first and the last column of the guide's tables."""
    found = []
    for row in re.split(r"^   \* - ", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        cells = re.split(r"\n     - ", re.split(r"\n\n(?! )", row)[0])
        found.append((cells[0], " ".join(cells[-1].split())))
    return [row for row in found if row[1] != "Tried"]


def test_each_row_says_how_it_was_tried() -> None:
    assert [row for row in rows() if not TRIED.search(row[1])] == []
    assert {first for first, tried in rows() if f"``tests/system/{Path(__file__).name}``" in tried} == set(WAYS)


def test_versions_are_those_that_are_tested() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    files = [ROOT / "tests/requirements.txt", Path(matrix.__file__)]
    pinned = set(re.findall(r"([\w-]+)==(\w+\.[\w.]+)", "\n".join(path.read_text(encoding="utf-8") for path in files)))
    cores = {core for name, core in pinned if name == "ansible-core"} - {matrix.OF_OLD_UNITS}
    assert set(re.findall(r"(2\.\d\d\.\w+) on Python", guide)) == cores | {row.ansible_core for row in matrix.ROWS}
    named = set(re.findall(r"([\w-]+)(?:``)? (\d+\.\d+\.\d+)\b", guide))
    tools = set(dict(pinned)) - {"ansible-core"}
    assert {one for one in named if one[0] in tools} <= pinned


@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_run(commands: Commands, simulator: Simulator, way: str) -> None:
    play, task, command = WAYS[way]
    ids = dict(zip(("localhost", "plant"), simulator.add_tasks(2), strict=True))
    lines = [f"{host} task={task_id}" for host, task_id in ids.items()]
    more = ["[all:vars]", "ansible_connection=local", "ansible_python_interpreter={{ansible_playbook_python}}"]
    more.append(f"ansible_async_dir={commands.folder}/async")
    for name, content in {
        "environment.json": json.dumps(simulator.environ()),
        "inventory": "\n".join([*lines, *more, ""]),
        "playbook.yml": playbook("task", play, task),
    }.items():
        (commands.folder / name).write_text(content, encoding="utf-8")
    own = {"PATH": os.pathsep.join([str(BIN), commands.environ["PATH"]])}
    if way == "mitogen":
        own["ANSIBLE_STRATEGY_PLUGINS"] = str(Path(find_spec("ansible_mitogen").origin).parent / "plugins/strategy")
    ended = commands.run(["/bin/sh", "-c", command], own, timeout=240)
    assert ended.returncode == 0, ended.stdout
    assert len(re.findall(r"(?m)^changed: \[", ended.stdout)) == 2, ended.stdout
    assert simulator.task_ids() == set()
