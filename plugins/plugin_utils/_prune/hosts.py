# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts a run of the role ``prune`` has, and why these cannot be pruned together."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader

from .protection import protection_file

Groups = Mapping[str, Sequence[str]]

ROLE = "the role huaweicloud.iotda.prune"
NOT_CHECKED = (
    f"{ROLE} did not run from its first task for this host, so nothing was deleted: run it without --start-at-task, "
    "and put a condition (when) that leaves out hosts on include_role, not on import_role or an entry of roles"
)
_BATCHES = (
    f"{ROLE} needs all hosts of its play together, so nothing was deleted: remove serial from the play "
    "(forks limits how many instances are pruned at a time)"
)
_LATE = (
    "iotda_hosts must be given with -e (-e iotda_hosts=instances, for example): set anywhere else, it takes effect too "
    "late to exclude the other hosts, so nothing was deleted"
)
# How the name of a report file ends.
FORMS = (".json", ".csv", ".html")
# A text that a host pattern can hold as it is.
_PLAIN = re.compile(r"\w[\w.-]*")


def patterns(hosts: object, groups: Groups) -> list[str]:
    """Return ``hosts``, a host pattern or a list of them, as patterns that read the name of a host or group as a name.

    A host may be called "plant north" or "meters[1]", which a pattern would read as something else.
    """
    asked = list(hosts) if isinstance(hosts, (list, tuple)) else [hosts]
    names = {*groups, *groups.get("all", ())}
    return [_exactly(text) if text in names and not _PLAIN.fullmatch(text) else text for text in map(str, asked)]


def _exactly(name: str) -> str:
    """Return a regular expression, as a pattern, for ``name``; it has no character that would end a pattern."""
    escaped = (letter if letter.isascii() and letter.isalnum() else f"\\U{ord(letter):08x}" for letter in name)
    return f"~{''.join(escaped)}\\Z"


def matching(asked: Sequence[str], groups: Groups, limit: str | None = None) -> list[str]:
    """Return the hosts that match the patterns ``asked`` and ``--limit``, with the files in it, as Ansible does."""
    inventory = InventoryManager(DataLoader(), parse=False)
    for group, hosts in groups.items():
        inventory.add_group(group)
        for host in hosts:
            inventory.add_host(host, group=group)
    inventory.subset(limit or None)
    return [host.name for host in inventory.get_hosts(list(asked))]


def begin() -> str:
    """Return the name of one call of the role: the beginning of paths in the folder of this run of Ansible alone."""
    return f"{constants.DEFAULT_LOCAL_TMP}/iotda_prune_{secrets.token_hex(8)}_"


def is_begun(run: object) -> bool:
    """Whether ``run``, which the first task of the role sets, was set by this run of Ansible."""
    return str(run).startswith(f"{constants.DEFAULT_LOCAL_TMP}/iotda_prune_")


def report_file(read: Callable[[str], Any]) -> str:
    """Return ``prune_report`` if its value can be the path of a report, else an empty text."""
    path = _path(read, "prune_report")
    return "" if path is None or _no_report(path, read) else path


def _path(read: Callable[[str], Any], name: str) -> str | None:
    try:
        path = read(name)
        return None if path is None else str(path)
    except Exception:  # Ansible raises errors of many kinds there; the check of the variables says what is wrong
        return None


def _no_report(path: str, read: Callable[[str], Any]) -> str:
    """Return why no report can be written to ``path``, or an empty text."""
    if Path(path).suffix not in FORMS or Path(path).expanduser().is_dir():
        return f"prune_report must be the path of a file that ends in .json, .csv or .html, not '{path}'"
    log = _path(read, "prune_audit_log")
    if log and os.path.realpath(os.path.expanduser(log)) == os.path.realpath(os.path.expanduser(path)):
        return f"prune_report and prune_audit_log are the same file, {path}: the report would replace the log"
    return ""


def lacking_checks(read: Callable[[str], Any]) -> list[str]:
    """Return why nothing may be deleted in a host, from its variables: the checks of this run did not all succeed.

    ``--start-at-task``, tags and conditions leave out tasks of a role, and even its argument validation.
    """
    needed = ["__prune_ready", *(["__prune_begun"] if read("prune_report") is not None else [])]
    results = [read(name) for name in needed]
    succeeded = all(isinstance(result, Mapping) and result.get("failed") is False for result in results)
    run = read("__prune_run")
    return [] if is_begun(run) and succeeded and protection_file(run).exists() else [NOT_CHECKED]


def mistakes_of_run(read: Callable[[str], Any]) -> Iterator[str]:
    """Yield why the hosts of a play cannot be pruned together, from the variables of one of them."""
    hosts, groups = read("ansible_play_hosts_all"), read("groups")
    if not is_begun(read("__prune_run")):
        yield NOT_CHECKED
    instances, wanted = len({*hosts} & {*groups["all"]}), _number(read("prune_min_instances"))
    chosen = None if read("iotda_hosts") is None else patterns(read("iotda_hosts"), groups)
    matched = {*hosts} if chosen is None else {*matching(chosen, groups)}
    if chosen and not matched:
        yield f"iotda_hosts ({', '.join(chosen)}) matches no host of the inventory, so nothing was deleted"
    elif instances < wanted:
        yield (
            f"The play has fewer instances to prune ({instances}) than prune_min_instances ({wanted}), so nothing was "
            "deleted"
        )
    elif not {*hosts} <= matched:
        yield _LATE
    if {*read("ansible_play_hosts")} != {*read("ansible_play_batch")}:
        yield _BATCHES
    report = _path(read, "prune_report")
    if report is not None and (problem := _no_report(report, read)):
        yield problem


def _number(value: object) -> int:
    """Return prune_min_instances. Where it is no number, the check of the host's variables says so."""
    text = str(value).strip()
    return max(int(text), 1) if text.isdecimal() else 1
