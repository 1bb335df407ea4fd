# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options in the file of an inventory source: nothing empty widens a selection, no secret is repeated."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.parsing.vault import AnsibleVaultError

from ansible_collections.huaweicloud.iotda.plugins.doc_fragments import connection
from ansible_collections.huaweicloud.iotda.plugins.inventory import instances
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.huaweicloud.iotda.plugins.plugin_utils._inventory_options import (
    SELECTING,
    check_options,
)

KNOWN = {
    **yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"],
    **yaml.safe_load(instances.DOCUMENTATION)["options"],
    "compose": {"type": "dict"},
}


def check(**given: Any) -> dict[str, Any]:
    return check_options(given, KNOWN, lambda value: value)


@pytest.mark.parametrize("name", SELECTING)
@pytest.mark.parametrize("value", [None, "", "  ", [], {}, [None], ["ACTIVE", ""]])
def test_an_empty_selection_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} must not be empty"):
        check(**{name: value})


def test_error_for_unknown_option_omits_its_value() -> None:
    with pytest.raises(ConfigurationError, match="^Unknown options: endpoint, secretkey;") as caught:
        check(secretkey="plain", endpoint="https://a.example")
    assert "plain" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret_key": ["plain"]}, "secret_key must be text"),
        ({"name": True}, "name must be text"),
        ({"validate_certs": "maybe-plain"}, "validate_certs must be true or false"),
        ({"tags": ["plain"]}, "tags must be a dictionary"),
        ({"tags": {"stage": 1, "env": "plain"}}, "tags must have text as values, in quotes: stage"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(**given)
    assert str(caught.value) == message


def test_other_empty_options_count_as_not_given() -> None:
    assert check(region="", project_id=None, hostname="", compose={}) == {"compose": {}}


def test_numbers_become_text_and_words_booleans() -> None:
    assert check(access_key=123, validate_certs="no") == {"access_key": "123", "validate_certs": False}


def test_a_broken_template_shows_no_secret() -> None:
    def fail(value: Any) -> Any:
        raise ValueError(f"unexpected end: {value}")

    with pytest.raises(
        ConfigurationError, match="^secret_key has a template that cannot be used; write !unsafe"
    ) as caught:
        check_options({"secret_key": "k7{{plain"}, KNOWN, fail)
    assert "plain" not in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"\(unexpected end: {{ x\)"):
        check_options({"region": "{{ x"}, KNOWN, fail)


@pytest.mark.parametrize("wrap", [lambda error: error, lambda error: ValueError(str(error))])
def test_a_missing_vault_password_is_named(wrap: Any) -> None:
    def fail(value: Any) -> Any:
        error = AnsibleVaultError("Attempting to decrypt but no vault secrets found")
        raise wrap(error) from error

    with pytest.raises(ConfigurationError) as caught:
        check_options({"secret_key": "!vault hush"}, KNOWN, fail)
    assert str(caught.value) == (
        "secret_key is encrypted with Ansible Vault and cannot be decrypted; give the password of the vault, as with "
        "--vault-password-file"
    )
