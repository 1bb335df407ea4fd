# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies, .netrc and redirects: what stands between, and what must not turn a credential to somebody else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import (
    KINDS,
    Target,
    Wiretap,
    free_port,
)

USER, PASSWORD = "proxy-user", "proxy-p@ss:word"
QUOTED = "proxy-p%40ss%3Aword"
PATIENCE = 20.0


@dataclass(frozen=True)
class Proxy:
    """A proxy.py process."""

    port: int
    log: Path

    def url(self, who: str = "") -> str:
        return f"http://{who}127.0.0.1:{self.port}"

    def connections(self) -> str:
        """Return its log, in which every connection is noted when it ends."""
        return self.log.read_text(encoding="utf-8")


def start(folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], Proxy]:
    port_file, log = folder / "port", folder / "log"
    own = ["--hostname", "127.0.0.1", "--port", "0", "--port-file", str(port_file), "--log-file", str(log)]
    small = ["--num-workers", "1", "--num-acceptors", "1", "--data-dir", str(folder)]
    process = subprocess.Popen([sys.executable, "-m", "proxy", *own, *small, *options], stderr=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    while not (port_file.exists() and port_file.read_text().strip()):
        assert time.monotonic() < until, "the proxy does not start"
        assert process.poll() is None, "the proxy ended"
        time.sleep(0.02)
    return process, Proxy(int(port_file.read_text()), log)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that lets everybody pass."""
    process, proxy = start(tmp_path_factory.mktemp("proxy"))
    yield proxy
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that asks for a password."""
    process, proxy = start(tmp_path_factory.mktemp("guarded"), "--basic-auth", f"{USER}:{PASSWORD}")
    yield proxy
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Target]:
    """A target to a simulator that speaks TLS, and is trusted."""
    with Simulator(tls=True, ca=authority) as simulator:
        assert simulator.ca_file
        monkeypatch.setenv("OS_CACERT", simulator.ca_file)
        yield Target(simulator, monkeypatch, home)


def passed(proxy: Proxy, target: Target) -> bool:
    """Whether a connection to the simulator of ``target`` went by ``proxy``, which notes it a little later."""
    host = urlsplit(target.simulator.url).netloc
    until = time.monotonic() + PATIENCE
    while f"CONNECT {host}" not in proxy.connections():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


# HTTPS_PROXY


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_is_used(secure: Target, proxy: Proxy, kind: str) -> None:
    secure.set({"HTTPS_PROXY": proxy.url()})
    assert secure.delete("project_id", **secure.who(kind)).outcomes == ["deleted"]
    assert passed(proxy, secure)
    assert not [value for value in secure.who(kind).values() if len(value) > 20 and value in proxy.connections()]


def test_a_proxy_is_used_for_many_at_once(secure: Target, proxy: Proxy) -> None:
    secure.set({"https_proxy": proxy.url()})
    ended = secure.delete(**secure.who("keys"), task_id=secure.simulator.add_tasks(50), concurrency=10)
    assert ended.outcomes == ["deleted"] * 50
    assert passed(proxy, secure)


def test_a_proxy_with_a_password_is_used(secure: Target, guarded: Proxy) -> None:
    secure.set({"HTTPS_PROXY": guarded.url(f"{USER}:{QUOTED}@")})
    ended = secure.delete(**secure.who("token"))
    assert ended.outcomes == ["deleted"]
    assert passed(guarded, secure)
    assert "proxy-authorization" not in secure.simulator.journal[-1].headers


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_password_of_a_proxy_is_not_shown(secure: Target, guarded: Proxy, kind: str) -> None:
    secure.set({"HTTPS_PROXY": guarded.url(f"{USER}:hush-wrong@")})
    ended = secure.delete("project_id", **secure.who(kind), retry_timeout=1)
    assert ended.failed
    assert not ended.changed
    assert "the proxy for 127.0.0.1" in ended.msg
    assert "407" in ended.msg
    assert "check the user and the password in HTTPS_PROXY" in ended.result["hint"]
    assert "hush-wrong" not in ended.text
    assert secure.asked() == []


def test_a_missing_proxy_password_is_reported(secure: Target, guarded: Proxy) -> None:
    secure.set({"HTTPS_PROXY": guarded.url()})
    ended = secure.delete(**secure.who("keys"))
    assert "407" in ended.msg
    assert secure.asked() == []


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "*", "example.com,127.0.0.1"])
def test_no_proxy_leads_past_it(secure: Target, no_proxy: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    secure.set({"HTTPS_PROXY": nobody, "NO_PROXY": no_proxy})
    assert secure.delete(**secure.who("keys")).outcomes == ["deleted"]


def test_an_unreachable_proxy_is_reported(secure: Target) -> None:
    secure.set({"HTTPS_PROXY": f"http://{USER}:hush-word@127.0.0.1:{free_port()}"})
    ended = secure.delete(**secure.who("keys"))
    assert ended.failed
    assert "could not connect to the proxy for 127.0.0.1" in ended.msg
    assert "refused" in ended.msg
    assert "HTTPS_PROXY" in ended.result["hint"]
    assert "hush-word" not in ended.text
    assert secure.asked() == []


@pytest.mark.parametrize(
    "address",
    [
        "http://{who}@",
        "http://{who}@:0:1",
        "http://{who}@127.0.0.1:port",
        "http://{who}@127.0.0.1:99999",
        "http://{who}@[::1",
        "http://{who}@proxy..example:1",
        "http://{who}\u20ac@127.0.0.1:1",
        "ftp://{who}@127.0.0.1:1",
        "socks9://{who}@127.0.0.1:1",
    ],
)
def test_an_invalid_proxy_address_is_reported(secure: Target, address: str) -> None:
    secure.set({"HTTPS_PROXY": address.format(who=f"{USER}:hush-word")})
    ended = secure.delete(**secure.who("keys"))
    assert ended.failed
    assert not ended.changed
    assert "HTTPS_PROXY" in ended.msg
    assert "hush-word" not in ended.text
    assert secure.asked() == []


def test_the_certificate_behind_a_proxy_is_checked(secure: Target, proxy: Proxy) -> None:
    secure.patch.delenv("OS_CACERT")
    secure.set({"HTTPS_PROXY": proxy.url()})
    ended = secure.delete(**secure.who("keys"))
    assert "the TLS certificate of 127.0.0.1:" in ended.msg
    assert secure.asked() == []


# .netrc


@pytest.mark.parametrize("named", [True, False], ids=["NETRC", "home"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_in_netrc_changes_nothing(target: Target, kind: str, named: bool) -> None:
    file = target.home / ("other" if named else ".netrc")
    file.write_text("machine 127.0.0.1 login netrc-user password netrc-word\ndefault login x password netrc-word\n")
    file.chmod(0o600)
    if named:
        target.set({"NETRC": str(file)})
    tap = Wiretap().listen(target.simulator, target.patch)
    assert target.delete("project_id", **target.who(kind)).outcomes == ["deleted"]
    sent = [value for heard in tap.heard for name, value in heard.headers if name == "authorization"]
    assert not [value for value in sent if value.startswith("Basic")]
    assert bool(sent) == ("keys" in kind)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_is_not_followed(target: Target, kind: str, status: int) -> None:
    with Simulator() as other:
        for path in ("/v5/", "/v3/"):
            location = {"Location": f"{other.url}/v5/iot/elsewhere"}
            target.simulator.fault(path=path, kind="redirect", status=status, headers=location, times=None)
            ended = target.delete("project_id", **target.who(kind), retry_timeout=5)
            assert ended.failed
            assert not ended.changed
            assert f"answered {status}, a redirect to 127.0.0.1, which is not followed" in ended.msg
            target.simulator.clear_faults()
        assert len(other.journal) == 0
    assert len(target.simulator.task_ids()) == 2


@pytest.mark.parametrize("module_path", ["/v5/", "/v3/"])
def test_a_redirect_to_the_same_host_is_not_followed(target: Target, module_path: str) -> None:
    location = {"Location": f"{target.simulator.url}/v5/iot/p/batchtasks"}
    target.simulator.fault(path=module_path, kind="redirect", headers=location)
    ended = target.delete("project_id", **target.who("token"))
    assert "which is not followed" in ended.msg
    assert len(target.simulator.journal) == (2 if module_path == "/v5/" else 1)
