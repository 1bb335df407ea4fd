# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hints: for each known cause of a failure, what to do next."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import hint_for, unfinished_hint
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    Cause,
    IamError,
    IamOperation,
    RequestError,
    TransportError,
)
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import refusal


def hint(status: int, code: str | None = None, operation: str = "delete", **more: Any) -> str:
    text = hint_for(refusal(status, code, **more), operation)
    assert text
    return text


def test_every_cause_has_a_hint() -> None:
    assert all(hint_for(TransportError("x", cause), "delete") for cause in get_args(Cause))


def test_what_is_known_better_comes_before_the_cause() -> None:
    error = TransportError("x", "broken", hint="begin {endpoint} with https://")
    assert hint_for(error, "delete") == "begin endpoint with https://"
    assert hint_for(IamError(IamOperation.OIDC, error), "delete") == "begin HUAWEICLOUD_SDK_STS_ENDPOINT with https://"


def test_a_port_that_speaks_tls() -> None:
    assert hint(400, body="tls") == "begin endpoint with https://"


def test_an_operation_without_a_known_action_is_named_itself() -> None:
    assert "grant the permission to rename batch tasks of IoTDA on this project" in hint(403, operation="rename")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("dns", "DNS"),
        ("address", "HTTPS_PROXY"),
        ("connect", "firewall"),
        ("timeout", "raise timeout"),
        ("tls", "ca_path"),
        ("proxy", "NO_PROXY"),
        ("proxy_login", "the password in HTTPS_PROXY"),
        ("broken", "run it again"),
        ("size", "check endpoint"),
    ],
)
def test_each_cause_of_a_transport_error_has_a_hint(cause: Cause, words: str) -> None:
    assert words in (hint_for(TransportError("x", cause), "delete") or "")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, "APIGW.0101", "check that endpoint is the application access address"),
        (404, "APIG.0101", "check that endpoint is the application access address"),
        (401, "APIGW.0301", "check access_key and secret_key or the token"),
        (401, "APIG.0301", "check access_key and secret_key or the token"),
        (401, "APIGW.0301", "shared host of a region needs signing=standard"),
        (401, "APIGW.0307", "get a new token"),
        (403, "APIGW.0310", "use another project"),
        (401, "IAM.0066", "get a new token"),
        (401, "IAM.0062", "check username, password and domain_name"),
        (401, "IAM.0061", "until the account is unlocked"),
        (401, "IOTDA.000002", "enterprise instance needs derived, the shared host of a region needs standard"),
        (403, "IOTDA.000004", "get a new token"),
        (403, "IOTDA.000021", "check instance_id"),
        (403, "IOTDA.000021", "subscribe to IoTDA"),
        (403, "APIGW.0302", "or check project_id"),
        (520, None, "run it again later"),
        (404, "IOTDA.000029", "check that endpoint is the application access address"),
        (403, "IOTDA.001000", "check app_id"),
        (403, "IOTDA.001006", "check app_id"),
        (401, "APIGW.0305", "check the credentials"),
        (401, None, "check the credentials"),
        (407, None, "HTTPS_PROXY"),
        (408, None, "run it again later"),
        (500, "IOTDA.000020", "run it again later"),
        (502, None, "run it again later"),
        (503, None, "run it again later"),
        (504, "APIGW.0201", "run it again later"),
        (501, None, "check endpoint, since another server may have answered"),
        (503, "IOTDA.000020", "since the service has a problem"),
        (429, "APIGW.0308", "lower concurrency or raise retry_timeout"),
        (418, None, "check that endpoint is the application access address"),
    ],
)
def test_each_known_answer_has_a_hint(status: int, code: str | None, words: str) -> None:
    assert words in hint(status, code)


def test_encoded_reason_of_a_denial_is_to_be_decoded() -> None:
    text = hint(403, "IOTDA.000022", encoded_authorization_message="HY0L")
    assert text == (
        f"{hint(403, 'IOTDA.000022')}; to see what denied it, decode encoded_authorization_message with "
        "DecodeAuthorizationMessage of STS"
    )


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("delete", "iotda:batchtasks:delete"),
        ("stop", "iotda:batchtasks:stop"),
        ("list", "iotda:batchtasks:queryList"),
    ],
)
@pytest.mark.parametrize("code", ["APIGW.0302", "IOTDA.000022", "APIG.0302"])
def test_a_missing_permission_names_the_action(operation: str, action: str, code: str) -> None:
    assert f"grant the IAM action {action} on this project" in hint(403, code, operation)


def test_hint_without_a_known_action_is_general() -> None:
    assert "grant read access to batch tasks of IoTDA" in hint(403, "APIGW.0302", "show")


@pytest.mark.parametrize(("body", "code"), [("other", None), ("error", "NGINX.404")])
def test_404_of_another_server_does_not_show_absence(body: str, code: str | None) -> None:
    assert hint(404, code, body=body).startswith(
        "this 404 was not sent by IoTDA, so it does not show that the task is absent"
    )


def test_404_of_another_server_for_a_list_says_nothing_about_a_task() -> None:
    assert hint(404, None, "list", body="other").startswith("this 404 was not sent by IoTDA: check that endpoint")


def test_a_throttle_that_says_how_long_is_repeated() -> None:
    assert "the service sent Retry-After: 90;" in hint(429, "APIGW.0308", retry_after=90.0)


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (901.0, "set this machine's clock, which is 901 s behind the service's"),
        (-3600.4, "set this machine's clock, which is 3600 s ahead of the service's"),
    ],
)
@pytest.mark.parametrize(("status", "code"), [(401, "APIGW.0301"), (403, "APIGW.0302"), (401, None)])
def test_a_wrong_clock_comes_before_all_else(skew: float, words: str, status: int, code: str | None) -> None:
    assert hint(status, code, skew=skew) == words


@pytest.mark.parametrize(("status", "skew"), [(401, 899.0), (401, -900.0), (404, 5000.0), (500, 5000.0)])
def test_an_irrelevant_clock_skew_is_not_mentioned(status: int, skew: float) -> None:
    assert "clock" not in hint(status, skew=skew)


def test_unknown_service_error_has_a_lookup_hint() -> None:
    assert hint(400, "IOTDA.000006") == (
        "look up IOTDA.000006 in the error codes of the API, or contact support with the request_id"
    )


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (TransportError("x", "dns"), "check iam_endpoint"),
        (TransportError("x", "tls"), "check iam_endpoint"),
        (refusal(503), "check iam_endpoint, since another server may have answered"),
        (refusal(429, "APIGW.0308"), "retry_timeout"),
        (refusal(302), "check iam_endpoint"),
        (refusal(200, body="other"), "check iam_endpoint"),
        (refusal(401, "IAM.0062"), "check username, password and domain_name"),
        (refusal(401, skew=5000.0), "set this machine's clock"),
    ],
    ids=str,
)
@pytest.mark.parametrize("operation", [IamOperation.LOGIN, IamOperation.LOOKUP])
def test_what_iam_met_has_its_own_hint(cause: RequestError, words: str, operation: IamOperation) -> None:
    assert words in (hint_for(IamError(operation, cause), "delete") or "")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_by_iam_has_no_hint_about_iotda(status: int) -> None:
    hints = [hint_for(IamError(operation, refusal(status)), "delete") for operation in IamOperation]
    assert len(set(hints)) == len(IamOperation)
    assert not [text for text in hints if not text or "iotda:batchtasks" in text]


@pytest.mark.parametrize("operation", IamOperation)
def test_each_exchange_has_a_hint_whatever_ended_it(operation: IamOperation) -> None:
    unsaid = hint_for(IamError(operation, RequestError("no access key in it", 0, False)), "delete")
    assert unsaid == operation.hint
    silent = hint_for(IamError(operation, TransportError("x", "dns")), "delete")
    assert silent == f"check {operation.place} and region, and this machine's DNS"


def test_an_unknown_failure_has_no_hint() -> None:
    assert hint_for(RequestError("x", 1, False), "delete") is None


def test_hint_for_stoppable_task_offers_force() -> None:
    assert unfinished_hint("firmwareUpgrade") == (
        "set wait to delete it once it has finished, or force to stop it first"
    )


def test_hint_for_unstoppable_task_says_so() -> None:
    text = unfinished_hint("freezeDevices")
    assert text == "set wait to delete it once it has finished, since a freezeDevices task cannot be stopped"
