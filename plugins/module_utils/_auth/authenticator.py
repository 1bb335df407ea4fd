# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns credentials into an Auth for requests, and renews what expires."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Callable, Union

from .credentials import AccessKey, Agency, KeyIssuer, Password, TemporaryKey
from .signer import AccessKeyAuth, RefreshingKeyAuth, Scope

if TYPE_CHECKING:
    from .iam import IamClient, IssuedToken
    from .refreshable import Issued, RefreshableSecret
    from .temporary_keys import KeyServices
    from .token import RefreshingTokenAuth

    Keys = Union[AccessKey, RefreshableSecret[AccessKey]]


def obtain_keys(credentials: AccessKey | KeyIssuer, agency: Agency | None, services: KeyServices) -> Keys:
    """Return the keys to sign with: those of ``credentials``, or those of ``agency`` in exchange for them.

    Raises IamError and ConfigurationError if they cannot be obtained.
    """
    keys: Keys = credentials if isinstance(credentials, AccessKey) else _refreshable(credentials, services)
    if agency is None:
        return keys
    from .providers.agency import issue

    return _refreshable(KeyIssuer(partial(issue, agency, key_auth(keys))), services)


def key_auth(keys: Keys, scope: Scope | None = None, project_id: str | None = None) -> AccessKeyAuth:
    """Return the Auth that signs with ``keys``, with a derived key if there is a ``scope``."""
    if isinstance(keys, AccessKey):
        return AccessKeyAuth(keys, scope, project_id)
    return RefreshingKeyAuth(keys, scope, project_id)


def log_in(
    iam: IamClient, login: Password, project: Mapping[str, str], redact: Callable[[str], None]
) -> tuple[RefreshingTokenAuth, str | None]:
    """Return the Auth with a token for ``project``, and the project ID that IAM returned; raises IamError."""
    from .refreshable import Issued, RefreshableSecret
    from .token import RefreshingTokenAuth

    def issue() -> IssuedToken:
        issued = iam.issue_token(login, project)
        redact(issued.token)
        return issued

    def secret(issued: IssuedToken) -> Issued[str]:
        return Issued(issued.token, issued.lifetime)

    first = issue()
    return RefreshingTokenAuth(RefreshableSecret(lambda: secret(issue()), secret(first))), first.project_id


def _refreshable(issuer: KeyIssuer, services: KeyServices) -> RefreshableSecret[AccessKey]:
    from .refreshable import Issued, RefreshableSecret

    def secret(issued: TemporaryKey) -> Issued[AccessKey]:
        return Issued(issued.key, issued.lifetime)

    first = issuer.first or issuer.issue(services)
    return RefreshableSecret(lambda: secret(issuer.issue(services)), secret(first))
