# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking for secrets in all that was written: which secrets, in which of their forms, in which places."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from ansible_collections.huaweicloud.iotda.tests.simulator import Simulator
from ansible_collections.huaweicloud.iotda.tests.simulator.accounts import Key, Token

# Letters that JSON, URLs and base64 each write in a way of their own, and of a length that messages are cut at.
PASSWORD = 'mark-P\u00e4ss"w\\rd/%+&=of-the-user'
PERMANENT = Key("AKMARK0000000000001", "mark-sk/+%41==of-the-permanent-key")
TEMPORARY_SECRET, SECURITY_TOKEN = "mark-sk/+&==of-the-temporary-key", "mark-st/+=" + "0123456789" * 30
AUTH_TOKEN = "MIImark-token/+-=" + "abcdefghij" * 150
_PART = 24


def plant(simulator: Simulator) -> dict[str, dict[str, str]]:
    """Let the simulator know the secrets that are looked for; return the options of each kind of credential."""
    accounts = simulator.accounts
    key = accounts.add_temporary_key()
    temporary = Key("AKMARK0000000000002", TEMPORARY_SECRET, SECURITY_TOKEN, key.expires_at)
    accounts.keys.update({one.access: one for one in (PERMANENT, temporary)})
    issued = accounts.issue_token(simulator.project_id)
    accounts.tokens[AUTH_TOKEN] = Token(AUTH_TOKEN, simulator.project_id, issued.issued_at, issued.expires_at)
    simulator.settings.password = PASSWORD
    return {
        "token": {"auth_token": AUTH_TOKEN},
        "keys": {"access_key": PERMANENT.access, "secret_key": PERMANENT.secret},
        "temporary keys": {
            "access_key": temporary.access,
            "secret_key": temporary.secret,
            "security_token": SECURITY_TOKEN,
        },
        "password": {"username": simulator.username, "password": PASSWORD, "domain_name": simulator.domain_name},
    }


def forms(secret: str) -> set[str]:
    """Return how a secret, or the beginning or the end of a long one, may be written."""
    pieces = {secret} | ({secret[:_PART], secret[-_PART:]} if len(secret) > 2 * _PART else set())
    return {form for piece in pieces for form in _forms(piece)}


def _forms(text: str) -> Iterator[str]:
    yield from (text, repr(text)[1:-1], text.lower(), text.encode().hex())
    for written in (json.dumps(text), json.dumps(text, ensure_ascii=False), json.dumps(json.dumps(text)[1:-1])):
        yield written[1:-1]
    yield from (quote(text), quote(text, safe=""), quote_plus(text))
    yield from (text.encode().decode("latin-1"), text[::-1])
    for ahead in range(3):
        # Whatever comes before and after it, these letters of its base64 stay the same.
        encoded = base64.b64encode(b"\0" * ahead + text.encode())
        middle = encoded[4 if ahead else 0 : -4].decode()
        yield from (middle, middle.replace("+", "-").replace("/", "_"))


@dataclass
class SecretScanner:
    """The secrets to look for, and the places to look in."""

    secrets: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def look_for(self, name: str, secret: str, as_it_is: bool = False) -> None:
        """Look for a secret in all its forms, or, for one of many that are alike, in that which it has."""
        assert len(secret) >= 16, f"{name} is too short to be told from other text"
        self.secrets[name] = {secret[:_PART], secret[-_PART:]} if as_it_is else forms(secret)

    def look_for_all_of(self, simulator: Simulator) -> None:
        """Look for what was planted, for every token that was issued, and for the keys of the metadata service."""
        self.look_for("the password", simulator.settings.password)
        for number, token in enumerate(simulator.accounts.tokens):
            self.look_for(f"token {number}", token)
        for key in simulator.accounts.keys.values():
            self.look_for(f"the secret of {key.access}", key.secret)
            if key.security_token:
                self.look_for(f"the security token of {key.access}", key.security_token)

    def look_in(self, name: str, text: str) -> None:
        self.places[f"{len(self.places)}: {name}"] = text

    def look_in_files(self, folder: Path, but: Path | None = None) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != but:
                self.look_in(str(path), path.read_bytes().decode("utf-8", "replace"))

    @property
    def size(self) -> int:
        """How many secrets were looked for in how many places: their product."""
        return len(self.secrets) * len(self.places)

    def hits(self) -> list[str]:
        """Return each secret that was found, and where."""
        everything = "\n".join(self.places.values())
        return [
            f"{name} in {place}"
            for name, written in self.secrets.items()
            for form in written
            if form in everything
            for place, text in self.places.items()
            if form in text
        ]
