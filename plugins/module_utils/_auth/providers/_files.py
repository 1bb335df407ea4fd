# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading files with credentials and tokens."""

from __future__ import annotations

import os

from ..._core.errors import ConfigurationError
from ..._core.system import IrregularFileError, read_regular
from ..credentials import HEADER_TEXT, JSON_BEGINS_WITH

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
        content = read_regular(path, _LARGEST)
        if content is None:
            raise ConfigurationError(f"{name} is larger than {_LARGEST >> 20} MiB, the limit for credentials files")
        return content.decode("utf-8-sig")
    except IrregularFileError:
        raise ConfigurationError(f"{name} is not a regular file") from None
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
    if token[0] in JSON_BEGINS_WITH:
        raise ConfigurationError(
            f"{named_by} names {path}, which contains JSON or a token in quotes; write nothing but the token into it, "
            "as jq -r does with a field of JSON"
        )
    if not HEADER_TEXT.match(token):
        raise ConfigurationError(f"{named_by} names {path}, which does not contain exactly one token")
    return token
