# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys for the ID token of an identity provider that IAM trusts.

The variables and the two requests: huaweicloudsdkcore.auth.internal, FederalAccessor, and for the names that begin with
HW_ASSUME_ROLE_ the Terraform provider, huaweicloud/config/auth.go, getSubjectTokenByIdp.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from ..._core.environment import check_text, first_set
from ..._core.errors import CancelledError, ConfigurationError, IamError, RequestError
from ..._http.answers import malformed_response, raise_for_status
from ..._http.messages import Auth, Request
from ..credentials import KeyIssuer, ProviderContext, ResolvedCredentials, TemporaryKey, check_value
from ..temporary_keys import KeyServices, request_key
from ._files import read_token

_LIFETIME = 6 * 60 * 60  # seconds, which is what the SDK asks for
_HEADER_TEXT = re.compile(r"[\x21-\x7e]+\Z")


@dataclass(frozen=True)
class Names:
    """How one source names the identity provider, the file of the token and, where it has one, the token itself."""

    idp_id: str
    token_file: str
    token: str | None = None

    def all(self) -> tuple[str, ...]:
        """Return the names, except one that does not exist."""
        return tuple(name for name in (self.idp_id, self.token_file, self.token) if name)


VARIABLES = (
    Names("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
    Names("HW_ASSUME_ROLE_IDP_ID", "HW_ASSUME_ROLE_ID_TOKEN_FILE", "HW_ASSUME_ROLE_ID_TOKEN"),
)
IN_FILE = Names("idp_id", "id_token_file")


@dataclass(frozen=True)
class _IdToken:
    """An ID token, given directly or in a file that may be rewritten before each use."""

    token: str | None = field(repr=False)
    path: str
    name: str

    def read(self) -> str:
        """Return the token; raises ConfigurationError."""
        return self.token or read_token(self.path, self.name)


def load(context: ProviderContext) -> ResolvedCredentials | str:
    """Return keys for the ID token that variables name; raises ConfigurationError for half of them."""
    for names in VARIABLES:
        present = [name for name in names.all() if context.environ.get(name)]
        for name in present:
            check_text(context.environ, name)
        issuer = issuer_for(context.environ, names, "the environment", context)
        if issuer:
            return ResolvedCredentials(f"environment ({', '.join(present)})", issuer)
    return "no variable for an ID token is set"


def issuer_for(values: Mapping[str, str], names: Names, source: str, context: ProviderContext) -> KeyIssuer | None:
    """Return what issues keys for the ID token that ``values`` name, or None if they name none.

    Raises ConfigurationError for half of what is needed, and for a token file that cannot be used.
    """
    idp_id = values.get(names.idp_id)
    token_name = first_set(values, [name for name in (names.token, names.token_file) if name])
    if not idp_id and not token_name:
        return None
    if not idp_id or not token_name:
        missing = names.token_file if idp_id else names.idp_id
        raise ConfigurationError(f"The credentials from {source} are incomplete: {missing} must be given too")
    check_value(idp_id, names.idp_id, in_header=True)
    given = values[token_name] if token_name == names.token else None
    if given:
        check_value(given, token_name, in_header=True)
        context.redact(given)
    id_token = _IdToken(given, values.get(names.token_file) or "", token_name)
    context.redact(id_token.read())
    return KeyIssuer(partial(_issue, idp_id, id_token))


def _issue(idp_id: str, id_token: _IdToken, services: KeyServices) -> TemporaryKey:
    token = _unscoped_token(idp_id, id_token, services)
    url = services.iam_url()
    identity = {"methods": ["token"], "token": {"id": token, "duration_seconds": _LIFETIME}}
    request = Request("POST", f"{url}/v3.0/OS-CREDENTIAL/securitytokens", Auth(), body={"auth": {"identity": identity}})
    return request_key(services, "id_token", request, url)


def _unscoped_token(idp_id: str, id_token: _IdToken, services: KeyServices) -> str:
    text = id_token.read()
    services.redact(text)
    url = services.iam_url()
    request = Request(
        "POST",
        f"{url}/v3.0/OS-AUTH/id-token/tokens",
        Auth(),
        headers={"X-Idp-Id": idp_id},
        body={"auth": {"id_token": {"id": text}}},
    )
    try:
        response = raise_for_status(services.http.send(request), url, (200, 201))
        token = response.headers.get("X-Subject-Token", "")
        if not _HEADER_TEXT.match(token):
            raise malformed_response(response, url, "no usable X-Subject-Token")
    except CancelledError:
        raise
    except RequestError as error:
        raise IamError("id_token", error) from None
    services.redact(token)
    return token
