# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests of a client, and what makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Request
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire

URL = "https://iotda.example/v5/iot/p1/batchtasks"

Made = Callable[..., tuple[HttpClient, Wire]]


def call(method: str = "GET", **more: Any) -> Request:
    return Request(method, URL, **{"auth": TokenAuth("t1"), **more})
