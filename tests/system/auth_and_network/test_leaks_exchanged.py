# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret gets out: neither the keys that are exchanged for an identity, nor those of the metadata service."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.echo import HOW, Echo
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.exchanged import EXCHANGES
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.leak_scene import (
    FAULTS,
    Scene,
    denied,
    output_of,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import METADATA, Target, reroute

EXCHANGE_PATHS = "id-token|securitytokens|assume-with-oidc|pod-identity"
EXCHANGED = ("ID token", "OIDC with everything", "agency", "pod identity")


def test_nothing_leaks_of_the_metadata_service(
    scene: Scene, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    reroute(scene.patch, METADATA, scene.simulator.url)
    for name, fault in {"success": None, **FAULTS}.items():
        for method in ("PUT", "GET"):
            if fault:
                scene.simulator.fault(method, "token|securitykey", times=None, **fault)
            scene.run(f"{name} of {method}", "metadata")
            scene.simulator.clear_faults()
    denied(scene)
    scene.run("no permission", "metadata")
    tokens = [value for heard in scene.heard.heard for key, value in heard.headers if key == "x-metadata-token"]
    for number, token in enumerate(token for token in tokens if len(token) > 50):
        scene.scanner.look_for(f"metadata token {number}", token, as_it_is=True)
    scanner = scene.end(caplog, capfd)
    assert [name for name in scanner.secrets if "HSTSIM" in name]
    assert tokens
    assert scanner.hits() == []
    assert scanner.size >= 120 * 10


@pytest.mark.parametrize("kind", EXCHANGED)
def test_nothing_leaks_of_keys_in_exchange(
    scene: Scene, kind: str, home: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    given = EXCHANGES[kind].set_up(Target(scene.simulator, scene.patch, home))
    for name, fault in {"success": None, **FAULTS}.items():
        if fault:
            scene.simulator.fault("POST", EXCHANGE_PATHS, times=None, **fault)
        scene.run(f"{name} of the exchange", kind, **given)
        scene.simulator.clear_faults()
    scene.simulator.fault(path="/v5/", status=401, times=None)
    scene.run("keys that nobody takes", kind, **given)
    scene.simulator.clear_faults()
    with Echo() as echo:
        scene.patch.setenv("HUAWEICLOUD_SDK_STS_ENDPOINT", echo.url)
        if kind == "pod identity":
            scene.patch.setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", f"{echo.url}/v1")
        for echo.how in HOW:
            scene.run(f"echo in {echo.how}", kind, iam_endpoint=echo.url, **given)
        assert echo.count >= len(HOW)
    for number, token in enumerate([*scene.simulator.accounts.id_tokens, scene.simulator.pod_identity.token]):
        scene.scanner.look_for(f"identity token {number}", token)
    scanner = scene.end(caplog, capfd)
    assert [name for name in scanner.secrets if "HSTSIM" in name]
    assert scanner.hits() == []


@pytest.mark.parametrize("kind", EXCHANGED)
def test_an_exchanged_token_goes_to_its_service_only(scene: Scene, kind: str, home: Path) -> None:
    given = EXCHANGES[kind].set_up(Target(scene.simulator, scene.patch, home))
    assert '"failed": true' not in output_of(
        "batch_task_info", {**scene.here(), "project_id": None, "timeout": 5, **given}
    )
    tokens = [*scene.simulator.accounts.id_tokens, scene.simulator.pod_identity.token, *scene.simulator.accounts.tokens]
    held = [heard for heard in scene.heard.heard if any(token in heard.text() for token in tokens)]
    assert not [heard for heard in held if heard.path.startswith(("/v5/iot/", "/v3/projects"))]
    secrets = [key.secret for key in scene.simulator.accounts.keys.values()]
    assert not [heard for heard in scene.heard.heard if any(secret in heard.text() for secret in secrets)]
