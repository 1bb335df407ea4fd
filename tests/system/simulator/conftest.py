# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator for each test, and three kinds of clients for it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from ansible_collections.huaweicloud.iotda.tests.simulator import Clock, Instance, Simulator


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The official SDK, which writes into the home directory when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("NO_PROXY", "*")
        yield SimpleNamespace(
            iotda=importlib.import_module("huaweicloudsdkiotda.v5"),
            iotdm=importlib.import_module("huaweicloudsdkiotdm.v5"),
            form=importlib.import_module("huaweicloudsdkcore.http.formdata"),
            auth=importlib.import_module("huaweicloudsdkcore.auth.credentials"),
            errors=importlib.import_module("huaweicloudsdkcore.exceptions.exceptions"),
            http=importlib.import_module("huaweicloudsdkcore.http.http_config"),
            region=importlib.import_module("huaweicloudsdkcore.region.region"),
        )


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def frozen() -> Iterator[Simulator]:
    """A simulator whose time stands still unless it is moved."""
    with Simulator(clock=Clock(frozen=True)) as simulator:
        yield simulator


@pytest.fixture
def sdk_client(sdk: Any) -> Callable[..., Any]:
    """Make a client of the SDK: for an instance by derived signing, else by plain signing."""

    def make(sim: Simulator, instance: Instance | None = None, credentials: Any = None) -> Any:
        credentials = credentials or sdk.auth.BasicCredentials(sim.access_key, sim.secret_key, sim.project_id)
        url = instance.url if instance else sim.url
        config = sdk.http.HttpConfig.get_default_config()
        config.ignore_ssl_verification = True
        builder = sdk.iotda.IoTDAClient.new_builder().with_http_config(config)
        if instance and instance.dedicated:
            credentials.with_derived_predicate(sdk.auth.BasicCredentials.get_default_derived_predicate())
            return builder.with_credentials(credentials).with_region(sdk.region.Region(sim.region, url)).build()
        return builder.with_credentials(credentials).with_endpoint(url).build()

    return make


@pytest.fixture
def signed(sim: Simulator, sdk: Any) -> Callable[..., requests.Response]:
    """Send a request that the official signer has signed, with the simulator's key or a temporary one."""
    signer = importlib.import_module("huaweicloudsdkcore.signer.signer").Signer
    request_class = importlib.import_module("huaweicloudsdkcore.sdk_request").SdkRequest

    def send(method: str, target: str, body: Any = None, key: dict[str, str] | None = None) -> requests.Response:
        path, _separator, query = target.partition("?")
        headers = {"X-Security-Token": key["securitytoken"]} if key else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        identity = SimpleNamespace(
            ak=key["access"] if key else sim.access_key, sk=key["secret"] if key else sim.secret_key
        )
        request = request_class(
            method=method,
            host=sim.url.partition("//")[2],
            resource_path=path,
            query_params=parse_qsl(query),
            header_params=headers,
            body=json.dumps(body) if body is not None else "",
        )
        signer(identity).sign(request)
        return requests.request(
            method, sim.url + request.uri, data=request.body, headers=request.header_params, timeout=10
        )

    return send


class Api:
    """Plain requests with a token."""

    def __init__(self, sim: Simulator, url: str | None = None) -> None:
        self.root = f"{url or sim.url}/v5/iot/{sim.project_id}/batchtasks"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Auth-Token"] = sim.auth_token

    def __call__(self, method: str, path: str = "", **options: Any) -> requests.Response:
        """Send a request; a list is of the type ``freezeDevices`` unless ``params`` say otherwise."""
        options.setdefault("timeout", 10)
        if method == "GET" and not path:
            options["params"] = {"task_type": "freezeDevices", **options.get("params", {})}
        return self.session.request(method, self.root + path, allow_redirects=False, **options)

    def pages(self, path: str, key: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
        marker = "f" * 24
        while True:
            reply = self("GET", path, params={"limit": 50, **query, "marker": marker}).json()
            if not reply[key]:
                return
            yield reply[key]
            marker = reply["page"]["marker"]


@pytest.fixture
def api(sim: Simulator) -> Iterator[Api]:
    found = Api(sim)
    with found.session:
        yield found


@pytest.fixture
def api_for() -> Callable[..., Api]:
    return Api
