# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module shares: the options of the connection, the client, and how a failure reaches the user."""

from __future__ import annotations

import os
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from .._account.connection import Connection
from .._account.options import (
    CONNECTION,
    CONNECTION_OPTIONS,
    ResolvedEndpoints,
    Table,
    check_endpoint_region,
    prepare_lists,
    read_options,
    specs_of,
    unsupported_warning,
)
from .._auth.credentials import ProviderContext, resolve
from .._batch_tasks.api import BatchTaskClient, InstanceTarget
from .._batch_tasks.outcomes import error_fields
from .._core.errors import IamError, IotdaError, RequestError
from .._core.redaction import MASK, Redactor
from .._core.runtime import Cancellation, check_limits
from .._http import addresses
from .._http.transport import requests_error
from .caller import cancel_without_caller, register

Result = dict[str, Any]
_VERBOSE = 3  # -vvv

# An address may hold a user and a password.
_ADDRESSES = ("endpoint", "iam_endpoint")


def _is_secret(option: str) -> bool:
    return bool(CONNECTION_OPTIONS.get(option, {}).get("no_log"))


class IotdaModule(AnsibleModule):  # type: ignore[misc] # Ansible comes without types
    """An AnsibleModule that shows no secret: neither in what it returns or warns of, nor in the log of its host.

    From ansible-core 2.22 on, Ansible masks what it shows and leaves what a module returns as it is, so that registered
    variables and what is made of them would hold secrets. Before, it looks for the values of options, in values only.

    Every result says in which mode it was: a play cannot tell, since ``ansible_check_mode`` repeats ``--check`` only.
    """

    def __init__(self, **made: Any) -> None:
        self.redactor = Redactor(register)
        super().__init__(**made)

    def exit_json(self, **result: Any) -> None:
        """End, with no secret in the result."""
        super().exit_json(**self._to_return(result))

    def fail_json(self, msg: str, **result: Any) -> None:
        """Fail, with no secret in the message and the result.

        Where an option is missing since its name was misspelt, Ansible does not mention the name that was used.
        """
        unknown = sorted(set(self.params) - self._names())
        if unknown and not msg.startswith("Unsupported parameters"):
            msg = f"{msg}; not an option of this module: {', '.join(unknown)}"
        super().fail_json(**self._to_return({"msg": msg, **result}))

    def warn(self, warning: str, **more: Any) -> None:
        """Warn, without secrets."""
        super().warn(self.redactor.redact(warning), **more)

    def log(self, msg: str, log_args: Any = None) -> None:
        """Log as Ansible does, without secrets, and without a NUL.

        From Python 3.12 on Ansible fails at a NUL, and does not say which option has it.
        """
        args = self.redactor.redact_all(log_args) if log_args else log_args
        super().log("a message with a NUL in it" if "\0" in msg else self.redactor.redact(msg), args)

    def _load_params(self) -> None:
        """Keep what the user wrote, in which null differs from absent, and learn the secrets in it before all else."""
        super()._load_params()
        self.given_options: dict[str, Any] = self.params
        self.params: dict[str, Any] = prepare_lists(self.given_options, self.argument_spec)
        for name, value in self.given_options.items():
            if _is_secret(name) and isinstance(value, (str, int, float)) and not isinstance(value, bool):
                self.redactor.add(str(value))
            elif name in _ADDRESSES and isinstance(value, str):
                self.redactor.add(addresses.user_info_of(value) or "")

    def _to_return(self, result: Result) -> Result:
        """Return ``result`` with secrets masked, the mode, and the options as Ansible is to show them.

        A misspelt option may hold a secret, too.
        """
        known = self._names()
        options = {
            name: MASK if value is not None and (_is_secret(name) or name not in known) else value
            for name, value in self.__dict__.get("params", {}).items()
        }
        redacted: Result = self.redactor.redact_all({"invocation": {"module_args": options}, **result})
        return {**redacted, "check_mode": self.check_mode}

    def _names(self) -> set[str]:
        """Return what an option may be called."""
        specs = self.__dict__.get("argument_spec", {})
        return {name for option, spec in specs.items() for name in (option, *spec.get("aliases", ()))}


class ModuleContext:
    """One run of a module: its options, its mode, and the client, made when it is first asked for.

    ``options`` include the values of environment variables, once ``check`` has been called.
    """

    def __init__(self, module: AnsibleModule, table: Table) -> None:
        self.options: dict[str, Any] = module.params
        self.check_mode: bool = module.check_mode
        self.diff: bool = module._diff
        self._verbose: bool = module._verbosity >= _VERBOSE
        self.warn: Callable[[str], None] = module.warn
        self.cancellation = Cancellation()
        self._table = table
        self._given_options: dict[str, Any] = module.given_options
        self._redactor: Redactor = module.redactor
        self._provider_context = ProviderContext(self.options, os.environ)
        self._endpoints = ResolvedEndpoints(None, None)
        self._location: dict[str, str] = {}
        self._connection: Connection | None = None

    def check(self) -> None:
        """Read the options and their variables; raises ConfigurationError for the first that is unusable."""
        read = read_options(self._table, self._given_options, self.options, os.environ)
        self.options, from_environment, self._endpoints = read
        self._provider_context = ProviderContext(self.options, os.environ, from_environment, self._redactor.add)
        self._locate()
        mismatch = check_endpoint_region(self.options, self._endpoints.url, from_environment, os.environ)
        for warning in (mismatch, unsupported_warning(os.environ)):
            if warning:
                self.warn(warning)

    def client(self) -> BatchTaskClient:
        """Return a client for the options; raises ConfigurationError and IamError if there can be none."""
        resolved = resolve(self._provider_context)
        self._location["credential_source"] = resolved.source
        connection = Connection(self._provider_context, self._endpoints, resolved, self._redactor, self.cancellation)
        self._connection = connection
        project_id, auth = connection.open()
        target = InstanceTarget(connection.url, project_id, self.options.get("instance_id") or None)
        return BatchTaskClient(connection.http, target, auth)

    def location(self) -> dict[str, str]:
        """Return where the module acts and with which credentials, as far as it is known."""
        if self._connection is None:
            return self._location
        known = {"endpoint": self._connection.url, "project_id": self._connection.project_id}
        found = {name: value for name, value in known.items() if value}
        return {**self._location, **found, "credential_source": self._connection.source}

    def requests(self, failed: bool) -> Result:
        """Return the last attempts of requests: at ``-vvv``, and where the module failed after one was repeated."""
        http = self._connection.http if self._connection else None
        if http is None or not (self._verbose or (failed and http.stats.retries)):
            return {}
        return {"requests": http.attempts()}

    def _locate(self) -> None:
        """Record what the options alone say about where the module acts."""
        region = self.options.get("region")
        url = self._endpoints.url or (addresses.default_url("iotda", region) if region else None)
        project_id = self.options["project_id"] if self._provider_context.is_option("project_id") else None
        named = {"endpoint": url, "project_id": project_id, "instance_id": self.options.get("instance_id")}
        self._location.update({name: value for name, value in named.items() if value})


def run_module(
    work: Callable[[ModuleContext], Result],
    table: Table,
    **rules: Any,
) -> None:
    """Run ``work`` with the connection's options beside those of ``table``, and end as Ansible expects it.

    ``rules`` are those of AnsibleModule on how options depend on each other.

    ``work`` returns the result; with ``failed`` in it the module fails. An IotdaError becomes a failure, too.
    """
    whole = {**table, **CONNECTION}
    module = IotdaModule(argument_spec=specs_of(whole), supports_check_mode=True, **rules)
    missing = requests_error()
    if missing:
        module.fail_json(msg=missing)
    context = ModuleContext(module, whole)
    result = _result(work, context)
    result.update(context.location(), **context.requests(result.get("failed", False)))
    if not module._diff:
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def _result(work: Callable[[ModuleContext], Result], context: ModuleContext) -> Result:
    try:
        check_limits()
        with cancel_without_caller(context.cancellation):
            context.check()
            return work(context)
    except IotdaError as error:
        return {"failed": True, **_failure(error)}


def _failure(error: IotdaError) -> Result:
    if not isinstance(error, RequestError):
        return {"msg": f"{error}."}
    from .._batch_tasks.hints import hint_for

    hint = hint_for(error, error.action)
    message = str(error) if isinstance(error, IamError) else f"could not read {error.subject}: {error}"
    msg = f"{message[0].upper()}{message[1:]}{'; ' + hint if hint else ''}."
    failure = {"msg": msg, **error_fields(error.details)}
    return {**failure, "hint": hint} if hint else failure
