# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS, with a good certificate and with bad ones."""

from __future__ import annotations

from typing import Literal

import pytest
import requests
import trustme

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator


def _get(sim: Simulator) -> requests.Response:
    url = f"{sim.url}/v5/iot/{sim.project_id}/batchtasks?task_type=freezeDevices"
    return requests.get(url, headers={"X-Auth-Token": sim.auth_token}, verify=sim.ca_file, timeout=10)


def test_good_certificate() -> None:
    with Simulator(tls=True) as sim:
        assert sim.url.startswith("https://127.0.0.1:")
        assert _get(sim).status_code == 200
        instance = sim.add_instance()
        assert requests.get(instance.url, verify=sim.ca_file, timeout=10).status_code == 404
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(sim.url, timeout=10)


@pytest.mark.parametrize(("tls", "reason"), [("expired", "certificate has expired"), ("other_name", "127.0.0.1")])
def test_bad_certificates(tls: Literal["expired", "other_name"], reason: str) -> None:
    with Simulator(tls=tls) as sim, pytest.raises(requests.exceptions.SSLError, match=reason):
        _get(sim)


def test_common_ca() -> None:
    ca = trustme.CA()
    with Simulator(tls=True, ca=ca) as first, Simulator(tls=True, ca=ca) as second:
        first.ca_file = second.ca_file
        assert _get(first).status_code == 200


@pytest.mark.parametrize("kind", ["reset", "close", "cut_body"])
def test_faults_break_tls_connections_too(kind: str) -> None:
    with Simulator(tls=True) as sim:
        sim.add_task()
        sim.fault(kind=kind)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            _get(sim)
        assert _get(sim).status_code == 200
