# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's variables ask the role ``prune`` to do: the module's options, or what is wrong with the variables."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load

from .._unsafe import unsafe

Variables = Mapping[str, Any]

SPECS = Path(__file__).parents[3] / "roles/prune/meta/argument_specs.yml"
_NOT_OF_THE_MODULE = (
    "prune_dry_run",
    "prune_rules",
    "prune_report",
    "prune_min_instances",
    "iotda_protected",
    "iotda_hosts",
)
_WRONG_TYPE = re.compile(r"argument '(\w+)' is of type .* unable to convert to (\w+)")
_TEMPLATE = "its value is read as a template; write !unsafe before it if it is not one"
_ENCRYPTED = (
    "it is encrypted by Ansible Vault, and no vault password was given that decrypts it; "
    "use --vault-password-file or --ask-vault-pass"
)
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
# How alike two names must be for the one to be reported as a typo of the other.
_ALIKE = 0.88

# Why batch tasks of an instance are listed, and not deleted.
CHECK_MODE, PROTECTED, DRY_RUN = "check mode", "iotda_protected", "dry run"
TOLD = "checked "
_PLACE = ("endpoint", "region", "project_id", "project_name", "instance_id")
# In a message of the module: what it quotes, what it says in parentheses, a rule, an option. An option of one word is
# only sure to be meant at the beginning.
_SAID = re.compile(
    r"(?<!\w)'[^']*'|\([^()]*\)|\brules\[\d+\](?:\.(\w+))?|(?<![\w./{-])[a-z]+(?:_[a-z]+)+(?![\w/-])|^[a-z]+"
)


class Request(NamedTuple):
    """What to do for one host. With ``mistakes``, one sentence each, nothing."""

    mistakes: list[str]
    options: dict[str, Any]
    """The options of the module."""
    listed_because: str
    """Why it only lists; empty if it deletes."""
    one_rule: bool = True
    """Whether its only rule is written without ``prune_rules``."""


@lru_cache(maxsize=1)
def options() -> dict[str, dict[str, Any]]:
    """Return the variables of the role, as its ``argument_specs.yml`` has them."""
    found: dict[str, dict[str, Any]] = yaml_load(SPECS.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return found


def request_of(names: Iterable[str], read: Callable[[str], Any]) -> Request:
    """Return what the variables ``names`` of a host, which begin with ``iotda_`` or ``prune_``, ask for.

    ``read`` returns the value of a variable. It may raise whatever Ansible raises for a template that it cannot render.
    """
    given, mistakes = _values(names, read)
    known = {name: value for name, value in given.items() if name in options()}
    if not mistakes:
        mistakes = [*_misspelt(given), *_empty(known), *_invalid(known), *_contradictory(known)]
    because = _listed_because(known)
    if read("ansible_check_mode") and because != PROTECTED:
        because = CHECK_MODE
    return Request(mistakes, {} if mistakes else _module_options(known), because, "prune_rules" not in known)


def told(host: str, request: Request) -> str:
    """Return what the report must know of the request of a host, as a word and JSON.

    ansible-core 2.16 makes a dictionary of a text that is JSON alone.
    """
    known = {
        "host": host,
        "listed_because": request.listed_because,
        "region": str(request.options.get("region", "")),
        "rules": [_words(rule) for rule in request.options.get("rules", [])],
        "one_rule": request.one_rule,
        "protect": _entries(request.options.get("protect", [])),
        "place": place_of(request),
    }
    return f"{TOLD}{json.dumps(known)}"


def place_of(request: Request) -> dict[str, str]:
    """Return the variables that say where the instance is."""
    return {f"iotda_{name}": str(request.options[name]) for name in _PLACE if name in request.options}


def heard(host: str, checked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what ``told`` put into the result of a host's check, None if the check did not run for this host."""
    try:
        known: dict[str, Any] = json.loads(str(checked.get("msg")).removeprefix(TOLD))
    except ValueError:
        # It failed, or was left out, as by a condition.
        return None
    # With run_once, Ansible registers the result of one host for all.
    return known if known["host"] == host else None


def _entries(value: object) -> list[str]:
    """Return the entries of a list that may be written as one text, as the module reads it."""
    return [str(entry).strip() for entry in (value if isinstance(value, (list, tuple)) else str(value).split(","))]


def with_variables(message: str, one_rule: bool) -> str:
    """Return a message of the module in which options are called as the variables that the user has written."""
    variables = {name.partition("_")[2]: name for name in options() if name not in _NOT_OF_THE_MODULE}

    def named(said: re.Match[str]) -> str:
        text = said[0]
        if text.startswith("rules["):
            return f"prune_{text}" if not one_rule else f"prune_{said[1]}" if said[1] else "the rule"
        return text if text in _selecting() and not one_rule else variables.get(text, text)

    return _SAID.sub(named, message)


def _words(rule: Mapping[str, Any]) -> str:
    """Return a rule in one line, as "older_than 30d, keep_last 5"."""
    return ", ".join(f"{name} {' '.join(map(str, v)) if isinstance(v, list) else v}" for name, v in rule.items())


def _listed_because(known: Variables) -> str:
    """Return why nothing is deleted: only values that clearly mean false let the role delete."""
    if not is_false(known.get("iotda_protected", False)):
        return PROTECTED
    return "" if is_false(known.get("prune_dry_run")) else DRY_RUN


def _values(names: Iterable[str], read: Callable[[str], Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the variables that can be read, and a sentence for each other, without its value: it may be a secret."""
    values, mistakes = {}, []
    for name in names:
        try:
            values[name] = _rendered(read(name))
        except Exception as error:  # Ansible raises errors of many kinds there
            mistakes.append(f"{name} cannot be read: {_unreadable(name, error)}")
    return values, mistakes


def _unreadable(name: str, error: BaseException) -> str:
    if "decrypt" in f"{error} {error.__cause__}":
        return _ENCRYPTED
    undefined = None if options().get(name, {}).get("no_log") else _UNDEFINED.search(str(error))
    return undefined[0] if undefined else _TEMPLATE


def _rendered(value: Any) -> Any:
    """Return ``value`` with all that is in it: Ansible renders what a list or a dictionary holds when it is asked."""
    str(value)
    if isinstance(value, Mapping):
        return {key: _rendered(inner) for key, inner in value.items()}
    return [_rendered(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _selecting() -> list[str]:
    """Return the names of the options of which a rule consists."""
    return list(options()["prune_rules"]["options"])


def _module_options(known: Variables) -> dict[str, Any]:
    """Return the options of the module. A single rule is a rule, too, so no default of a play can widen it."""
    asked = {name.split("_", 1)[1]: _from_here(name, known[name]) for name in known if name not in _NOT_OF_THE_MODULE}
    if asked.get("protect") == []:
        del asked["protect"]
    single = {name: asked.pop(name) for name in _selecting() if name in asked}
    return {**asked, "rules": [dict(one) for one in known.get("prune_rules", [single])]}


def _from_here(name: str, value: Any) -> Any:
    """Return a relative path as seen from where Ansible was started: a module starts in the playbook's folder."""
    relative = options()[name]["type"] == "path" and isinstance(value, str) and not value.startswith(("/", "~", "$"))
    return unsafe(os.path.abspath(value)) if relative else value


def _misspelt(given: Variables) -> Iterator[str]:
    for name in sorted(set(given) - set(options())):
        alike = difflib.get_close_matches(name, options(), 1, _ALIKE if name.startswith("iotda_") else 0.6)
        if name.startswith("iotda_") and "protect" in name:
            alike = ["iotda_protected"]
        if alike or name.startswith("prune_"):
            meant = f"did you mean {alike[0]}?" if alike else "see ansible-doc -t role huaweicloud.iotda.prune"
            yield f"{name} is not a variable of this role: {meant}"


def _empty(known: Variables) -> Iterator[str]:
    """Yield what is set but empty: leaving it out would select more, or another instance."""
    for name, value in known.items():
        if _holds_nothing(value) and not (name == "prune_protect" and value == []):
            yield f"{name} is empty: set it to a value, or leave it out"
    rules = known.get("prune_rules")
    if isinstance(rules, (str, Mapping)) and not _holds_nothing(rules):
        yield "prune_rules must be a list such as [{'older_than': '30d'}]; with -e, give it as JSON or in a file"
    for number, rule in enumerate(rules if isinstance(rules, list) else [], 1):
        if not isinstance(rule, Mapping) or not rule:
            yield f"rule {number} of prune_rules is empty"
            continue
        for name, value in rule.items():
            if name not in _selecting():
                yield f"{name} in rule {number} of prune_rules is not an option of a rule{_meant(str(name))}"
            elif _holds_nothing(value):
                yield f"{name} in rule {number} of prune_rules is empty: set it to a value, or leave it out"


def _meant(name: str) -> str:
    """Return what else to write than a name that no rule has."""
    if f"prune_{name}" in options():
        return f"; it applies to all rules together: set prune_{name}"
    alike = difflib.get_close_matches(name.removeprefix("prune_"), _selecting(), 1)
    return f": did you mean {alike[0]}?" if alike else f"; a rule has {', '.join(_selecting())}"


def _holds_nothing(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, (list, tuple)):
        return not value or any(map(_holds_nothing, value))
    return value is None or value == {}


def _invalid(known: Variables) -> Iterator[str]:
    """Yield what Ansible's own validation of the specification finds."""
    given = {name: value for name, value in known.items() if not _holds_nothing(value)}
    rules = given.get("prune_rules")
    if not isinstance(rules, list) or any(map(_is_no_rule, rules)):
        # It is told already. Ansible would make a list of a text, of which the module can make nothing.
        given.pop("prune_rules", None)
    for message in ArgumentSpecValidator(options()).validate(given).error_messages:
        wrong = _WRONG_TYPE.match(message)
        if wrong and wrong[1] in given:
            yield f"{wrong[1]} must be of type {wrong[2]}, not '{given[wrong[1]]}'"
        else:
            yield message.rstrip(".")


def _is_no_rule(rule: object) -> bool:
    return not isinstance(rule, Mapping) or not {*rule} <= {*_selecting()}


def _contradictory(known: Variables) -> Iterator[str]:
    if not known.get("iotda_endpoint") and not known.get("iotda_region"):
        yield "neither iotda_endpoint nor iotda_region is set: set one of them for this host"
    single = [f"prune_{name}" for name in _selecting() if f"prune_{name}" in known]
    if "prune_rules" in known and single:
        yield f"prune_rules and {' and '.join(single)} are mutually exclusive: put all rules into prune_rules"
    elif "prune_rules" not in known and not single:
        yield "no variable says which batch tasks to delete: set prune_older_than (30d, for example) or prune_rules"


def is_protected(because: str) -> bool:
    """Whether nothing may ever be deleted there: ``iotda_protected``, under this name or another one."""
    return because.startswith(PROTECTED)


def is_false(value: object) -> bool:
    """Whether it clearly means no."""
    return value is False or str(value).strip().lower() in ("false", "no", "off", "0", "n", "f", "0.0")
