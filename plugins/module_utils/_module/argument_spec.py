# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that modules share, and the environment variables that can set them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._core.environment import check_text, first_set

# The variables that can set each option; the first that is set counts.
VARIABLES: dict[str, tuple[str, ...]] = {
    "agency_name": ("HW_ASSUME_ROLE_AGENCY_NAME",),
    "agency_domain_name": ("HW_ASSUME_ROLE_DOMAIN_NAME",),
    "credentials_file": ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",),
    "config_file": ("HW_SHARED_CONFIG_FILE",),
    "profile": ("HW_PROFILE",),
    "region": ("HW_REGION_NAME", "OS_REGION_NAME"),
    "project_id": ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID", "OS_PROJECT_ID"),
    "project_name": ("HW_PROJECT_NAME", "OS_PROJECT_NAME"),
    "instance_id": ("HUAWEICLOUD_IOTDA_INSTANCE_ID",),
    "endpoint": ("HUAWEICLOUD_IOTDA_ENDPOINT",),
    "iam_endpoint": ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL", "OS_AUTH_URL"),
    "ca_path": ("OS_CACERT",),
}

CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "auth_token": {"type": "str", "no_log": True},
    "access_key": {"type": "str", "no_log": False},
    "secret_key": {"type": "str", "no_log": True},
    "security_token": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "domain_name": {"type": "str"},
    "agency_name": {"type": "str"},
    "agency_domain_name": {"type": "str"},
    "credentials_file": {"type": "path"},
    "config_file": {"type": "path"},
    "profile": {"type": "str"},
    "region": {"type": "str"},
    "project_id": {"type": "str"},
    "project_name": {"type": "str"},
    "instance_id": {"type": "str"},
    "endpoint": {"type": "str"},
    "iam_endpoint": {"type": "str"},
    "signing": {"type": "str", "default": "auto", "choices": ["auto", "standard", "derived"]},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30.0},
    "retry_timeout": {"type": "float", "default": 120.0},
}


CONCURRENCY: dict[str, Any] = {"type": "int", "default": 10}


REPORTING: dict[str, dict[str, Any]] = {
    "audit_log": {"type": "path"},
    "returned": {"type": "str", "default": "all", "choices": ["all", "failed", "none"]},
}


def merge_environment(options: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ``options`` with the values of variables where no option is given, and the variable of each of those.

    Only names in ``options`` count. A fallback of AnsibleModule would do the same, but not tell an option from a
    variable. An empty variable counts as not set: AWX sets one for a field that was left out. Raises
    ConfigurationError for a variable that is not text.
    """
    merged = dict(options)
    from_environment: dict[str, str] = {}
    for option, names in VARIABLES.items():
        name = first_set(environ, names)
        if name is None or option not in options or options[option] is not None:
            continue
        check_text(environ, name)
        is_path = CONNECTION_OPTIONS[option]["type"] == "path"
        merged[option] = os.path.expanduser(os.path.expandvars(environ[name])) if is_path else environ[name]
        from_environment[option] = name
    return merged, from_environment
