# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Others that can delete batch tasks, as a program of its own: ``python -m ...peers sdk --threads 32``.

It reads the IDs from standard input as JSON, and finds the service by the variables of the environment. With ``--list``
it lists all finished tasks first, as a prune must; with ``--read``, it reads all tasks of a type by the SDK.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkiotda.v5 import DeleteBatchTaskRequest, IoTDAClient, ListBatchTasksRequest
from requests.adapters import HTTPAdapter

from ansible_collections.huaweicloud.iotda.plugins.module_utils._batch_tasks.api import DOCUMENTED_TYPES

Deletion = Callable[[str], None]


def bare_requests(threads: int) -> Deletion:
    """Return the least that can be done with requests: one session, a token, nothing repeated or told."""
    session = _session(threads)

    def delete(task_id: str) -> None:
        session.delete(f"{_root()}/{task_id}", timeout=30).raise_for_status()

    return delete


def list_all(task_type: str) -> int:
    """Read all the pages of tasks of a type with bare requests; return how many tasks they held."""
    session = _session(1)
    marker, seen = "f" * 24, 0
    while True:
        query = {"limit": "50", "task_type": task_type, "marker": marker}
        tasks = session.get(_root(), params=query, timeout=30).json()["batchtasks"]
        seen += len(tasks)
        if len(tasks) < 50:
            return seen
        marker = tasks[-1]["task_id"]


def read_by_sdk(task_type: str) -> int:
    """Read all the pages of tasks of a type with the official SDK; return how many tasks they held."""
    client, marker, seen = _sdk(1), None, 0
    while True:
        page = client.list_batch_tasks(ListBatchTasksRequest(task_type=task_type, limit=50, marker=marker))
        seen += len(page.batchtasks)
        if len(page.batchtasks) < 50:
            return seen
        marker = page.page.marker


def _session(threads: int) -> requests.Session:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=threads))
    session.headers["X-Auth-Token"] = os.environ["HW_AUTH_TOKEN"]
    return session


def _root() -> str:
    return f"{os.environ['HUAWEICLOUD_IOTDA_ENDPOINT']}/v5/iot/{os.environ['HUAWEICLOUD_SDK_PROJECT_ID']}/batchtasks"


def official_sdk(threads: int) -> Deletion:
    """Return the deletion by the official SDK, with access keys, over as many connections as threads."""
    client = _sdk(threads)

    def delete(task_id: str) -> None:
        client.delete_batch_task(DeleteBatchTaskRequest(task_id=task_id))

    return delete


def _sdk(threads: int) -> IoTDAClient:
    settings = HttpConfig.get_default_config()
    settings.pool_maxsize = threads
    environ = os.environ
    keys = BasicCredentials(environ["HW_ACCESS_KEY"], environ["HW_SECRET_KEY"], environ["HUAWEICLOUD_SDK_PROJECT_ID"])
    builder = IoTDAClient.new_builder().with_http_config(settings).with_credentials(keys)
    return builder.with_endpoint(environ["HUAWEICLOUD_IOTDA_ENDPOINT"]).build()


PEERS = {"requests": bare_requests, "sdk": official_sdk}


def main(arguments: Sequence[str] | None = None) -> None:
    """Delete what standard input names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=sorted(PEERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--read", metavar="TYPE")
    options = parser.parse_args(arguments)
    delete = PEERS[options.peer](options.threads)
    if options.read:
        read_by_sdk(options.read)
    with ThreadPoolExecutor(max_workers=options.threads) as threads:
        if options.list:
            sum(threads.map(list_all, DOCUMENTED_TYPES))
        for _done in threads.map(delete, json.load(sys.stdin)):
            pass


if __name__ == "__main__":
    main()
