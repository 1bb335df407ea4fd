# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from outside that Ansible must never read as a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19
    trust_as_template = None

_TRUSTS_NOTHING = trust_as_template is not None
_OF_TEMPLATES = frozenset("{}")
# A first line like this names other delimiters than braces.
_OVERRIDES = "#jinja2:"


def unsafe(value: Any) -> Any:
    """Return ``value`` so that no text in it is a template; since ansible-core 2.19 the result of a filter is none."""
    return value if _TRUSTS_NOTHING else wrap_var(value)


def plain(value: Any, kept: Callable[[str], Any] = wrap_var) -> Any:
    """Return ``value`` so that no text in it is a template, and that ``ansible-inventory`` shows the rest as it is.

    It wraps what Ansible may not template: before ansible-core 2.19 what is marked as unsafe, later what is not marked
    as trusted. So only what could be a template is left to be wrapped: that is what ``kept`` returns.
    """
    if isinstance(value, Mapping):
        return {kept(name) if _may_be_template(name) else name: plain(item, kept) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, kept) for item in value]
    if not isinstance(value, str):
        return value
    if _may_be_template(value):
        return kept(value)
    # Text that is marked as unsafe returns itself from str().
    return trust_as_template(value) if trust_as_template else str.__str__(value)


def plain_result(value: Any) -> Any:
    """Return the result of a template of the user like ``plain``, but leave what could be a template as it is."""
    return plain(value, lambda text: text)


def _may_be_template(text: Any) -> bool:
    return isinstance(text, str) and (not _OF_TEMPLATES.isdisjoint(text) or text.lstrip().startswith(_OVERRIDES))
