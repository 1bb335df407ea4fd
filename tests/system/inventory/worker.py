# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's inventory manager, in a process that starts once: it reads sources as ``ansible-inventory`` does.

A request is a line of JSON, and so is the reply. Each is dealt with in a fork, so that none sees another's cache,
environment or warnings. The reply is null if the fork crashed, or hung: then stderr says where.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import socket
import sys
from typing import Any

from ansible import constants
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, inventory_loader
from ansible.utils.display import Display

PLUGIN = "huaweicloud.iotda.instances"
OWN_VARIABLES = ("inventory_file", "inventory_dir")


def main() -> None:
    """Answer requests until there are no more."""
    init_plugin_loader()
    inventory_loader.get(PLUGIN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            faulthandler.dump_traceback_later(120, exit=True)
            reply = json.dumps(read(**json.loads(line)))
            os.write(1, f"{reply}\n".encode())
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        if status:
            os.write(1, b"null\n")


def read(sources: list[str], environ: dict[str, str], cache: bool, debug: bool, known: list[str] | None) -> Any:
    """Return hosts, groups and output. ``known``: names ending with ``.invalid`` that DNS knows; None: any."""
    os.environ.clear()
    os.environ.update(environ)
    constants.DEFAULT_DEBUG = debug
    Display().columns = 10_000
    if known is not None:
        _let_dns_know(known)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        manager = InventoryManager(DataLoader(), sources, cache=cache)
    hosts = {name: _variables(host.vars) for name, host in manager.hosts.items()}
    groups = {name: sorted(host.name for host in group.get_hosts()) for name, group in manager.groups.items()}
    group_variables = {name: group.vars for name, group in manager.groups.items() if group.vars}
    return {"hosts": hosts, "groups": groups, "group_variables": group_variables, "output": output.getvalue()}


def _variables(variables: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if name not in OWN_VARIABLES}


def _let_dns_know(known: list[str]) -> None:
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name in known:
            return look_up("127.0.0.1", *arguments, **options)
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return look_up(host, *arguments, **options)

    socket.getaddrinfo = getaddrinfo


if __name__ == "__main__":
    main()
