# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The batch task files of an instance: uploaded, listed, used once, deleted, and gone after an hour.

https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_0021.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from uuid import uuid4

from .clock import API_TIME, Clock
from .responses import BadRequest
from .settings import Settings

_LONGEST_NAME = 60
# A zip archive, and the OLE format of older spreadsheets.
_BEGINNINGS = {".xlsx": b"PK\x03\x04", ".xls": b"\xd0\xcf\x11\xe0"}


@dataclass(frozen=True)
class BatchTaskFile:
    """One uploaded file."""

    file_id: str
    file_name: str
    uploaded: datetime

    def shown(self) -> dict[str, str]:
        """Return the file as the API shows it."""
        return {
            "file_id": self.file_id,
            "file_name": self.file_name,
            "upload_time": self.uploaded.strftime(API_TIME),
        }


class FileStore:
    """The files of one project in one instance."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._files: dict[str, BatchTaskFile] = {}

    def add(self, file_name: str, content: bytes) -> BatchTaskFile:
        """Keep an uploaded file. Raises BadRequest."""
        settings, files = self._settings, self.files()
        if not 1 <= len(file_name) <= _LONGEST_NAME:
            raise BadRequest("IOTDA.000006", "Invalid input data. file is invalid.")
        if len(content) > settings.largest_file:
            raise BadRequest(settings.file_too_large)
        if not any(file_name.endswith(end) and content.startswith(begin) for end, begin in _BEGINNINGS.items()):
            raise BadRequest(settings.bad_file)
        if any(file.file_name == file_name for file in files):
            raise BadRequest(settings.file_name_taken)
        if len(files) >= settings.most_files:
            raise BadRequest(settings.too_many_files)
        file = BatchTaskFile(str(uuid4()), file_name, self._clock.now())
        self._files[file.file_id] = file
        return file

    def files(self) -> list[BatchTaskFile]:
        """Return the files that are still there."""
        now = self._clock.now()
        for file in list(self._files.values()):
            if (now - file.uploaded).total_seconds() >= self._settings.file_lifetime:
                del self._files[file.file_id]
        return list(self._files.values())

    def use(self, file_id: str) -> None:
        """Create a task from a file, which ends its life. Raises BadRequest."""
        if file_id not in {file.file_id for file in self.files()}:
            raise BadRequest(self._settings.unknown_file)
        if self._settings.single_use_files:
            del self._files[file_id]

    def delete(self, file_id: str) -> None:
        """Delete a file. Raises BadRequest."""
        if file_id not in {file.file_id for file in self.files()}:
            raise BadRequest(self._settings.file_absent)
        del self._files[file_id]

    def clear(self) -> None:
        self._files.clear()


def uploaded(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Return the name and the content of the part ``file`` of a form. Raises BadRequest."""
    for name, file_name, content in form_parts(content_type, body):
        if name == "file" and file_name is not None:
            return file_name, content
    raise BadRequest("IOTDA.000008", "The request is malformed.")


def form_parts(content_type: str, body: bytes) -> Iterator[tuple[str | None, str | None, bytes]]:
    """Yield the name, the file name and the content of each part of a ``multipart/form-data`` body."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if message.get_content_type() != "multipart/form-data" or not message.is_multipart():
        return
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        yield (str(name) if name else None), part.get_filename(), content if isinstance(content, bytes) else b""
