# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of an agency, for the access keys of a user or agency that it trusts.

The request is that of the Terraform provider (huaweicloud/config/auth.go, buildClientByAgency), described at
https://support.huaweicloud.com/intl/en-us/api-iam/iam_04_0101.html. Terraform asks for keys that live 12 hours, since
it does not renew them; here they live one hour and are renewed.
"""

from __future__ import annotations

from ..._http.messages import Auth, Request
from ..credentials import Agency, TemporaryKey
from ..temporary_keys import KeyServices, request_key

_LIFETIME = 3600  # seconds


def issue(agency: Agency, auth: Auth, services: KeyServices) -> TemporaryKey:
    """Return keys of ``agency``; ``auth`` signs with the keys that are exchanged for them. Raises IamError."""
    account = {"domain_name": agency.domain_name} if agency.domain_name else {"domain_id": agency.domain_id}
    assumed = {"agency_name": agency.name, **account, "duration_seconds": _LIFETIME}
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": assumed}}}
    url = services.iam_url()
    request = Request("POST", f"{url}/v3.0/OS-CREDENTIAL/securitytokens", auth, body=body)
    return request_key(services, "agency", request, url)
