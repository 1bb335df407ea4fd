# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each error in the tables of the guides is met, and says there what the table says that it says."""

from __future__ import annotations

import importlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import SERVICE
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.hints import BY_CODE
from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.system.documents import GUIDES, table_of_errors
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

KEYS = ("access_key", "secret_key")
TASK = "5c8ba99030344005c02316ad"


class Scene:
    """A simulator with one finished task, and the options that reach it; each test puts something wrong."""

    def __init__(self, simulator: Simulator, options: dict[str, Any], patch: pytest.MonkeyPatch, home: Path) -> None:
        self.simulator = simulator
        self.patch = patch
        self.home = home
        self.own_options = options
        self.task_id = simulator.add_task(task_id=TASK)

    def options(self, without: tuple[str, ...] = (), **given: Any) -> dict[str, Any]:
        return {**{name: value for name, value in self.own_options.items() if name not in without}, **given}

    def delete(self, without: tuple[str, ...] = (), **given: Any) -> Ended:
        wanted = {"task_id": [self.task_id], "state": "absent"}
        return run_module("batch_task", {**self.options(without), **wanted, **given})

    def resolve(self, host: str, found: list[Any] | None) -> None:
        """Let ``host`` be at no address (None), or at these."""
        look_up = socket.getaddrinfo

        def redirected(name: Any, *args: Any, **options: Any) -> Any:
            if name not in (host, host.encode()):
                return look_up(name, *args, **options)
            if found is None:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return found

        self.patch.setattr(socket, "getaddrinfo", redirected)


def no_credentials(scene: Scene) -> Ended:
    scene.resolve("169.254.169.254", None)
    return scene.delete(without=KEYS)


def half_a_credential(scene: Scene) -> Ended:
    scene.patch.setenv("HW_ACCESS_KEY", scene.simulator.access_key)
    return scene.delete(without=KEYS)


def two_credentials(scene: Scene) -> Ended:
    return scene.delete(auth_token=scene.simulator.auth_token)


def missing_file(scene: Scene) -> Ended:
    scene.patch.setenv("HW_ACCESS_KEY", scene.simulator.access_key)
    scene.patch.setenv("HW_SECRET_KEY", scene.simulator.secret_key)
    return scene.delete(without=KEYS, credentials_file="/nope.ini")


def write_profiles(scene: Scene, **more: Any) -> None:
    profile = {"name": "default", "mode": "AKSK", "accessKeyId": "AK", "secretAccessKey": "SK", **more}
    path = scene.home / ".hcloud/config.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"current": "default", "profiles": [profile]}), encoding="utf-8")


def missing_profile(scene: Scene) -> Ended:
    write_profiles(scene)
    return scene.delete(without=KEYS, profile="typo")


def pasted_key(scene: Scene) -> Ended:
    return scene.delete(secret_key=scene.simulator.secret_key + "\n")


def key_in_quotes(scene: Scene) -> Ended:
    return scene.delete(secret_key=f'"{scene.simulator.secret_key}"')


def percent_in_a_file(scene: Scene) -> Ended:
    path = scene.home / "credentials"
    path.write_text("[basic]\nak = AK1\nsk = 100% invented\n", encoding="utf-8")
    return scene.delete(without=KEYS, credentials_file=str(path))


def half_an_agency(scene: Scene) -> Ended:
    return scene.delete(agency_name="iotda-operators")


AGENCY = {"agency_name": "iotda-operators", "agency_domain_name": "delegating-account"}


def agency_with_a_token(scene: Scene) -> Ended:
    return scene.delete(without=KEYS, auth_token=scene.simulator.auth_token, **AGENCY)


def unknown_agency(scene: Scene) -> Ended:
    return scene.delete(**AGENCY)


def set_oidc(scene: Scene, token: str) -> None:
    path = scene.home / "token"
    path.write_text(token, encoding="utf-8")
    scene.patch.setenv("HUAWEICLOUD_OIDC_PROVIDER_URN", scene.simulator.settings.oidc_provider_urn)
    scene.patch.setenv("HUAWEICLOUD_OIDC_AGENCY_URN", scene.simulator.settings.oidc_agency_urn)
    scene.patch.setenv("HUAWEICLOUD_OIDC_TOKEN_FILE", str(path))
    scene.patch.setenv("HUAWEICLOUD_SDK_STS_ENDPOINT", scene.simulator.url)


def expired_id_token(scene: Scene) -> Ended:
    set_oidc(scene, scene.simulator.id_token(expires_in=-1))
    return scene.delete(without=KEYS)


def empty_id_token(scene: Scene) -> Ended:
    set_oidc(scene, "")
    return scene.delete(without=KEYS)


def id_token_in_json(scene: Scene) -> Ended:
    set_oidc(scene, json.dumps({"value": scene.simulator.id_token()}))
    return scene.delete(without=KEYS)


def pod(scene: Scene, uri: str) -> Ended:
    scene.resolve("169.254.169.254", None)
    path = scene.home / "token"
    path.write_text("of-another-pod", encoding="utf-8")
    scene.patch.setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", uri)
    scene.patch.setenv("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(path))
    return scene.delete(without=KEYS)


def pod_without_agency(scene: Scene) -> Ended:
    return pod(scene, scene.simulator.pod_identity_url)


def pod_elsewhere(scene: Scene) -> Ended:
    return pod(scene, "http://192.0.2.1/v1/credentials")


def endpoint_of_another_region(scene: Scene) -> Ended:
    scene.patch.setenv("HUAWEICLOUD_IOTDA_ENDPOINT", scene.simulator.url)
    scene.patch.setenv("HW_REGION_NAME", "cn-east-3")
    return scene.delete(without=("endpoint",))


def unusable_mode(scene: Scene) -> Ended:
    write_profiles(scene, mode="SSO")
    return scene.delete(without=KEYS)


def two_projects(scene: Scene) -> Ended:
    scene.simulator.add_project(scene.simulator.region)
    return scene.delete(without=("project_id",))


def wrong_key(scene: Scene) -> Ended:
    return scene.delete(secret_key="invented")


def expired_token(scene: Scene) -> Ended:
    scene.simulator.expire_token()
    return scene.delete(without=KEYS, auth_token=scene.simulator.auth_token)


def cut_token(scene: Scene) -> Ended:
    return scene.delete(without=KEYS, auth_token=scene.simulator.auth_token[:-1])


def wrong_password(scene: Scene) -> Ended:
    who = {"username": scene.simulator.username, "domain_name": scene.simulator.domain_name}
    return scene.delete(without=KEYS, password="invented", **who)


def locked_account(scene: Scene) -> Ended:
    error = {"error_code": "IAM.0061", "error_msg": "Account locked."}
    scene.simulator.fault("POST", "/v3/auth/tokens", status=401, json=error, times=None)
    return wrong_password(scene)


def refused(scene: Scene, status: int, code: str) -> Ended:
    scene.simulator.fault("DELETE", status=status, json={"error_code": code, "error_msg": "No."}, times=None)
    return scene.delete()


def disabled_project(scene: Scene) -> Ended:
    return refused(scene, 403, "APIGW.0310")


def token_of_another_project(scene: Scene) -> Ended:
    return refused(scene, 403, "IOTDA.000004")


def plain_signature_at_an_instance(scene: Scene) -> Ended:
    return scene.delete(endpoint=scene.simulator.add_instance("standard").url)


def wrong_clock(scene: Scene) -> Ended:
    scene.simulator.clock.skew(3600)
    return scene.delete()


def no_permission(scene: Scene) -> Ended:
    scene.simulator.deny("delete")
    return scene.delete()


def denied_by_a_policy(scene: Scene) -> Ended:
    said = {"error_code": "IOTDA.000022", "error_msg": "No.", "encoded_authorization_message": "HY0L8G1lOe3rcf=="}
    scene.simulator.fault("DELETE", status=403, json=said, times=None)
    return scene.delete()


def nowhere_to_go(scene: Scene) -> Ended:
    return scene.delete(without=("endpoint", "region"))


def no_project(scene: Scene) -> Ended:
    scene.simulator.remove_projects(scene.simulator.region)
    return scene.delete(without=("project_id",))


def encrypted_configuration(scene: Scene) -> Ended:
    write_profiles(scene, accessKeyId="==x==", secretAccessKey="==y==")
    return scene.delete(without=KEYS)


def plain_http(scene: Scene) -> Ended:
    return scene.delete(endpoint="http://iotda.cn-north-4.myhuaweicloud.com")


def certificate_of_a_stranger(scene: Scene) -> Ended:
    with Simulator(tls=True) as secure:
        return scene.delete(endpoint=secure.url)


def answer_of_a_stranger(scene: Scene) -> Ended:
    scene.simulator.fault(kind="html", status=404)
    return scene.delete()


def unknown_to_the_gateway(scene: Scene) -> Ended:
    return refused(scene, 404, "APIGW.0101")


def no_such_host(scene: Scene) -> Ended:
    scene.resolve("iotda.cn-north-4.myhuaweicloud.com", None)
    return scene.delete(without=("endpoint",))


def nobody_listens(scene: Scene) -> Ended:
    return scene.delete(endpoint=f"http://127.0.0.1:{_free_port()}")


def port_of_tls(scene: Scene) -> Ended:
    with Simulator(tls=True) as secure:
        return scene.delete(endpoint=secure.url.replace("https://", "http://"))


def port_without_tls(scene: Scene) -> Ended:
    return scene.delete(endpoint=scene.simulator.url.replace("http://", "https://"))


def nested_answer(scene: Scene) -> Ended:
    scene.simulator.fault(method="GET", kind="invalid_json", body='{"a": ' + "[" * 700 + "]" * 700 + "}", times=None)
    return run_module("batch_task_info", scene.options())


def few_files(scene: Scene) -> Ended:
    scene.patch.setattr("os.sysconf", lambda name: 5)
    return scene.delete()


def silence(scene: Scene) -> Ended:
    scene.simulator.fault(kind="hang", seconds=3)
    return scene.delete(timeout=0.3)


def no_proxy(scene: Scene) -> Ended:
    scene.patch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{_free_port()}")
    return scene.delete(without=("endpoint",))


def unfinished(scene: Scene) -> Ended:
    return scene.delete(task_id=[scene.simulator.add_task(status="Processing")])


def never_finished(scene: Scene) -> Ended:
    task_id = scene.simulator.add_task(status="Processing")
    return scene.delete(task_id=[task_id], wait=True, wait_timeout=0)


def too_many_matches(scene: Scene) -> Ended:
    return run_module("batch_task_prune", scene.options(older_than="0d", max_deletions=0))


def throttled(scene: Scene) -> Ended:
    scene.simulator.fault(status=429, times=None)
    return scene.delete()


def trouble_in_the_service(scene: Scene) -> Ended:
    error = {"error_code": "IOTDA.000020", "error_msg": "Internal error."}
    scene.simulator.fault(status=500, json=error, times=None)
    return scene.delete()


def trouble_of_a_stranger(scene: Scene) -> Ended:
    scene.simulator.fault(kind="html", status=501, times=None)
    return scene.delete()


def barred(scene: Scene) -> Ended:
    ids = [f"{number:024x}" for number in range(1, 14)]
    ended = scene.delete(task_id=ids, endpoint=f"http://127.0.0.1:{_free_port()}", concurrency=1)
    assert ended.failed
    return Ended({**ended.result, "msg": ended.result["tasks"][-1]["msg"]}, ended.text)


def not_subscribed(scene: Scene) -> Ended:
    error = {"error_code": "IOTDA.000021", "error_msg": "IoTDA is not subscribed to."}
    scene.simulator.fault(status=403, json=error, times=None)
    return scene.delete()


def no_such_space(scene: Scene) -> Ended:
    scene.simulator.settings.app_ids = ("street_lights",)
    return run_module("batch_task_prune", scene.options(older_than="0d", app_id="nowhere"))


def invalid_id(scene: Scene) -> Ended:
    return scene.delete(task_id=["not-an-id"])


def no_requests(scene: Scene) -> Ended:
    problem = importlib.import_module("ansible_collections.huaweicloud.iotda.plugins.module_utils._http.transport")
    scene.patch.setattr(problem, "IMPORT_ERROR", ImportError("No module named 'requests'"))
    return scene.delete()


def replaced_urllib3(scene: Scene) -> Ended:
    scene.patch.setattr("urllib3.connection.HTTPConnection", type("HTTPConnection", (), {}))
    return scene.delete()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SCENES: dict[str, dict[str, Callable[[Scene], Ended]]] = {
    "authentication": {
        "no credentials were found": no_credentials,
        "the credentials from the environment are incomplete": half_a_credential,
        "but only one of them can be used": two_credentials,
        "names a file that does not exist": missing_file,
        "has no profile": missing_profile,
        "has a % in": percent_in_a_file,
        "must be the value alone": key_in_quotes,
        "must not start or end with spaces or line breaks": pasted_key,
        "give both, or neither": half_an_agency,
        "needs access keys, which are exchanged for agency keys": agency_with_a_token,
        "check agency_name and agency_domain_name": unknown_agency,
        "check that the ID token has not expired": expired_id_token,
        "which is empty; it must contain a token": empty_id_token,
        "contains JSON or a token in quotes": id_token_in_json,
        "check that the pod's service account is associated with an agency": pod_without_agency,
        "must begin with https:// or name a loopback address": pod_elsewhere,
        "set endpoint beside region, or unset the variable": endpoint_of_another_region,
        "check access_key and secret_key or the token": wrong_key,
        "give a complete IAM token": cut_token,
        "get a new token, since this one has expired": expired_token,
        "get a new token for the project of this instance": token_of_another_project,
        "check username, password and domain_name": wrong_password,
        "wait until the account is unlocked": locked_account,
        "use another project, since this one is disabled or frozen": disabled_project,
        "the host of a standard or enterprise instance needs derived": plain_signature_at_an_instance,
        "set this machine's clock": wrong_clock,
        "grant the IAM action iotda:batchtasks:delete": no_permission,
        "decode encoded_authorization_message": denied_by_a_policy,
        "neither region nor endpoint is given": nowhere_to_go,
        "IAM has no project named": no_project,
        "is encrypted": encrypted_configuration,
        "has the mode": unusable_mode,
        "IAM has 2 projects named": two_projects,
        "must not be plain http": plain_http,
        "name the CA that signed the certificate in ca_path": certificate_of_a_stranger,
    },
    "troubleshooting": {
        "this 404 was not sent by IoTDA": answer_of_a_stranger,
        "check that endpoint is the application access address": unknown_to_the_gateway,
        "could not be resolved": no_such_host,
        "could not connect to": nobody_listens,
        "sent nothing for": silence,
        "if this port speaks TLS": port_of_tls,
        "this port may not speak TLS": port_without_tls,
        "something other than a JSON object": nested_answer,
        "raise its limit on open files": few_files,
        "the proxy for": no_proxy,
        "only a finished task can be deleted": unfinished,
        "did not finish within": never_finished,
        "more than max_deletions": too_many_matches,
        "lower concurrency or raise retry_timeout": throttled,
        "the service has a problem": trouble_in_the_service,
        "another server may have answered": trouble_of_a_stranger,
        "skipped: the previous 10 requests": barred,
        "subscribe to IoTDA": not_subscribed,
        "check app_id": no_such_space,
        "task_id must be": invalid_id,
        "The Python library requests": no_requests,
        "has been replaced by another library": replaced_urllib3,
    },
}


@pytest.mark.parametrize("guide", SCENES)
def test_guide_lists_exactly_the_tested_errors(guide: str) -> None:
    assert table_of_errors(GUIDES / f"{guide}.rst") == list(SCENES[guide])


def test_every_hint_about_a_code_or_a_status_is_in_a_guide() -> None:
    known = {**BY_CODE, **SERVICE.by_code, **SERVICE.by_status}
    rows = [words.lower() for table in SCENES.values() for words in table]
    assert [said for said, hint in known.items() if not any(words in hint.lower() for words in rows)] == []


@pytest.mark.parametrize(
    ("words", "scene"),
    [pytest.param(*pair, id=pair[1].__name__) for table in SCENES.values() for pair in table.items()],
)
def test_an_error_says_what_the_guide_says(
    words: str,
    scene: Callable[[Scene], Ended],
    simulator: Simulator,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
) -> None:
    ended = scene(Scene(simulator, options, monkeypatch, home))
    assert ended.failed
    assert words.lower() in ended.msg.lower()
    assert TASK in simulator.task_ids()
