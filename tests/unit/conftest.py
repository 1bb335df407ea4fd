# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all unit tests share: hypothesis that repeats itself, and no credentials or proxies of the machine's user."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("unit", deadline=None, derandomize=True, database=None, max_examples=200)
settings.load_profile("unit")

_OF_THE_USER = (
    "HUAWEICLOUD_",
    "HW_",
    "OS_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_",
    "CURL_",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the user's environment could add to a test."""
    for name in list(os.environ):
        if name.upper().startswith(_OF_THE_USER):
            monkeypatch.delenv(name)
