# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module shares: the connection's options, the client, and how a failure reaches the user.

Private to this collection: it can change without notice.
"""

from __future__ import annotations

import os
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.huaweicloud.iotda.plugins.module_utils import _endpoints as endpoints
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks import BatchTasks
from ansible_collections.huaweicloud.iotda.plugins.module_utils._checks import (
    ENDPOINT_NAME,
    REGION_NAMES,
    Checked,
    check_options,
    doubt_about,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._concealing import Secrets
from ansible_collections.huaweicloud.iotda.plugins.module_utils._connection import connect
from ansible_collections.huaweicloud.iotda.plugins.module_utils._credentials import resolve
from ansible_collections.huaweicloud.iotda.plugins.module_utils._environment import check_text, first_set, is_text
from ansible_collections.huaweicloud.iotda.plugins.module_utils._errors import (
    IamFailed,
    IotdaError,
    RequestFailed,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._hints import hint_for
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import CA_BUNDLES
from ansible_collections.huaweicloud.iotda.plugins.module_utils._outcomes import error_fields
from ansible_collections.huaweicloud.iotda.plugins.module_utils._requests import problem
from ansible_collections.huaweicloud.iotda.plugins.module_utils._source import Asked, Found

Result = dict[str, Any]


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


class Module(AnsibleModule):  # type: ignore[misc] # Ansible comes without types
    """An AnsibleModule that shows no password of an endpoint, whatever else is wrong with the options.

    Such an endpoint is refused, but Ansible shows all options of a module also where it fails before it can be.
    """

    def __init__(self, **made: Any) -> None:
        try:
            super().__init__(**made)
        except (OverflowError, ValueError):
            # Ansible's own, in converting or logging options, perhaps before it knows which not to show: none is.
            msg = "An option cannot be used: a number is too large for one, or a text is not one in UTF-8."
            self.fail_json(msg=msg, invocation={})

    @property
    def no_log_values(self) -> set[str]:
        """What Ansible takes out of all that it shows and logs."""
        for name in ("endpoint", "iam_endpoint"):
            # The first use of this comes before there are options, and before their types are known.
            given = self.__dict__.get("params", {}).get(name)
            hidden = endpoints.hidden_in(given) if isinstance(given, str) else None
            self._no_log_values.update([hidden] if hidden else [])
        return self._no_log_values

    @no_log_values.setter
    def no_log_values(self, values: set[str]) -> None:
        self._no_log_values = values


class Run:
    """One run of a module: its options, its mode, and the client, made when it is first asked for."""

    def __init__(self, module: AnsibleModule) -> None:
        self.options: dict[str, Any] = module.params
        self.check_mode: bool = module.check_mode
        self.warn: Callable[[str], None] = module.warn
        self._module = module
        self._checked: Checked | None = None
        self._found: Found | None = None

    def check(self) -> Checked:
        """Return what the connection's options say; raises UsageError for the first that cannot be used."""
        if self._checked is None:
            _check_environment(self.options)
            self._checked = check_options(self.options)
            doubt = doubt_about(self.options, self._checked.url, os.environ)
            if doubt:
                self.warn(doubt)
        return self._checked

    def api(self) -> BatchTasks:
        """Return a client for the options; raises UsageError and IamFailed when there can be none."""
        checked = self.check()
        self._found = resolve(Asked(self.options, os.environ))
        return connect(self.options, checked, self._found, Secrets(self._module.no_log_values.add))

    def source(self) -> dict[str, str]:
        """Return by which source of credentials the module spoke, if it came to that."""
        return {"credential_source": self._found.source} if self._found else {}


def run_module(work: Callable[[Run], Result], argument_spec: dict[str, dict[str, Any]], **rules: Any) -> None:
    """Run ``work`` with the connection's options beside ``argument_spec``, and end as Ansible expects it.

    ``rules`` are those of AnsibleModule on how options depend on each other.

    ``work`` returns the result; with ``failed`` in it the module fails. An IotdaError becomes a failure, too.
    """
    module = Module(argument_spec={**CONNECTION_OPTIONS, **argument_spec}, supports_check_mode=True, **rules)
    missing = problem()
    if missing:
        module.fail_json(msg=missing)
    run = Run(module)
    result = _result(work, run)
    if not module._diff:
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result, **run.source())
    module.exit_json(**result)


def _check_environment(options: dict[str, Any]) -> None:
    """Raise UsageError for a variable that is to be used and is not text."""
    for option, described in CONNECTION_OPTIONS.items():
        if options.get(option) is None and "fallback" in described:
            check_text(os.environ, first_set(os.environ, described["fallback"][1]))
    check_text(os.environ, first_set(os.environ, CA_BUNDLES))


def _result(work: Callable[[Run], Result], run: Run) -> Result:
    try:
        run.check()
        return work(run)
    except IotdaError as error:
        return {"failed": True, **_failure(error)}


def _failure(error: IotdaError) -> Result:
    if not isinstance(error, RequestFailed):
        return {"msg": f"{error}."}
    hint = hint_for(error, error.action)
    clause = str(error) if isinstance(error, IamFailed) else f"could not read {error.subject}: {error}"
    msg = f"{clause[0].upper()}{clause[1:]}{'; ' + hint if hint else ''}."
    failure = {"msg": msg, **error_fields(error.details)}
    return {**failure, "hint": hint} if hint else failure
