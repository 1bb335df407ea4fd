# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the environment: the first that is set, and what is no text."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.environment import check_text, first_set
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import ConfigurationError


def test_the_first_that_is_not_empty_counts() -> None:
    assert first_set({"B": "", "C": "c", "D": "d"}, ["A", "B", "C", "D"]) == "C"
    assert first_set({"B": ""}, ["A", "B"]) is None


def test_non_utf8_value_is_rejected_by_variable_name() -> None:
    environ = {"A": "\u00e4\U0001f600", "B": "hush\udcff"}
    check_text(environ, "A")
    check_text(environ, None)
    with pytest.raises(ConfigurationError) as caught:
        check_text(environ, "B")
    assert str(caught.value) == "The environment variable B is not text in UTF-8"
