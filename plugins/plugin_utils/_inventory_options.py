# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written in the file of an inventory source: templates, and values that must be refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._account.options import CONNECTION_OPTIONS, nothing_in
from ..module_utils._core.errors import ConfigurationError

# Without one of these, more instances would be selected.
SELECTING = ("regions", "instance_type", "name", "status", "tags")
_OWN = (*CONNECTION_OPTIONS, *SELECTING, "hostname", "skip_failed_regions", "management_endpoint")
_SECRET = [name for name, spec in CONNECTION_OPTIONS.items() if spec.get("no_log")]


def check_options(
    given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], template: Callable[[Any], Any]
) -> dict[str, Any]:
    """Return ``given`` with templates replaced, without what is empty; ``known`` says the type of each option.

    Raises ConfigurationError, which never has the value of an option that may be secret.
    """
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise ConfigurationError(f"Unknown options: {', '.join(unknown)}; check their spelling, and the documentation")
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _OWN:
            checked[name] = value
            continue
        templated = _templated(name, value, template)
        if name in SELECTING and (nothing_in(templated) or templated == {}):
            raise ConfigurationError(f"{name} must not be empty; leave it out to use its default")
        if templated not in (None, ""):
            checked[name] = _typed(name, templated, known[name].get("type"))
    return checked


def _templated(name: str, value: Any, template: Callable[[Any], Any]) -> Any:
    try:
        return template(value)
    except Exception as error:
        # What Ansible says may have the template in it, and so a secret that was taken for one.
        if _is_of_vault(error):
            raise ConfigurationError(
                f"{name} is encrypted with Ansible Vault and cannot be decrypted; give the password of the vault, as "
                "with --vault-password-file"
            ) from None
        cause = "" if name in _SECRET else f" ({error})"
        raise ConfigurationError(
            f"{name} has a template that cannot be used{cause}; write !unsafe before a value that is not a template"
        ) from None


def _is_of_vault(error: BaseException | None) -> bool:
    """Whether a text could not be decrypted; the class of the error is private since ansible-core 2.19."""
    while error is not None and "Vault" not in type(error).__name__:
        error = error.__cause__ or error.__context__
    return error is not None


def _typed(name: str, value: Any, kind: str | None) -> Any:
    if kind in ("str", "path"):
        if isinstance(value, (list, dict, bool)):
            raise ConfigurationError(f"{name} must be text")
        return str(value)
    if kind == "bool":
        try:
            return boolean(value)
        except TypeError:
            raise ConfigurationError(f"{name} must be true or false") from None
    if kind == "dict":
        if not isinstance(value, dict):
            raise ConfigurationError(f"{name} must be a dictionary")
        wrong = [str(key) for key, text in value.items() if not isinstance(text, str)]
        if wrong:
            raise ConfigurationError(f"{name} must have text as values, in quotes: {', '.join(wrong)}")
    return value
