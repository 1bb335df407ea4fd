# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables: the first that is set, and what is no text. Files: only regular ones, and none is waited for."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.system import (
    IrregularFileError,
    check_text,
    first_set,
    open_at_once,
    open_regular,
    read_regular,
)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [pipe, Path.mkdir, link_to_a_device])
def test_what_is_not_regular_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "named"
    make(path)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(IrregularFileError):
        read_regular(str(path), 10)
    assert len(os.listdir("/proc/self/fd")) == before, "left open"


@pytest.mark.parametrize("make", [pipe, listening])
def test_nobody_at_the_other_end_is_an_error_of_the_system(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "named")
    with pytest.raises(OSError, match="No such device or address"):
        open_at_once(str(tmp_path / "named"), os.O_WRONLY)


def test_no_more_is_read_than_wanted(tmp_path: Path) -> None:
    path = tmp_path / "ten"
    path.write_bytes(b"0123456789")
    assert read_regular(str(path), 10) == b"0123456789"
    assert read_regular(str(path), 9) is None


def test_a_new_file_is_its_owners_alone_and_no_childs(tmp_path: Path) -> None:
    descriptor = open_regular(str(tmp_path / "new"), os.O_WRONLY | os.O_CREAT)
    assert os.fstat(descriptor).st_mode & 0o777 == 0o600
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)


def test_the_first_that_is_not_empty_counts() -> None:
    assert first_set({"B": "", "C": "c", "D": "d"}, ["A", "B", "C", "D"]) == "C"
    assert first_set({"B": ""}, ["A", "B"]) is None


def test_non_utf8_value_is_rejected_by_variable_name() -> None:
    environ = {"A": "\u00e4\U0001f600", "B": "hush\udcff"}
    check_text(environ, "A")
    check_text(environ, None)
    with pytest.raises(ConfigurationError) as caught:
        check_text(environ, "B")
    assert str(caught.value) == "The environment variable B is not text in UTF-8"
