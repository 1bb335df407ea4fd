# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies of the environment: which one is for a URL, and addresses that are none."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import TransportError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.proxies import passwords_of, proxies_for

URL = "https://iotda.example:8443/v5/iot"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_variables_there_is_none() -> None:
    assert proxies_for(URL) == {}


@pytest.mark.parametrize(
    "address",
    ["http://proxy:3128", "proxy:3128", "proxy", "http://user:p%40ss@10.0.0.1:3128", "http://[::1]:1", "socks5h://p:1"],
)
def test_an_address_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("https_proxy", address)
    assert proxies_for(URL)["https"] == address


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
def test_an_address_that_is_none_is_told_without_it(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(TransportError) as caught:
        proxies_for(URL)
    assert str(caught.value) == "the address of the proxy on the way to iotda.example:8443 is not usable"
    assert caught.value.cause == "address"
    assert not caught.value.ambiguous


def test_a_proxy_that_is_not_used_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:hush@")
    assert proxies_for(URL)["http"] == "http://user:hush@"
    monkeypatch.setenv("https_proxy", "http://user:hush@")
    monkeypatch.setenv("no_proxy", "iotda.example")
    assert proxies_for(URL) == {}


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("http://user:p%40ss@p:1", ["p%40ss", "user:p%40ss", "p@ss", "user:p@ss", "dXNlcjpwQHNz"]),
        ("user:pass@p:1", ["pass", "user:pass", "pass", "user:pass", "dXNlcjpwYXNz"]),
        ("http://u:p%C3%A4s@p", ["p%C3%A4s", "u:p%C3%A4s", "p\u00e4s", "u:p\u00e4s", "dTpw5HM="]),
        ("http://tok%65n@p:1", ["tok%65n", "token"]),
        ("http://tok%65n:@p:1", ["tok%65n", "token"]),
        ("http://p:1", []),
        (None, []),
    ],
)
def test_what_of_a_proxy_must_not_be_shown(address: str | None, secrets: list[str]) -> None:
    assert passwords_of(URL, {"https": address} if address else {}) == secrets
