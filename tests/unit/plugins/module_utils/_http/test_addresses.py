# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints: what a user may write, what is refused, and what a host name tells; and which CA files can be used."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.addresses import (
    CA_BUNDLES,
    base_url,
    ca_setting,
    check_region,
    default_url,
    host_of,
    is_instance_host,
    is_loopback,
    region_of,
    user_info_of,
)

SHARED = "https://iotda.cn-north-4.myhuaweicloud.com"
INSTANCE = "https://9bc34x.st1.iotda-app.ap-southeast-3.myhuaweicloud.com"


@pytest.mark.parametrize("region", ["cn-north-4", "ap-southeast-3", "ru-moscow-1", "my-kualalumpur-1", "eu-west-101"])
def test_a_region_is_taken_as_it_is(region: str) -> None:
    assert check_region(region) == region


@pytest.mark.parametrize(
    "region",
    [
        "",
        "cn",
        "CN-north-4",
        "cn-north-4 ",
        "cn-north-4\n",
        "cn north 4",
        "cn-north-4.evil",
        "cn--4",
        "c-1",
        "cn-é-1",
        "-a",
    ],
)
def test_what_is_no_region_is_refused_by_name(region: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_region(region)
    assert str(caught.value) == f"region must be a region name such as cn-north-4, not {region!r}"


@pytest.mark.parametrize(("service", "url"), [("iotda", SHARED), ("iam", "https://iam.cn-north-4.myhuaweicloud.com")])
def test_default_url(service: str, url: str) -> None:
    assert default_url(service, "cn-north-4") == url


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (SHARED, SHARED),
        (SHARED + "/", SHARED),
        ("iotda.cn-north-4.myhuaweicloud.com", SHARED),
        ("  " + SHARED + "\n", SHARED),
        ("HTTPS://host", "https://host"),
        ("host:8443", "https://host:8443"),
        ("https://10.0.0.1:443", "https://10.0.0.1:443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("[::1]", "https://[::1]"),
        ("my_host.example.", "https://my_host.example."),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LocalHost", "http://LocalHost"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.9.9.9/", "http://127.9.9.9"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_base_url_is_scheme_host_and_port(written: str, url: str) -> None:
    assert base_url(written, "endpoint", allow_http=False) == url


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ftp://host", "must begin with https://, not ftp://"),
        ("://host", "must begin with https://"),
        ("https://host/v5", "nothing after it"),
        ("https://host?a=1", "nothing after it"),
        ("https://host#a", "nothing after it"),
        ("", "must name a host"),
        ("  ", "must name a host"),
        ("https://", "must name a host"),
        ("https://:443", "must name a host"),
        ("https://a b", "must name a host"),
        ("https://-a", "must name a host"),
        ("https://a..-", "must name a host"),
        ("https://a\\.example", "must name a host"),
        ("https://{{ host }}", "must name a host"),
        ("https://iotda..myhuaweicloud.com", "must name a host"),
        ("https://.example", "must name a host"),
        ("https://a-.example", "must name a host"),
        (f"https://{'a' * 64}.example", "must name a host"),
        ("https:", "must name a host"),
        ("host:", "must name a host"),
        ("https://ho\nst", "must not contain line breaks"),
        ("https://ho\rst:80\n80", "must not contain line breaks"),
        ("https://ho\tst", "must not contain line breaks"),
        ("https://host:99999", "is not a usable address"),
        ("https://host:port", "is not a usable address"),
        ("https://host:\u0663", ""),
        ("https://host:000443", "must name a host"),
        ("https://[::1", "is not a usable address"),
        ("https://[::1]evil", ""),
        ("https://[::1]:80evil", "is not a usable address"),
        ("https://evil[::1]", ""),
        ("https://[v1.a]", "must name a host"),
        ("https://[host]", ""),
        ("https://[10.0.0.1]", ""),
        ("https://[]", ""),
        ("https://ho\u2100st", "is not a usable address"),
    ],
)
def test_an_unusable_endpoint_is_refused(written: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        base_url(written, "iam_endpoint", allow_http=True)
    assert str(caught.value).startswith("iam_endpoint ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "https://user:pass@host",
        "user@host",
        "http://127.0.0.1@host",
        "https://@host",
        "https://user:pa#ss@host",
        "https://user:pa/ss@host",
        "https://user:pa?ss@host",
        "https://user:pa[ss@host",
        "https://user:pa]ss@host",
        "https://user:pa\u2100ss@host",
        "https://host/@pass",
    ],
)
def test_credentials_in_an_endpoint_are_refused(written: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        base_url(written, "endpoint", allow_http=True)
    assert "must not contain a user name or a password" in str(caught.value)
    assert not {"pass", "pa", "ss"} & set(re.split(r"\W+", str(caught.value)))


@pytest.mark.parametrize(
    "written",
    ["https://user:hush", "https://hush:x", "https://h/hush", "https://h?a=hush", "https://h#hush", "h ush:1"],
)
def test_what_may_be_a_secret_is_not_repeated(written: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        base_url(written, "endpoint", allow_http=True)
    assert "ush" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("https://user:pass@host", "user:pass@"),
        ("https://user:p@ss@host:443", "user:p@ss@"),
        ("https://user:p/?#[ss@host", "user:p/?#[ss@"),
        ("user@host", "user@"),
        ("https://[::1]:8443/", None),
        ("https://host:8443/v5", None),
        ("https://host", None),
        ("host", None),
        ("https://@host", None),
        ("", None),
    ],
)
def test_user_info(written: str, found: str | None) -> None:
    assert user_info_of(written) == found


@pytest.mark.parametrize("written", ["https://[fe80::1%25eth0]", "https://[fe80::1%eth0]:443", "https://a%2eb"])
def test_a_zone_of_an_address_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError, match="endpoint must not contain a %, as an IPv6 address with a zone does"):
        base_url(written, "endpoint", allow_http=False)


@pytest.mark.parametrize(
    "written",
    ["http://host", "http://10.0.0.1", "http://localhost.example", "http://127.0.0.1.example", "http://0.0.0.0"],
)
def test_plain_http_is_refused_beyond_this_machine(written: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        base_url(written, "endpoint", allow_http=False)
    host = written[len("http://") :]
    assert str(caught.value) == (
        f"endpoint must not be plain http, since credentials would be sent unencrypted to {host}; use https://"
    )


def test_plain_http_is_taken_where_it_is_allowed() -> None:
    assert base_url("http://host", "endpoint", allow_http=True) == "http://host"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("::", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("url", "instance", "region"),
    [
        (SHARED, False, "cn-north-4"),
        (SHARED.upper().replace("HTTPS", "https"), False, "cn-north-4"),
        (SHARED + ":443", False, "cn-north-4"),
        (INSTANCE, True, "ap-southeast-3"),
        ("https://abc.iotda-app.internal", True, None),
        (INSTANCE.replace("iotda-app", "IOTDA-APP"), True, "ap-southeast-3"),
        ("https://x.st1.iotda-device.cn-north-4.myhuaweicloud.com", False, None),
        ("https://iotda-app.cn-north-4.myhuaweicloud.com", False, None),
        ("https://notiotda.cn-north-4.myhuaweicloud.com", False, None),
        ("https://iotda.example.com", False, None),
        ("http://127.0.0.1:8080", False, None),
    ],
)
def test_kind_and_region_are_read_from_the_host(url: str, instance: bool, region: str | None) -> None:
    assert is_instance_host(url) is instance
    assert region_of(url) == region


def test_host_of_keeps_the_port() -> None:
    assert host_of("http://127.0.0.1:8080/v5/iot") == "127.0.0.1:8080"


@given(st.text(max_size=40))
def test_any_text_is_a_base_url_or_refused(text: str) -> None:
    try:
        url = base_url(text, "endpoint", allow_http=False)
    except ConfigurationError:
        return
    assert url == base_url(url, "endpoint", allow_http=False)
    assert not set(url) & set(" \t\r\n@?#\\")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 << 30)


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing": (lambda path: None, "a file that cannot be read \\(No such file or directory\\)"),
    "a pipe": (pipe, "something that is not a file"),
    "a directory": (Path.mkdir, "a directory without hashed certificates \\(see openssl rehash\\)"),
    "a huge file": (huge, "a file larger than 10 MiB"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("name", [None, *CA_BUNDLES])
def test_what_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, name: str | None
) -> None:
    make, problem = UNUSABLE[kind]
    path = tmp_path / "ca.pem"
    make(path)
    if name:
        monkeypatch.setenv(name, str(path))
    origin = f"The environment variable {name}" if name else "ca_path"
    message = f"^{origin} must name a file of CA certificates, but names {problem}: {path}$"
    with pytest.raises(ConfigurationError, match=message):
        ca_setting(True if name else str(path))


def test_a_directory_of_hashed_certificates_is_used(tmp_path: Path) -> None:
    (tmp_path / "1a2b3c4d.0").write_text("")
    assert ca_setting(str(tmp_path)) == str(tmp_path)


def test_without_verification_no_file_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such")
    assert ca_setting(False) is False
