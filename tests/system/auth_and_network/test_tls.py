# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS: whose certificate is accepted, and what wins where several settings say it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import KINDS, Target
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The CA that signed the simulator's certificate."""
    return trustme.CA()


@pytest.fixture(scope="module")
def other_ca(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a CA that signed nothing here."""
    path = tmp_path_factory.mktemp("other") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def target(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Target]:
    """A simulator that speaks TLS, and how modules reach it."""
    with Simulator(tls=True, ca=authority) as simulator:
        yield Target(simulator, monkeypatch, home)


@pytest.fixture
def own_ca(target: Target) -> str:
    assert target.simulator.ca_file
    return target.simulator.ca_file


def untrusted(target: Target, ended: Ended) -> None:
    """Assert that nothing was sent, and that it is told why."""
    assert ended.failed
    assert not ended.changed
    assert "the TLS certificate of 127.0.0.1:" in ended.msg
    assert "ca_path" in ended.result["hint"]
    assert target.asked() == []
    assert len(target.simulator.task_ids()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_ca_of_ones_own_is_trusted_by_its_file(target: Target, own_ca: str, kind: str) -> None:
    """IAM's certificate is checked by it as well."""
    assert target.delete("project_id", **target.who(kind), ca_path=own_ca).outcomes == ["deleted"]


@pytest.mark.parametrize("name", [*BUNDLES, "OS_CACERT"])
def test_a_ca_of_ones_own_is_trusted_by_a_variable(target: Target, own_ca: str, name: str) -> None:
    target.set({name: own_ca})
    assert target.delete(**target.who("keys")).outcomes == ["deleted"]


def test_an_untrusted_certificate_is_not_accepted(target: Target) -> None:
    untrusted(target, target.delete(**target.who("token"), retry_timeout=10))


@pytest.mark.parametrize("kind", KINDS)
def test_iam_is_not_trusted_without_reason_either(target: Target, kind: str) -> None:
    with Simulator() as plain:
        given = {"endpoint": plain.url, "iam_endpoint": target.simulator.url}
        ended = target.delete("project_id", **target.who(kind), **given)
        assert ended.failed
        assert "at IAM failed: the TLS certificate of 127.0.0.1:" in ended.msg
        assert "ca_path" in ended.result["hint"]
        assert len(plain.journal) == 0
    assert target.asked() == []


def test_ca_path_wins_over_the_variables(target: Target, own_ca: str, other_ca: str) -> None:
    target.set(dict.fromkeys((*BUNDLES, "OS_CACERT"), other_ca))
    assert target.delete(**target.who("keys"), ca_path=own_ca).outcomes == ["deleted"]
    target.simulator.journal.clear()
    target.set(dict.fromkeys(BUNDLES, own_ca))
    untrusted(target, target.delete(**target.who("keys"), ca_path=other_ca))


@pytest.mark.parametrize("ca_path", [True, False], ids=["with ca_path", "without"])
@pytest.mark.parametrize("names", [(), BUNDLES[:1], BUNDLES, (*BUNDLES, "OS_CACERT")], ids=" ".join)
@pytest.mark.parametrize("existing", [True, False], ids=["existing", "missing"])
def test_validate_certs_false_wins_over_all(
    target: Target, other_ca: str, names: tuple[str, ...], ca_path: bool, existing: bool
) -> None:
    path = other_ca if existing else "/nonexistent/ca.pem"
    target.set(dict.fromkeys(names, path))
    given: dict[str, Any] = {"ca_path": path} if ca_path else {}
    ended = target.delete("project_id", **target.who("password"), **given, validate_certs=False)
    assert ended.outcomes == ["deleted"]
    assert "Warning" not in ended.text


@pytest.mark.parametrize("bad", ["expired", "other_name"])
def test_a_bad_certificate_of_a_good_ca_is_refused(target: Target, bad: Any, authority: trustme.CA) -> None:
    with Simulator(tls=bad, ca=authority) as simulator:
        own = Target(simulator, target.patch, target.home)
        ended = own.delete(**own.who("keys"), ca_path=simulator.ca_file)
        assert ended.failed
        assert not ended.changed
        assert {"expired": "expired", "other_name": "mismatch"}[bad] in ended.msg
        assert "have the certificate at endpoint corrected" in ended.result["hint"]
        assert own.asked() == []
        assert own.delete(**own.who("keys"), validate_certs=False).outcomes == ["deleted"]


@pytest.mark.parametrize("name", ["ca_path", *BUNDLES, "OS_CACERT"])
def test_a_missing_ca_file_is_reported_at_once(target: Target, name: str) -> None:
    missing = "/nonexistent/ca.pem"
    given = {"ca_path": missing} if name == "ca_path" else {}
    if not given:
        target.set({name: missing})
    ended = target.delete(**target.who("keys"), **given)
    assert ended.failed
    assert missing in ended.msg
    assert ("ca_path" if name == "OS_CACERT" else name) in ended.msg
    assert target.asked() == []


@pytest.mark.parametrize("content", ["", "not a certificate\n", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_ca_file_without_a_certificate_is_reported(target: Target, tmp_path: Path, content: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content, encoding="utf-8")
    ended = target.delete(**target.who("keys"), ca_path=str(path))
    assert ended.failed
    assert not ended.changed
    assert "the CA certificate file contains no readable certificate" in ended.msg
    assert "ca_path" in ended.result["hint"]
    assert target.asked() == []


def test_https_to_a_plain_http_server_is_reported(simulator: Simulator, target: Target) -> None:
    ended = target.delete(**target.who("keys"), endpoint=simulator.url.replace("http:", "https:"))
    assert ended.failed
    assert "the TLS handshake failed: " in ended.msg
    assert "ca_path" not in ended.msg
    assert simulator.task_ids() == set()


def test_plain_http_to_an_https_server_is_reported(target: Target) -> None:
    ended = target.delete(**target.who("keys"), endpoint=target.simulator.url.replace("https:", "http:"))
    assert ended.failed
    assert "broke before the response was complete" in ended.msg
    assert target.asked() == []
