# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that modules share, and the environment variables behind them.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.environment import first_set, is_text
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.endpoints import (
    ENDPOINT_NAME,
    REGION_NAMES,
)


def _first_set(*names: str) -> str:
    """Return the first variable that is not empty: AWX sets one that is for a field that was left out.

    One that is not text is not returned, since Ansible could not log it; Run.check() tells it.
    """
    name = first_set(os.environ, names)
    if name is None or not is_text(os.environ[name]):
        raise AnsibleFallbackNotFound
    return os.environ[name]


def _from(*names: str) -> Any:
    return (_first_set, list(names))


CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "auth_token": {"type": "str", "no_log": True},
    "access_key": {"type": "str", "no_log": False},
    "secret_key": {"type": "str", "no_log": True},
    "security_token": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "domain_name": {"type": "str"},
    "credentials_file": {"type": "path", "fallback": _from("HUAWEICLOUD_SDK_CREDENTIALS_FILE")},
    "config_file": {"type": "path", "fallback": _from("HW_SHARED_CONFIG_FILE")},
    "profile": {"type": "str", "fallback": _from("HW_PROFILE")},
    "region": {"type": "str", "fallback": _from(*REGION_NAMES)},
    "project_id": {"type": "str", "fallback": _from("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID", "OS_PROJECT_ID")},
    "instance_id": {"type": "str", "fallback": _from("HUAWEICLOUD_IOTDA_INSTANCE_ID")},
    "endpoint": {"type": "str", "fallback": _from(ENDPOINT_NAME)},
    "iam_endpoint": {"type": "str", "fallback": _from("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL", "OS_AUTH_URL")},
    "signing": {"type": "str", "default": "auto", "choices": ["auto", "standard", "derived"]},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path", "fallback": _from("OS_CACERT")},
    "timeout": {"type": "float", "default": 30.0},
    "retry_timeout": {"type": "float", "default": 120.0},
}


CONCURRENCY: dict[str, Any] = {"type": "int", "default": 10}
