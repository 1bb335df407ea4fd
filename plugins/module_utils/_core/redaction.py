# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be shown: secrets, in the forms in which a server may repeat them, and how they are taken out.

Ansible takes out what it knows, too, but only at the end: by then a text is cleaned and cut, and a secret in it no
longer what it was. So whatever somebody else wrote goes through ``Secrets.conceal`` before anything else is done to it.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from typing import Callable
from urllib.parse import quote, quote_plus

MASK = "***"
# Of fewer characters, it is in nearly every text.
_SHORTEST = 3
# Fewer letters of base64 are not worth looking for.
_SHORTEST_BASE64 = 8
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_ESCAPE = re.compile(r"\\u[0-9a-f]{4}")


class Redactor:
    """The secrets of one run; more can come at any time, from any thread.

    A secret of one or two characters is not concealed: its letters stand in nearly every text, and stars in their place
    would tell where, and leave nothing of the text. No service of Huawei Cloud takes a password that short.

    ``tell`` is called with each form of each secret, for others that conceal.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._forms: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """Conceal ``secret`` from now on."""
        with self._lock:
            if secret in self._known:
                return
            new = encoded_variants(secret)
            self._known |= {secret}
            # The longest first: what is left of it would not be found once a part of it is gone.
            self._forms = tuple(sorted({*self._forms, *new}, key=lambda form: (-len(form), form)))
        if self._tell:
            for form in new:
                self._tell(form)

    def redact(self, text: str) -> str:
        """Return ``text`` with stars where a secret stands in any of its forms."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text


def encoded_variants(secret: str) -> list[str]:
    """Return how ``secret`` may be written: as it is or trimmed, in URLs, JSON and base64; none if too short."""
    if len(secret) < _SHORTEST:
        return []
    trimmed = (secret, secret.strip(), secret.strip(" ,;"), one_line(secret), one_line(secret).rstrip(","))
    written = (form for text in dict.fromkeys(trimmed) if len(text) >= _SHORTEST for form in _written(text))
    return list(dict.fromkeys(form for form in written if len(form) >= _SHORTEST))


def one_line(text: str) -> str:
    """Return ``text`` without what cannot be printed, and with one blank for each run of blanks."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _written(text: str) -> Iterator[str]:
    # Half of a pair of surrogates cannot be encoded, but must not be what makes concealing fail.
    data = text.encode("utf-8", "surrogatepass")
    yield text
    # As headers are read: byte by byte.
    yield data.decode("latin-1")
    for quoted in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield quoted
        yield _PERCENT.sub(lambda found: found.group().lower(), quoted)
    yield from _in_json(text)
    yield from _in_base64(data)


def _in_json(text: str) -> Iterator[str]:
    for plain in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        # Go writes < > & by their numbers, PHP a slash with a backslash before it.
        for safe in (plain, re.sub("[<>&]", lambda found: f"\\u{ord(found.group()):04x}", plain)):
            for form in (safe, safe.replace("/", "\\/")):
                yield form
                yield _ESCAPE.sub(lambda found: f"\\u{found.group()[2:].upper()}", form)


def _in_base64(data: bytes) -> Iterator[str]:
    whole = base64.b64encode(data).decode()
    # In the base64 of a longer text, these letters stay, whatever comes before and after.
    middles = (base64.b64encode(b"\0" * ahead + data).decode()[4 if ahead else 0 : -4] for ahead in range(3))
    for encoded in (whole, whole.rstrip("="), *(middle for middle in middles if len(middle) >= _SHORTEST_BASE64)):
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")
