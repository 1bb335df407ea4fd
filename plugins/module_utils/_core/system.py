# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the system holds for a run: variables of the environment, and files that a user names.

Opening a file never waits for anybody, and what is not a regular file is refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping

from .errors import ConfigurationError


def first_set(environ: Mapping[str, str], names: Iterable[str]) -> str | None:
    """Return the first of ``names`` whose variable is not empty, or None."""
    return next((name for name in names if environ.get(name)), None)


def check_text(environ: Mapping[str, str], name: str | None) -> None:
    """Raise ConfigurationError, which names the variable ``name``, if it is not text in UTF-8."""
    try:
        environ.get(name or "", "").encode()
    except UnicodeEncodeError:
        raise ConfigurationError(f"The environment variable {name} is not text in UTF-8") from None


class IrregularFileError(Exception):
    """What was to be a regular file is a directory, a named pipe, a device or a socket."""


def open_at_once(path: str, flags: int = os.O_RDONLY) -> int:
    """Return a descriptor of ``path``; a file that is created is its owner's alone. Raises OSError."""
    # Without O_NONBLOCK, opening a named pipe would wait until somebody opens its other end.
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)


def open_regular(path: str, flags: int = os.O_RDONLY) -> int:
    """Return a descriptor of the regular file ``path``. Raises IrregularFileError and OSError."""
    descriptor = open_at_once(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IrregularFileError(path)
    return descriptor


def read_regular(path: str, most: int) -> bytes | None:
    """Return what is in the regular file ``path``, None if that is more than ``most`` bytes.

    Raises IrregularFileError and OSError.
    """
    with open(open_regular(path), "rb") as file:
        content = file.read(most + 1)
    return content if len(content) <= most else None
