# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run of a module begins and ends: with what Ansible expects, and never with a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import ResolvedCredentials, Token
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ConfigurationError,
    IamError,
    IotdaError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor, encoded_variants
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module import runner
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.argument_spec import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.runner import ModuleContext, run_module
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import refusal, silence

REAL = runner.IotdaModule
SPEC = {"state": {"type": "str"}}
OPTIONS = {"timeout": 30.0, "retry_timeout": 120.0, "validate_certs": True, "region": "cn-north-4", "signing": "auto"}


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
    check_mode = True

    def __init__(self, **made: Any) -> None:
        type(self).made = made
        self.no_log_values: set[str] = set()

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
        run_module(work, SPEC, required_together=[("a", "b")])
    return caught.value


def raises(error: Exception) -> Ended:
    def work(run: ModuleContext) -> dict[str, Any]:
        raise error

    return ended(work)


def test_the_module_has_the_connections_options_beside_its_own(module: type[Module]) -> None:
    ended(lambda run: {})
    assert module.made == {
        "argument_spec": {**CONNECTION_OPTIONS, **SPEC},
        "supports_check_mode": True,
        "required_together": [("a", "b")],
    }


def test_a_result_is_given_back() -> None:
    end = ended(lambda run: {"changed": True, "tasks": []})
    assert (end.failed, end.result) == (False, {"changed": True, "tasks": []})


@pytest.mark.parametrize("wanted", [True, False])
def test_the_difference_is_given_only_in_diff_mode(module: type[Module], wanted: bool) -> None:
    module._diff = wanted
    assert ("diff" in ended(lambda run: {"diff": {"before": {}}}).result) is wanted


def test_a_failed_result_fails_with_all_that_it_holds() -> None:
    end = ended(lambda run: {"failed": True, "msg": "no", "changed": True, "tasks": [1]})
    assert (end.failed, end.result) == (True, {"msg": "no", "changed": True, "tasks": [1]})


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
    assert (end.failed, end.result) == (True, {"msg": msg})


def test_a_failed_request_names_what_was_read_and_what_the_service_said() -> None:
    end = raises(refusal(403, "APIGW.0302", error_msg="No.", request_id="r1"))
    assert end.failed
    assert end.result["msg"].startswith("Could not read batch tasks: iotda.example answered 403; grant the IAM action")
    assert end.result["msg"].endswith(".")
    assert end.result["hint"] in end.result["msg"]
    fields = {name: end.result[name] for name in ("http_status", "error_code", "error_msg", "request_id")}
    assert fields == {"http_status": 403, "error_code": "APIGW.0302", "error_msg": "No.", "request_id": "r1"}


LOOK_UP = "look IOTDA.000006 up in the error codes of the API, or ask its support, giving the request_id"


def test_a_failed_request_names_the_one_task_that_was_read() -> None:
    error = refusal(400, "IOTDA.000006").with_subject("batch task a1", "show")
    assert raises(error).result == {
        "msg": f"Could not read batch task a1: iotda.example answered 400; {LOOK_UP}.",
        "http_status": 400,
        "error_code": "IOTDA.000006",
        "hint": LOOK_UP,
    }


@pytest.mark.parametrize(
    ("action", "what"), [("list", "iotda:batchtasks:queryList"), ("show", "read access to IoTDA's batch tasks")]
)
def test_the_permission_that_is_missing_is_that_of_what_was_done(action: str, what: str) -> None:
    error = refusal(403, "APIGW.0302").with_subject("batch task a1", action)
    assert what in raises(error).result["hint"]


def test_a_failure_of_iam_is_told_as_such() -> None:
    end = raises(IamError("login", silence()))
    assert end.result["msg"].startswith("The login at IAM failed: iotda.example was silent; ")


def test_an_option_that_cannot_be_used_ends_the_run_before_its_work(module: type[Module]) -> None:
    module.params = {**OPTIONS, "region": "nowhere"}
    end = raises(AssertionError("the work was begun"))
    assert end.result == {"msg": "region must be a region's name such as cn-north-4, not 'nowhere'."}


def test_a_doubt_about_where_requests_go_is_a_warning(module: type[Module], monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_failure_tells_the_source_of_the_credentials_and_conceals_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        runner, "resolve", lambda asked: ResolvedCredentials("environment (HW_AUTH_TOKEN)", Token("hush"))
    )
    given = []

    def connect(options: Any, checked: Any, found: ResolvedCredentials, secrets: Redactor, *more: Any) -> None:
        given.append((options, checked.url, found.source))
        secrets.add("h%ush")

    monkeypatch.setattr(runner, "create_client", connect)
    runs = []

    def work(run: ModuleContext) -> dict[str, Any]:
        runs.append(run)
        run.client()
        raise refusal(400, "IOTDA.000006")

    end = ended(work)
    assert end.result["credential_source"] == "environment (HW_AUTH_TOKEN)"
    assert given == [(OPTIONS, None, "environment (HW_AUTH_TOKEN)")]
    assert runs[0]._module.no_log_values == set(encoded_variants("h%ush"))


def test_a_success_does_not_tell_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "resolve", lambda asked: ResolvedCredentials("options", Token("hush")))
    monkeypatch.setattr(runner, "create_client", lambda *given: None)

    def work(run: ModuleContext) -> dict[str, Any]:
        run.client()
        return {"changed": False}

    assert ended(work).result == {"changed": False}


def test_a_run_tells_options_and_mode() -> None:
    runs: list[ModuleContext] = []

    def work(run: ModuleContext) -> dict[str, Any]:
        runs.append(run)
        return {}

    ended(work)
    assert (runs[0].options, runs[0].check_mode, runs[0].source()) == (OPTIONS, True, {})


# What comes from the environment


@pytest.mark.parametrize("name", ["OS_CACERT", "HW_PROFILE", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_variable_that_is_no_text_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/a\udcff")
    end = raises(AssertionError("the work was begun"))
    assert end.result == {"msg": f"The environment variable {name} is not text in UTF-8."}


def test_a_variable_that_is_no_text_is_not_looked_at_where_an_option_or_another_counts(
    monkeypatch: pytest.MonkeyPatch, module: type[Module]
) -> None:
    monkeypatch.setenv("HW_REGION_NAME", "\udcff")
    ended(lambda run: {})
    monkeypatch.setenv("HUAWEICLOUD_SDK_PROJECT_ID", "p1")
    monkeypatch.setenv("OS_PROJECT_ID", "\udcff")
    ended(lambda run: {})


def test_ansible_gets_the_first_variable_that_is_set_but_none_that_it_cannot_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look, names = CONNECTION_OPTIONS["region"]["fallback"]
    monkeypatch.setenv("HW_REGION_NAME", "")
    monkeypatch.setenv("OS_REGION_NAME", "cn-north-4")
    assert look(*names) == "cn-north-4"
    monkeypatch.setenv("HW_REGION_NAME", "\udcff")
    with pytest.raises(AnsibleFallbackNotFound):
        look(*names)


# Before there can be a run


@pytest.mark.parametrize("error", [OverflowError("x"), ValueError("hush")], ids=repr)
def test_what_ansible_cannot_take_or_log_is_one_sentence_without_any_option(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*given: Any, **made: Any) -> None:
        raise error

    told = []
    monkeypatch.setattr(AnsibleModule, "__init__", fail)
    monkeypatch.setattr(AnsibleModule, "fail_json", lambda module, **result: told.append(result))
    REAL(argument_spec={})
    msg = "An option cannot be used: a number is too large for one, or a text is not one in UTF-8."
    assert told == [{"msg": msg, "invocation": {}}]


@pytest.mark.parametrize("option", ["endpoint", "iam_endpoint"])
def test_what_may_be_secret_in_an_endpoint_is_never_shown(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    def begin(module: Any, **made: Any) -> None:
        module.no_log_values = set()
        assert module.no_log_values == set()
        module.params = {option: "https://user:hush@host", "region": 7}
        module.no_log_values.update(["other"])

    monkeypatch.setattr(AnsibleModule, "__init__", begin)
    module = REAL(argument_spec={})
    assert module.no_log_values == {"other", "user:hush@"}
    module.params = {"endpoint": 7, "iam_endpoint": None}
    assert module.no_log_values == {"other", "user:hush@"}
