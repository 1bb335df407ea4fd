# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret gets out in another form: as a server wrote it, or as a message would be cleaned and cut."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.echo import Echo
from ansible_collections.huaweicloud.iotda.tests.system.auth_and_network.scenarios import Target
from ansible_collections.huaweicloud.iotda.tests.system.harness import Ended, run_module

CYRILLIC = "\u043f\u0430\u0440\u043e\u043b\u044c-\u043e\u0447\u0435\u043d\u044c"


class Server(Echo):
    """Says what it is told to say, by itself and in a header; what it was told stands in ``heard``."""

    said = ""
    heard = ""

    def answer(self, told: str) -> tuple[dict[str, str], bytes]:
        self.heard = told
        said = self.said.replace("SIGNATURE", told.partition("Signature=")[2][:64])
        names = ("error_msg", "request_id", "encoded_authorization_message")
        body = json.dumps({"error_code": "E.1", **dict.fromkeys(names, said)}).encode()
        return ({"X-Request-Id": said} if said.isascii() and said.isprintable() else {}), body


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def log_in(target: Target, server: Server, password: str, said: str) -> Ended:
    server.said = said
    return target.delete(**{**target.who("password"), "password": password}, iam_endpoint=server.url)


@pytest.mark.parametrize(
    ("password", "said", "left"),
    [
        ("hunTer2,", "hunTer2,", "hunTer2"),
        ("hun  Ter2", "hun  Ter2", "hun Ter2"),
        (CYRILLIC, "x " * 146 + CYRILLIC, CYRILLIC[:4]),
        ("correct horse battery", "x " * 141 + "correct horse battery", "correct"),
        ("Hun/Ter&2", quote("Hun/Ter&2", safe=""), "Hun%2FTer"),
        ("Hun Ter&2", quote_plus("Hun Ter&2"), "Hun+Ter"),
        ("HunTer2secret", base64.b64encode(b"HunTer2secret").decode(), "SHVuVGVyMnNlY3JldA"),
        ("Hun<Ter&2", "Hun\\u003cTer\\u00262", "Ter\\\\u0026"),
        ("Hun\u00fc2", "Hun\\u00FC2", "Hun\\\\u00FC"),
        ("Hun/Ter2", "Hun\\/Ter2", "Hun\\\\/Ter"),
    ],
)
def test_a_password_does_not_get_out_altered(
    target: Target, server: Server, password: str, said: str, left: str
) -> None:
    ended = log_in(target, server, password, said)
    assert ended.failed
    assert "***" in ended.result["error_msg"]
    assert left not in json.dumps(ended.result, ensure_ascii=False)
    assert password not in ended.text


@pytest.mark.parametrize("kind", ["keys", "temporary keys"])
@pytest.mark.parametrize("said", ["bad value SIGNATURE", "the signature is SIGNATURE", "SIGNATURE"])
def test_a_signature_does_not_get_out_by_itself(target: Target, server: Server, kind: str, said: str) -> None:
    server.said = said
    ended = target.delete(**target.who(kind), endpoint=server.url)
    signature = server.heard.partition("Signature=")[2][:64]
    assert len(signature) == 64
    assert ended.result["error_msg"] == ended.result["request_id"] == said.replace("SIGNATURE", "***")
    assert signature not in ended.text


@pytest.mark.parametrize("way", ["tunnel", "plain"])
def test_password_echoed_by_proxy_is_masked(target: Target, server: Server, way: str) -> None:
    who = "proxy-user:pr0xy-Pass"
    basic = base64.b64encode(who.encode()).decode()
    server.status = 407
    server.said = f"bad {who} {basic} \x1b[31m"
    server.how = "reason"
    address = server.url.replace("//", f"//{who}@")
    target.set({"HTTP_PROXY": address, "HTTPS_PROXY": address, "http_proxy": address, "https_proxy": address})
    scheme = "https" if way == "tunnel" else "http"
    ended = target.delete(**target.who("token"), endpoint=f"{scheme}://iotda.example", validate_certs=way == "tunnel")
    assert ended.failed
    assert basic in server.heard
    assert "407" in ended.msg
    assert "pr0xy-Pass" not in ended.text
    assert basic not in ended.text
    assert "\\u001b" not in ended.text
    assert way == "tunnel" or ended.result["error_msg"] == "bad *** *** [31m"


def refused(target: Target, **given: Any) -> str:
    ended = target.delete(**given)
    assert ended.failed
    assert "hush" not in ended.text
    assert target.asked() == []
    return ended.msg


def test_profile_name_that_is_not_text_is_not_reported(target: Target) -> None:
    path = target.home / "config.json"
    odd = {"secretAccessKey": "hush"}
    path.write_text(
        json.dumps({"current": odd, "profiles": [{"name": odd, "accessKeyId": "A"}, {"name": "a\x1b[31m"}]})
    )
    assert refused(target, config_file=str(path), profile="b").endswith("its profiles are: a [31m.")
    assert "has no current profile" in refused(target, config_file=str(path))


@pytest.mark.parametrize("option", ["credentials_file", "config_file"])
def test_what_is_no_file_of_credentials_is_refused(target: Target, option: str) -> None:
    pipe = target.home / "pipe"
    os.mkfifo(pipe)
    assert refused(target, **{option: str(pipe)}) == f"{option} names {pipe}, which is not a regular file."
    assert refused(target, **{option: "/a\0hus"}) == f"{option} must be a path, not '/a\\x00hus'."


@pytest.mark.parametrize("endpoint", ["http://[::1]evil", "https://[v1.a]", "https://[127.0.0.1]"])
def test_an_address_in_brackets_is_one(target: Target, endpoint: str) -> None:
    assert refused(target, **target.who("token"), endpoint=endpoint).startswith("endpoint ")


@pytest.mark.parametrize("end", ["#et@host", "/et@host", "?et@host", "[et@host", "\u2100ret@host", ""])
def test_password_in_endpoint_from_file_is_not_shown(target: Target, end: str) -> None:
    path = target.home / "credentials"
    path.write_text(f"[basic]\nak=AA\nsk=S1K\niam_endpoint=https://user:hush{end}\n", encoding="utf-8")
    ended = target.delete("project_id", "iam_endpoint", credentials_file=str(path))
    assert ended.msg.startswith("iam_endpoint ")
    assert "hush" not in ended.text


def test_token_in_keys_of_response_is_masked(target: Target) -> None:
    token, task_id = target.simulator.auth_token, target.simulator.add_task()
    told = {"task_id": task_id, "status": "Success", "document": {token: [{f"x{token}": 1}]}}
    target.simulator.fault("GET", kind="json", status=200, json={"batchtask": told, "page": {}})
    ended = run_module("batch_task_info", {**target.place(), **target.who("token"), "task_id": task_id})
    assert not ended.failed
    assert ended.result["batch_tasks"][0]["document"] == {"***": [{"x***": 1}]}
