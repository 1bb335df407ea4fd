# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batch task files: what is checked on this machine, and the single use of one by the service.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0021.html
"""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass, field

from .._core.errors import ApiError, ConfigurationError, RequestError
from .._core.files import IrregularFileError, read_regular
from .api import BatchTaskClient, is_file_id, may_have_acted

MAX_FILE_SIZE = 2 * 1024 * 1024
# A zip archive, and the compound file of older spreadsheets.
_SIGNATURES = {".xlsx": b"PK\x03\x04", ".xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}
_MAX_STEM = 30  # a name of at most 60 characters is accepted, and some of them make it unique
_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class LocalFile:
    """A spreadsheet as it was read from the disk."""

    path: str
    suffix: str
    content: bytes = field(repr=False)

    def unique_name(self) -> str:
        """Return a name that no other file has: the service refuses one that is taken."""
        stem = _UNUSUAL.sub("_", os.path.splitext(os.path.basename(self.path))[0])[:_MAX_STEM]
        return f"{stem}_{uuid.uuid4().hex[:16]}{self.suffix}"


def read_spreadsheet(path: str) -> LocalFile:
    """Return the file at ``path``; raises ConfigurationError for one that the service would not accept."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in _SIGNATURES:
        raise ConfigurationError(f"src must have the extension .xlsx or .xls, which {path} does not have")
    try:
        content = read_regular(path, MAX_FILE_SIZE)
    except IrregularFileError:
        raise ConfigurationError(f"src must be a regular file, which {path} is not") from None
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise ConfigurationError(f"src cannot be read: {path}: {reason}") from None
    if content is None:
        raise ConfigurationError(f"src must be at most 2 MiB, and {path} is larger")
    if not content.startswith(_SIGNATURES[suffix]):
        raise ConfigurationError(f"src must be an .xlsx or .xls file, but {path} has other content")
    return LocalFile(path, suffix, content)


def upload_file(client: BatchTaskClient, file: LocalFile) -> str:
    """Upload ``file`` under a unique name and return its ID. Raises RequestError.

    When the answer is lost, the file is searched by that name, which nothing else uses.
    """
    name = file.unique_name()
    try:
        return client.upload(name, file.content)
    except RequestError as error:
        found = _find(client, name) if may_have_acted(error) else None
        if found is None:
            raise
        return found


def _find(client: BatchTaskClient, name: str) -> str | None:
    try:
        files = client.files()
    except RequestError:
        return None
    ids = [file.get("file_id") for file in files if file.get("file_name") == name]
    return str(ids[0]) if ids and is_file_id(ids[0]) else None


def delete_file(client: BatchTaskClient, file_id: str) -> RequestError | None:
    """Delete an uploaded file; return what went wrong, if anything did. One that is not there is fine."""
    try:
        client.delete_file(file_id)
    except ApiError as error:
        return None if error.details.http_status == 404 else error
    except RequestError as error:
        return error
    return None
