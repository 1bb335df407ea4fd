# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates made for the occasion."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import trustme

Tls = Literal["expired", "other_name"] | bool


def write(folder: Path, tls: Tls, ca: trustme.CA | None) -> tuple[Path, Path]:
    """Write a certificate for the loopback addresses; return the file of its CA, and that of the chain with its key.

    ``tls`` may ask for one that is ``"expired"``, or for ``"other_name"``.
    """
    ca = ca or trustme.CA()
    names = ("iotda.example.test",) if tls == "other_name" else ("127.0.0.1", "::1", "localhost")
    now = datetime.now(timezone.utc)
    ends = now - timedelta(days=1) if tls == "expired" else now + timedelta(days=30)
    leaf = ca.issue_cert(*names, not_before=now - timedelta(days=60), not_after=ends)
    ca_file, chain_file = folder / "ca.pem", folder / "server.pem"
    ca.cert_pem.write_to_path(ca_file)
    leaf.private_key_and_cert_chain_pem.write_to_path(chain_file)
    return ca_file, chain_file
