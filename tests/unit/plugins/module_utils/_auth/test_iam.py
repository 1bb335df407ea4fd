# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM: a token for a password, the ID of a project by its name, and failures that say it was IAM."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import Password
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.iam import IamClient, IssuedToken
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import TokenAuth
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ConfigurationError,
    IamError,
    IamOperation,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer

WHO = Password("user", "hush", "domain")
TOKEN = {"token": {"project": {"id": "p1", "name": "cn-north-4"}}}


def iam(*ends: urllib3.HTTPResponse | Exception) -> tuple[IamClient, Wire]:
    wire = Wire(*ends)
    return IamClient(HttpClient(HttpConfig(retry_timeout=0), transport=wire), "https://iam.example"), wire


def projects(*named: tuple[str, str]) -> urllib3.HTTPResponse:
    return answer(200, {"projects": [{"id": project_id, "name": name} for project_id, name in named]})


@pytest.mark.parametrize("project", [{"id": "p1"}, {"name": "cn-north-4"}])
def test_password_is_exchanged_for_project_token(project: dict[str, str]) -> None:
    service, wire = iam(answer(201, TOKEN, X_Subject_Token="t1"))
    assert service.issue_token(WHO, project) == IssuedToken("t1", project_id="p1")
    sent = wire.sent[0]
    assert (sent.method, sent.url) == ("POST", "https://iam.example/v3/auth/tokens?nocatalog=true")
    assert json.loads(sent.body or b"") == {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": "user", "password": "hush", "domain": {"name": "domain"}}},
            },
            "scope": {"project": project},
        }
    }
    assert not {"X-Auth-Token", "Authorization"} & set(sent.headers)


@pytest.mark.parametrize("content", [{}, {"token": None}, {"token": {}}, {"token": {"project": {"id": 7}}}], ids=str)
def test_token_without_a_named_project_is_accepted(content: dict[str, Any]) -> None:
    assert iam(answer(201, content, X_Subject_Token="t1"))[0].issue_token(WHO, {}) == IssuedToken("t1")


@pytest.mark.parametrize("headers", [{}, {"X_Subject_Token": ""}, {"X_Subject_Token": "a b"}, {"X_Subject_Token": "é"}])
def test_a_login_without_a_usable_token_is_a_failure(headers: dict[str, str]) -> None:
    with pytest.raises(IamError, match="^the login at IAM failed: .* no usable X-Subject-Token"):
        iam(answer(201, TOKEN, **headers))[0].issue_token(WHO, {})


@pytest.mark.parametrize(
    "end", [answer(401), answer(200, TOKEN, X_Subject_Token="t1"), requests.ReadTimeout("x")], ids=str
)
def test_login_error_contains_no_secret(end: Any) -> None:
    with pytest.raises(IamError, match="^the login at IAM failed: ") as caught:
        iam(end)[0].issue_token(WHO, {})
    assert "hush" not in str(caught.value)
    assert (caught.value.operation, caught.value.attempts, caught.value.ambiguous) == (IamOperation.LOGIN, 0, False)


def test_a_token_is_not_in_its_text() -> None:
    assert "hush" not in repr(IssuedToken("hush", project_id="p1"))


def test_a_project_is_found_by_its_name() -> None:
    service, wire = iam(projects(("p2", "cn-north-4_sub"), ("p1", "cn-north-4")))
    assert service.project_id(TokenAuth("t1"), "cn-north-4") == "p1"
    assert wire.sent[0].url == "https://iam.example/v3/projects?name=cn-north-4"
    assert wire.sent[0].headers["X-Auth-Token"] == "t1"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            projects(),
            "IAM has no project named r for these credentials; check region or project_name, or set project_id",
        ),
        (projects(("p1", "other")), "IAM has no project named r"),
        (projects(("p1", "r"), ("p2", "r")), r"IAM has 2 projects named r \(p1, p2\); set project_id"),
        (answer(200, {"projects": [None, {"id": 7, "name": "r"}]}), "IAM has no project named r"),
    ],
    ids=["none", "another", "two", "odd"],
)
def test_missing_or_ambiguous_project_is_an_error(found: urllib3.HTTPResponse, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        iam(found)[0].project_id(TokenAuth("t1"), "r")


@pytest.mark.parametrize("end", [answer(200, {}), answer(200, b"<html>"), answer(403)], ids=["odd", "page", "403"])
def test_a_look_up_that_fails_says_so(end: urllib3.HTTPResponse) -> None:
    with pytest.raises(IamError, match="^the lookup of the project at IAM failed: ") as caught:
        iam(end)[0].project_id(TokenAuth("t1"), "r")
    assert caught.value.details
    assert caught.value.details.http_status == end.status
