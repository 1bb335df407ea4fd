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

from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.credentials import (
    ProviderContext,
    ResolvedCredentials,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._auth.provider_chain import resolve
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import BatchTaskClient
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.hints import hint_for
from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.results import error_fields
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.cancellation import Cancellation
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.environment import check_text, first_set
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.errors import IamError, IotdaError, RequestError
from ansible_collections.huaweicloud.iotda.plugins.module_utils._core.redaction import Redactor
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http import urls
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.ca_files import CA_BUNDLES
from ansible_collections.huaweicloud.iotda.plugins.module_utils._http.requests_compat import requests_error
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.argument_spec import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.caller_watch import cancel_without_caller
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.client_factory import create_client
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.endpoints import (
    ResolvedEndpoints,
    region_mismatch_warning,
)
from ansible_collections.huaweicloud.iotda.plugins.module_utils._module.validation import (
    check_selecting_options,
    validate_options,
)

Result = dict[str, Any]


class IotdaModule(AnsibleModule):  # type: ignore[misc] # Ansible comes without types
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

    def _load_params(self) -> None:
        """Keep what the user wrote: once Ansible has validated the options, null and absent are the same."""
        super()._load_params()
        self.given_options: dict[str, Any] = dict(self.params)

    @property
    def no_log_values(self) -> set[str]:
        """What Ansible takes out of all that it shows and logs."""
        for name in ("endpoint", "iam_endpoint"):
            # The first use of this comes before there are options, and before their types are known.
            given = self.__dict__.get("params", {}).get(name)
            hidden = urls.hidden_in(given) if isinstance(given, str) else None
            self._no_log_values.update([hidden] if hidden else [])
        return self._no_log_values

    @no_log_values.setter
    def no_log_values(self, values: set[str]) -> None:
        self._no_log_values = values


class ModuleContext:
    """One run of a module: its options, its mode, and the client, made when it is first asked for."""

    def __init__(self, module: AnsibleModule) -> None:
        self.options: dict[str, Any] = module.params
        self.check_mode: bool = module.check_mode
        self.warn: Callable[[str], None] = module.warn
        self.cancellation = Cancellation()
        self._module = module
        self._checked: ResolvedEndpoints | None = None
        self._found: ResolvedCredentials | None = None

    def check(self) -> ResolvedEndpoints:
        """Return what the connection's options say; raises ConfigurationError for the first that cannot be used."""
        if self._checked is None:
            check_selecting_options(self._module.given_options, self.options)
            _check_environment(self.options)
            self._checked = validate_options(self.options)
            doubt = region_mismatch_warning(self.options, self._checked.url, os.environ)
            if doubt:
                self.warn(doubt)
        return self._checked

    def client(self) -> BatchTaskClient:
        """Return a client for the options; raises ConfigurationError and IamError when there can be none."""
        checked = self.check()
        self._found = resolve(ProviderContext(self.options, os.environ))
        return create_client(
            self.options, checked, self._found, Redactor(self._module.no_log_values.add), self.cancellation
        )

    def source(self) -> dict[str, str]:
        """Return by which source of credentials the module spoke, if it came to that."""
        return {"credential_source": self._found.source} if self._found else {}


def run_module(work: Callable[[ModuleContext], Result], argument_spec: dict[str, dict[str, Any]], **rules: Any) -> None:
    """Run ``work`` with the connection's options beside ``argument_spec``, and end as Ansible expects it.

    ``rules`` are those of AnsibleModule on how options depend on each other.

    ``work`` returns the result; with ``failed`` in it the module fails. An IotdaError becomes a failure, too.
    """
    module = IotdaModule(argument_spec={**CONNECTION_OPTIONS, **argument_spec}, supports_check_mode=True, **rules)
    missing = requests_error()
    if missing:
        module.fail_json(msg=missing)
    run = ModuleContext(module)
    with cancel_without_caller(run.cancellation):
        result = _result(work, run)
    if not module._diff:
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result, **run.source())
    module.exit_json(**result)


def _check_environment(options: dict[str, Any]) -> None:
    """Raise ConfigurationError for a variable that is to be used and is not text."""
    for option, described in CONNECTION_OPTIONS.items():
        if options.get(option) is None and "fallback" in described:
            check_text(os.environ, first_set(os.environ, described["fallback"][1]))
    check_text(os.environ, first_set(os.environ, CA_BUNDLES))


def _result(work: Callable[[ModuleContext], Result], run: ModuleContext) -> Result:
    try:
        run.check()
        return work(run)
    except IotdaError as error:
        return {"failed": True, **_failure(error)}


def _failure(error: IotdaError) -> Result:
    if not isinstance(error, RequestError):
        return {"msg": f"{error}."}
    hint = hint_for(error, error.action)
    message = str(error) if isinstance(error, IamError) else f"could not read {error.subject}: {error}"
    msg = f"{message[0].upper()}{message[1:]}{'; ' + hint if hint else ''}."
    failure = {"msg": msg, **error_fields(error.details)}
    return {**failure, "hint": hint} if hint else failure
