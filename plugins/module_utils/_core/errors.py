# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exceptions of the collection: every failure that is reported to the user is one of these."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

_RequestError = TypeVar("_RequestError", bound="RequestError")


class IotdaError(Exception):
    """A failure that a user, the network or the service can cause; ``str()`` describes it without a full stop."""


class ConfigurationError(IotdaError):
    """The input cannot be used; nothing was sent because of it. ``str()`` is a sentence without its full stop."""


class ErrorDetails(NamedTuple):
    """What an answer said, in the service's own words.

    ``body`` is ``error`` (an error object in JSON), ``empty`` (surely none: ``Content-Length: 0``) or ``other``.
    ``skew`` is the service's clock less the local one in seconds, where the answer had a readable Date.
    """

    http_status: int
    body: str
    error_code: str | None = None
    error_msg: str | None = None
    request_id: str | None = None
    skew: float | None = None
    retry_after: float | None = None


class RequestError(IotdaError):
    """A request failed.

    ``attempts``: how many times it was sent, 0 when never. ``uncertain``: at least one attempt may have been carried
    out by the service although no answer said so. ``details``: what the last answer said, where there was one.
    ``subject`` is what was to be read, if reading it was all, and ``action`` whether it was to ``list`` or to ``show``.
    """

    def __init__(self, message: str, attempts: int, ambiguous: bool, details: ErrorDetails | None = None) -> None:
        super().__init__(message)
        self.attempts = attempts
        self.ambiguous = ambiguous
        self.details = details
        self.subject = "batch tasks"
        self.action = "list"

    def with_attempts(self: _RequestError, attempts: int, ambiguous: bool) -> _RequestError:
        """Return the same failure with other ``attempts`` and ``ambiguous``."""
        return self._copy(attempts=attempts, ambiguous=ambiguous)

    def with_subject(self: _RequestError, subject: str, action: str) -> _RequestError:
        """Return the same failure, met while ``action`` was being done with ``subject``."""
        return self._copy(subject=subject, action=action)

    def _copy(self: _RequestError, **changes: Any) -> _RequestError:
        copied = type(self).__new__(type(self), *self.args)
        copied.__dict__.update(self.__dict__, **changes)
        return copied


class TransportError(RequestError):
    """No complete response was received.

    ``cause`` is one of ``dns``, ``address``, ``local``, ``connect``, ``proxy``, ``proxy_login``, ``tls``,
    ``certificate``, ``timeout``, ``broken``, ``malformed``, ``size``.
    """

    def __init__(self, message: str, cause: str, attempts: int = 1, ambiguous: bool = False) -> None:
        super().__init__(message, attempts, ambiguous)
        self.cause = cause


class ApiError(RequestError):
    """An answer was received that is not a success."""

    details: ErrorDetails

    def __init__(self, message: str, details: ErrorDetails, attempts: int, ambiguous: bool) -> None:
        super().__init__(message, attempts, ambiguous, details)


class CancelledError(RequestError):
    """The request was not started, since the run was cancelled: by a signal, or since its caller is gone."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not started, because {reason}", 0, False)


class IamError(RequestError):
    """A request for credentials or for the project failed, on which others depend.

    It says nothing about what those were to do. ``operation`` is one of the names below, ``cause`` what the request
    met. ``attempts`` and ``ambiguous`` are those of the request that depends on it: none, until ``with_attempts`` says
    otherwise.
    """

    def __init__(self, operation: str, cause: RequestError) -> None:
        super().__init__(f"{_IAM_OPERATIONS[operation]} failed: {cause}", 0, False, cause.details)
        self.operation = operation
        self.cause = cause


_IAM_OPERATIONS = {
    "login": "the login at IAM",
    "lookup": "the lookup of the project at IAM",
    "agency": "the exchange of the access keys for agency keys at IAM",
    "id_token": "the exchange of the ID token at IAM",
    "oidc": "the exchange of the ID token at STS",
    "ecs_metadata": "the renewal of the keys of the ECS",
    "pod_identity": "the request for keys to the pod identity service",
    "renewal": "the renewal of the credentials",
}
