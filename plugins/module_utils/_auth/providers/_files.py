# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading files with credentials and tokens."""

from __future__ import annotations

import os
import stat

from ..._core.errors import ConfigurationError

_LARGEST = 1024 * 1024


def expand(path: str) -> str:
    """Return ``path`` with ``~`` replaced by the home directory of the user who runs the module."""
    return os.path.expanduser(path)


def read_text(path: str, named_by: str | None) -> str | None:
    """Return the content of ``path``, or None if there is no such file.

    ``named_by`` is the option or variable that names the file, None for a default, which need not exist. Raises
    ConfigurationError.
    """
    name = f"{named_by} names {path}, which" if named_by else f"the credentials file {path}"
    try:
        return _content(path, name).decode("utf-8-sig")
    except FileNotFoundError:
        if named_by is None:
            return None
        raise ConfigurationError(f"{named_by} names a file that does not exist: {path}") from None
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name} is not a text file in UTF-8") from None
    except ValueError:
        raise ConfigurationError(f"{named_by or 'HOME'} is not a usable path: {path!r}") from None


def read_token(path: str, named_by: str) -> str:
    """Return the token in the file ``path``, without surrounding whitespace; raises ConfigurationError."""
    token = (read_text(expand(path), named_by) or "").strip()
    if not token:
        raise ConfigurationError(f"{named_by} names {path}, which is empty; it must contain a token")
    if not (token.isascii() and token.isprintable()):
        raise ConfigurationError(f"{named_by} names {path}, which does not contain exactly one token")
    return token


def _content(path: str, name: str) -> bytes:
    # Without O_NONBLOCK, opening a pipe would block until another process writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigurationError(f"{name} is not a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(_LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(content) > _LARGEST:
        raise ConfigurationError(f"{name} is larger than {_LARGEST >> 20} MiB, the limit for credentials files")
    return content
