# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of CA certificates: which is used, and which cannot be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.ca_files import CA_BUNDLES, ca_setting


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
