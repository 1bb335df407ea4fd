# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files with CA certificates that certificates are verified against."""

from __future__ import annotations

import os
import re
import stat

from .._core.environment import first_set
from .._core.errors import ConfigurationError

# Read by requests.
CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

_LARGEST_FILE = 10 * 1024 * 1024
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+\Z")


def ca_setting(chosen: bool | str) -> bool | str:
    """Return what to verify certificates with; False and a path override the variables that requests reads."""
    if isinstance(chosen, str):
        return _checked(chosen, "ca_path")
    name = first_set(os.environ, CA_BUNDLES) if chosen else None
    return chosen if name is None else _checked(os.environ[name], f"The environment variable {name}")


def _checked(path: str, origin: str) -> str:
    try:
        problem = _problem(path)
    except OSError as error:
        problem = f"a file that cannot be read ({error.strerror})"
    if problem:
        raise ConfigurationError(f"{origin} must name a file of CA certificates, but names {problem}: {path}")
    return path


def _problem(path: str) -> str | None:
    # Without O_NONBLOCK, opening a pipe without a writer would block forever.
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = os.fstat(opened)
    finally:
        os.close(opened)
    if stat.S_ISDIR(found.st_mode):
        hashed = any(_HASHED_NAME.match(name) for name in os.listdir(path))
        return None if hashed else "a directory without hashed certificates (see openssl rehash)"
    if not stat.S_ISREG(found.st_mode):
        return "something that is not a file"
    return "a file larger than 10 MiB" if found.st_size > _LARGEST_FILE else None
