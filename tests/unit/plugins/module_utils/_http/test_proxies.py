# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies of the environment: which one is for a URL, and addresses that are none."""

from __future__ import annotations

import sys
from urllib.request import getproxies

import pytest
from urllib3.connection import HTTPSConnection

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.proxies import Proxies

URL = "https://iotda.example:8443/v5/iot"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def for_url(url: str = URL) -> str | None:
    return Proxies(getproxies()).for_url(url)


def test_without_variables_there_is_none() -> None:
    assert for_url() is None


@pytest.mark.parametrize(
    ("address", "used"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("proxy:3128", "http://proxy:3128"),
        ("proxy", "http://proxy"),
        ("http://user:p%40ss@10.0.0.1:3128", "http://user:p%40ss@10.0.0.1:3128"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_an_address_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch, address: str, used: str) -> None:
    monkeypatch.setenv("https_proxy", address)
    assert for_url() == used


@pytest.mark.parametrize(
    "address",
    [
        "http://user:hush@",
        "http://user:hush@:3128",
        "http://user:hush@proxy:port",
        "http://user:hush@proxy:99999",
        "http://user:hush@[::1",
        "http://user:hush@a b",
        "http://user:hush@a..b",
        "http://user:hush\u20ac@proxy",
        "http://user:hush%E2%82%AC@proxy",
        "http:///hush",
        "//hush",
    ],
)
def test_an_unusable_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(TransportError) as caught:
        for_url()
    assert str(caught.value) == "the proxy for iotda.example:8443 has an address that is not usable"
    assert caught.value.cause == "address"
    assert not caught.value.ambiguous


def test_a_proxy_that_is_not_used_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:hush@")
    assert for_url() is None
    monkeypatch.setenv("https_proxy", "http://user:hush@")
    monkeypatch.setenv("no_proxy", "iotda.example")
    assert for_url() is None


def test_plain_http_to_this_machine_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    assert for_url("http://127.0.0.1:1") is None
    assert for_url("http://iotda.example") == "http://proxy:3128"


def test_another_kind_of_proxy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "ftp://user:hush@proxy")
    with pytest.raises(TransportError, match="has a scheme that is not supported: ftp$"):
        for_url()


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks5", "socks5h"])
def test_socks_needs_a_library(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setitem(sys.modules, "urllib3.contrib.socks", None)
    monkeypatch.setenv("https_proxy", f"{scheme}://user:hush@proxy:1")
    with pytest.raises(TransportError, match="is a SOCKS proxy, for which this Python lacks the library PySocks$"):
        for_url()


def test_tls_to_the_proxy_needs_a_recent_urllib3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.connection.HTTPSConnection", object)
    monkeypatch.setenv("https_proxy", "https://user:hush@proxy:1")
    with pytest.raises(TransportError, match="is an https:// proxy, which needs urllib3 1.26 or later$"):
        for_url()


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("http://user:p%40ss@p:1", ["p%40ss", "user:p%40ss", "p@ss", "user:p@ss", "dXNlcjpwQHNz"]),
        ("user:pass@p:1", ["pass", "user:pass", "pass", "user:pass", "dXNlcjpwYXNz"]),
        ("http://u:p%C3%A4s@p", ["p%C3%A4s", "u:p%C3%A4s", "p\u00e4s", "u:p\u00e4s", "dTpw5HM="]),
        ("http://tok%65n@p:1", ["tok%65n", "token"]),
        ("http://tok%65n:@p:1", ["tok%65n", "token"]),
        ("http://p:1", []),
        ("http://user:hush@[::1", ["http://user:hush@[::1"]),
    ],
)
def test_what_of_a_proxy_must_not_be_shown(address: str, secrets: list[str]) -> None:
    assert Proxies({"https": address}).secrets == secrets


@pytest.mark.skipif(
    not hasattr(HTTPSConnection, "_connect_tls_proxy"), reason="HTTPS proxies need urllib3 1.26 or later"
)
def test_an_https_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "https://proxy:3129")
    assert for_url() == "https://proxy:3129"
