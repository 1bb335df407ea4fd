# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README and guides: each code block is saved or run as it stands, in order, and prints what it is shown to print.

One reader follows a document from top to bottom. Where its sections are alternatives, each has a reader of its own.
"""

from __future__ import annotations

import fcntl
import json
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, groupby, pairwise
from pathlib import Path
from typing import IO, Any

import pytest
import trustme
import yaml

from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._prune.request import request_of
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator, fleet
from ansible_collections.huaweicloud.iotda.tests.simulator.clock import Clock
from ansible_collections.huaweicloud.iotda.tests.simulator.server import Loop
from ansible_collections.huaweicloud.iotda.tests.simulator.sts import POD_PATH
from ansible_collections.huaweicloud.iotda.tests.system.awx import fake_awx
from ansible_collections.huaweicloud.iotda.tests.system.doc_runner import HOSTS_MODULE, OUTPUT, Reader, command_of
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
            (home / ".ansible").mkdir(exist_ok=True)
            (home / ".ansible/collections").symlink_to(environ["ANSIBLE_COLLECTIONS_PATH"])
        plain = Loop(5.0, None)
        try:
            environ["KNOWN_HOSTS"] = json.dumps(_hosts(simulator, plain))
            if name not in INSTALLING:
                _write_virtual_environment(home, environ)
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


def _write_virtual_environment(home: Path, environ: Mapping[str, str]) -> None:
    """Give the reader Ansible, which finds the hosts of this machine even if the reader's environment is empty."""
    path = home / VIRTUAL_ENVIRONMENT / "bin/ansible-playbook"
    path.parent.mkdir(parents=True)
    machine = [f"export {name}={shlex.quote(environ[name])}" for name in ("KNOWN_HOSTS", "PYTHONPATH", "OS_CACERT")]
    path.write_text("\n".join(["#!/bin/sh", *machine, f'exec {BIN}/ansible-playbook "$@"', ""]), encoding="utf-8")
    path.chmod(0o755)


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


def nothing_wrong(home: Path) -> None:
    """The night is as any other."""


def no_inventory(home: Path) -> None:
    (home / "instances.yml").unlink()


def too_few_instances(home: Path) -> None:
    path = home / "instances.yml"
    path.write_text(path.read_text(encoding="utf-8").partition("    meters_south:")[0], encoding="utf-8")


def no_folder(home: Path) -> None:
    (home / "iotda").write_text("", encoding="utf-8")


def instances_are_not_found(home: Path) -> None:
    """They are discovered, as the guide says, with a secret key that is wrong."""
    script = home / "bin/iotda-nightly"
    script.write_text(
        script.read_text(encoding="utf-8").replace("$HOME/instances.yml", "$HOME/nightly/account.iotda.yml"),
        encoding="utf-8",
    )
    (home / "nightly").mkdir()
    (home / "nightly/account.iotda.yml").write_text(
        "plugin: huaweicloud.iotda.instances\nregions: [cn-north-4]\n", encoding="utf-8"
    )
    credentials = home / ".huaweicloud/credentials"
    text = credentials.read_text(encoding="utf-8")
    credentials.write_text(re.sub("^sk = .*$", "sk = wrong", text, flags=re.MULTILINE), encoding="utf-8")


def a_run_goes_on(home: Path) -> IO[str]:
    (home / "iotda").mkdir()
    lock = (home / "iotda/.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


@pytest.mark.parametrize("reading", [reading for reading in READINGS if reading.name == "cleanup.rst"], ids=["cleanup"])
@pytest.mark.parametrize(
    ("happens", "subject", "says", "reports"),
    [
        (nothing_wrong, None, "", 1),
        (no_inventory, "failed (1)", "parse", 0),
        (too_few_instances, "failed (2)", "fewer instances to prune (2) than prune_min_instances (3)", 1),
        (no_folder, "failed (1)", "", 0),
        (instances_are_not_found, "failed (1)", "check access_key and secret_key or the token", 0),
        (a_run_goes_on, "failed (75)", "Status 75: the previous run is still going", 0),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_the_line_for_cron_in_the_environment_of_cron(
    reading: Reading, reader: Reader, happens: Callable[[Path], object], subject: str | None, says: str, reports: int
) -> None:
    """It prunes without a variable of the user's shell; if anything is wrong, a mail says so."""
    home = Path(reader.environ["HOME"])
    files = ("~/instances.yml", "~/bin/iotda-nightly", "~/.huaweicloud/credentials")
    for block in reading.blocks:
        if block.caption in files:
            reader.follow(block, fails=False)
    mail = home / "bin/mail"
    mail.write_text('#!/bin/sh\n{ echo "$@"; cat; } > "$HOME/mailed"\n', encoding="utf-8")
    mail.chmod(0o755)
    held = happens(home)
    (line,) = (block.text for block in reading.blocks if block.caption == "crontab")
    environ = {"HOME": str(home), "LOGNAME": "invented", "SHELL": "/bin/sh", "PATH": f"{mail.parent}:/usr/bin:/bin"}
    ended = subprocess.run(["/bin/sh", "-c", command_of(line)], cwd=home, env=environ, timeout=120, check=False)
    del held  # the lock, if the night began with one
    mailed = (home / "mailed").read_text(encoding="utf-8") if (home / "mailed").exists() else None
    assert (ended.returncode != 0) == (mailed is not None) == (subject is not None), mailed
    if mailed:
        assert mailed.startswith(f"-s IoTDA prune {subject}, report: report-")
        assert says in " ".join(mailed.split())  # some versions of ansible-core wrap a warning
    assert len(list((home / "iotda").glob("report-*.html"))) == reports


def test_an_approved_report_is_deleted_where_it_was_read(tmp_path: Path, home: Path, collections: Path) -> None:
    """Whatever the environment says: another project there, and another instance that has no such tasks."""
    with Simulator() as simulator:
        lamps, neighbour = (simulator.add_instance("professional", name) for name in ("lamps", "neighbour"))
        task_ids = {lamps.add_task(), lamps.add_task()}
        variables = {"iotda_endpoint": simulator.url, "iotda_instance_id": lamps.instance_id, "prune_older_than": "0d"}
        (tmp_path / "instances.yml").write_text(json.dumps({"all": {"hosts": {"lamps": variables}}}), encoding="utf-8")
        (playbook,) = (block.text for block in blocks(GUIDES / "cleanup.rst") if block.caption == "delete_approved.yml")
        (tmp_path / "delete_approved.yml").write_text(playbook, encoding="utf-8")
        right = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "HOME": str(home), **simulator.environ()}
        elsewhere = {
            "HUAWEICLOUD_SDK_PROJECT_ID": simulator.add_project("elsewhere").project_id,
            "HUAWEICLOUD_IOTDA_INSTANCE_ID": neighbour.instance_id,
        }
        for environ, arguments in (
            (right, ("huaweicloud.iotda.prune", "-e", "prune_report=approved.json")),
            ({**right, **elsewhere}, ("delete_approved.yml",)),
        ):
            assert lamps.task_ids() == task_ids
            ended = subprocess.run(
                [str(BIN / "ansible-playbook"), "-i", "instances.yml", *arguments],
                cwd=tmp_path,
                env={**clean_environment(), **environ},
                stdout=subprocess.PIPE,
                text=True,
                timeout=120,
                check=False,
            )
            assert ended.returncode == 0, ended.stdout
        assert lamps.task_ids() == set()
        logged = [json.loads(line) for line in (tmp_path / "approved.jsonl").read_text(encoding="utf-8").splitlines()]
        assert {line["task_id"] for line in logged} == task_ids


SIMULATOR_USERS = ("cleanup.rst", "campaigns.rst", "inventory.rst", "troubleshooting.rst")


@pytest.mark.parametrize(
    "reading",
    [reading for reading in READINGS if reading.name in SIMULATOR_USERS],
    ids=lambda reading: reading.name,
)
def test_a_guide_works_with_the_simulator_that_it_has_started(
    reading: Reading, collections: Path, tmp_path: Path, home: Path
) -> None:
    """As the guide tells readers without an account: with what ``make simulator`` prints, at its own addresses."""
    folder = tmp_path / "reader"
    folder.mkdir()
    write_workbook(folder / "lost_meters.xlsx")
    tls = ["--tls"] if "18080 --tls" in (GUIDES / reading.name).read_text(encoding="utf-8") else []
    ready = tmp_path / "ready"
    command = [
        sys.executable,
        "-m",
        "ansible_collections.huaweicloud.iotda.tests.simulator",
        "--ready-file",
        str(ready),
    ]
    with subprocess.Popen([*command, *tls], stdout=subprocess.PIPE, text=True) as started:
        try:
            _wait_for(ready)
            printed = _printed(started)
            # The guides count on the task that finishes by itself some seconds after the start.
            time.sleep(10 if reading.name == "cleanup.rst" else 0)
            reader = _user_of_the_simulator(folder, home, collections, printed)
            for block, following in pairwise([*_for_the_simulator(reading, printed), None]):
                assert block is not None
                # A simulated upgrade, begun or retried before, is processed for five seconds. Readers take longer.
                time.sleep(6 if block.caption in ("check_upgrade.yml", "stop.yml") else 0)
                fails = following is not None and following.language == OUTPUT and "FAILED!" in following.text
                reader.follow(block, fails)
        finally:
            started.terminate()


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, "the simulator has not started"
        time.sleep(0.05)


def _printed(started: subprocess.Popen[str]) -> str:
    """Return what the simulator printed; the variables come last, and the secret key is the last without TLS."""
    assert started.stdout
    lines = []
    for line in started.stdout:
        lines.append(line)
        if line.startswith("export OS_CACERT" if "--tls" in started.args else "export HW_SECRET_KEY"):  # type: ignore[operator] # a list
            break
    return "".join(lines)


def _user_of_the_simulator(folder: Path, home: Path, collections: Path, printed: str) -> Reader:
    exported = dict(re.findall(r"^export (\w+)=(.*)$", printed, re.MULTILINE))
    bare = {name: value for name, value in clean_environment().items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    own = {"HOME": str(home), "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_NOCOLOR": "1"}
    (home / VIRTUAL_ENVIRONMENT).symlink_to(BIN.parent)
    (home / ".ansible").mkdir()
    (home / ".ansible/collections").symlink_to(collections)
    url = exported["HUAWEICLOUD_IOTDA_ENDPOINT"]
    words = {
        "YOUR-ACCESS-KEY": exported["HW_ACCESS_KEY"],
        "YOUR-SECRET-KEY": f"{exported['HW_SECRET_KEY']}\nproject_id = {exported['HUAWEICLOUD_SDK_PROJECT_ID']}"
        f"\niam_endpoint = {url}",
        "iotda_region: cn-north-4": f"iotda_endpoint: {url}",
        "prune_min_instances=3": "prune_min_instances=1",
    }
    return Reader(folder, {**bare, **own, **exported}, words)


def _for_the_simulator(reading: Reading, printed: str) -> Iterator[Block]:
    """Yield the blocks with the changes that the guide demands."""
    added = re.search(r"^management_endpoint: (?:.+\n)+", printed, re.MULTILINE)
    for block in reading.blocks:
        if block.caption and block.caption.endswith(".iotda.yml"):
            assert added
            endpoint, compose = added[0].split("compose:\n")
            text = block.text if "compose:" in block.text else f"{block.text}compose:\n"
            yield replace(block, text=endpoint + text.replace("compose:\n", f"compose:\n{compose}"))
        elif block.caption == "~/instances.yml":
            yield replace(block, text=block.text.partition("    meters_north:")[0])
        elif block.language == OUTPUT and ("3 instances" in block.text or "iotda-app" in block.text):
            continue  # what the text says to differ
        elif not block.caption or block.caption != "crontab":
            yield block


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


def test_the_architecture_names_what_exists() -> None:
    code = ROOT / "plugins/module_utils"
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert {path.name for path in code.glob("_[a-z]*")} <= set(re.findall(r"^\| `(_\w+)` \|", text, re.MULTILINE))
    files = [path for folder in ("plugins", "roles", "tests") for path in (ROOT / folder).rglob("*.*")]
    sources = [path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".j2")]
    words = {word for source in sources for word in re.findall(r"\w+", source)}
    known = {"changelogs/fragments", *(path.name for path in files)}  # that folder comes with the first fragment
    places = (ROOT, code, ROOT / "tests/system")
    named = set(re.findall(r"`([\w./-]+)`", text)) - known
    missing = [name for name in named if not any((place / name).exists() for place in places)]
    assert [name for name in missing if not words.issuperset(re.split(r"[.-]", name))] == []
