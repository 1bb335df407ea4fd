# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only import of requests, so that its absence is reported as an error and not as a traceback."""

from __future__ import annotations

import http.client
import os
import sys

from .._core.files import open_at_once

OLDEST = (2, 28)


class _KeyLogError(Exception):
    """SSLKEYLOGFILE names a file that cannot be opened: each TLS connection, or even the import, would fail."""


def _check_key_log() -> None:
    path = os.environ.get("SSLKEYLOGFILE")
    if path:
        try:
            os.close(open_at_once(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT))
        except OSError as error:
            raise _KeyLogError(f"{path} cannot be written ({error.strerror})") from None


try:
    _check_key_log()
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter

    IMPORT_ERROR: BaseException | None = None
except BaseException as error:  # a broken installation raises anything; the module reports it, see requests_error()
    if isinstance(error, KeyboardInterrupt):
        raise
    requests = None  # type: ignore[assignment] # nothing runs without it
    urllib3 = None  # type: ignore[assignment] # nothing runs without it
    HTTPAdapter = object  # type: ignore[assignment,misc] # classes can still be defined without it
    IMPORT_ERROR = error

__all__ = ["HTTPAdapter", "requests", "requests_error", "urllib3"]


def requests_error(on_target: bool = True) -> str | None:
    """Return one sentence that says why requests cannot be used and what to do, or None if it can.

    Not ``on_target`` is what runs inside Ansible, for which ``ansible_python_interpreter`` chooses no Python.
    """
    if isinstance(IMPORT_ERROR, _KeyLogError):
        return f"The environment variable SSLKEYLOGFILE is set, but {IMPORT_ERROR}; unset it, or name another file."
    install = f"install it with '{sys.executable} -m pip install \"requests>=2.28\"'"
    if on_target:
        install += ", or set ansible_python_interpreter to a Python that has it"
    if IMPORT_ERROR is not None:
        text = " ".join(str(IMPORT_ERROR).split())
        reason = text if isinstance(IMPORT_ERROR, ImportError) else f"{type(IMPORT_ERROR).__name__}: {text}"
        return f"The Python library requests cannot be imported by {sys.executable} ({reason}); {install}."
    told = str(getattr(requests, "__version__", "of an unknown version"))
    version = tuple(int(part) for part in told.split(".")[:2] if part.isdigit())
    if version < OLDEST:
        return f"The Python library requests of {sys.executable} is {told}, older than 2.28; {install}."
    if not issubclass(urllib3.connection.HTTPConnection, http.client.HTTPConnection):
        # urllib3-future, which niquests brings, puts itself in its place. No timeout of a response would hold.
        return (
            f"The Python library urllib3 of {sys.executable} is another library in its place, such as urllib3-future, "
            "which niquests brings; it cannot be used: "
            + ("set ansible_python_interpreter to" if on_target else "run Ansible with")
            + " a Python without it, such as a virtual environment with requests alone."
        )
    return None
