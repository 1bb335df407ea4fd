# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures as values: what each of them carries."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import (
    ApiError,
    ConfigurationError,
    ErrorDetails,
    IamError,
    IamOperation,
    IotdaError,
    RequestError,
    TransportError,
)


def test_transport_error_has_its_cause_and_attempts() -> None:
    error = TransportError("nobody answered", "timeout", 3, True)
    assert (str(error), error.cause, error.attempts, error.ambiguous) == ("nobody answered", "timeout", 3, True)


def test_a_transport_error_is_one_attempt_by_default() -> None:
    error = TransportError("no", "dns")
    assert (error.attempts, error.ambiguous) == (1, False)


def test_a_service_error_carries_what_the_service_said() -> None:
    details = ErrorDetails(403, "error", "APIGW.0302", "no", "r1")
    error = ApiError("host answered 403", details, 2, True)
    assert (str(error), error.details, error.attempts, error.ambiguous) == ("host answered 403", details, 2, True)


@pytest.mark.parametrize(
    "error",
    [
        TransportError("no", "dns"),
        ApiError("host answered 403", ErrorDetails(403, "error", "APIGW.0302"), 1, False),
        IamError(IamOperation.LOGIN, TransportError("no", "dns")),
    ],
)
def test_a_failure_is_copied_not_changed(error: RequestError) -> None:
    before = dict(error.__dict__)
    copied = error.with_attempts(3, True).with_subject("batch task a1", "show")
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert copied.__dict__ == {
        **before,
        "attempts": 3,
        "ambiguous": True,
        "subject": "batch task a1",
        "action": "show",
    }
    assert error.__dict__ == before


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (ConfigurationError, IotdaError),
        (RequestError, IotdaError),
        (TransportError, RequestError),
        (ApiError, RequestError),
    ],
)
def test_kinds_of_failure(kind: type[Exception], base: type[Exception]) -> None:
    assert issubclass(kind, base)


def test_a_usage_error_is_no_failed_request() -> None:
    assert not issubclass(ConfigurationError, RequestError)
