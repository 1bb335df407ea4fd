# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a table comes from: the machine, the versions and the day."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import yaml

_LIBRARIES = ("ansible-core", "requests", "urllib3", "huaweicloudsdkcore", "huaweicloudsdkiotda")
_GIB = 2**30


def described() -> str:
    """Return one paragraph that says where and when it was measured, without the name of the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    machine = f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {platform.system()}"
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)]
    day = datetime.now(timezone.utc).date().isoformat()
    galaxy = yaml.safe_load(Path("galaxy.yml").read_text(encoding="utf-8"))
    return f"Measured on {day} with huaweicloud.iotda {galaxy['version']}, on {machine}; {', '.join(versions)}."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return _model(lines) or platform.machine()


def _model(lines: Iterable[str]) -> str:
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "")
