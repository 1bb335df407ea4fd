# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening files that a user names: never waiting for one, and refusing what is not a regular file."""

from __future__ import annotations

import os
import stat


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
