# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options and credentials to a client: its endpoint, project and credentials, and what is asked of IAM for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.huaweicloud.iotda.plugins.module_utils._account import connection
from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.connection import Connection
from ansible_collections.huaweicloud.iotda.plugins.module_utils._account.options import CONNECTION, validate_options
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    Agency,
    Credentials,
    Password,
    ProviderContext,
    ResolvedCredentials,
    Token,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient, InstanceTarget
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ConfigurationError,
    IamError,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor, encoded_variants
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.client import HttpClient, HttpConfig
from ansible_collections.huaweicloud.iotda.tests.unit.fakes import Wire, answer

TOKEN = Token("tok1")
KEY = AccessKey("AK1", "sk1")
WHO = Password("u", "pass", "d")
INSTANCE = "https://9bc34x.st1.iotda-app.cn-east-3.myhuaweicloud.com"
ISSUED = {"token": {"project": {"id": "told"}}}

Connect = Callable[..., tuple[BatchTaskClient, Wire, list[str]]]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Give what connects over a network whose ends are written, and tells which secrets were concealed."""

    def made(
        credentials: Credentials,
        *ends: urllib3.HTTPResponse,
        found: dict[str, Any] | None = None,
        from_environment: dict[str, str] | None = None,
        **options: Any,
    ) -> tuple[BatchTaskClient, Wire, list[str]]:
        wire = Wire(*ends, answer(204))

        def http(settings: HttpConfig, **shared: Any) -> HttpClient:
            return HttpClient(settings, transport=wire, **shared)

        monkeypatch.setattr(connection, "HttpClient", http)
        whole = {"timeout": 1.0, "retry_timeout": 0.0, "validate_certs": True, "signing": "auto", **options}
        concealed: list[str] = []
        secrets = Redactor(concealed.append)
        resolved = ResolvedCredentials("options", credentials, **found or {})
        context = ProviderContext(whole, {}, from_environment or {})
        access = Connection(context, validate_options(whole, CONNECTION), resolved, secrets)
        project_id, auth = access.open()
        client = BatchTaskClient(access.http, InstanceTarget(access.url, project_id, whole.get("instance_id")), auth)
        client.delete("a1")
        return client, wire, concealed

    return made


@pytest.mark.parametrize(
    ("options", "verify"),
    [
        ({}, True),
        ({"ca_path": "CA"}, "CA"),
        ({"validate_certs": False}, False),
        ({"validate_certs": False, "ca_path": "CA"}, False),
    ],
)
def test_what_certificates_are_verified_with(
    make: Connect, tmp_path: Path, options: dict[str, Any], verify: bool | str
) -> None:
    bundle = tmp_path / "CA"
    bundle.touch()
    paths = {name: str(bundle) for name in options if name == "ca_path"}
    _api, wire, _concealed = make(TOKEN, region="cn-north-4", project_id="p1", **{**options, **paths})
    assert wire.manners[-1]["verify"] == (str(bundle) if verify == "CA" else verify)


@pytest.mark.parametrize(("options", "connections"), [({}, 1), ({"concurrency": 7}, 7)])
def test_the_settings_are_those_of_the_options(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], connections: int
) -> None:
    given = []

    def http(settings: HttpConfig, **shared: Any) -> HttpClient:
        given.append(settings)
        return HttpClient(settings, **shared)

    monkeypatch.setattr(connection, "HttpClient", http)
    whole = {"timeout": 1.5, "retry_timeout": 2.5, "validate_certs": True, "signing": "auto", "region": "cn-north-4"}
    whole.update(project_id="p1", **options)
    resolved = ResolvedCredentials("options", TOKEN)
    Connection(ProviderContext(whole, {}), validate_options(whole, CONNECTION), resolved, Redactor())
    assert given == [HttpConfig(1.5, 2.5, True, connections)]


def last(wire: Wire) -> requests.PreparedRequest:
    return wire.sent[-1]


def test_a_token_goes_to_the_regions_shared_host(make: Connect) -> None:
    _api, wire, _concealed = make(TOKEN, region="cn-north-4", project_id="p1")
    assert len(wire.sent) == 1
    assert last(wire).url == "https://iotda.cn-north-4.myhuaweicloud.com/v5/iot/p1/batchtasks/a1"
    assert last(wire).headers["X-Auth-Token"] == "tok1"


def test_an_endpoint_comes_before_the_region(make: Connect) -> None:
    _api, wire, _concealed = make(TOKEN, region="cn-north-4", project_id="p1", endpoint=INSTANCE, instance_id="i1")
    assert str(last(wire).url).startswith(INSTANCE + "/v5/iot/p1/")
    assert last(wire).headers["Instance-Id"] == "i1"


@pytest.mark.parametrize(
    ("options", "signed"),
    [
        ({"region": "cn-north-4"}, "SDK-HMAC-SHA256 Access=AK1"),
        ({"endpoint": INSTANCE}, "V11-HMAC-SHA256 Credential=AK1/{day}/cn-east-3/iotdm"),
        ({"endpoint": INSTANCE, "region": "cn-north-4"}, "V11-HMAC-SHA256 Credential=AK1/{day}/cn-east-3/iotdm"),
        ({"endpoint": INSTANCE, "signing": "standard"}, "SDK-HMAC-SHA256 Access=AK1"),
        ({"endpoint": "https://own.example"}, "SDK-HMAC-SHA256 Access=AK1"),
        (
            {"endpoint": "https://own.example", "signing": "derived", "region": "cn-north-4"},
            "V11-HMAC-SHA256 Credential=AK1/{day}/cn-north-4/iotdm",
        ),
        ({"region": "cn-north-4", "signing": "derived"}, "V11-HMAC-SHA256 Credential=AK1/{day}/cn-north-4/iotdm"),
    ],
)
def test_keys_sign_as_the_host_or_the_user_asks(make: Connect, options: dict[str, Any], signed: str) -> None:
    _api, wire, _concealed = make(KEY, project_id="p1", **options)
    day = str(last(wire).headers["X-Sdk-Date"])[:8]
    assert str(last(wire).headers["Authorization"]).startswith(signed.format(day=day) + ", ")
    assert last(wire).headers["X-Project-Id"] == "p1"


def test_a_source_may_say_project_and_region(make: Connect) -> None:
    _api, wire, _concealed = make(TOKEN, found={"project_id": "p2", "region": "cn-east-3"})
    assert last(wire).url == "https://iotda.cn-east-3.myhuaweicloud.com/v5/iot/p2/batchtasks/a1"


def test_options_come_before_what_a_source_says(make: Connect) -> None:
    said = {"project_id": "p2", "region": "cn-east-3", "iam_endpoint": "https://said.example"}
    _api, wire, _concealed = make(TOKEN, found=said, region="cn-north-4", project_id="p1")
    assert last(wire).url == "https://iotda.cn-north-4.myhuaweicloud.com/v5/iot/p1/batchtasks/a1"


@pytest.mark.parametrize(
    ("options", "found", "iam"),
    [
        ({}, {}, "https://iam.cn-north-4.myhuaweicloud.com"),
        ({}, {"iam_endpoint": "https://said.example/v3"}, "https://said.example"),
        ({"iam_endpoint": "https://own.example"}, {"iam_endpoint": "https://said.example"}, "https://own.example"),
    ],
)
@pytest.mark.parametrize(("credentials", "proof"), [(TOKEN, "X-Auth-Token"), (KEY, "Authorization")], ids=str)
def test_unspecified_project_is_looked_up_by_region(
    make: Connect, options: dict[str, Any], found: dict[str, Any], iam: str, credentials: Credentials, proof: str
) -> None:
    projects = answer(200, {"projects": [{"id": "p9", "name": "cn-north-4"}]})
    _api, wire, _concealed = make(credentials, projects, found=found, region="cn-north-4", **options)
    assert wire.sent[0].url == f"{iam}/v3/projects?name=cn-north-4"
    assert proof in wire.sent[0].headers
    assert "/v5/iot/p9/" in str(last(wire).url)


def test_lookup_for_an_instance_uses_standard_signing(make: Connect) -> None:
    projects = answer(200, {"projects": [{"id": "p9", "name": "cn-east-3"}]})
    _api, wire, _concealed = make(KEY, projects, endpoint=INSTANCE)
    assert str(wire.sent[0].headers["Authorization"]).startswith("SDK-HMAC-SHA256 ")
    assert str(wire.sent[1].headers["Authorization"]).startswith("V11-HMAC-SHA256 ")
    assert "X-Project-Id" not in wire.sent[0].headers


@pytest.mark.parametrize(
    ("options", "scope", "project_id"),
    [({"project_id": "p1"}, '{"id": "p1"}', "p1"), ({}, '{"name": "cn-north-4"}', "told")],
)
def test_a_password_logs_in_once(make: Connect, options: dict[str, Any], scope: str, project_id: str) -> None:
    login = answer(201, ISSUED, X_Subject_Token="fresh")
    _api, wire, concealed = make(WHO, login, region="cn-north-4", **options)
    assert [request.method for request in wire.sent] == ["POST", "DELETE"]
    assert f'"scope": {{"project": {scope}}}'.encode() in (wire.sent[0].body or b"")
    assert last(wire).headers["X-Auth-Token"] == "fresh"
    assert f"/v5/iot/{project_id}/" in str(last(wire).url)
    assert concealed == [*encoded_variants("pass"), *encoded_variants("fresh")]


def test_expired_login_token_is_replaced_and_concealed(make: Connect) -> None:
    first, second = (answer(201, ISSUED, X_Subject_Token=token) for token in ("one", "two"))
    client, wire, concealed = make(WHO, first, region="cn-north-4")
    wire.ends = [answer(401), second, answer(204)]
    assert client.delete("a2").attempts == 2
    assert last(wire).headers["X-Auth-Token"] == "two"
    assert concealed == [*encoded_variants("pass"), *encoded_variants("one"), *encoded_variants("two")]


def test_password_is_concealed_plain_and_json_escaped(make: Connect) -> None:
    who = Password("u", 'h"\u00fcsh', "d")
    concealed = make(who, answer(201, ISSUED, X_Subject_Token="one"), region="cn-north-4")[2]
    assert {'h"\u00fcsh', 'h\\"\\u00fcsh', "one"} <= set(concealed)


def test_secret_in_error_response_is_masked(make: Connect) -> None:
    told = answer(
        400, {"error_code": "C", "error_msg": "neither h%26ush, nor one%2Ftwo%2Fthree, nor b25lL3R3by90aHJlZQ=="}
    )
    with pytest.raises(ApiError) as caught:
        make(
            Password("u", "h&ush", "d"), answer(201, ISSUED, X_Subject_Token="one/two/three"), told, region="cn-north-4"
        )
    assert caught.value.details.error_msg == "neither ***, nor ***, nor ***"


@pytest.mark.parametrize(
    ("credentials", "secrets"), [(TOKEN, ["tok1"]), (AccessKey("AK1", "sk1", "st1"), ["sk1", "st1"])], ids=str
)
def test_every_secret_is_concealed(make: Connect, credentials: Credentials, secrets: list[str]) -> None:
    concealed = make(credentials, region="cn-north-4", project_id="p1")[2]
    assert concealed == [form for secret in secrets for form in encoded_variants(secret)]


@pytest.mark.parametrize(
    ("credentials", "options", "words"),
    [
        (TOKEN, {"project_id": "p1"}, "Neither region nor endpoint is given"),
        (
            TOKEN,
            {"endpoint": "https://own.example"},
            "The project lookup without project_id needs",
        ),
        (WHO, {"endpoint": "https://own.example"}, "needs a region, which the endpoint does not contain; set region"),
        (
            KEY,
            {"endpoint": "https://own.example", "signing": "derived", "project_id": "p1"},
            "The derived signature needs",
        ),
        (
            KEY,
            {"endpoint": "https://own.example", "project_name": "x"},
            "^Cannot determine the IAM endpoint",
        ),
    ],
)
def test_missing_option_is_reported_before_any_request(
    make: Connect, credentials: Credentials, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make(credentials, **options)


@pytest.mark.parametrize(
    "found", [{"project_id": "a/b"}, {"region": "evil.example/"}, {"iam_endpoint": "http://iam.example"}], ids=str
)
def test_what_a_source_says_is_checked_too(make: Connect, found: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        make(TOKEN, found=found, region=None if "region" in found else "cn-north-4")


def test_a_project_of_iam_is_checked_too(make: Connect) -> None:
    with pytest.raises(ConfigurationError, match="^project_id must"):
        make(TOKEN, answer(200, {"projects": [{"id": "a/b", "name": "cn-north-4"}]}), region="cn-north-4")


def test_a_failed_login_is_raised(make: Connect) -> None:
    with pytest.raises(IamError):
        make(WHO, answer(401), region="cn-north-4")


# Which project


def named(*names: str) -> requests.Response:
    return answer(200, {"projects": [{"id": f"id-of-{name}", "name": name} for name in names]})


VARIABLE = {"project_id": "HW_PROJECT_ID", "project_name": "HW_PROJECT_NAME"}


@pytest.mark.parametrize(
    ("options", "of_variables", "found", "project_id"),
    [
        ({"project_id": "o", "project_name": "on"}, (), {"project_id": "f"}, "o"),
        ({"project_name": "on"}, (), {"project_id": "f"}, "id-of-on"),
        ({"project_name": "on", "project_id": "v"}, ("project_id",), {"project_id": "f"}, "id-of-on"),
        ({"project_id": "o", "project_name": "vn"}, ("project_name",), {}, "o"),
        ({"project_id": "v", "project_name": "vn"}, ("project_id", "project_name"), {"project_id": "f"}, "v"),
        ({"project_name": "vn"}, ("project_name",), {"project_id": "f"}, "id-of-vn"),
        ({}, (), {"project_id": "f"}, "f"),
        ({}, (), {}, "id-of-cn-north-4"),
        ({"project_id": "v"}, ("project_id",), {"project_id": "f", "by_option": True}, "f"),
        ({"project_name": "vn"}, ("project_name",), {"by_option": True}, "id-of-vn"),
        ({"project_id": "o"}, (), {"project_id": "f", "by_option": True}, "o"),
    ],
)
def test_which_project_counts(
    make: Connect, options: dict[str, str], of_variables: tuple[str, ...], found: dict[str, Any], project_id: str
) -> None:
    variables = {name: VARIABLE[name] for name in of_variables}
    ends = [named("on", "vn", "cn-north-4")] if project_id.startswith("id-of-") else []
    _api, wire, _concealed = make(KEY, *ends, found=found, from_environment=variables, region="cn-north-4", **options)
    assert f"/v5/iot/{project_id}/" in str(last(wire).url)


def test_a_login_is_for_the_project_of_that_name(make: Connect) -> None:
    login = answer(201, ISSUED, X_Subject_Token="fresh")
    _api, wire, _concealed = make(WHO, login, region="cn-north-4", project_name="mine")
    assert b'"scope": {"project": {"name": "mine"}}' in (wire.sent[0].body or b"")


def test_a_profile_as_option_brings_its_region(make: Connect) -> None:
    found = {"region": "cn-east-3", "by_option": True, "project_id": "p"}
    variables = {"region": "HW_REGION_NAME"}
    _api, wire, _concealed = make(KEY, found=found, from_environment=variables, region="cn-north-4")
    assert str(last(wire).url).startswith("https://iotda.cn-east-3.myhuaweicloud.com/")


def test_a_profile_against_an_endpoint_variable(make: Connect) -> None:
    found = {"region": "cn-north-4", "by_option": True, "project_id": "p"}
    with pytest.raises(ConfigurationError, match="is for the region cn-north-4, but the environment variable X names"):
        make(KEY, found=found, from_environment={"endpoint": "X"}, endpoint=INSTANCE)


# Agencies

AGENCY = {"agency_name": "ops", "agency_domain_name": "other"}
EXCHANGED = {"credential": {"access": "TEMP", "secret": "sk-temp", "securitytoken": "st-temp"}}


def test_an_agency_does_all_the_rest(make: Connect) -> None:
    found = {"project_id": "of-the-own-account"}
    ends = (answer(201, EXCHANGED), named("cn-north-4"))
    _api, wire, concealed = make(KEY, *ends, found=found, region="cn-north-4", **AGENCY)
    assert [str(sent.headers["Authorization"]).partition(",")[0].rpartition("=")[2] for sent in wire.sent] == [
        "AK1",
        "TEMP",
        "TEMP",
    ]
    assert "/v5/iot/id-of-cn-north-4/" in str(last(wire).url)
    assert {"sk1", "sk-temp", "st-temp"} <= set(concealed)


@pytest.mark.parametrize(
    ("credentials", "options", "found", "words"),
    [
        (KEY, {"agency_name": "ops"}, {}, "^agency_name is given without agency_domain_name; give both, or neither$"),
        (KEY, {"agency_domain_name": "d"}, {}, "^agency_domain_name is given without agency_name; give both"),
        (
            TOKEN,
            AGENCY,
            {},
            "^agency_name needs access keys, .* credentials from options are a token; give access_key",
        ),
        (
            WHO,
            AGENCY,
            {},
            "^agency_name needs access keys, .* credentials from options are a password; give access_key",
        ),
        (KEY, AGENCY, {"agency": Agency("a", "d")}, "^agency_name is given, but an agency also comes from options"),
        (KEY, {**AGENCY, "agency_name": "ops\n"}, {}, "^agency_name must not start or end with spaces"),
        (KEY, {"project_name": " x"}, {}, "^project_name must not start or end with spaces"),
    ],
    ids=str,
)
def test_an_agency_that_cannot_be_used(
    make: Connect, credentials: Credentials, options: dict[str, str], found: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make(credentials, found=found, region="cn-north-4", **options)


def test_half_an_agency_of_variables_is_called_so(make: Connect) -> None:
    variables = {"agency_name": "HW_ASSUME_ROLE_AGENCY_NAME"}
    with pytest.raises(ConfigurationError, match="^HW_ASSUME_ROLE_AGENCY_NAME is given without agency_domain_name"):
        make(KEY, from_environment=variables, region="cn-north-4", agency_name="ops")
