# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in the SDK's file: its section, its words, its silences."""

from __future__ import annotations

import configparser
import errno
import os
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    KeyIssuer,
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.files import load_sdk_file as load
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give where the file is by default, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".huaweicloud").mkdir()
    return tmp_path / ".huaweicloud" / "credentials"


DEFAULT = ProviderContext({}, {})


def test_the_section_is_read_whole(path: Path) -> None:
    path.write_text("[basic]\nak = a\nsk = s%%x\nsecurity_token = t\nproject_id = p\niam_endpoint = https://iam\n")
    source = f"SDK credentials file ({path})"
    assert load(DEFAULT) == ResolvedCredentials(
        source, AccessKey("a", "s%x", "t"), project_id="p", iam_endpoint="https://iam"
    )


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("[basic]\nak = a\nkey = of-a-reference\nsk = %(key)s\n", "of-a-reference"),
        ("[DEFAULT]\nkey = of-all\n[basic]\nak = a\nsk = %(KEY)s%%(key)s\n", "of-all%(key)s"),
        ("[DEFAULT]\nsk = of-all\n[basic]\nak = a\n", "of-all"),
    ],
)
def test_a_reference_is_replaced_as_by_the_sdk(
    path: Path, monkeypatch: pytest.MonkeyPatch, text: str, secret: str
) -> None:
    path.write_text(text)
    found = load(DEFAULT)
    assert isinstance(found, ResolvedCredentials)
    assert found.credentials == AccessKey("a", secret)
    sdk = pytest.importorskip("huaweicloudsdkcore.auth.provider", reason="the SDK runs only where tests of it do")
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(path))
    assert sdk.ProfileCredentialProvider.get_basic().get_credentials().sk == secret


REFUSED = [
    ("sk = hush%", "the value of sk"),
    ("sk = 100% hush", "the value of sk"),
    ("sk = %(hush)s", "the value of sk"),
    ("sk = %(sk)s hush", "the value of sk"),
    ("sk = %(hush", "the value of sk"),
    ("project_id = hush%x", "the value of project_id"),
    ("hush = %", "a value"),
]


@pytest.mark.parametrize(("line", "named"), REFUSED)
def test_what_the_sdk_refuses_is_refused_in_a_sentence(path: Path, line: str, named: str) -> None:
    path.write_text(f"[basic]\nak = a\n{line}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(DEFAULT)
    assert str(caught.value) == (
        f"The SDK credentials file {path} has a % in {named} that does not begin a reference such as %(ak)s to another "
        "value of the section; write %% for a percent sign, as the SDK demands"
    )


@pytest.mark.parametrize("line", [line for line, _named in REFUSED])
def test_the_sdk_refuses_the_same(path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    sdk = pytest.importorskip("huaweicloudsdkcore.auth.provider", reason="the SDK runs only where tests of it do")
    path.write_text(f"[basic]\nak = a\n{line}\n")
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(path))
    with pytest.raises(configparser.InterpolationError):
        sdk.ProfileCredentialProvider.get_basic().get_credentials()


def test_what_the_section_does_not_say_is_not_known(path: Path) -> None:
    path.write_text("[basic]\nak=a\nsk=s\nsecurity_token=\nproject_id=\n")
    assert load(DEFAULT) == ResolvedCredentials(f"SDK credentials file ({path})", AccessKey("a", "s"))


def test_an_option_names_another_file(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("[basic]\nak=a\nsk=s\n")
    found = load(ProviderContext({"credentials_file": "~/other"}, {}))
    assert isinstance(found, ResolvedCredentials)
    assert found.source == f"SDK credentials file ({other})"


def test_missing_file_is_no_error_at_the_default_path(path: Path) -> None:
    assert load(DEFAULT) == f"SDK credentials file: {path} does not exist"


def test_no_file_is_an_error_where_an_option_named_it() -> None:
    with pytest.raises(ConfigurationError, match="^credentials_file names a file that does not exist: /no/such$"):
        load(ProviderContext({"credentials_file": "/no/such"}, {}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no section [basic]"),
        ("[global]\nak=a\nsk=s\n", "has no section [basic]"),
        ("[basic]\nproject_id=p\n", "contains no credentials"),
    ],
)
def test_a_file_that_names_nothing_says_so(path: Path, text: str, reason: str) -> None:
    path.write_text(text)
    end = load(DEFAULT)
    assert isinstance(end, str)
    assert end.startswith("SDK credentials file: ")
    assert reason in end


@pytest.mark.parametrize(("text", "missing"), [("ak=a", "sk"), ("sk=s", "ak"), ("security_token=t", "ak and sk")])
def test_half_a_key_is_an_error(path: Path, text: str, missing: str) -> None:
    path.write_text(f"[basic]\n{text}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(DEFAULT)
    assert str(caught.value) == (
        f"The credentials from the SDK credentials file {path} are incomplete: {missing} must be set as well"
    )


@pytest.mark.parametrize("text", ["hush", "[basic]\nhush", "[basic]\nsk=hush\nsk=hush\n"])
def test_error_for_invalid_ini_file_does_not_quote_it(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="is not a readable INI file$") as caught:
        load(DEFAULT)
    assert "hush" not in str(caught.value)


def test_a_file_that_is_no_text_is_an_error(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="/credentials is not a text file in UTF-8"):
        load(DEFAULT)


def test_byte_order_mark_is_ignored(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf[basic]\nak=a\nsk=s\n")
    assert load(DEFAULT) == ResolvedCredentials(f"SDK credentials file ({path})", AccessKey("a", "s"))


def test_a_pipe_is_an_error_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="/credentials is not a regular file$"):
        load(DEFAULT)


def test_what_cannot_be_read_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    path.touch()
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ConfigurationError, match="/credentials cannot be read: Permission denied$"):
        load(DEFAULT)


@pytest.mark.parametrize("name", ["/a\0b", "/a\ud800b"], ids=ascii)
def test_what_no_file_can_be_called_is_an_error(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(ProviderContext({"credentials_file": name}, {}))
    assert str(caught.value) == f"credentials_file is not a usable path: {name!r}"


def test_a_huge_file_is_an_error_at_once(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 << 30)
    with pytest.raises(ConfigurationError, match="is larger than 1 MiB, the limit for credentials files$"):
        load(DEFAULT)


def test_a_file_that_a_variable_names_is_called_by_it(path: Path) -> None:
    context = ProviderContext(
        {"credentials_file": "/nope"}, {}, {"credentials_file": "HUAWEICLOUD_SDK_CREDENTIALS_FILE"}
    )
    with pytest.raises(ConfigurationError, match="^HUAWEICLOUD_SDK_CREDENTIALS_FILE names a file that does not exist"):
        load(context)


def test_an_id_token_comes_before_keys(path: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("id-token\n")
    path.write_text(f"[basic]\nak=a\nsk=s\nidp_id = idp\nid_token_file = {token}\n")
    found = load(DEFAULT)
    assert isinstance(found, ResolvedCredentials)
    assert isinstance(found.credentials, KeyIssuer)


@pytest.mark.parametrize(("text", "missing"), [("idp_id = idp", "id_token_file"), ("id_token_file = /x", "idp_id")])
def test_half_an_id_token_is_an_error(path: Path, text: str, missing: str) -> None:
    path.write_text(f"[basic]\n{text}\n")
    with pytest.raises(ConfigurationError, match=f"are incomplete: {missing} must be set as well$"):
        load(DEFAULT)


def test_a_directory_is_an_error(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigurationError, match="/credentials is not a regular file$"):
        load(DEFAULT)
