# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that Ansible itself is told, to mask them in all that it shows: from ansible-core 2.22 on."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # before ansible-core 2.22
    register_secret = None

# Of a shorter secret, each occurrence in whatever Ansible shows until the end of the run would be masked. No service of
# Huawei Cloud accepts a password that short.
_SHORTEST = 6


def register(form: str) -> None:
    """Let Ansible mask ``form``, which is a secret or a way to write it, where it can do that."""
    if register_secret and len(form) >= _SHORTEST and not _is_async():
        register_secret(form)


@lru_cache(maxsize=1)
def _is_async() -> bool:
    """Whether the parent is Ansible's wrapper for ``async``.

    It writes what a module returns into a file on its host, beside it the secrets that were registered.
    """
    try:
        return b"async_wrapper" in Path(f"/proc/{os.getppid()}/cmdline").read_bytes()
    except OSError:
        return False
