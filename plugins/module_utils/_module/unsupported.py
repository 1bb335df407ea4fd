# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of Terraform and of the SDK that would change where or how requests go, and are not supported."""

from __future__ import annotations

from collections.abc import Mapping

# The variable, or the beginning of its name, and what to do instead.
_UNSUPPORTED = {
    "HUAWEICLOUD_SDK_REGIONS_FILE": "set endpoint",
    "HUAWEICLOUD_SDK_REGION_IOTDA_": "set endpoint",
    "HW_ASSUME_ROLE_DOMAIN_ID": "set agency_domain_name",
    "HW_ASSUME_ROLE_DURATION": "agency keys are renewed automatically",
    "HW_CLOUD": "set endpoint and iam_endpoint",
    "HW_INSECURE": "set validate_certs",
    "HW_MAX_RETRIES": "set retry_timeout",
    "HW_SIGNING_ALGORITHM": "set signing",
    "HW_USER_ID": "set username",
    "OS_AGENCY_DOMAIN_NAME": "set agency_domain_name",
    "OS_AGENCY_NAME": "set agency_name",
    "OS_CERT": "client certificates are not supported",
    "OS_DELEGATED_PROJECT": "set project_name",
    "OS_INSECURE": "set validate_certs",
    "OS_KEY": "client certificates are not supported",
    "OS_TENANT_ID": "set project_id",
    "OS_TENANT_NAME": "set project_name",
    "OS_USER_ID": "set username",
}


def unsupported_warning(environ: Mapping[str, str]) -> str | None:
    """Return a warning that names the variables that are set and have no effect, or None."""
    found = {name: _advice(name) for name in sorted(environ) if environ[name] and _advice(name)}
    if not found:
        return None
    listed = ", ".join(f"{name} ({advice})" for name, advice in found.items())
    return f"These environment variables have no effect on modules of this collection: {listed}."


def _advice(name: str) -> str | None:
    if name.startswith("HUAWEICLOUD_SDK_REGION_IOTDA_"):
        return _UNSUPPORTED["HUAWEICLOUD_SDK_REGION_IOTDA_"]
    return _UNSUPPORTED.get(name)
