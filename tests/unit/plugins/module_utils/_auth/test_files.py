# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file with a token: the token alone, or one sentence that does not show what is there instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.files import read_token
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file is."""
    return tmp_path / "token"


@pytest.mark.parametrize("text", ["eyJ.x-y_z", "eyJ.x-y_z\n", "  eyJ.x-y_z\r\n\n"])
def test_blanks_around_a_token_are_ignored(path: Path, text: str) -> None:
    path.write_text(text)
    assert read_token(str(path), "VARIABLE") == "eyJ.x-y_z"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "which is empty; it must contain a token"),
        (" \n", "which is empty; it must contain a token"),
        ('{"value":"hush"}', "which contains JSON or a token in quotes"),
        ('{\n  "value": "hush"\n}\n', "which contains JSON or a token in quotes"),
        ('["hush"]', "which contains JSON or a token in quotes"),
        ('"hush"\n', "which contains JSON or a token in quotes"),
        ("'hush'", "which contains JSON or a token in quotes"),
        ("hush hush", "which does not contain exactly one token"),
        ("hush\nhush", "which does not contain exactly one token"),
        ("hüsh", "which does not contain exactly one token"),
    ],
)
def test_anything_else_is_named_and_not_shown(path: Path, text: str, problem: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_token(str(path), "VARIABLE")
    assert str(caught.value).startswith(f"VARIABLE names {path}, {problem}")
    assert "hush" not in str(caught.value)
