# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever stands in a file of credentials, it gives an identity, or a reason without what stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    ProviderContext,
    ResolvedCredentials,
    load_environment,
    load_options,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.files import (
    load_koocli,
    load_sdk_file,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.criteria import (
    parse_age,
    parse_api_time,
    parse_moment,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError, IotdaError
from ansible_collections.huaweicloud.iotda.tests.fuzz.cases import fuzz, json_values, moments, objects, sometimes, texts

SECRET = "invented-secret"

profiles = objects(
    {
        "name": sometimes("default"),
        "mode": sometimes("AKSK"),
        "accessKeyId": sometimes("INVENTEDKEY"),
        "secretAccessKey": sometimes(SECRET),
        "securityToken": sometimes(""),
        "region": sometimes("cn-north-4"),
        "projectId": json_values,
    }
)
configurations = objects(
    {"current": sometimes("default"), "profiles": sometimes(st.lists(sometimes(profiles), max_size=3))}
)
lines = st.one_of(
    st.sampled_from(
        ["[basic]", "[basic", "[DEFAULT]", "ak = INVENTEDKEY", f"sk = {SECRET}", "ak", "=", "  indented", "%(ak)s"]
    ),
    texts,
)


def checked(look: Any, given: dict[str, Any], environ: dict[str, str]) -> None:
    try:
        found = look(ProviderContext(given, environ))
    except ConfigurationError as error:
        found = str(error)
    if not isinstance(found, ResolvedCredentials):
        assert found
        assert SECRET not in found


@fuzz(
    text=st.one_of(json_values.map(json.dumps), configurations.map(json.dumps), texts).map(str.encode)
    | st.binary(max_size=20),
    profile=st.none() | st.just("default"),
)
def test_the_configuration_of_koocli(tmp_path: Path, text: bytes, profile: str | None) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(text)
    checked(load_koocli, {"config_file": str(path), "profile": profile}, {})


@fuzz(
    text=st.lists(lines, max_size=6).map("\n".join).map(lambda text: text.encode("utf-8", "replace"))
    | st.binary(max_size=20)
)
def test_the_credentials_file_of_the_sdk(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "credentials"
    path.write_bytes(text)
    checked(load_sdk_file, {"credentials_file": str(path)}, {})


_NAMES = ["HW_AUTH_TOKEN", "HW_ACCESS_KEY", "HW_SECRET_KEY", "OS_USERNAME", "OS_PASSWORD", "OS_DOMAIN_NAME"]


@fuzz(environ=objects({name: st.sampled_from(["", SECRET, "a b"]) for name in _NAMES}))
def test_the_environment(environ: dict[str, str]) -> None:
    checked(load_environment, {}, environ)


_OPTIONS = ["auth_token", "access_key", "secret_key", "security_token", "username", "password", "domain_name"]


@fuzz(given=objects({name: st.sampled_from(["", SECRET, None]) for name in _OPTIONS}))
def test_the_options(given: dict[str, Any]) -> None:
    checked(load_options, given, {})


@fuzz(
    text=moments
    | texts
    | st.text("0123456789-:TZ+. wdhm", max_size=25)
    | st.datetimes(timezones=st.timezones() | st.none()).map(str)
)
def test_times(text: str) -> None:
    known = parse_api_time(text)
    assert known is None or known.tzinfo is not None
    for parse in (parse_age, parse_moment):
        try:
            assert parse(text, "older_than") is not None
        except IotdaError as error:
            refusal = str(error)
            assert refusal.startswith("older_than must be")
