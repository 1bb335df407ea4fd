# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that imports requests, so that its absence becomes a sentence and not a traceback.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import sys

try:
    import requests
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from requests.utils import get_environ_proxies, select_proxy
    from urllib3 import disable_warnings
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import InsecureRequestWarning

    IMPORT_ERROR: Exception | None = None
except Exception as error:  # a broken installation raises anything; the module tells the user, see problem()
    requests = None  # type: ignore[assignment] # nothing runs without it
    get_environ_proxies = None  # type: ignore[assignment] # nothing runs without it
    select_proxy = None  # type: ignore[assignment] # nothing runs without it
    disable_warnings = None  # type: ignore[assignment] # nothing runs without it
    InsecureRequestWarning = None  # type: ignore[assignment,misc] # nothing runs without it
    # Classes can still be defined without it.
    Session = AuthBase = HTTPAdapter = HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc] # as above
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc] # as above
    IMPORT_ERROR = error

OLDEST = (2, 28)

__all__ = [
    "AuthBase",
    "HTTPAdapter",
    "HTTPConnection",
    "HTTPConnectionPool",
    "HTTPSConnection",
    "HTTPSConnectionPool",
    "InsecureRequestWarning",
    "Session",
    "disable_warnings",
    "get_environ_proxies",
    "requests_error",
    "requests",
    "select_proxy",
]


def _told(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, ImportError) else f"{type(error).__name__}: {text}"


def requests_error() -> str | None:
    """Return one sentence saying why requests cannot be used and what to do, or None when it can."""
    cure = (
        f"install it with '{sys.executable} -m pip install \"requests>=2.28\"', "
        "or set ansible_python_interpreter to a Python that has it"
    )
    if IMPORT_ERROR is not None:
        return f"The Python library requests cannot be imported by {sys.executable} ({_told(IMPORT_ERROR)}); {cure}."
    found = tuple(int(part) for part in requests.__version__.split(".")[:2] if part.isdigit())
    if found < OLDEST:
        return f"The Python library requests of {sys.executable} is {requests.__version__}, older than 2.28; {cure}."
    return None
