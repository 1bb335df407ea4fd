# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret gets out: not by what a module returns, writes or logs, in success, failure or a traceback."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.echo import HOW, Echo
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.leak_scene import FAULTS, Scene, denied
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import (
    KINDS,
    KINDS_OF_SECRETS,
    free_port,
)
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.secret_scanner import (
    AUTH_TOKEN,
    PASSWORD,
    PERMANENT,
    TEMPORARY_SECRET,
    SecretScanner,
    forms,
)

UTILS = "ansible_collections.huaweicloud.iotda.plugins.module_utils"


@pytest.mark.parametrize("kind", KINDS_OF_SECRETS)
def test_nothing_leaks_from_what_the_service_does(
    scene: Scene, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for check in (False, True):
        assert '"outcome": "deleted"' in scene.run("success", kind, check=check)
    for name, fault in FAULTS.items():
        for path, without in (("/v5/", ()), ("/v3/", ("project_id",))):
            scene.simulator.fault(path=path, times=None, **fault)
            scene.run(f"{name} of {path}", kind, *without)
            scene.simulator.clear_faults()
    elsewhere = {"Location": f"{scene.other.url}/v5/iot/x"}
    for path in ("/v5/", "/v3/"):
        scene.simulator.fault(path=path, kind="redirect", status=307, headers=elsewhere, times=None)
        scene.run(f"a redirect of {path}", kind, "project_id")
        scene.simulator.clear_faults()
    scanner = scene.end(caplog, capfd)
    assert scanner.hits() == []
    assert scene.logged, "nothing came to syslog, so nothing was proved about it"
    assert scene.overheard.heard == []
    assert scanner.size >= 130 * 8


def as_it_is(scene: Scene) -> dict[str, Any]:
    return {}


def skewed(scene: Scene) -> dict[str, Any]:
    scene.simulator.clock.skew(5000)
    return {}


def expired(scene: Scene) -> dict[str, Any]:
    scene.simulator.expire_token()
    return {}


def by_a_bad_proxy(scene: Scene) -> dict[str, Any]:
    secret = "mark-password-of-the-proxy"
    scene.scanner.look_for("the password of the proxy", secret)
    scene.patch.setenv("HTTP_PROXY", f"http://proxy-user:{secret}@127.0.0.1:{free_port()}")
    return {}


def by_no_proxy(scene: Scene) -> dict[str, Any]:
    scene.patch.setenv("HTTP_PROXY", "http://proxy-user:mark-password-of-the-proxy@:port")
    return {}


def everything_at_once(scene: Scene) -> dict[str, Any]:
    return {name: value for one in scene.credentials.values() for name, value in one.items()}


def broken(*names: str) -> Callable[[Scene], dict[str, Any]]:
    def prepare(scene: Scene) -> dict[str, Any]:
        good = everything_at_once(scene)
        return {name: f"{good[name]}\n{good[name]}" for name in names}

    return prepare


def with_tls(scene: Scene) -> dict[str, Any]:
    return {"endpoint": scene.simulator.url.replace("http:", "https:")}


def without_requests(scene: Scene) -> dict[str, Any]:
    scene.patch.setattr(f"{UTILS}._module.runner.requests_error", lambda: "There is no requests.")
    return {"endpoint": f"https://user:{AUTH_TOKEN}@iotda.example"}


def in_the_environment(scene: Scene) -> dict[str, Any]:
    scene.patch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", f"https://user:{AUTH_TOKEN}@iam.example")
    return {"timeout": "soon"}


STATES: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "a wrong clock": skewed,
    "no permission": denied,
    "an expired token": expired,
    "a bad proxy": by_a_bad_proxy,
    "a proxy without an address": by_no_proxy,
    "two kinds at once": everything_at_once,
    "a broken token": broken("auth_token"),
    "a broken key": broken("access_key", "secret_key"),
    "a broken security token": broken("access_key", "security_token"),
    "half a key": lambda scene: {"secret_key": ""},
    "half a login": lambda scene: {"domain_name": ""},
    "a login without a name": lambda scene: {"username": ""},
    "no TLS there": with_tls,
    "nobody there": lambda scene: {"endpoint": f"http://127.0.0.1:{free_port()}"},
    "nobody at IAM": lambda scene: {"iam_endpoint": f"http://127.0.0.1:{free_port()}"},
    "no such project": lambda scene: {"project_id": "0badc0de"},
    "plain http": lambda scene: {"endpoint": "http://iotda.example"},
    "a secret in an endpoint": lambda scene: {"endpoint": f"https://user:{AUTH_TOKEN}@iotda.example"},
    "a secret in another": lambda scene: {"iam_endpoint": f"https://user:{AUTH_TOKEN}@iam.example"},
    "a secret that ends a host": lambda scene: {"endpoint": f"https://user:{AUTH_TOKEN}#/?[@iotda.example"},
    "an endpoint and a wrong type": lambda scene: {"endpoint": f"https://u:{AUTH_TOKEN}@host", "concurrency": "many"},
    "an endpoint, and no requests": without_requests,
    "an endpoint of the environment": in_the_environment,
    "wrong options": lambda scene: {"timeout": -1, "concurrency": 1000},
    "options of a wrong type": lambda scene: {"timeout": "soon"},
    "unknown options": lambda scene: {"pass_word": PASSWORD},
}


@pytest.mark.parametrize("kind", KINDS_OF_SECRETS)
def test_nothing_leaks_from_what_the_user_does(
    scene: Scene, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, prepare in STATES.items():
        with scene.patch.context() as patch:
            scene.patch = patch
            assert '"failed": true' in scene.run(name, kind, **prepare(scene)), name
        scene.simulator.reset()
    scanner = scene.end(caplog, capfd)
    assert scanner.hits() == []
    assert scanner.size >= 87 * 8


@pytest.mark.parametrize("kind", KINDS_OF_SECRETS)
def test_echoed_request_leaks_no_secrets(
    scene: Scene, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with Echo() as echo:
        tap = _signatures_of(echo, scene)
        for echo.how in HOW:
            for echo.status in (401, 404, 500):
                scene.run(f"echo in {echo.how}", kind, endpoint=echo.url)
            scene.run(f"echo of IAM in {echo.how}", kind, "project_id", iam_endpoint=echo.url)
        for echo.how in ("error_msg", "error_code"):
            for echo.padding in (100, 200, 240, 280):
                scene.run(f"echo in {echo.how} after {echo.padding} letters", kind, endpoint=echo.url)
        assert echo.count > 200
    scanner = scene.end(caplog, capfd)
    for number, signature in enumerate(tap):
        scanner.look_for(f"echoed signature {number}", signature, as_it_is=True)
    assert scanner.hits() == []
    assert scanner.size >= 200 * 8
    assert "ECHO.0001" in str(scanner.places) or kind == "password"


def _signatures_of(echo: Echo, scene: Scene) -> list[str]:
    found: list[str] = []
    answer = echo.answer

    def answered(told: str) -> tuple[dict[str, str], bytes]:
        found.extend(piece[:64] for piece in told.split("Signature=")[1:])
        return answer(told)

    scene.patch.setattr(echo, "answer", answered)
    return found


AWKWARD = [
    ("_account.connection", "secrets_of"),
    ("_auth.iam", "IamClient.issue_token"),
    ("_auth.iam", "IamClient.project_id"),
    ("_auth.signer", "AccessKeyAuth.__call__"),
    ("_auth.signer", "sign"),
    ("_auth.refresh", "RefreshableSecret.current"),
    ("_auth.signer", "TokenAuth.__call__"),
    ("_http.client", "HttpClient.send"),
    ("_http.answers", "error_from_response"),
    ("_batch_tasks.api", "BatchTaskClient.delete"),
    ("_batch_tasks.outcomes", "error_fields"),
]


def telling(*args: object, **options: object) -> Any:
    """Fail as a bug would, and tell what one would print in looking for it: the values of this collection."""
    own = [arg for arg in (*args, *options.values()) if type(arg).__module__.startswith("ansible_collections.")]
    raise RuntimeError(f"a bug met {own!r}")


def renewing(scene: Scene) -> dict[str, Any]:
    """The token is taken once, and then has expired."""
    said = {"error_code": "APIGW.0307", "error_msg": "The token must be updated."}
    scene.simulator.fault(path="/v5/", status=401, json=said, skip=1, times=None)
    return {}


@pytest.mark.parametrize(("where", "name"), AWKWARD)
def test_nothing_leaks_from_a_traceback(
    scene: Scene, where: str, name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    raised = []
    owner = importlib.import_module(f"{UTILS}.{where}")
    *above, last = name.split(".")
    owner = getattr(owner, above[0]) if above else owner
    for kind in KINDS_OF_SECRETS:
        for state in (as_it_is, denied, expired, renewing):
            with scene.patch.context() as patch:
                patch.setattr(owner, last, telling)
                text = scene.run(f"a bug, {state.__name__}", kind, "project_id", signing="derived", **state(scene))
            scene.simulator.reset()
            raised.append("RuntimeError" in text)
    scanner = scene.end(caplog, capfd)
    assert scanner.hits() == []
    assert scanner.size >= 36 * 8
    assert any(raised), "nobody came by here"


MISSPELT = {"secretkey": PERMANENT.secret, "auth-token": AUTH_TOKEN, "passwd": PASSWORD}


@pytest.mark.parametrize("name", MISSPELT)
def test_nothing_leaks_from_a_misspelt_option(
    scene: Scene, name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    assert f"{name}" in scene.run("a misspelt option", "keys", **{name: MISSPELT[name]})
    assert scene.end(caplog, capfd).hits() == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_host_receives_no_more_than_it_needs(scene: Scene, kind: str) -> None:
    """A secret key and a password stay where they belong, also in other forms; a token goes to its header only."""
    scene.run("success", kind, "project_id")
    for heard in scene.heard.heard:
        is_login = (heard.method, heard.path.partition("?")[0]) == ("POST", "/v3/auth/tokens")
        unheard = [PERMANENT.secret, TEMPORARY_SECRET, *([] if is_login else [PASSWORD])]
        assert not [form for secret in unheard for form in forms(secret) if form in heard.text()]
        assert not [form for form in forms(AUTH_TOKEN) if form in heard.path + heard.body]
    assert len(scene.heard.heard) >= 3


@pytest.mark.parametrize("secret", [PASSWORD, AUTH_TOKEN, PERMANENT.secret], ids=["password", "token", "key"])
def test_the_scanner_finds_what_it_looks_for(secret: str) -> None:
    """A scanner that finds nothing proves something only if it can find something."""
    scanner = SecretScanner()
    scanner.look_for("it", secret)
    for form in forms(secret):
        scanner.look_in("a place", f"... {form} ...")
    scanner.look_in("a result", f'{{"msg": "{secret[:40]}"}}')
    assert {hit.partition(" in ")[2] for hit in scanner.hits()} == set(scanner.places)
