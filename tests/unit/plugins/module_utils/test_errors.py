# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures as values: what each of them carries."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import (
    AnswerDetails,
    IotdaError,
    RequestFailed,
    ServiceError,
    Unreachable,
    UsageError,
)


def test_unreachable_tells_its_cause_and_its_attempts() -> None:
    error = Unreachable("nobody answered", "timeout", 3, True)
    assert (str(error), error.cause, error.attempts, error.uncertain) == ("nobody answered", "timeout", 3, True)


def test_unreachable_is_one_certain_attempt_unless_it_is_said() -> None:
    error = Unreachable("no", "dns")
    assert (error.attempts, error.uncertain) == (1, False)


def test_a_service_error_carries_what_the_service_said() -> None:
    details = AnswerDetails(403, "error", "APIGW.0302", "no", "r1")
    error = ServiceError("host answered 403", details, 2, True)
    assert (str(error), error.details, error.attempts, error.uncertain) == ("host answered 403", details, 2, True)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (UsageError, IotdaError),
        (RequestFailed, IotdaError),
        (Unreachable, RequestFailed),
        (ServiceError, RequestFailed),
    ],
)
def test_kinds_of_failure(kind: type[Exception], base: type[Exception]) -> None:
    assert issubclass(kind, base)


def test_a_usage_error_is_no_failed_request() -> None:
    assert not issubclass(UsageError, RequestFailed)
