# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is declared of an option, the options of the connection, and what is checked before anything else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._core.errors import ConfigurationError
from .._core.system import check_text, first_set
from .._http import addresses

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

DAY = 86400


class Option(NamedTuple):
    """One option of a module: all that is declared of it, beside its documentation.

    ``spec`` is what AnsibleModule takes. ``limits`` of a number are the least, the most and the unit. ``selects``: to
    leave it out selects more, or something else, so that null, empty and blank are errors; of one that
    ``may_be_empty``, an empty list selects nothing. ``holds_ids``: YAML must not have read its text as a number.
    ``states`` are those of batch_task that accept it, all if there are none; ``required``: they need it. ``entries``
    are the options of each dictionary in a list.
    """

    spec: dict[str, Any]
    limits: tuple[float, float, str] | None = None
    selects: bool = False
    may_be_empty: bool = False
    holds_ids: bool = False
    states: tuple[str, ...] = ()
    required: bool = False
    entries: Mapping[str, Option] = MappingProxyType({})


Table = Mapping[str, Option]


def specs_of(table: Table) -> dict[str, dict[str, Any]]:
    """Return what AnsibleModule takes as its argument_spec."""
    return {
        name: {**option.spec, "options": specs_of(option.entries)} if option.entries else option.spec
        for name, option in table.items()
    }


# Without endpoint or instance_id, another instance is meant.
CONNECTION: dict[str, Option] = {
    "auth_token": Option({"type": "str", "no_log": True}),
    "access_key": Option({"type": "str", "no_log": False}),
    "secret_key": Option({"type": "str", "no_log": True}),
    "security_token": Option({"type": "str", "no_log": True}),
    "username": Option({"type": "str"}),
    "password": Option({"type": "str", "no_log": True}),
    "domain_name": Option({"type": "str"}),
    "agency_name": Option({"type": "str"}),
    "agency_domain_name": Option({"type": "str"}),
    "credentials_file": Option({"type": "path"}),
    "config_file": Option({"type": "path"}),
    "profile": Option({"type": "str"}),
    "region": Option({"type": "str"}),
    "project_id": Option({"type": "str"}),
    "project_name": Option({"type": "str"}),
    "instance_id": Option({"type": "str"}, selects=True),
    "endpoint": Option({"type": "str"}, selects=True),
    "iam_endpoint": Option({"type": "str"}),
    "signing": Option({"type": "str", "default": "auto", "choices": ["auto", "standard", "derived"]}),
    "validate_certs": Option({"type": "bool", "default": True}),
    "ca_path": Option({"type": "path"}),
    "timeout": Option({"type": "float", "default": 30.0}, limits=(0.001, 3600, " seconds")),
    "retry_timeout": Option({"type": "float", "default": 120.0}, limits=(0, DAY, " seconds")),
}
CONNECTION_OPTIONS = specs_of(CONNECTION)


CONCURRENCY = Option({"type": "int", "default": 10}, limits=(1, 64, ""))


REPORTING: dict[str, Option] = {
    # Left out, there is no record.
    "audit_log": Option({"type": "path"}, selects=True),
    "returned": Option({"type": "str", "default": "all", "choices": ["all", "failed", "none"]}),
}


def prepare_lists(given: Mapping[str, Any], specs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the options that are ``given``, with their lists as Ansible's validation of ``specs`` should meet them.

    Ansible splits a text at its commas only, so that ``Success, Fail`` would have an entry with a blank. In a list of
    dictionaries it calls a null by its Python type; as it is left out here, ``check_selecting_options`` can name it.
    """
    prepared = dict(given)
    for option, spec in specs.items():
        for name in {option, *spec.get("aliases", ())} & given.keys():
            value = given[name]
            if spec["type"] == "list" and spec["elements"] == "str" and isinstance(value, str):
                prepared[name] = [entry.strip() for entry in value.split(",")]
            elif "options" in spec and isinstance(value, list):
                prepared[name] = [_prepare_entry(entry, spec["options"]) for entry in value]
    return prepared


def _prepare_entry(entry: Any, specs: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(entry, Mapping):
        return {} if entry is None else entry
    return prepare_lists({name: value for name, value in entry.items() if value is not None}, specs)


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


def read_options(
    table: Table, given: Mapping[str, Any], options: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], ResolvedEndpoints]:
    """Return the options with the values of variables, which variable each of those comes from, and the endpoints.

    ``given`` is what the user wrote, ``options`` what Ansible made of it. Raises ConfigurationError for the first that
    cannot be used.
    """
    check_selecting_options(table, given, options)
    check_places(given, environ)
    merged, from_environment = merge_environment(options, environ)
    check_text(environ, first_set(environ, addresses.CA_BUNDLES))
    return merged, from_environment, validate_options(merged, table)


def check_places(given: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Raise ConfigurationError for a place that came to nothing, where a variable would name another in its stead.

    ``given`` is what the user wrote, in which null differs from absent.
    """
    for option in ("region", "project_id", "project_name"):
        nothing = nothing_in(given[option]) if option in given else ""
        variable = first_set(environ, VARIABLES[option])
        if nothing and variable:
            raise ConfigurationError(
                f"{option} is {nothing}, and {variable} of the environment would be used in its place; set a value, or "
                "leave the option out with default(omit)"
            )


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
    found = [
        f"{name} ({advice})"
        for name in sorted(environ)
        for known, advice in _UNSUPPORTED.items()
        if environ[name] and (name == known or (known.endswith("_") and name.startswith(known)))
    ]
    if not found:
        return None
    return f"These environment variables have no effect on modules of this collection: {', '.join(found)}."


_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9._-]{1,36}\Z")

# Without quotes, YAML reads an ID of 24 digits as a number. Such a number still has the digits of the ID.
_TASK_ID_DIGITS = 24


def check_selecting_options(
    table: Table, given: Mapping[str, Any], options: Mapping[str, Any], place: str = ""
) -> None:
    """Raise ConfigurationError for a selecting option that is set, but null, empty or blank, and for numbers as IDs.

    ``given`` is what the user wrote, in which null differs from absent; ``options`` is what Ansible made of it.
    ``place`` is what messages write before the name.
    """
    for name, option in table.items():
        for written in (name, *option.spec.get("aliases", ())):
            if written in given:
                _check_selecting(f"{place}{written}", option, given[written], options.get(name, given[written]))
    for name, option in table.items():
        for number, entry in _entries(option, options.get(name)):
            entry_given = given[name][number - 1] if isinstance(given[name], list) else None
            if not isinstance(entry_given, Mapping):
                # Ansible makes a dictionary of a text such as keep_last=3, too.
                entry_given = {key: value for key, value in entry.items() if value is not None}
            check_selecting_options(option.entries, entry_given, entry, f"{place}{name}[{number}].")


def _entries(option: Option, value: Any) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Return the dictionaries in a list, each with its number."""
    return enumerate(value or (), 1) if option.entries else ()


def _check_selecting(name: str, option: Option, given: Any, read: Any) -> None:
    if option.holds_ids:
        _check_is_text(name, given)
    if not option.selects or (option.may_be_empty and isinstance(given, list) and None not in given):
        return
    nothing = nothing_in(given) or nothing_in(read)
    if nothing:
        raise ConfigurationError(f"{name} is {nothing}; set a value, or leave the option out with default(omit)")


def nothing_in(value: Any) -> str:
    """Return in which way ``value`` is empty, or an empty string if it is not."""
    if value is None:
        return "null"
    if isinstance(value, str) and not value.strip():
        return "blank" if value else "empty"
    if isinstance(value, (list, tuple)):
        if not value:
            return "an empty list"
        return "a list with an empty entry" if any(map(nothing_in, value)) else ""
    return ""


def _check_is_text(name: str, value: Any) -> None:
    """Raise ConfigurationError for what YAML has read as a number, perhaps as one of other digits."""
    for entry in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(entry, (int, float)) and not 10 ** (_TASK_ID_DIGITS - 1) <= entry < 10**_TASK_ID_DIGITS:
            raise ConfigurationError(
                f"{name} contains {_written(entry)}, which is not text; put IDs and names in quotes, since YAML reads "
                "017 without quotes as the number 15"
            )
        if isinstance(entry, (dict, list)):
            raise ConfigurationError(f"{name} contains a {type(entry).__name__}, which is not text")


def validate_options(options: Mapping[str, Any], table: Table) -> ResolvedEndpoints:
    """Return what the connection's options say; raises ConfigurationError for the first that cannot be used."""
    for name, option in table.items():
        if option.spec["type"] == "path" and "\0" in (options.get(name) or ""):
            raise ConfigurationError(f"{name} must be a path, not {options[name]!r}")
    check_ranges(table, options)
    if options.get("region"):
        addresses.check_region(options["region"])
    if options.get("project_id"):
        check_project_id(options["project_id"])
    if options.get("instance_id") and not _INSTANCE_ID.match(options["instance_id"]):
        raise ConfigurationError(
            "instance_id must be 1 to 36 letters, digits, . - and _, without spaces or line breaks"
        )
    endpoint = options.get("endpoint")
    url = addresses.base_url(endpoint, "endpoint", not options["validate_certs"]) if endpoint else None
    return ResolvedEndpoints(url, iam_url(options, options.get("iam_endpoint")))


def check_ranges(table: Table, options: Mapping[str, Any], place: str = "") -> None:
    """Raise ConfigurationError for a number that is too small or too large, and for true, which counts as 1."""
    for name, option in table.items():
        value = options.get(name)
        if option.limits and value is not None:
            _check_range(f"{place}{name}", option.limits, value)
        for number, entry in _entries(option, value):
            check_ranges(option.entries, entry, f"{place}{name}[{number}].")


def _check_range(name: str, limits: tuple[float, float, str], value: Any) -> None:
    if isinstance(value, bool):
        raise ConfigurationError(f"{name} must be a number, not {str(value).lower()}")
    least, most, unit = limits
    if not least <= value <= most:
        raise ConfigurationError(f"{name} must be from {least:g} to {most:.10g}{unit}, not {_written(value)}")


def _written(number: Any) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def check_project_id(project_id: str) -> str:
    """Return ``project_id`` if it can be used in a path and a header; raise ConfigurationError if not."""
    if not _PROJECT_ID.match(project_id):
        raise ConfigurationError(
            "project_id must be at most 64 letters, digits, - and _, without spaces or line breaks"
        )
    return project_id


_VERSION = re.compile(r"(?<=[^/])/v3/?\Z")


class ResolvedEndpoints(NamedTuple):
    """The base URLs that the options name, None where they name none."""

    url: str | None
    iam_url: str | None


def check_endpoint_region(
    options: Mapping[str, Any], url: str | None, from_environment: Mapping[str, str], environ: Mapping[str, str]
) -> str | None:
    """Return a warning about a region that is not that of the endpoint, whose base URL is ``url``, or None.

    An endpoint of the environment that contradicts a region given as an option raises ConfigurationError: else two
    hosts with two regions would end at one instance.
    """
    region = options.get("region")
    if not region or url is None:
        return None
    named = addresses.region_of(url)
    variable = from_environment.get("endpoint")
    if not variable or "region" in from_environment:
        if named in (None, region):
            return None
        return f"region is {region}, but requests go to {url}, which is in {named}; check both."
    conflict = f"region is {region}, but the environment variable {variable} names {url}"
    set_there = first_set(environ, VARIABLES["region"])
    other = named or (environ[set_there] if set_there else None)
    if other is None:
        return f"{conflict}, whose host names no region; set endpoint beside region, or unset the variable."
    if other != region:
        raise ConfigurationError(f"{conflict}, which is in {other}; set endpoint beside region, or unset the variable")
    return None


def iam_url(options: Mapping[str, Any], endpoint: str | None) -> str | None:
    """Return the base URL of IAM's ``endpoint``, whose trailing ``/v3`` is dropped, or None where it is None."""
    if not endpoint:
        return None
    bare = _VERSION.sub("", endpoint.strip())
    return addresses.base_url(bare, "iam_endpoint", not options["validate_certs"])
