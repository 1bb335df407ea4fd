# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain of sources: the first that names anything is used whole, and silence is explained in full."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    AccessKey,
    CredentialProvider,
    ProviderContext,
    ResolvedCredentials,
    Token,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.provider_chain import DEFAULT_PROVIDERS, resolve
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError

NOTHING = ProviderContext({}, {})
ONE = ResolvedCredentials("one", Token("t"), project_id="p1")
TWO = ResolvedCredentials("two", AccessKey("a", "s"), project_id="p2", region="r2")


class Spy:
    """A source that gives a written end, and keeps what it was asked."""

    def __init__(self, end: ResolvedCredentials | str | ConfigurationError) -> None:
        self.end = end
        self.asked: list[ProviderContext] = []

    def __call__(self, asked: ProviderContext) -> ResolvedCredentials | str:
        self.asked.append(asked)
        if isinstance(self.end, ConfigurationError):
            raise self.end
        return self.end


def test_the_first_that_names_a_credential_is_used_whole() -> None:
    assert resolve(NOTHING, [Spy("first: no"), Spy(ONE), Spy(TWO)]) is ONE


def test_sources_after_the_first_that_serves_are_not_asked() -> None:
    later = Spy(TWO)
    resolve(NOTHING, [Spy(ONE), later])
    assert later.asked == []


def test_every_source_is_asked_the_same() -> None:
    first, second = Spy("first: no"), Spy(ONE)
    resolve(NOTHING, [first, second])
    assert first.asked == second.asked == [NOTHING]


def test_a_half_is_an_error_and_no_silent_step_to_the_next() -> None:
    half, later = Spy(ConfigurationError("a half")), Spy(TWO)
    with pytest.raises(ConfigurationError, match="a half"):
        resolve(NOTHING, [half, later])
    assert later.asked == []


def test_when_nothing_is_found_every_source_and_its_reason_are_listed_in_order() -> None:
    chain: list[CredentialProvider] = [Spy("options: none"), Spy("file: not there"), Spy("service: no agency")]
    with pytest.raises(ConfigurationError) as caught:
        resolve(NOTHING, chain)
    text = str(caught.value)
    assert text.startswith("No credentials were found (options: none; file: not there; service: no agency);")


def test_when_nothing_is_found_the_message_says_what_to_give() -> None:
    with pytest.raises(ConfigurationError, match="give auth_token, or access_key and secret_key"):
        resolve(NOTHING, [Spy("options: none")])


def test_the_chain_begins_with_options_and_then_the_environment() -> None:
    options, environ = {"auth_token": "from options"}, {"HW_AUTH_TOKEN": "from environment"}
    assert resolve(ProviderContext(options, environ)).identity == Token("from options")
    assert resolve(ProviderContext({}, environ)).identity == Token("from environment")


def test_the_chain_is_in_the_order_that_is_promised() -> None:
    promised = ["options", "environment", "sdk_file", "koocli", "ecs_metadata"]
    names = [look.__module__.rsplit(".", 1)[-1] for look in DEFAULT_PROVIDERS]
    assert names == [name for name in promised if name in names]
    assert len(names) >= 2
