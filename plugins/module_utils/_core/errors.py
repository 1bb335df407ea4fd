# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exceptions of the collection: every failure that is reported to the user is one of these."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal, NamedTuple, TypeVar

# Why there is no complete response.
Cause = Literal[
    "dns",
    "address",
    "local",
    "connect",
    "proxy",
    "proxy_login",
    "tls",
    "certificate",
    "timeout",
    "broken",
    "malformed",
    "size",
]
_RequestError = TypeVar("_RequestError", bound="RequestError")


class IotdaError(Exception):
    """A failure that a user, the network or the service can cause; ``str()`` describes it without a full stop."""


class ConfigurationError(IotdaError):
    """The input cannot be used; nothing was sent because of it. ``str()`` is a sentence without its full stop."""


class ErrorDetails(NamedTuple):
    """What an answer said, in the service's own words.

    ``body`` is ``error`` (an error object in JSON), ``empty`` (surely none: ``Content-Length: 0``), ``tls`` (the port
    speaks TLS, and the request was plain HTTP) or ``other``.
    ``skew`` is the service's clock less the local one in seconds, where the answer had a readable Date.
    ``encoded_authorization_message`` is the reason of a denial by IAM's policies, which only STS can decode.
    """

    http_status: int
    body: str
    error_code: str | None = None
    error_msg: str | None = None
    request_id: str | None = None
    skew: float | None = None
    retry_after: float | None = None
    encoded_authorization_message: str | None = None


class RequestError(IotdaError):
    """A request failed.

    ``attempts``: how many times it was sent, 0 when never. ``ambiguous``: at least one attempt may have been carried
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
    """No complete response was received, because of ``cause``.

    ``hint`` is what helps, where more is known than the cause; ``{endpoint}`` in it stands for the option to set.
    """

    def __init__(
        self, message: str, cause: Cause, attempts: int = 1, ambiguous: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(message, attempts, ambiguous)
        self.cause = cause
        self.hint = hint


class ApiError(RequestError):
    """An answer was received that is not a success."""

    details: ErrorDetails

    def __init__(self, message: str, details: ErrorDetails, attempts: int, ambiguous: bool) -> None:
        super().__init__(message, attempts, ambiguous, details)


class CancelledError(RequestError):
    """The request was not started, since the run was cancelled: by a signal, or since its caller is gone."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not started, because {reason}", 0, False)


class IamOperation(Enum):
    """A request for credentials or for the project, on which others depend.

    ``label`` is its name in messages, ``hint`` what helps where it is refused or cannot be made, ``place`` what sets
    the host that it is sent to.
    """

    LOGIN = (
        "the login at IAM",
        "check username, password and domain_name, region or project_id, and that the user may call the API",
    )
    LOOKUP = (
        "the lookup of the project at IAM",
        "check the credentials, or set project_id to skip the lookup",
    )
    AGENCY = (
        "the exchange of the access keys for agency keys at IAM",
        "check agency_name and agency_domain_name, and that the user has the role Agent Operator",
    )
    ID_TOKEN = (
        "the exchange of the ID token at IAM",
        "check that the ID token has not expired, and that its identity provider exists in IAM",
    )
    OIDC = (
        "the exchange of the ID token at STS",
        "check that the ID token has not expired, and that the agency trusts its OIDC provider",
        "HUAWEICLOUD_SDK_STS_ENDPOINT",
    )
    POD_IDENTITY = (
        "the request for keys to the pod identity service",
        "check that the pod's service account is associated with an agency",
        "HC_CONTAINER_CREDENTIALS_FULL_URI",
    )
    ECS_METADATA = (
        "the renewal of the keys of the ECS",
        "check that the ECS still has its agency, and reaches its metadata service",
    )
    RENEWAL = ("the renewal of the credentials", "check the credentials")

    def __init__(self, label: str, hint: str, place: str = "iam_endpoint") -> None:
        self.label = label
        self.hint = hint
        self.place = place


class IamError(RequestError):
    """A request for credentials or for the project failed, on which others depend.

    It says nothing about what those were to do. ``cause`` is what the request met. ``attempts`` and ``ambiguous`` are
    of the request that depends on it: none, until ``with_attempts`` says otherwise.
    """

    def __init__(self, operation: IamOperation, cause: RequestError) -> None:
        super().__init__(f"{operation.label} failed: {cause}", 0, False, cause.details)
        self.operation = operation
        self.cause = cause
