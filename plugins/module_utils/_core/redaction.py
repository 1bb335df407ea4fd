# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be shown: secrets, in the forms in which a server may repeat them, and how they are masked.

Ansible masks what it knows, too, but only at the end: by then a text has been cleaned and cut, and a secret in it is no
longer what it was. So the texts of others go through ``Redactor.redact`` before anything else is done to them.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from typing import Any, Callable
from urllib.parse import quote, quote_plus

MASK = "***"
# A shorter string occurs in nearly every text.
_SHORTEST = 3
_SHORTEST_BASE64 = 8
_LONGEST_LINE = 300
_UNCLEAR = re.compile(r"[^ -~\u4e00-\u9fa5]")
_LAST_WORD = re.compile(r"[!-~]+\Z")


class Redactor:
    """The secrets of one run; more can be added at any time, from any thread.

    A secret of one or two characters is not masked: masks in place of its letters would show where they were, and
    leave nothing of the text. No service of Huawei Cloud accepts a password that short.

    ``tell`` is called with each form of each secret, for others that mask.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._variants: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Mask ``secret`` from now on."""
        with self._lock:
            new = [variant for variant in encoded_variants(secret) if variant not in self._variants]
            self._variants.update(new)
            self._pattern = None
        if self._tell:
            for variant in new:
                self._tell(variant)

    def redact(self, text: str) -> str:
        """Return ``text`` with a mask in place of each secret, in any of its forms and in any case."""
        with self._lock:
            if self._pattern is None and self._variants:
                # The longest first: what is left of it would not be found once a part of it is gone.
                ordered = sorted(self._variants, key=lambda variant: (-len(variant), variant))
                self._pattern = re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE)
            pattern = self._pattern
        return pattern.sub(MASK, text) if pattern else text

    def redact_all(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return ``value`` with all texts in it redacted, keys of inner dictionaries included.

        Inner dictionaries and lists are changed in place: a copy of 100,000 results takes tens of megabytes. A number
        whose digits are a secret is masked, too. The keys of ``value`` itself are names of the collection.
        """
        return {name: self._redacted(item) for name, item in value.items()}

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            redacted = [(self._redacted(name), self._redacted(item)) for name, item in value.items()]
            value.clear()
            value.update(redacted)
            return value
        if isinstance(value, list):
            value[:] = map(self._redacted, value)
            return value
        if isinstance(value, tuple):
            return list(map(self._redacted, value))
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return MASK if is_number and self.redact(str(value)) == MASK else value


def encoded_variants(secret: str) -> list[str]:
    """Return how ``secret`` may be written: as it is, in URLs, in JSON, in base64; nothing if it is too short."""
    if len(secret) < _SHORTEST:
        return []
    # Half of a pair of surrogates cannot be encoded, but must not make redaction fail.
    data = secret.encode("utf-8", "surrogatepass")
    as_json = json.dumps(secret)[1:-1]
    # Go writes these by their numbers, PHP a slash with a backslash before it.
    by_go = as_json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    in_json = (as_json, by_go, as_json.replace("/", "\\/"), json.dumps(secret, ensure_ascii=False)[1:-1])
    # Headers are read byte by byte, as latin-1.
    variants = (secret, data.decode("latin-1"), quote(data, safe=""), quote(data), quote_plus(data), *in_json)
    return list(dict.fromkeys((*variants, *_in_base64(data))))


def clear(text: str) -> str:
    """Return ``text`` with everything escaped but what can be told apart at sight: ASCII and Chinese characters."""
    return _UNCLEAR.sub(lambda unclear: unclear[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """Return ``text`` without what cannot be printed, and with one space for each run of whitespace."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def short_line(text: Any, longest: int = _LONGEST_LINE) -> str:
    """Return ``text`` as one line of at most about ``longest`` characters.

    A word that does not fit is left out whole: the beginning of a secret would not be recognized as one later.
    """
    line = one_line(str(text)[: longest * 10])
    return line if len(line) <= longest else _LAST_WORD.sub("", line[:longest]) + "..."


def _in_base64(data: bytes) -> Iterator[str]:
    whole = base64.b64encode(data).decode()
    # In the base64 of a longer text, these letters stay the same, whatever comes before and after.
    middles = (base64.b64encode(b"\0" * ahead + data).decode()[4 if ahead else 0 : -4] for ahead in range(3))
    for encoded in (whole, whole.rstrip("="), *(middle for middle in middles if len(middle) >= _SHORTEST_BASE64)):
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")
