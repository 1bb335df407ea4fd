# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run of a module begins and ends: with what Ansible expects, and never with a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import (
    CONNECTION_OPTIONS,
    Option,
    merge_environment,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    ProviderContext,
    ResolvedCredentials,
    Token,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ConfigurationError,
    IamError,
    IamOperation,
    IotdaError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor, encoded_variants
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.messages import Auth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module import caller, runner
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.runner import ModuleContext, run_module
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import refusal, silence

REAL = runner.IotdaModule
SPEC = {"state": {"type": "str"}}
SHARED = {"endpoint": "https://iotda.cn-north-4.myhuaweicloud.com"}
OPTIONS: dict[str, Any] = {
    **{name: spec.get("default") for name, spec in CONNECTION_OPTIONS.items()},
    "region": "cn-north-4",
}


class Ended(Exception):
    """The module ended, well or not, with a result."""

    def __init__(self, failed: bool, result: dict[str, Any]) -> None:
        super().__init__(result)
        self.failed = failed
        self.result = result


class Module:
    """In place of AnsibleModule."""

    given_options: dict[str, Any] = {}

    made: dict[str, Any]
    params: dict[str, Any] = OPTIONS
    _diff = False
    _verbosity = 0
    check_mode = True

    def __init__(self, **made: Any) -> None:
        type(self).made = made
        self.redactor = Redactor()

    def warn(self, text: str) -> None:
        raise AssertionError(text)

    def exit_json(self, **result: Any) -> None:
        raise Ended(False, result)

    def fail_json(self, **result: Any) -> None:
        raise Ended(True, result)


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> type[Module]:
    """Give the class that stands in for AnsibleModule."""
    stand_in = type("StandIn", (Module,), {})
    monkeypatch.setattr(runner, "IotdaModule", stand_in)
    return stand_in


def ended(work: Any) -> Ended:
    with pytest.raises(Ended) as caught:
        run_module(work, {name: Option(spec) for name, spec in SPEC.items()}, required_together=[("a", "b")])
    return caught.value


def raises(error: Exception) -> Ended:
    def work(run: ModuleContext) -> dict[str, Any]:
        raise error

    return ended(work)


def test_module_has_connection_options_and_its_own(module: type[Module]) -> None:
    ended(lambda run: {})
    assert module.made == {
        "argument_spec": {**CONNECTION_OPTIONS, **SPEC},
        "supports_check_mode": True,
        "required_together": [("a", "b")],
    }


def test_a_result_is_given_back() -> None:
    end = ended(lambda run: {"changed": True, "tasks": []})
    assert (end.failed, end.result) == (False, {"changed": True, "tasks": [], **SHARED})


@pytest.mark.parametrize("wanted", [True, False])
def test_the_difference_is_given_only_in_diff_mode(module: type[Module], wanted: bool) -> None:
    module._diff = wanted
    assert ("diff" in ended(lambda run: {"diff": {"before": {}}}).result) is wanted


def test_a_failed_result_fails_with_all_that_it_holds() -> None:
    end = ended(lambda run: {"failed": True, "msg": "no", "changed": True, "tasks": [1]})
    assert (end.failed, end.result) == (True, {"msg": "no", "changed": True, "tasks": [1], **SHARED})


@pytest.mark.parametrize(
    ("error", "msg"),
    [
        (ConfigurationError("No credentials were found"), "No credentials were found."),
        (ConfigurationError("region must be one"), "region must be one."),
        (IotdaError("x"), "x."),
    ],
)
def test_a_usage_error_is_one_sentence(error: Exception, msg: str) -> None:
    end = raises(error)
    assert (end.failed, end.result) == (True, {"msg": msg, **SHARED})


def test_failed_request_names_action_and_service_error() -> None:
    end = raises(refusal(403, "APIGW.0302", error_msg="No.", request_id="r1"))
    assert end.failed
    assert end.result["msg"].startswith("Could not read batch tasks: iotda.example answered 403; grant the IAM action")
    assert end.result["msg"].endswith(".")
    assert end.result["hint"] in end.result["msg"]
    fields = {name: end.result[name] for name in ("http_status", "error_code", "error_msg", "request_id")}
    assert fields == {"http_status": 403, "error_code": "APIGW.0302", "error_msg": "No.", "request_id": "r1"}


LOOK_UP = "look up IOTDA.000006 in the error codes of the API, or contact support with the request_id"


def test_failed_request_names_the_task_being_read() -> None:
    error = refusal(400, "IOTDA.000006").with_subject("batch task a1", "show")
    assert raises(error).result == {
        "msg": f"Could not read batch task a1: iotda.example answered 400; {LOOK_UP}.",
        "http_status": 400,
        "error_code": "IOTDA.000006",
        "hint": LOOK_UP,
        **SHARED,
    }


@pytest.mark.parametrize(
    ("action", "what"), [("list", "iotda:batchtasks:queryList"), ("show", "read access to batch tasks of IoTDA")]
)
def test_missing_permission_matches_the_action(action: str, what: str) -> None:
    error = refusal(403, "APIGW.0302").with_subject("batch task a1", action)
    assert what in raises(error).result["hint"]


def test_a_failure_of_iam_is_reported_as_such() -> None:
    end = raises(IamError(IamOperation.LOGIN, silence()))
    assert end.result["msg"].startswith("The login at IAM failed: iotda.example was silent; ")


def test_invalid_option_fails_before_work_begins(module: type[Module]) -> None:
    module.params = {**OPTIONS, "region": "nowhere"}
    end = raises(AssertionError("the work was begun"))
    assert end.result == {"msg": "region must be a region name such as cn-north-4, not 'nowhere'."}


def test_endpoint_in_another_region_is_a_warning(module: type[Module], monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(module, "warn", lambda self, text: warned.append(text))
    endpoint = "https://a1.st1.iotda-app.cn-east-3.myhuaweicloud.com"
    module.params = {**OPTIONS, "endpoint": endpoint}
    ended(lambda run: {})
    assert warned == [f"region is cn-north-4, but requests go to {endpoint}, which is in cn-east-3; check both."]


def test_without_requests_the_run_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "requests_error", lambda: "Get requests.")
    end = raises(AssertionError("the work was begun"))
    assert (end.failed, end.result) == (True, {"msg": "Get requests."})


class Opened:
    """In place of Connection: knows an endpoint, and no project until it was opened."""

    def __init__(self, context: ProviderContext, *given: Any) -> None:
        self.url, self.source, self.project_id = "https://iotda", "environment (HW_AUTH_TOKEN)", None
        given[2].add("h%ush")
        self.http = HttpClient(HttpConfig())

    def open(self) -> tuple[str, Auth]:
        self.project_id = "p1"  # type: ignore[assignment] # as above
        return "p1", Auth()


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> type[Opened]:
    """Give the class in place of Connection, with credentials found."""
    found = ResolvedCredentials("environment (HW_AUTH_TOKEN)", Token("hush"))
    monkeypatch.setattr(runner, "resolve", lambda context: found)
    stand_in = type("StandIn", (Opened,), {})
    monkeypatch.setattr(runner, "Connection", stand_in)
    return stand_in


LOCATION = {"endpoint": "https://iotda", "project_id": "p1", "credential_source": "environment (HW_AUTH_TOKEN)"}


def test_a_success_says_where_and_by_which_credentials(connection: type[Opened]) -> None:
    def work(run: ModuleContext) -> dict[str, Any]:
        run.client()
        return {"changed": False}

    assert ended(work).result == {"changed": False, **LOCATION}


def test_a_failure_says_where_and_by_which_credentials(connection: type[Opened]) -> None:
    def work(run: ModuleContext) -> dict[str, Any]:
        run.client()
        raise refusal(400, "IOTDA.000006")

    end = ended(work)
    assert end.failed
    assert {name: end.result[name] for name in LOCATION} == LOCATION


def test_a_failed_look_up_does_not_claim_a_project(
    connection: type[Opened], monkeypatch: pytest.MonkeyPatch, module: type[Module]
) -> None:
    def fail(self: Opened) -> None:
        raise IamError(IamOperation.LOOKUP, silence())

    monkeypatch.setenv("HW_PROJECT_ID", "of-the-environment")
    monkeypatch.setattr(connection, "open", fail)
    module.params = {**OPTIONS, "instance_id": "i1"}
    end = ended(lambda run: {"changed": bool(run.client())})
    known = {name: end.result[name] for name in end.result if name in ("project_id", "instance_id", "endpoint")}
    assert known == {"endpoint": "https://iotda", "instance_id": "i1"}


def test_a_secret_of_the_run_is_known_to_the_redactor_of_the_module(
    connection: type[Opened], module: type[Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    redactor = Redactor()
    monkeypatch.setattr(module, "redactor", property(lambda self: redactor, lambda self, made: None), raising=False)
    ended(lambda run: {"changed": bool(run.client())})
    assert redactor.redact("it is h%ush") == "it is ***"


def test_a_run_without_a_client_says_what_is_known(module: type[Module]) -> None:
    module.params = {**OPTIONS, "project_id": "p1", "instance_id": "i1"}
    endpoint = "https://iotda.cn-north-4.myhuaweicloud.com"
    expected = {"endpoint": endpoint, "project_id": "p1", "instance_id": "i1"}
    assert ended(lambda run: {"changed": False}).result == {"changed": False, **expected}


def test_a_run_has_its_options_and_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[ModuleContext] = []

    def work(run: ModuleContext) -> dict[str, Any]:
        runs.append(run)
        return {}

    monkeypatch.setenv("HW_PROFILE", "mine")
    ended(work)
    assert (runs[0].options, runs[0].check_mode) == ({**OPTIONS, "profile": "mine"}, True)


def test_variables_without_effect_are_named(module: type[Module], monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(module, "warn", lambda self, text: warned.append(text))
    monkeypatch.setenv("HW_CLOUD", "other.example")
    monkeypatch.setenv("HUAWEICLOUD_SDK_REGION_IOTDA_CN_NORTH_4", "https://own.example")
    monkeypatch.setenv("HW_USER_ID", "")
    ended(lambda run: {})
    assert warned == [
        "These environment variables have no effect on modules of this collection: "
        "HUAWEICLOUD_SDK_REGION_IOTDA_CN_NORTH_4 (set endpoint), HW_CLOUD (set endpoint and iam_endpoint)."
    ]


# What comes from the environment


@pytest.mark.parametrize("name", ["OS_CACERT", "HW_PROFILE", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "REQUESTS_CA_BUNDLE"])
def test_non_utf8_variable_is_rejected_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/a\udcff")
    end = raises(AssertionError("the work was begun"))
    assert end.result == {"msg": f"The environment variable {name} is not text in UTF-8."}


def test_overridden_non_utf8_variable_is_ignored(monkeypatch: pytest.MonkeyPatch, module: type[Module]) -> None:
    monkeypatch.setenv("HW_REGION_NAME", "\udcff")
    ended(lambda run: {})
    monkeypatch.setenv("HUAWEICLOUD_SDK_PROJECT_ID", "p1")
    monkeypatch.setenv("OS_PROJECT_ID", "\udcff")
    ended(lambda run: {})


@pytest.mark.parametrize(
    ("environ", "options", "value", "variable"),
    [
        ({"HW_REGION_NAME": "", "OS_REGION_NAME": "b"}, {}, "b", "OS_REGION_NAME"),
        ({"HW_REGION_NAME": "a", "OS_REGION_NAME": "b"}, {}, "a", "HW_REGION_NAME"),
        ({"HW_REGION_NAME": "a"}, {"region": "o"}, "o", None),
        ({"HW_REGION_NAME": "a"}, {"region": ""}, "", None),
        ({}, {}, None, None),
    ],
)
def test_a_variable_stands_in_for_a_missing_option(
    environ: dict[str, str], options: dict[str, str], value: str | None, variable: str | None
) -> None:
    merged, from_environment = merge_environment({"region": None, **options}, environ)
    assert (merged["region"], from_environment.get("region")) == (value, variable)


@pytest.mark.parametrize("nothing", [(None, "null"), ("", "empty"), (" ", "blank")], ids=str)
@pytest.mark.parametrize(
    ("option", "variable"),
    [("region", "OS_REGION_NAME"), ("project_id", "HW_PROJECT_ID"), ("project_name", "HW_PROJECT_NAME")],
)
def test_a_place_that_came_to_nothing_is_not_taken_from_the_environment(
    module: type[Module], monkeypatch: pytest.MonkeyPatch, option: str, variable: str, nothing: tuple[Any, str]
) -> None:
    value, word = nothing
    monkeypatch.setattr(module, "given_options", {option: value})
    monkeypatch.setenv(variable, "elsewhere")
    assert raises(AssertionError("the work was begun")).result["msg"] == (
        f"{option} is {word}, and {variable} of the environment would be used in its place; set a value, or leave "
        "the option out with default(omit)."
    )
    monkeypatch.setenv(variable, "")
    monkeypatch.setattr(module, "params", {**OPTIONS, option: None, "endpoint": "https://iotda.example"})
    ended(lambda run: {})


def test_a_path_of_a_variable_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    merged, _from = merge_environment(
        {"ca_path": None, "profile": None}, {"OS_CACERT": "~/$HOME.pem", "HW_PROFILE": "~/x", "HW_REGION_NAME": "r"}
    )
    assert merged == {"ca_path": "/home/me//home/me.pem", "profile": "~/x"}


# What Ansible itself is given


class Base:
    """What AnsibleModule does of that which counts here, kept in place of being written."""

    def __init__(self, argument_spec: dict[str, Any]) -> None:
        self.argument_spec = argument_spec
        self.check_mode = True
        self.given: list[Any] = []
        self._load_params()

    def _load_params(self) -> None:
        self.params: dict[str, Any] = dict(PARAMS)

    def exit_json(self, **result: Any) -> None:
        self.given.append(result)

    fail_json = exit_json

    def warn(self, *texts: str) -> None:
        self.given.append(texts)

    log = warn


PARAMS: dict[str, Any] = {}


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Give what makes a real module with options, over a base that keeps what it is given."""

    def made(**params: Any) -> Any:
        monkeypatch.setattr(sys.modules[__name__], "PARAMS", params)
        for name in ("__init__", "_load_params", "exit_json", "fail_json", "warn", "log"):
            monkeypatch.setattr(AnsibleModule, name, vars(Base)[name])
        return REAL(
            argument_spec={
                **CONNECTION_OPTIONS,
                "task_id": {"type": "list", "elements": "str", "aliases": ["task_ids"]},
            }
        )

    return made


SECRET = "invented-secret"


def test_no_secret_is_returned_as_value_or_key(real: Callable[..., Any]) -> None:
    module = real(auth_token=SECRET)
    told = {f"key {SECRET}": [f"value {SECRET}", {"n": 1, "on": True, "none": None}], "other": (SECRET.upper(),)}
    module.exit_json(changed=True, tasks=[told])
    module.fail_json("Not " + SECRET, tasks=told)
    masked = {"key ***": ["value ***", {"n": 1, "on": True, "none": None}], "other": ["***"]}
    shown = {"invocation": {"module_args": {"auth_token": "***"}}, "check_mode": True}
    assert module.given == [{"changed": True, "tasks": [masked], **shown}, {"msg": "Not ***", "tasks": masked, **shown}]


def test_a_number_that_is_a_secret_is_masked(real: Callable[..., Any]) -> None:
    module = real(password=20261130)
    module.exit_json(count=20261130, other=202611301, share=0.5)
    assert {name: module.given[0][name] for name in ("count", "other", "share")} == {
        "count": "***",
        "other": 202611301,
        "share": 0.5,
    }


def test_warnings_and_the_log_of_the_host_have_no_secret(real: Callable[..., Any]) -> None:
    module = real(secret_key=SECRET, endpoint="https://user:hush@host")
    module.warn(f"of {SECRET}")
    module.log(f"Invoked with endpoint=https://user:hush@host {SECRET}", {"endpoint": "https://user:hush@host"})
    assert module.given == [("of ***",), ("Invoked with endpoint=https://***host ***", {"endpoint": "https://***host"})]


def test_the_value_of_a_misspelt_option_is_never_shown(real: Callable[..., Any]) -> None:
    module = real(secretkey="x", password="y", task_ids=["a1"], region=None, iam_endpoint="https://me:pw@iam")
    module.fail_json(msg="Unsupported parameters: secretkey")
    shown = {
        "secretkey": "***",
        "password": "***",
        "task_ids": ["a1"],
        "region": None,
        "iam_endpoint": "https://***iam",
    }
    assert module.given[0]["invocation"] == {"module_args": shown}


@pytest.mark.parametrize("missing", ["missing required arguments: state", "one of the following is required: state, x"])
def test_a_misspelt_option_is_named_beside_what_is_missing(real: Callable[..., Any], missing: str) -> None:
    module = real(sate="absent", task_ids=["a1"])
    module.fail_json(msg=missing)
    assert module.given[0]["msg"] == f"{missing}; not an option of this module: sate"
    module = real(task_ids=["a1"])
    module.fail_json(msg=missing)
    assert module.given[0]["msg"] == missing
    module = real(sate="absent")
    module.fail_json(msg="Unsupported parameters for (x) module: sate")
    assert module.given[0]["msg"] == "Unsupported parameters for (x) module: sate"


@pytest.mark.parametrize("params", [{"endpoint": 7}, {"endpoint": ["https://u:p@x"]}, {"auth_token": True}, {}])
def test_options_of_a_wrong_type_do_not_stop_it(real: Callable[..., Any], params: dict[str, Any]) -> None:
    module = real(**params)
    module.exit_json(changed=True)
    assert module.given[0]["changed"] is True


def test_what_is_long_enough_is_registered_with_ansible(
    real: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    registered: list[str] = []
    monkeypatch.setattr(caller, "register_secret", registered.append)
    real(auth_token="invented%secret", password="12345", secret_key="1")
    assert set(registered) >= set(encoded_variants("invented%secret"))
    assert not {"1", "12345"} & set(registered)


def test_under_async_nothing_is_registered(tmp_path: Path) -> None:
    """There Ansible would write it into a file."""
    wrapper = tmp_path / "async_wrapper.py"
    script = (
        "import os, sys; pid = os.fork(); "
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])) if pid else None; "
        "from ansible_collections.huaweicloud.iotda.plugins.module_utils._module import caller; "
        "caller.register_secret = lambda form: sys.exit(3); caller.register('invented-secret')"
    )
    wrapper.write_text(script, encoding="utf-8")
    assert subprocess.run([sys.executable, str(wrapper)], check=False, timeout=60).returncode == 0
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 3
