# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary access keys in exchange for another identity: access keys (of an agency), an ID token, a pod or an ECS.

The requests and the variables:

- agency: the Terraform provider (huaweicloud/config/auth.go, buildClientByAgency), described at
  https://support.huaweicloud.com/intl/en-us/api-iam/iam_04_0101.html
- OIDC and pod identity: huaweicloudsdkcore.auth.provider, OidcStsCredentialProvider and PodIdentityCredentialProvider
- ID token: huaweicloudsdkcore.auth.internal, FederalAccessor, and for the names that begin with HW_ASSUME_ROLE_ the
  Terraform provider, huaweicloud/config/auth.go, getSubjectTokenByIdp
- ECS: https://support.huaweicloud.com/intl/en-us/usermanual-ecs/ecs_03_0166.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple
from urllib.parse import urlsplit

from .._core.errors import ConfigurationError, IamError, IamOperation, RequestError, TransportError
from .._core.system import check_text, first_set
from .._http import addresses
from .._http.answers import json_object
from .._http.client import HttpClient, HttpConfig
from .._http.messages import Auth, Request, Response
from .credentials import HEADER_TEXT, AccessKey, Agency, KeyIssuer, ProviderContext, ResolvedCredentials, check_value
from .files import read_token
from .refresh import Issued, RefreshableSecret, failing_as, seconds_until
from .signer import AccessKeyAuth

if TYPE_CHECKING:
    from .signer import Keys

# The spellings that huaweicloudsdkcore.auth.internal, StsAccessor, accepts.
_ACCESS_KEY = ("access", "accessKeyId", "access_key_id")
_SECRET_KEY = ("secret", "secretAccessKey", "secret_access_key")
_SECURITY_TOKEN = ("securitytoken", "securityToken", "security_token")
_EXPIRES_AT = ("expires_at", "expiration")


class KeyServices(NamedTuple):
    """What an issuer of keys can use: the HTTP client, and the base URLs of IAM and STS."""

    http: HttpClient
    iam_url: Callable[[], str]
    sts_url: Callable[[], str]

    def redact(self, secret: str) -> None:
        """Mask ``secret`` from now on."""
        self.http.redactor.add(secret)


def request_key(services: KeyServices, operation: IamOperation, request: Request, url: str) -> Issued[AccessKey]:
    """Return the key in the answer to ``request`` and register its secrets for redaction; raises IamError."""
    with failing_as(operation):
        response = services.http.send(request)
        issued = parse_key(response.json_object(url, (200, 201)), response)
        if issued is None:
            raise response.malformed(url, "no temporary access key")
    return _redacted(issued, services)


def _redacted(issued: Issued[AccessKey], services: KeyServices) -> Issued[AccessKey]:
    services.redact(issued.value.secret_key)
    services.redact(issued.value.security_token or "")
    return issued


def parse_key(content: Mapping[str, Any], response: Response) -> Issued[AccessKey] | None:
    """Return the temporary key in ``content``, in any of the known spellings, or None."""
    held = content.get("credential") or content.get("credentials")
    if not isinstance(held, dict):
        return None
    values = [_text(held, names) for names in (_ACCESS_KEY, _SECRET_KEY, _SECURITY_TOKEN)]
    access_key, secret_key, security_token = values
    if access_key is None or secret_key is None or security_token is None:
        return None
    key = AccessKey(access_key, secret_key, security_token)
    return Issued(key, seconds_until(_text(held, _EXPIRES_AT), response))


def _text(held: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    found = next((held[name] for name in names if held.get(name)), None)
    usable = isinstance(found, str) and found.isascii() and found.isprintable() and found == found.strip()
    return found if usable else None


def obtain_keys(credentials: AccessKey | KeyIssuer, agency: Agency | None, services: KeyServices) -> Keys:
    """Return the keys to sign with: those of ``credentials``, or those of ``agency`` in exchange for them.

    Raises IamError and ConfigurationError if they cannot be obtained.
    """
    keys: Keys = credentials if isinstance(credentials, AccessKey) else _refreshable(credentials, services)
    if agency is None:
        return keys
    return _refreshable(KeyIssuer(partial(_agency_key, agency, AccessKeyAuth(keys)), ("agency", agency.name)), services)


def _refreshable(issuer: KeyIssuer, services: KeyServices) -> RefreshableSecret[AccessKey]:
    return RefreshableSecret(lambda: issuer.issue(services), issuer.first or issuer.issue(services))


_AGENCY_LIFETIME = 3600  # seconds; Terraform asks for 12 hours, since it does not renew them


def _agency_key(agency: Agency, auth: Auth, services: KeyServices) -> Issued[AccessKey]:
    """Return keys of ``agency``; ``auth`` signs with the keys that are exchanged for them. Raises IamError."""
    account = {"domain_name": agency.domain_name} if agency.domain_name else {"domain_id": agency.domain_id}
    assumed = {"agency_name": agency.name, **account, "duration_seconds": _AGENCY_LIFETIME}
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": assumed}}}
    url = services.iam_url()
    request = Request("POST", f"{url}/v3.0/OS-CREDENTIAL/securitytokens", auth, body=body)
    return request_key(services, IamOperation.AGENCY, request, url)


OIDC_PROVIDER_URN = "HUAWEICLOUD_OIDC_PROVIDER_URN"
OIDC_AGENCY_URN = "HUAWEICLOUD_OIDC_AGENCY_URN"
OIDC_ID_TOKEN = "HUAWEICLOUD_OIDC_ID_TOKEN"
OIDC_TOKEN_FILE = "HUAWEICLOUD_OIDC_TOKEN_FILE"
OIDC_SESSION_NAME = "HUAWEICLOUD_OIDC_SESSION_NAME"
OIDC_DURATION = "HUAWEICLOUD_OIDC_DURATION_SECONDS"
OIDC_POLICY = "HUAWEICLOUD_OIDC_POLICY"
OIDC_POLICY_IDS = "HUAWEICLOUD_OIDC_POLICY_IDS"

_OIDC_NAMING = (OIDC_PROVIDER_URN, OIDC_AGENCY_URN, OIDC_ID_TOKEN, OIDC_TOKEN_FILE)
_OIDC_FURTHER = (OIDC_SESSION_NAME, OIDC_DURATION, OIDC_POLICY, OIDC_POLICY_IDS)


def load_oidc(context: ProviderContext) -> ResolvedCredentials | None:
    """Return the keys that variables name, or None; raises ConfigurationError for half of them, or unusable ones."""
    values = {name: context.environ[name] for name in (*_OIDC_NAMING, *_OIDC_FURTHER) if context.environ.get(name)}
    present = [name for name in _OIDC_NAMING if name in values]
    if not present:
        return None
    for name in values:
        check_text(values, name)
    missing = [name for name in (OIDC_PROVIDER_URN, OIDC_AGENCY_URN) if name not in values]
    missing += [] if first_set(values, (OIDC_ID_TOKEN, OIDC_TOKEN_FILE)) else [f"{OIDC_ID_TOKEN} or {OIDC_TOKEN_FILE}"]
    if missing:
        raise ConfigurationError(
            f"The credentials from the environment are incomplete: {' and '.join(missing)} must be set as well"
        )
    for name in (OIDC_PROVIDER_URN, OIDC_AGENCY_URN, OIDC_ID_TOKEN):
        check_value(values.get(name, ""), name, in_header=name == OIDC_ID_TOKEN and name in values)
    wanted = _oidc_body(values)
    context.redact(_oidc_token(values))
    names = ("oidc", *(values[name] for name in (OIDC_PROVIDER_URN, OIDC_AGENCY_URN)))
    issuer = KeyIssuer(partial(_oidc_key, values, wanted), names)
    return ResolvedCredentials(f"environment ({', '.join(present)})", issuer)


def _oidc_body(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of the request without the token."""
    duration = values.get(OIDC_DURATION, "3600").strip()
    if not (duration.isascii() and duration.isdigit() and len(duration) < 10):
        raise ConfigurationError(f"{OIDC_DURATION} must be a number of seconds, not {duration!r}")
    policy_ids = [policy_id.strip() for policy_id in values.get(OIDC_POLICY_IDS, "").split(",") if policy_id.strip()]
    body = {
        "provider_urn": values[OIDC_PROVIDER_URN],
        "agency_urn": values[OIDC_AGENCY_URN],
        "agency_session_name": values.get(OIDC_SESSION_NAME, "oidc-sts-session"),
        "duration_seconds": int(duration) or 3600,
        "policy": values.get(OIDC_POLICY),
        "policy_ids": policy_ids,
    }
    return {name: value for name, value in body.items() if value}


def _oidc_token(values: Mapping[str, str]) -> str:
    return values.get(OIDC_ID_TOKEN) or read_token(values[OIDC_TOKEN_FILE], OIDC_TOKEN_FILE)


def _oidc_key(values: Mapping[str, str], wanted: Mapping[str, Any], services: KeyServices) -> Issued[AccessKey]:
    id_token = _oidc_token(values)
    services.redact(id_token)
    url = services.sts_url()
    request = Request("POST", f"{url}/v5/agencies/assume-with-oidc", Auth(), body={**wanted, "id_token": id_token})
    return request_key(services, IamOperation.OIDC, request, url)


_ID_TOKEN_LIFETIME = 6 * 60 * 60  # seconds, which is what the SDK asks for


class IdTokenNames(NamedTuple):
    """How one source names the identity provider, the file of the token and, where it has one, the token itself."""

    idp_id: str
    token_file: str
    token: str | None = None


ID_TOKEN_VARIABLES = (
    IdTokenNames("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
    IdTokenNames("HW_ASSUME_ROLE_IDP_ID", "HW_ASSUME_ROLE_ID_TOKEN_FILE", "HW_ASSUME_ROLE_ID_TOKEN"),
)
ID_TOKEN_IN_FILE = IdTokenNames("idp_id", "id_token_file")


def load_id_token(context: ProviderContext) -> ResolvedCredentials | None:
    """Return keys for the ID token that variables name, or None; raises ConfigurationError for half of them."""
    for names in ID_TOKEN_VARIABLES:
        present = [name for name in names if name and context.environ.get(name)]
        for name in present:
            check_text(context.environ, name)
        issuer = id_token_issuer(context.environ, names, "the environment", context)
        if issuer:
            return ResolvedCredentials(f"environment ({', '.join(present)})", issuer)
    return None


def id_token_issuer(
    values: Mapping[str, str], names: IdTokenNames, source: str, context: ProviderContext
) -> KeyIssuer | None:
    """Return what issues keys for the ID token that ``values`` name, or None if they name none.

    Raises ConfigurationError for half of what is needed, and for a token file that cannot be used.
    """
    idp_id = values.get(names.idp_id)
    token_name = first_set(values, [name for name in (names.token, names.token_file) if name])
    if not idp_id and not token_name:
        return None
    if not idp_id or not token_name:
        missing = names.token_file if idp_id else names.idp_id
        raise ConfigurationError(f"The credentials from {source} are incomplete: {missing} must be set as well")
    check_value(idp_id, names.idp_id, in_header=True)
    given = values[token_name] if token_name == names.token else None
    if given:
        check_value(given, token_name, in_header=True)

    def read() -> str:
        # A file may be rewritten before each use.
        return given or read_token(values[token_name], token_name)

    text = read()
    context.redact(text)
    return KeyIssuer(partial(_id_token_key, idp_id, read), ("id_token", idp_id, text))


def _id_token_key(idp_id: str, read: Callable[[], str], services: KeyServices) -> Issued[AccessKey]:
    token = _unscoped_token(idp_id, read(), services)
    url = services.iam_url()
    identity = {"methods": ["token"], "token": {"id": token, "duration_seconds": _ID_TOKEN_LIFETIME}}
    request = Request("POST", f"{url}/v3.0/OS-CREDENTIAL/securitytokens", Auth(), body={"auth": {"identity": identity}})
    return request_key(services, IamOperation.ID_TOKEN, request, url)


def _unscoped_token(idp_id: str, id_token: str, services: KeyServices) -> str:
    services.redact(id_token)
    url = services.iam_url()
    request = Request(
        "POST",
        f"{url}/v3.0/OS-AUTH/id-token/tokens",
        Auth(),
        headers={"X-Idp-Id": idp_id},
        body={"auth": {"id_token": {"id": id_token}}},
    )
    with failing_as(IamOperation.ID_TOKEN):
        response = services.http.send(request).expect(url, (200, 201))
        token = response.headers.get("X-Subject-Token", "")
        if not HEADER_TEXT.match(token):
            raise response.malformed(url, "no usable X-Subject-Token")
    services.redact(token)
    return token


POD_URI = "HC_CONTAINER_CREDENTIALS_FULL_URI"
POD_TOKEN_FILE = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"


def load_pod_identity(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the keys of the pod; raises ConfigurationError for half of the variables, or an unsafe address."""
    given = {name: context.environ.get(name) or "" for name in (POD_URI, POD_TOKEN_FILE)}
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return f"pod identity: {POD_URI} and {POD_TOKEN_FILE} are not set"
    if missing:
        raise ConfigurationError(f"The pod identity of the environment is incomplete: {missing[0]} must be set as well")
    for name in given:
        check_text(context.environ, name)
    _check_pod_address(given[POD_URI])
    names = ("pod", given[POD_URI], read_token(given[POD_TOKEN_FILE], POD_TOKEN_FILE))
    issuer = KeyIssuer(partial(_pod_key, given[POD_URI], given[POD_TOKEN_FILE]), names)
    return ResolvedCredentials("pod identity", issuer)


def _pod_key(uri: str, token_file: str, services: KeyServices) -> Issued[AccessKey]:
    token = read_token(token_file, POD_TOKEN_FILE)
    services.redact(token)
    # An empty JSON body, as the SDK sends it.
    request = Request("POST", uri, Auth(), headers={"Authorization": token}, body={})
    return request_key(services, IamOperation.POD_IDENTITY, request, uri)


def _check_pod_address(uri: str) -> None:
    parts = urlsplit(uri)
    base = addresses.base_url(f"{parts.scheme}://{parts.netloc}", POD_URI, allow_http=True)
    if parts.scheme != "https" and not addresses.is_loopback(urlsplit(base).hostname or ""):
        raise ConfigurationError(
            f"{POD_URI} must begin with https:// or name a loopback address, since the token of the pod is sent to it"
        )


_ECS_URL = "http://169.254.169.254"
_ONLY_VERSION_1 = (404, 405, 503)
# Outside an ECS nothing answers at this address, and the user waits this long.
_ECS_CONFIG = HttpConfig(timeout=2.0, retry_timeout=0.0, connections=1, proxied=False)


def load_ecs_metadata(context: ProviderContext) -> ResolvedCredentials | str:
    """Return the keys of the agency of this ECS, by version 2 of its metadata service (with a token) or else 1."""
    first = _ecs_key()
    if isinstance(first, str):
        return f"ECS metadata service: {first}"
    return ResolvedCredentials(
        "ECS metadata service", KeyIssuer(_renewed_ecs_key, ("ecs", first.value.access_key), first)
    )


def _renewed_ecs_key(services: KeyServices) -> Issued[AccessKey]:
    issued = _ecs_key()
    if isinstance(issued, str):
        raise IamError(IamOperation.ECS_METADATA, RequestError(issued, 0, False))
    return _redacted(issued, services)


def _ecs_key() -> Issued[AccessKey] | str:
    """Return the key that the service returns now, or the reason why there is none."""
    http = HttpClient(_ECS_CONFIG)
    try:
        lifetime = {"X-Metadata-Token-Ttl-Seconds": "21600"}
        token = http.send(Request("PUT", f"{_ECS_URL}/meta-data/latest/api/token", Auth(), headers=lifetime))
        if token.status != 200 and token.status not in _ONLY_VERSION_1:
            return f"it answered {token.status} to the token request"
        text = token.body.decode("ascii", "replace").strip()
        usable = token.status == 200 and text.isprintable() and text.isascii()
        headers = {"X-Metadata-Token": text} if usable else {}
        response = http.send(Request("GET", f"{_ECS_URL}/openstack/latest/securitykey", Auth(), headers=headers))
    except TransportError as error:
        return str(error)
    if response.status != 200:
        return f"it answered {response.status}, as it does when the ECS has no agency"
    content = json_object(response.body)
    return (parse_key(content, response) if content else None) or "its answer contains no access key"
