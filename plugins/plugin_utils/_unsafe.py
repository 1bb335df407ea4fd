# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from outside that Ansible must never read as a template."""

from __future__ import annotations

from typing import Any

from ansible.release import __version__
from ansible.utils.unsafe_proxy import wrap_var

_TRUSTS_NOTHING = tuple(map(int, __version__.split(".")[:2])) >= (2, 19)


def unsafe(value: Any) -> Any:
    """Return ``value`` so that no text in it is a template; since ansible-core 2.19 the result of a filter is none."""
    return value if _TRUSTS_NOTHING else wrap_var(value)
