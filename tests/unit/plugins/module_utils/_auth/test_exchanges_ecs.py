# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys of the ECS metadata service: by version 2, else by version 1, else a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth import exchanges
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    KeyIssuer,
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.exchanges import load_ecs_metadata as load
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer, never_connected

KEY = {"credential": {"access": "a", "secret": "s", "securitytoken": "t", "expires_at": "2026-11-24T00:00:00Z"}}
NOTHING = ProviderContext({}, {})

Network = Callable[..., Wire]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Give what puts written ends in place of the network."""

    def made(*ends: urllib3.HTTPResponse | Exception) -> Wire:
        wire = Wire(*ends)

        def http(config: HttpConfig) -> HttpClient:
            return HttpClient(config, transport=wire)

        monkeypatch.setattr(exchanges, "HttpClient", http)
        return wire

    return made


def key_of(found: ResolvedCredentials) -> AccessKey:
    assert isinstance(found.credentials, KeyIssuer)
    assert found.credentials.first
    return found.credentials.first.value


def test_version_2_asks_for_a_token_first(network: Network) -> None:
    wire = network(answer(200, b"token\n"), answer(200, KEY))
    found = load(NOTHING)
    assert isinstance(found, ResolvedCredentials)
    assert (found.source, key_of(found)) == ("ECS metadata service", AccessKey("a", "s", "t"))
    assert [(request.method, request.url) for request in wire.sent] == [
        ("PUT", "http://169.254.169.254/meta-data/latest/api/token"),
        ("GET", "http://169.254.169.254/openstack/latest/securitykey"),
    ]
    assert wire.sent[0].headers["X-Metadata-Token-Ttl-Seconds"] == "21600"
    assert wire.sent[1].headers["X-Metadata-Token"] == "token"


def test_metadata_request_has_a_short_timeout(network: Network) -> None:
    wire = network(requests.ReadTimeout("x"))
    load(NOTHING)
    assert [manner["timeout"] for manner in wire.manners] == [(2.0, 2.0)]


@pytest.mark.parametrize("status", [404, 405, 503])
def test_version_1_knows_no_token(network: Network, status: int) -> None:
    wire = network(answer(status), answer(200, KEY))
    assert isinstance(load(NOTHING), ResolvedCredentials)
    assert "X-Metadata-Token" not in wire.sent[1].headers


@pytest.mark.parametrize("token", [b"a\r\nb: c", "é".encode(), b"\xff"])
def test_token_invalid_in_a_header_is_not_sent(network: Network, token: bytes) -> None:
    wire = network(answer(200, token), answer(401))
    load(NOTHING)
    assert "X-Metadata-Token" not in wire.sent[1].headers


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_ecs_without_an_agency_is_reported(network: Network, status: int) -> None:
    network(answer(200, b"token"), answer(status))
    assert load(NOTHING) == f"ECS metadata service: it answered {status}, as it does when the ECS has no agency"


def test_a_refused_token_is_reported(network: Network) -> None:
    network(answer(403))
    assert load(NOTHING) == "ECS metadata service: it answered 403 to the token request"


def test_unreachable_service_is_reported_not_raised(network: Network) -> None:
    network(never_connected())
    assert load(NOTHING) == "ECS metadata service: could not connect to 169.254.169.254 within 2 s"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[" * 100_000, [], {}, {"credential": None}, {"credential": {"access": "a", "secret": "s"}}]
    + [{"credential": {"access": "a", "secret": "", "securitytoken": "t"}}]
    + [{"credential": {"access": "a", "secret": 7, "securitytoken": "t"}}],
    ids=lambda content: str(content)[:30],
)
def test_an_answer_without_a_whole_key_is_reported(network: Network, content: Any) -> None:
    network(answer(200, b"token"), answer(200, content))
    assert load(NOTHING) == "ECS metadata service: its answer contains no access key"


def test_no_proxy_stands_before_it(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    wire = network(answer(200, b"token"), answer(200, KEY))
    load(NOTHING)
    assert [manner["proxies"] for manner in wire.manners] == [{}, {}]
