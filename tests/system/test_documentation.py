# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README and guides: each code block is saved or run as it stands, in order, and prints what it is shown to print.

One reader follows a document from top to bottom. Where its sections are alternatives, each has a reader of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import request_of
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator, fleet
from ansible_collections.huaweicloud.iotda.tests.simulator.clock import Clock
from ansible_collections.huaweicloud.iotda.tests.simulator.server import Loop
from ansible_collections.huaweicloud.iotda.tests.simulator.sts import POD_PATH
from ansible_collections.huaweicloud.iotda.tests.system.awx import fake_awx
from ansible_collections.huaweicloud.iotda.tests.system.doc_runner import HOSTS_MODULE, OUTPUT, Reader
from ansible_collections.huaweicloud.iotda.tests.system.documents import GUIDES, ROOT, Block, blocks
from ansible_collections.huaweicloud.iotda.tests.system.harness import BIN, clean_environment, write_workbook
from ansible_collections.huaweicloud.iotda.tests.tools.stage import sources

DOCUMENTS = [ROOT / "README.md", *sorted(GUIDES.glob("*.rst"))]
OF_ALTERNATIVES = ("authentication.rst",)
# Documents that show how to install the collection; the readers of all others have it.
INSTALLING = ("README.md", "getting_started.rst", "In CI with OpenID Connect", "In CI with access keys")
# Documents whose examples use different batch tasks, so that one simulator serves for all of them.
ON_ONE_SIMULATOR = ("README.md", "getting_started.rst", "authentication.rst")
VIRTUAL_ENVIRONMENT = "ansible-venv"

SHARED = tuple(f"{service}.cn-north-4.myhuaweicloud.com" for service in ("iotda", "iotda-mgmt", "iam", "sts"))
INSTANCES = {
    "meters_north": "a1b2c3d4e5.st1.iotda-app.cn-north-4.myhuaweicloud.com",
    "meters_south": "f6a7b8c9d0.st1.iotda-app.cn-north-4.myhuaweicloud.com",
}
GITHUB = "https://github.com/huaweicloud-iotda/huaweicloud.iotda"
# What only a user who needs it has.
OF_THE_USER = ("tests/integration/integration_config.yml",)
METADATA = "169.254.169.254"

# What the text takes for granted, by document or section: variables that are set, with the words of the documents.
KEYS = {"HW_ACCESS_KEY": "YOUR-ACCESS-KEY", "HW_SECRET_KEY": "YOUR-SECRET-KEY"}
WITH_REGION = {**KEYS, "HW_REGION_NAME": "cn-north-4"}
TAKEN_FOR_GRANTED: dict[str, dict[str, str]] = {
    "campaigns.rst": WITH_REGION,
    "cleanup.rst": WITH_REGION,
    "inventory.rst": KEYS,
    "troubleshooting.rst": WITH_REGION,
    "awx.rst": KEYS,
    "In CI with access keys": KEYS,
    "In CI with OpenID Connect": {"HUAWEICLOUD_OIDC_ID_TOKEN": "YOUR-ID-TOKEN"},
    "In a pod of CCE": {
        "HC_CONTAINER_CREDENTIALS_FULL_URI": "YOUR-POD-URI",
        "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": "YOUR-POD-TOKEN-FILE",
    },
}


# How the simulator behaves for a document; what is not said here is the same for all.
SETTINGS: dict[str, dict[str, Any]] = {
    "campaigns.rst": {"waiting_takes": 0, "processing_takes": 0},
}


@dataclass(frozen=True)
class Reading:
    """What one reader follows."""

    name: str
    blocks: list[Block] = field(repr=False)


def readings() -> Iterator[Reading]:
    for document in DOCUMENTS:
        found = blocks(document)
        if document.name in OF_ALTERNATIVES:
            for section, part in groupby(found, key=lambda block: block.section):
                yield Reading(section, list(part))
        elif found:
            yield Reading(document.name, found)


READINGS = list(readings())


class _Authority(trustme.CA):
    """A CA whose certificates are also for the hosts of Huawei Cloud."""

    def issue_cert(self, *identities: str, **options: Any) -> trustme.LeafCert:
        return super().issue_cert(*identities, *SHARED, *INSTANCES.values(), **options)


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as users get it."""
    folder = tmp_path_factory.mktemp("tarball")
    _galaxy("build", "--output-path", str(folder), str(ROOT))
    (found,) = folder.glob("*.tar.gz")
    return found


@pytest.fixture(scope="module")
def collections(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the collection has been installed."""
    folder = tmp_path_factory.mktemp("collections")
    _galaxy("install", "--offline", "-p", str(folder), str(tarball))
    for name in ("awx.awx", "ansible.controller"):
        fake_awx.write_collection(folder, name)
    return folder


def _galaxy(*arguments: str) -> None:
    command = [str(BIN / "ansible-galaxy"), "collection", *arguments]
    # Without the test's own paths, where the collection is installed already.
    environ = {
        name: value for name, value in clean_environment().items() if not name.startswith(("ANSIBLE_", "PYTHON"))
    }
    ended = subprocess.run(
        command, check=False, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as GitHub would serve it."""
    folder = tmp_path_factory.mktemp("repository")
    for path in sources(ROOT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    author = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    for command in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message", "All"]):
        subprocess.run(["git", "-C", str(folder), *command], timeout=60, check=True)
    return folder


@pytest.fixture
def reader(
    request: pytest.FixtureRequest, tmp_path: Path, home: Path, tarball: Path, repository: Path
) -> Iterator[Reader]:
    """A reader for the reading that is the test's parameter, on whose machine the simulator is Huawei Cloud."""
    name = request.getfixturevalue("reading").name
    folder = tmp_path / "reader"
    folder.mkdir()
    built = folder / ".work/dist"
    built.mkdir(parents=True)
    for place in (folder, built):
        shutil.copy(tarball, place)
    (folder / "vault-password").write_text("invented\n", encoding="utf-8")
    write_workbook(folder / "lost_meters.xlsx")
    (home / ".gitconfig").write_text(f'[url "file://{repository}"]\ninsteadOf = {GITHUB}.git\n', encoding="utf-8")
    (tmp_path / "awx.json").write_text("{}", encoding="utf-8")
    settings = {**fleet.SETTINGS, "stopping_takes": 0, **SETTINGS.get(name, {})}
    with Simulator(tls=True, ca=_Authority(), clock=Clock(frozen=True), fill=fleet.fill, **settings) as simulator:
        # A task of the fleet finishes by itself some seconds after the start, before a reader comes to it.
        simulator.clock.advance(60)
        simulator.add_agency()
        environ = _environment(simulator, home, tmp_path / "python")
        environ[fake_awx.STORE] = str(tmp_path / "awx.json")
        if name in INSTALLING:
            # What is installed into an environment of the reader's own is there already, since pip may reach nothing.
            environ["PYTHONPATH"] += f":{sysconfig.get_path('purelib')}"
        else:
            environ["ANSIBLE_COLLECTIONS_PATH"] = str(request.getfixturevalue("collections"))
            (home / VIRTUAL_ENVIRONMENT).symlink_to(BIN.parent)
            (home / ".ansible").mkdir(exist_ok=True)
            (home / ".ansible/collections").symlink_to(environ["ANSIBLE_COLLECTIONS_PATH"])
        plain = Loop(5.0, None)
        try:
            environ["KNOWN_HOSTS"] = json.dumps(_hosts(simulator, plain))
            words = {**_words(simulator), **_pod(plain.serve(simulator.shared_app()), simulator, home)}
            given = {
                variable: words[word] for variable, word in TAKEN_FOR_GRANTED.get(name, {}).items() if word in words
            }
            region = {"HW_REGION_NAME": simulator.region} if "HW_REGION_NAME" in TAKEN_FOR_GRANTED.get(name, {}) else {}
            yield Reader(folder, {**environ, **given, **region}, words)
        finally:
            plain.close()


def _environment(simulator: Simulator, home: Path, python: Path) -> dict[str, str]:
    python.mkdir()
    (python / "sitecustomize.py").write_text(HOSTS_MODULE, encoding="utf-8")
    kept = {name: value for name, value in clean_environment().items() if not name.startswith("ANSIBLE_")}
    own = {
        "HOME": str(home),
        "PYTHONPATH": str(python),
        "OS_CACERT": str(simulator.ca_file),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return {**kept, **own}


def _hosts(simulator: Simulator, plain: Loop) -> dict[str, int]:
    """Return the port of this machine at which each host of the documents is."""
    urls = dict.fromkeys(SHARED, simulator.url)
    urls.update({INSTANCES[name]: one.url for name, one in fleet.add_instances(simulator, INSTANCES).items()})
    # The metadata service speaks plain HTTP, unlike the others.
    urls[METADATA] = plain.serve(simulator.shared_app())
    return {host: int(url.rsplit(":", 1)[1]) for host, url in urls.items()}


def _pod(url: str, simulator: Simulator, home: Path) -> dict[str, str]:
    """Return what CCE sets in a pod; its service speaks plain HTTP, as the metadata service does."""
    path = home / "pod-token"
    path.write_text(simulator.pod_identity.token, encoding="utf-8")
    return {"YOUR-POD-URI": url + POD_PATH, "YOUR-POD-TOKEN-FILE": str(path)}


def _words(simulator: Simulator) -> dict[str, str]:
    return {
        "YOUR-ACCESS-KEY": simulator.access_key,
        "YOUR-SECRET-KEY": simulator.secret_key,
        "YOUR-PROJECT-ID": simulator.project_id,
        "YOUR-ACCOUNT": simulator.domain_name,
        "YOUR-USER": simulator.username,
        "YOUR-PASSWORD": simulator.password,
        "YOUR-TOKEN": simulator.auth_token,
        "YOUR-ID-TOKEN": simulator.id_token(expires_in=10**6),
        "YOUR-CLIENT-ID": "invented",
        "YOUR-PROVIDER-URN": simulator.settings.oidc_provider_urn,
        "YOUR-AGENCY-URN": simulator.settings.oidc_agency_urn,
        "YOUR-AWX-USER": "invented",
        "YOUR-AWX-PASSWORD": "invented",
    }


@pytest.mark.parametrize("reading", READINGS, ids=[reading.name for reading in READINGS])
def test_what_a_document_says_works_as_it_stands(reading: Reading, reader: Reader) -> None:
    for block, following in pairwise([*reading.blocks, None]):
        assert block is not None
        fails = following is not None and following.language == OUTPUT and "FAILED!" in following.text
        reader.follow(block, fails)
    assert reader.ran


@pytest.mark.parametrize("reading", [reading for reading in READINGS if reading.name == "cleanup.rst"], ids=["cleanup"])
def test_the_line_for_cron_fails_without_inventory(reading: Reading, reader: Reader) -> None:
    """Ansible ends before the role begins: a mail says so, and there is no report of the day."""
    script, line = (block for block in reading.blocks if block.caption in ("~/bin/iotda-nightly", "crontab"))
    home = Path(reader.environ["HOME"])
    reader.follow(script, fails=False)
    mail = home / "bin/mail"
    mail.write_text('#!/bin/sh\n{ echo "$@"; cat; } > "$HOME/mailed"\n', encoding="utf-8")
    mail.chmod(0o755)
    reader.environ = {**reader.environ, "PATH": f"{mail.parent}:{reader.environ['PATH']}"}
    reader.follow(line, fails=True)
    mailed = (home / "mailed").read_text(encoding="utf-8")
    assert mailed.startswith("-s IoTDA prune failed (1), report: report-")
    assert "parse" in mailed
    assert list((home / "iotda").glob("report-*")) == []


def test_readers_can_go_from_one_document_to_the_next() -> None:
    named = {
        path.name: set(re.findall(r"\b[0-9a-f]{24}\b", path.read_text(encoding="utf-8")))
        for path in DOCUMENTS
        if path.name in ON_ONE_SIMULATOR
    }
    assert [pair for pair in combinations(named, 2) if named[pair[0]] & named[pair[1]]] == []
    ages = {sample.task_id: sample.age for sample in fleet.SAMPLES}
    assert set.union(*named.values()) <= set(ages)
    # README prunes what is older than 90 days.
    assert [task_id for ids in named.values() for task_id in ids if ages[task_id] >= 90] == []


def test_the_example_of_an_inventory_is_right() -> None:
    (group,) = yaml.safe_load((ROOT / "docs/examples/instances.yml").read_text(encoding="utf-8")).values()
    assert len(group["hosts"]) > 1
    for variables in group["hosts"].values():
        given = {**group["vars"], **variables}
        assert request_of(given, given.get).mistakes == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_no_code_block_is_overlooked(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".rst":
        marks = len(
            re.findall(r"^ *\.\. (?:code-block|code|sourcecode|parsed-literal)::|^(?! *\.\.).*::$", text, re.MULTILINE)
        )
    else:
        marks = len(re.findall(r"^ *(```|~~~)", text, re.MULTILINE)) // 2
    assert marks == len(blocks(document))
    assert all(block.text.strip() for block in blocks(document))


@pytest.mark.parametrize("document", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *GUIDES.glob("*.rst")]))
def test_files_that_are_named_exist(document: Path) -> None:
    """Paths of the repository; links to its files, relative or to GitHub."""
    text = document.read_text(encoding="utf-8")
    in_repository = re.findall(rf"{GITHUB}/(?:blob|tree)/main/([\w./-]+)", text)
    named = re.findall(r"`((?:changelogs|docs|meta|playbooks|plugins|tests)/[\w./-]+\.\w+)`", text)
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    named += in_repository
    missing = [path for path in named if path not in OF_THE_USER and not (ROOT / path).exists()]
    assert missing + [path for path in links if not (document.parent / path).exists()] == []


def test_awx_guide_lists_survey_questions() -> None:
    survey = yaml.safe_load((ROOT / "roles/awx/files/survey.yml").read_text(encoding="utf-8"))
    guide = (GUIDES / "awx.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^   \* - (.+)\n     - ``(prune_\w+)``$", guide, re.MULTILINE)
    assert rows == [(question["question_name"], question["variable"]) for question in survey["spec"]]


def test_every_guide_is_in_the_index() -> None:
    index = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))
    listed = [entry for section in index["sections"] for entry in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in GUIDES.glob("*.rst"))


def test_the_architecture_names_packages_and_files() -> None:
    code = ROOT / "plugins/module_utils"
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert {path.name for path in code.glob("_[a-z]*")} <= set(re.findall(r"^\| `(_\w+)` \|", text, re.MULTILINE))
    assert [path for path in re.findall(r"`(_\w+/[\w/]+\.py)`", text) if not (code / path).exists()] == []
