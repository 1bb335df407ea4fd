# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official SDK for Node.js as a second judge: of our signer, of the SDK for Python, and of the simulator.

Run by ``make node``, which installs what ``package-lock.json`` names.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import DerivationAKSKSigner, Signer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import AccessKey
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import Scope
from ansible_collections.huaweicloud.iotda.tests.simulator import Instance, Simulator
from ansible_collections.huaweicloud.iotda.tests.system.test_signing_oracle import Request

PYTHON_SDK = SimpleNamespace(Signer=Signer, DerivationAKSKSigner=DerivationAKSKSigner, SdkRequest=SdkRequest)
SERVICE = "iotdm"


class NodeSdk:
    """A process of Node.js in which the SDK sends what it is told to."""

    def __init__(self) -> None:
        command = ["node", str(Path(__file__).with_name("client.js"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, identity: dict[str, Any], method: str, url: str, **request: Any) -> dict[str, Any]:
        """Send a request; return the body of a success with its ``httpStatusCode``, else what was ``refused``."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({"identity": identity, "method": method, "url": url, **request}), file=self._process.stdin)
        self._process.stdin.flush()
        answered: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answered

    def close(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def node() -> Iterator[NodeSdk]:
    process = NodeSdk()
    yield process
    process.close()


class Recorder(ThreadingHTTPServer):
    """Answers every request with 204, and keeps the last one."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Recording)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.last: tuple[str, str, dict[str, str], bytes] = ("", "", {}, b"")

    def received(self, key: AccessKey) -> Request:
        """Return the last request with the headers that were signed, for others to sign with ``key``."""
        method, target, headers, body = self.last
        names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        path, _mark, query = target.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        signed = {name.title(): headers[name] for name in names}
        return Request(method, headers["host"], path, pairs, signed, body or None, key)

    @property
    def authorization(self) -> str:
        return self.last[2]["authorization"]


class _Recording(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(1 << 20)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.last = (self.command, self.path, headers, body)
        self.send_response_only(204)
        self.end_headers()


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=5)
visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
texts = st.one_of(printable, chinese)
pieces = st.text("abz019-_~.:@+,=&$()*;!\u00e9\u4ee4\u724c\U0001f600", max_size=10).filter(
    lambda piece: piece.strip(".")
)
values = st.one_of(texts, st.integers(-99, 99), st.booleans(), st.lists(texts, min_size=1, max_size=3))
headers = st.dictionaries(st.sampled_from(["Instance-Id", "Accept-Language", "X-Domain-Id", "Zz-Z", "a"]), visible)
objects = st.dictionaries(texts, st.one_of(texts, st.integers(), st.lists(texts), st.none()), max_size=4)
bodies = st.one_of(objects, st.lists(objects, max_size=2))
content_types = st.sampled_from(["application/json", "application/json;charset=utf8", "text/plain"])


@st.composite
def requests_of_node(draw: st.DrawFn) -> dict[str, Any]:
    method = draw(st.sampled_from(["GET", "DELETE", "HEAD", "POST", "PUT", "PATCH"]))
    return {
        "method": method,
        "url": "/" + draw(st.sampled_from(["/", "//"])).join(draw(st.lists(pieces, min_size=1, max_size=5))),
        "queryParams": draw(st.dictionaries(texts.filter(bool), values, max_size=5)),
        "headers": draw(headers),
        **({"data": draw(bodies), "contentType": draw(content_types)} if method in ("POST", "PUT", "PATCH") else {}),
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scope", [None, Scope("cn-north-4", SERVICE)], ids=["standard", "derived"])
@settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "250")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(request=requests_of_node(), access=visible, secret=visible, token=st.one_of(st.none(), visible))
def test_both_sdks_and_we_sign_alike(
    node: NodeSdk,
    recorder: Recorder,
    scope: Scope | None,
    request: dict[str, Any],
    access: str,
    secret: str,
    token: str | None,
) -> None:
    """What has arrived from Node.js is signed anew by us and by the SDK for Python.

    Left out, since Node.js itself sends something other than what it has signed, or signs what the others leave out:

    - paths with a space, a quote, one of ``<>^`{|}`` or ``%20``, all of which it encodes twice; paths with ``.`` and
      ``..``, or two slashes at either end; an endpoint with a slash at its end;
    - query values that are null; query names beyond U+FFFF, which it sorts by UTF-16;
    - a body that is JSON text already; another content type than JSON without a body;
    - header names with an underscore, header values with spaces at their ends, methods in lower case.
    """
    identity = {"endpoint": recorder.url, "ak": access, "sk": secret, "securityToken": token, "projectId": "p1"}
    if scope:
        identity.update(region=scope.region, derived=scope.service)
    assert node.send(identity, **request) == {"httpStatusCode": 204}
    received = recorder.received(AccessKey(access, secret, token))
    assert received.by_sdk(PYTHON_SDK, scope)["Authorization"] == recorder.authorization
    assert received.by_us(scope)["Authorization"] == recorder.authorization


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


def identity_of(
    simulator: Simulator, instance: Instance | None = None, temporary: bool = False, **more: Any
) -> dict[str, Any]:
    """Return who Node.js is: at an instance, it signs with derived keys."""
    access, secret, token = (
        simulator.temporary_key() if temporary else (simulator.access_key, simulator.secret_key, None)
    )
    keys = {"ak": access, "sk": secret, "securityToken": token, "projectId": simulator.project_id}
    derived = {"region": simulator.region, "derived": SERVICE} if instance else {}
    return {"endpoint": instance.url if instance else simulator.url, **keys, **derived, **more}


TASKS = "/v5/iot/{project_id}/batchtasks"


@pytest.mark.parametrize("temporary", [False, True], ids=["permanent", "temporary"])
@pytest.mark.parametrize("edition", [None, "standard"])
def test_simulator_accepts_the_life_of_a_task(
    node: NodeSdk, simulator: Simulator, edition: str | None, temporary: bool
) -> None:
    instance = simulator.add_instance(edition) if edition else None
    who = identity_of(simulator, instance, temporary)
    new = {"task_name": "\u56fa\u4ef6\u5347\u7ea7", "task_type": "firmwareUpgrade", "targets": ["meter_1"]}
    created = node.send(who, "POST", TASKS, data={**new, "document": {"package_id": "p1"}})
    assert created["httpStatusCode"] == 201
    task = f"{TASKS}/{created['task_id']}"
    listed = node.send(who, "GET", TASKS, queryParams={"task_type": "firmwareUpgrade", "limit": 10})
    assert [row["task_name"] for row in listed["batchtasks"]] == [new["task_name"]]
    assert node.send(who, "POST", f"{task}/stop", data={})["httpStatusCode"] == 200
    simulator.clock.advance(60)
    assert node.send(who, "GET", task)["batchtask"]["status"] == "Stopped"
    assert node.send(who, "DELETE", task) == {"httpStatusCode": 204}
    assert node.send(who, "GET", task)["refused"] == 404


def test_simulator_tells_the_project(node: NodeSdk, simulator: Simulator) -> None:
    who = identity_of(simulator, projectId=None, region=simulator.region, iamEndpoint=simulator.url)
    listed = node.send(who, "GET", TASKS, queryParams={"task_type": "freezeDevices"})
    assert listed["httpStatusCode"] == 200
    # Node.js asks with a body, which no call of this kind has.
    assert simulator.oracle.take() == ["GET /v3/projects: request: a body where none is described"]


@pytest.mark.parametrize(
    ("edition", "wrong", "code"),
    [
        (None, {"sk": "wrong"}, "APIGW.0301"),
        (None, {"region": "cn-north-4", "derived": SERVICE}, "APIGW.0301"),
        ("standard", {"derived": None}, "IOTDA.000002"),
        ("standard", {"region": "cn-south-1"}, "IOTDA.000002"),
    ],
    ids=["secret key", "derived at the shared host", "standard at an instance", "another region"],
)
def test_simulator_refuses_a_wrong_signature(
    node: NodeSdk, simulator: Simulator, edition: str | None, wrong: dict[str, Any], code: str
) -> None:
    who = identity_of(simulator, simulator.add_instance(edition) if edition else None, **wrong)
    answered = node.send(who, "GET", TASKS, queryParams={"task_type": "freezeDevices"})
    assert (answered["refused"], answered["errorCode"]) == (401, code)
