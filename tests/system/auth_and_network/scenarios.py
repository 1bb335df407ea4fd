# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the tests of the ways in reach the simulator: by whom, where, under which name, and what is heard on the wire."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.journal import Entry
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

METADATA = "169.254.169.254"
KINDS = ("token", "keys", "temporary keys", "password")
# All secrets there are: temporary keys have those of permanent ones, and one more.
KINDS_OF_SECRETS = ("token", "temporary keys", "password")


def who(simulator: Simulator, kind: str) -> dict[str, Any]:
    """Return the options of one of the ``KINDS`` of credential."""
    if kind == "token":
        return {"auth_token": simulator.auth_token}
    if kind == "keys":
        return {"access_key": simulator.access_key, "secret_key": simulator.secret_key}
    if kind == "temporary keys":
        return dict(zip(("access_key", "secret_key", "security_token"), simulator.temporary_key(), strict=True))
    names = ("username", "password", "domain_name")
    return {name: getattr(simulator, name) for name in names}


@dataclass(frozen=True)
class Target:
    """A way to the simulator that says where it is, but not who comes."""

    simulator: Simulator
    patch: pytest.MonkeyPatch
    home: Path

    def who(self, kind: str) -> dict[str, Any]:
        return who(self.simulator, kind)

    def place(self, *without: str, **given: Any) -> dict[str, Any]:
        """Return the options that say where to go, but for those named, and others in their place."""
        place = {
            "endpoint": self.simulator.url,
            "iam_endpoint": self.simulator.url,
            "region": self.simulator.region,
            "project_id": self.simulator.project_id,
            "timeout": 5,
            "retry_timeout": 0,
        }
        return {**{name: value for name, value in place.items() if name not in without}, **given}

    def delete(self, *without: str, check: bool = False, **given: Any) -> Ended:
        """Delete one task, a new one unless ``task_id`` is given."""
        options = self.place(*without, **given)
        task_id = options.pop("task_id", None) or [self.simulator.add_task()]
        return run_module("batch_task", {**options, "task_id": task_id, "state": "absent"}, check=check)

    def set(self, environ: Mapping[str, str]) -> None:
        for name, value in environ.items():
            self.patch.setenv(name, value)

    def asked(self) -> list[str]:
        """Return what was asked, as ``GET /v3/projects``, the IDs of tasks left out."""
        return [f"{entry.method} {shortened(entry.path)}" for entry in self.simulator.journal]


def shortened(path: str) -> str:
    return path.rpartition("/")[0] if "/batchtasks/" in path else path


def speaker(entry: Entry) -> str:
    """Return who sent a request: ``token``, or the ID of the access key that signed it."""
    if "x-auth-token" in entry.headers:
        return "token"
    signed = entry.headers["authorization"]
    return signed.replace("Credential=", "Access=").partition("Access=")[2].partition(",")[0].partition("/")[0]


def reroute(patch: pytest.MonkeyPatch, host: str, url: str | None) -> None:
    """Let ``host``, whatever its port, be where ``url`` is, or nowhere (None), for this process."""
    look_up = socket.getaddrinfo
    target = urlsplit(url or "")

    def redirected(name: Any, *args: Any, **options: Any) -> Any:
        if name not in (host, host.encode()):
            return look_up(name, *args, **options)
        if url is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(target.hostname, target.port, type=socket.SOCK_STREAM)

    patch.setattr(socket, "getaddrinfo", redirected)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Heard:
    """One request as it came over the wire, secrets and all."""

    method: str
    path: str
    host: str
    headers: list[tuple[str, str]]
    body: str

    def text(self) -> str:
        return "\n".join([self.path, *(f"{name}: {value}" for name, value in self.headers), self.body])


@dataclass
class Wiretap:
    """What a simulator hears, where its journal leaves the secrets out."""

    heard: list[Heard] = field(default_factory=list)

    def listen(self, simulator: Simulator, patch: pytest.MonkeyPatch) -> Wiretap:
        note = simulator.journal.open

        def opened(request: Request, body: bytes) -> Entry:
            raw = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]]
            path = request.scope["raw_path"].decode("ascii")
            host = request.headers.get("Host", "")
            self.heard.append(Heard(request.method, path, host, raw, body.decode("latin-1")))
            return note(request, body)

        patch.setattr(simulator.journal, "open", opened)
        return self

    def where(self, text: str) -> list[str]:
        """Return which requests held ``text``."""
        return [f"{heard.method} {shortened(heard.path)}" for heard in self.heard if text in heard.text()]
