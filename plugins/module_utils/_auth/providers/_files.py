# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the files in which credentials are kept.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import os
import stat

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


def expand(path: str) -> str:
    """Return ``path`` with ``~`` replaced by the home of who runs the module."""
    return os.path.expanduser(path)


def read_text(path: str, named_by: str | None) -> str | None:
    """Return what ``path`` holds, or None where there is no such file.

    ``named_by`` is the option that names the file, None for a default, which need not exist. Raises ConfigurationError.
    """
    try:
        # To open a pipe would be to wait for whoever writes to it.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ConfigurationError(f"{path}, which may hold credentials, is not a regular file")
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except FileNotFoundError:
        if named_by is None:
            return None
        raise ConfigurationError(f"{named_by} names a file that does not exist: {path}") from None
    except OSError as error:
        raise ConfigurationError(f"{path}, which may hold credentials, cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}, which may hold credentials, is not a text file in UTF-8") from None
    except ValueError:
        raise ConfigurationError(f"{named_by or 'HOME'} is not a usable path: {path!r}") from None
