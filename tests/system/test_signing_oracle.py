# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our signer and that of the official SDK sign random requests alike; ``make fuzz`` tries more of them."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import AccessKey
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.signer import AccessKeyAuth, Scope, sign

thorough = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "200")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Give the SDK's signers; importing them writes into the home directory, hence one of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        signer = importlib.import_module("huaweicloudsdkcore.signer.signer")
        request = importlib.import_module("huaweicloudsdkcore.sdk_request")
        yield SimpleNamespace(
            Signer=signer.Signer, DerivationAKSKSigner=signer.DerivationAKSKSigner, SdkRequest=request.SdkRequest
        )


@dataclass
class Request:
    """A request in the SDK's terms: a path as it is sent, a query that is not yet encoded, and all headers."""

    method: str
    host: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes | str | None
    key: AccessKey = field(default_factory=lambda: AccessKey("AK1", "sk1"))

    @property
    def url(self) -> str:
        encoded = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.query)
        return f"https://{self.host}{self.path}" + (f"?{encoded}" if encoded else "")

    def by_sdk(self, sdk: SimpleNamespace, scope: Scope | None) -> dict[str, str]:
        """Return the headers that the SDK adds."""
        headers = dict(self.headers)
        request = sdk.SdkRequest(self.method, "https", self.host, self.path, None, list(self.query), headers, self.body)
        credentials = SimpleNamespace(ak=self.key.access_key, sk=self.key.secret_key)
        if scope is None:
            sdk.Signer(credentials).sign(request)
        else:
            sdk.DerivationAKSKSigner(credentials).sign(request, scope.service, scope.region)
        return {name: headers[name] for name in ("Authorization", "X-Sdk-Content-Sha256") if name in headers}

    def by_us(self, scope: Scope | None) -> dict[str, str]:
        return sign(self.key, scope, self.method, self.url, self.headers, self.body)


texts = st.text(st.characters(codec="utf-8"), max_size=10)
unicode_or_plain = st.one_of(texts, st.text("abz019-._~ +&=%/?#'()*!;:@,", max_size=10), st.just(""))
visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
header_values = st.one_of(texts, st.just(""), visible.map(lambda value: f"  {value}\t"))
dates = st.datetimes(datetime(2019, 1, 1), datetime(2100, 1, 1)).map(lambda date: date.strftime("%Y%m%dT%H%M%SZ"))
content_types = st.sampled_from(
    [
        "application/json",
        "application/json;charset=utf8",
        "application/bson",
        "application/xml",
        "multipart/form-data; boundary=x",
        "text/plain",
    ]
)
header_names = st.sampled_from(
    ["Instance-Id", "X-Project-Id", "X-Security-Token", "User-Agent", "Accept", "X-Domain-Id", "X_Skipped", "Zz-Z", "a"]
)
paths = st.one_of(
    st.lists(unicode_or_plain.map(lambda piece: quote(piece, safe="~")), max_size=5).map(
        lambda all_: "/" + "/".join(all_)
    ),
    st.sampled_from(["/", "//", "/a/", "/a%2Fb", "/%", "/%zz/%7E", "/v5/iot/p1/batchtasks/5c8ba99030344005c02316ad"]),
)
hosts = st.sampled_from(
    ["iotda.cn-north-4.myhuaweicloud.com", "a.st1.iotda-app.cn-north-4.myhuaweicloud.com", "127.0.0.1:8080", "[::1]:80"]
)


@st.composite
def queries(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Pairs of anything, some of them repeated: by name, or whole."""
    pairs = draw(st.lists(st.tuples(unicode_or_plain, unicode_or_plain), max_size=5))
    repeated = draw(st.booleans())
    if pairs and repeated:
        pairs.append((pairs[0][0], draw(unicode_or_plain)))
        pairs.append(pairs[draw(st.integers(0, len(pairs) - 1))])
    return pairs


@st.composite
def any_requests(draw: st.DrawFn) -> Request:
    host = draw(hosts)
    headers = draw(st.dictionaries(header_names, header_values, max_size=6))
    headers.update({"X-Sdk-Date": draw(dates), "Host": host})
    if draw(st.booleans()):
        headers["Content-Type"] = draw(content_types)
    if draw(st.integers(0, 9)) == 0:
        headers["X-Sdk-Content-Sha256"] = "UNSIGNED-PAYLOAD"
    return Request(
        draw(st.sampled_from(["GET", "DELETE", "POST", "PUT", "PATCH", "HEAD", "get", "Post"])),
        host,
        draw(paths),
        draw(queries()),
        headers,
        draw(st.one_of(st.none(), st.binary(max_size=50), texts)),
        AccessKey(draw(visible), draw(st.one_of(visible, texts.filter(bool)))),
    )


@thorough
@given(request=any_requests())
def test_standard_signatures_are_the_same(sdk: SimpleNamespace, request: Request) -> None:
    assert agree(request.by_us(None), request.by_sdk(sdk, None))


@thorough
@given(
    request=any_requests(),
    region=st.sampled_from(["cn-north-4", "ap-southeast-3", "ru-moscow-1"]),
    service=st.sampled_from(["iotdm", "iam"]),
)
def test_derived_signatures_are_the_same(sdk: SimpleNamespace, request: Request, region: str, service: str) -> None:
    scope = Scope(region, service)
    assert agree(request.by_us(scope), request.by_sdk(sdk, scope))


def agree(ours: dict[str, str], theirs: dict[str, str]) -> bool:
    """Whether both sign alike; the header of the payload is given by the SDK even where it was there before."""
    return {**theirs, **ours} == theirs and ours["Authorization"] == theirs["Authorization"]


@pytest.mark.parametrize("scope", [None, Scope("cn-north-4")], ids=["standard", "derived"])
@thorough
@given(query=queries(), body=st.one_of(st.none(), st.dictionaries(texts, texts, max_size=3)), instance=visible)
def test_signature_of_sent_request_matches_sdk(
    sdk: SimpleNamespace, scope: Scope | None, query: list[tuple[str, str]], body: Any, instance: str
) -> None:
    auth = AccessKeyAuth(
        AccessKey("AK1", "sk1", "st1"), scope, "p1", lambda: datetime(2026, 11, 23, tzinfo=timezone.utc)
    )
    url = Request("POST", "iotda.cn-north-4.myhuaweicloud.com", "/v5/iot/p1/batchtasks", query, {}, None).url
    sent = requests.Request("POST", url, {"Instance-Id": instance}, json=body, auth=auth).prepare()
    listed = str(sent.headers["Authorization"]).split("SignedHeaders=")[1].split(",")[0].split(";")
    headers = {name.title(): str(sent.headers[name]) for name in listed}
    received = Request("POST", headers["Host"], sent.path_url.partition("?")[0], query, headers, sent.body)
    assert sent.headers["Authorization"] == received.by_sdk(sdk, scope)["Authorization"]
