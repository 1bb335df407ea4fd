# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the environment: the first of several that is set, and values that are not valid UTF-8."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .errors import ConfigurationError


def first_set(environ: Mapping[str, str], names: Iterable[str]) -> str | None:
    """Return the first of ``names`` whose variable is not empty, or None."""
    return next((name for name in names if environ.get(name)), None)


def check_text(environ: Mapping[str, str], name: str | None) -> None:
    """Raise ConfigurationError, which names the variable ``name``, if it is not text in UTF-8."""
    try:
        (environ[name] if name else "").encode()
    except UnicodeEncodeError:
        raise ConfigurationError(f"The environment variable {name} is not text in UTF-8") from None
